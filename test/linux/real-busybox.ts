/** The machine's own busybox in a root of its own: a fresh tree, mount, PID and UTS namespace for each script. Needs root. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outerShell, type Recorded } from '../core/programs/cases.ts';

export const busyboxPath = '/usr/bin/busybox';

export function busyboxVersion(): string | undefined {
  const { stdout, status } = spawnSync(busyboxPath, [], { encoding: 'utf8' });
  return status === null ? undefined : stdout.split('\n')[0];
}

/** Builds the root once; `run` answers one script; `close` takes everything away. */
export function realBusybox(): { run(script: string): Recorded; close(): void } {
  const root = mkdtempSync(join(tmpdir(), 'cutaway-busybox-'));
  for (const dir of ['bin', 'dev', 'etc', 'proc', 'root', 'tmp', 'w']) mkdirSync(join(root, dir));
  execFileSync('cp', [busyboxPath, join(root, 'bin/busybox')]);
  for (const name of execFileSync(busyboxPath, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (name !== 'busybox') execFileSync('ln', ['-s', 'busybox', join(root, 'bin', name)]);
  }
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n',
  );
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\ndocker:x:103:\nnogroup:x:65534:\n');
  const outer = [
    'mount -t tmpfs w "$1/w"',
    'mount -t proc proc "$1/proc"',
    'mount -t tmpfs -o mode=1777 tmp "$1/tmp"',
    'mount -t tmpfs dev "$1/dev"',
    'mknod -m 666 "$1/dev/null" c 1 3',
    'hostname box',
    'exec env -i PATH=/bin HOME=/root chroot "$1" /bin/busybox sh -c "$2" outer "$3"',
  ].join(' && '); // prettier-ignore
  const strip = helpStripper();
  return {
    run(script) {
      const args = ['-mpuf', '--kill-child', busyboxPath, 'sh', '-c', outer, 'x', root, outerShell, script];
      const { stdout, stderr, status } = spawnSync('unshare', args, {
        encoding: 'utf8',
        timeout: 20_000,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return { script, stdout: strip(stdout), stderr: strip(stderr), code: status ?? -1 };
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Takes out what follows the usage line in help texts: that is busybox's own text, and the simulation does not have it. */
function helpStripper(): (text: string) => string {
  const tails: string[] = [];
  for (const name of execFileSync(busyboxPath, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    const { stdout, stderr } = spawnSync(busyboxPath, [name, '--help'], { encoding: 'utf8', timeout: 2000, input: '' });
    const match = /^Usage: .*\n(?:\s*or: .*\n)*/m.exec(stderr + stdout);
    const tail = match === null ? '' : (stderr + stdout).slice(match.index + match[0].length);
    if (tail !== '') tails.push(match![0] + tail);
  }
  return (text) => {
    let done = text;
    for (const each of tails) {
      const usage = /^Usage: .*\n(?:\s*or: .*\n)*/.exec(each)![0];
      done = done.replaceAll(each, usage);
    }
    return done;
  };
}
