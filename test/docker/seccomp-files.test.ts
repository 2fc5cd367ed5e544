/** The recorded answers about seccomp profiles of one's own are still those of a real Docker Engine. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gated, needs } from '../support/needs.ts';
import { fixture, record, type SeccompCase } from './record-seccomp-files.ts';

gated(test, await needs('root', 'docker', 'busybox'))('seccomp profiles are answered as recorded', async () => {
  const cases = JSON.parse(readFileSync(fixture, 'utf8')) as readonly SeccompCase[];
  assert.equal(await record(cases), cases);
});

test.run();
