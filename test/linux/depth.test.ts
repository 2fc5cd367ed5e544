/** The limit of layers on the linux target and on the real Docker: suites/depth.ts. */
import { test } from 'uvu';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import { depthSuite } from '../suites/depth.ts';
import { gated, needs } from '../support/needs.ts';

const base = async () => (await baseArchives())[0]!.bytes;

depthSuite(gated(test, await needs('busybox')), async () => ({ target: await openTarget('sim'), base: await base() }));
depthSuite(gated(test, await needs(...linuxNeeds)), async () => ({
  target: await openTarget('linux'),
  base: await base(),
}));
depthSuite(gated(test, await needs('docker')), async () => ({
  target: await createDockerTarget({ archives: await baseArchives(), patienceMs: 300_000 }),
  base: await base(),
}));

test.run();
