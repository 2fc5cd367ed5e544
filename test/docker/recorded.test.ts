/** The recordings hold on the real Docker of this machine: what they say is not chance. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { playRecording, readRecording, recordings } from '../suites/recorded.ts';
import { gated, needs } from '../support/needs.ts';

const check = gated(test, await needs('docker'));

/**
 * Docker walks Go maps, and tells times apart by whole seconds: labels, siblings and what was made just now come out in more than
 * one way. A recording claims that it answers so, not that it can answer in no other way: one that differs is played again.
 */
const TIMES = 4;

for (const name of recordings()) {
  check(name, async () => {
    let played = await playOnce(name);
    for (let time = 1; time < TIMES && played.some(({ differences }) => differences.length > 0); time++)
      played = await playOnce(name);
    assert.equal(
      played.filter((line) => line.skipped !== undefined),
      [],
    );
    assert.equal(
      played.flatMap((line) => line.differences),
      [],
    );
  });
}

async function playOnce(name: string): ReturnType<typeof playRecording> {
  const target = await createDockerTarget({ archives: await baseArchives() });
  try {
    return await playRecording(readRecording(name), target);
  } finally {
    await target.close();
  }
}

test.run();
