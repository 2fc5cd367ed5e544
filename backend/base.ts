/**
 * The machine's static busybox, out of which the teaching image is made: the one thing that all three targets are given.
 */
import { readFileSync } from 'node:fs';
import { makeBusybox, UsageError } from '../core/index.ts';
import type { BaseArchive } from './dockerd.ts';
import { run } from './exec.ts';
import { which } from './tools.ts';

export interface MachineBusybox {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Names of the programs in it, as `busybox --list` gives them. */
  readonly applets: readonly string[];
}

const install = 'Install it with `apt-get install busybox-static`.';

/** Reads the busybox of this machine; UsageError (exit code 3) when there is none. */
export async function machineBusybox(): Promise<MachineBusybox> {
  const path = which('busybox');
  if (path === undefined) throw new UsageError('there is no busybox on this machine', undefined, install, 3);
  const listed = await run(path, ['--list']);
  const applets = listed.stdout.split('\n').filter((name) => name !== '');
  return { path, bytes: readFileSync(path), applets };
}

/** The teaching image as an archive that `docker load` takes: the images a real Docker Engine gets before the first line is run. */
export async function baseArchives(): Promise<BaseArchive[]> {
  const { bytes, applets } = await machineBusybox();
  return [{ kind: 'save', bytes: makeBusybox(bytes, applets).archive }];
}
