/**
 * The peers of the bench that are not ours: runc with a bundle made for the run, and the floor, a bare `unshare … chroot … true`
 * with the same namespaces. Each makes its files in a temporary directory and removes them.
 */

import { execFileSync } from 'node:child_process';
import { cpSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Contender, call } from './measure.ts';

export interface Peer extends Contender {
  close(): void | Promise<void>;
}

/** A root directory with a static busybox and the applets that the bench runs. */
export function makeRoot(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['proc', 'sys', 'dev', 'etc', 'tmp']) mkdirSync(join(folder, name));
  // What a shell gives its background jobs to read; a device where an engine makes it.
  writeFileSync(join(folder, 'dev/null'), '');
  cpSync('/bin/busybox', join(bin, 'busybox'), { dereference: true });
  for (const applet of ['sh', 'true', 'touch', 'sleep']) linkSync(join(bin, 'busybox'), join(bin, applet));
  return folder;
}

/** A bundle as runc wants it (OCI runtime-spec, bundle.md): root directory and configuration, its first process `argv`. */
export function writeBundle(bundle: string, argv: readonly string[]): void {
  makeRoot(join(bundle, 'rootfs'));
  execFileSync('runc', ['spec'], { cwd: bundle });
  const file = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as {
    process: { terminal: boolean; args: readonly string[] };
    root: { readonly: boolean };
  };
  config.process.terminal = false;
  config.process.args = argv;
  config.root.readonly = false;
  writeFileSync(file, JSON.stringify(config));
}

/** `runc run` of the same command, from start to exit. */
export function runc(argv: readonly string[]): Peer {
  const bundle = mkdtempSync(join(tmpdir(), 'cutaway-bench-'));
  writeBundle(bundle, argv);
  let n = 0;
  return {
    name: 'runc run',
    once: () => call('runc', ['run', '--bundle', bundle, `cutaway-bench-${process.pid}-${++n}`]),
    close: () => rmSync(bundle, { recursive: true, force: true }),
  };
}

/** The least that a container can cost with utilities: new namespaces, another root, one program. */
export function floor(argv: readonly string[]): Peer {
  const folder = mkdtempSync(join(tmpdir(), 'cutaway-floor-'));
  makeRoot(folder);
  const unshare = ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', 'chroot', folder, ...argv];
  return {
    name: 'floor (unshare … chroot …)',
    once: () => call('unshare', unshare),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
