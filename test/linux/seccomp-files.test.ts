/** Seccomp profiles of one's own on the linux target, each as the real engine answered it (test/docker/record-seccomp-files.ts). */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { fixture, type SeccompCase } from '../docker/record-seccomp-files.ts';
import { gated, needs } from '../support/needs.ts';

const files = suite('linux: seccomp profiles from files');
const cases = JSON.parse(readFileSync(fixture, 'utf8')) as readonly SeccompCase[];

gated(files, await needs(...linuxNeeds, 'seccomp'))(`${cases.length} profiles`, async () => {
  const target = await createLinuxTarget();
  try {
    for (const [n, { profile, command, flags = [], code, stdout, stderr }] of cases.entries()) {
      const name = `/root/${n}.json`;
      if (profile !== undefined) await target.putFile?.(name, Buffer.from(profile));
      const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
      const line = `docker run --rm --security-opt seccomp=${name} ${flags.join(' ')} busybox ${quoted}`;
      const said = await target.run(line);
      const seen = { code: said.exitCode, stdout: said.stdout, stderr: said.stderr.replaceAll(name, 'PROFILE') };
      assert.equal(seen, { code, stdout, stderr }, `${profile} ${line}`);
    }
  } finally {
    await target.close();
  }
});

files.run();
