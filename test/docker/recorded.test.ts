/** The recordings hold on the real Docker of this machine: what they say is not chance. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { playRecording, readRecording, recordings } from '../suites/recorded.ts';
import { gated, needs } from '../support/needs.ts';

const check = gated(test, await needs('docker'));

for (const name of recordings()) {
  check(name, async () => {
    const target = await createDockerTarget({ archives: await baseArchives() });
    try {
      const played = await playRecording(readRecording(name), target);
      assert.equal(
        played.filter((line) => line.skipped !== undefined),
        [],
      );
      assert.equal(
        played.flatMap((line) => line.differences),
        [],
      );
    } finally {
      await target.close();
    }
  });
}

test.run();
