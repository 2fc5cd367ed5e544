/**
 * The machine's own busybox in a root and namespaces (mount, PID, UTS) of its own: one that goes through many scripts, each
 * with a fresh tree and nothing left running of the one before. Needs root.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeType } from '../../core/vfs/fs.ts';
import { outerShell, type Recorded } from '../core/programs/cases.ts';
import { type Entry, treeChanges } from '../core/programs/tree.ts';
import { busyboxPath, helpStripper } from '../support/help-text.ts';

export function busyboxVersion(): string | undefined {
  const { stdout, status } = spawnSync(busyboxPath, [], { encoding: 'utf8' });
  return status === null ? undefined : stdout.split('\n')[0];
}

export interface RealBusybox {
  runAll(scripts: readonly string[]): Recorded[];
  close(): void;
}

const mounts = [
  'mount -t tmpfs -o mode=755 w "$1/w"',
  'mount -t tmpfs -o mode=1777 tmp "$1/tmp"',
  'mount -t tmpfs dev "$1/dev"',
  'mknod -m 666 "$1/dev/null" c 1 3',
  'mknod -m 666 "$1/dev/zero" c 1 5',
  'hostname box',
].join(' && ');

/** $1: the root, $2: what its first process runs, $3: its argument. */
const enter = `mount -t proc proc "$1/proc" && exec env -i PATH=/bin HOME=/root chroot "$1" /bin/busybox sh -c "$2" outer "$3"`;
/** What no namespace keeps in: the machine's clock, its kernel modules, its power. A script may ask for them, and is refused. */
const withheld = '/usr/bin/setpriv --bounding-set -sys_time,-sys_boot,-sys_module,-sys_rawio';
const many = `${mounts} && exec ${withheld} /usr/bin/unshare -pf --kill-child ${busyboxPath} sh -c '${enter}' x "$1" "$2" "$3"`;
/** PID 1 of a batch: `kill -9 -1` reaches all but itself. A script that takes more than ten seconds is ended (143). */
const batch = `i=0; outer=$(cat /in/outer)
while [ -f /in/$i ]; do
  s=$(cat /in/$i; echo .); export S="\${s%.}"
  timeout 10 env -u S -u SHLVL /bin/busybox sh -c "$outer" outer "$S" </dev/null >/out/$i.out 2>/out/$i.err
  echo $? >/out/$i.code
  kill -9 -1 2>/dev/null
  cp -a /w /out/$i.tree
  umount -l /w; umount -l /tmp; mount -t tmpfs -o mode=755 w /w; mount -t tmpfs -o mode=1777 tmp /tmp; hostname box; rm -f /dev/made*
  i=$((i+1))
done 2>/out/trouble`;

/** Builds the root once; `close` takes everything away. */
export function realBusybox(): RealBusybox {
  const root = mkdtempSync(join(tmpdir(), 'cutaway-busybox-'));
  for (const dir of ['bin', 'dev', 'etc', 'in', 'out', 'proc', 'root', 'tmp', 'w']) mkdirSync(join(root, dir));
  execFileSync('cp', [busyboxPath, join(root, 'bin/busybox')]);
  for (const name of execFileSync(busyboxPath, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (name !== 'busybox') execFileSync('ln', ['-s', 'busybox', join(root, 'bin', name)]);
  }
  writeEtc(root);
  const strip = helpStripper();
  const unshare = (outer: string, inner: string, arg: string, timeout: number) =>
    // In a session of its own: `kill 0` of a script reaches its process group, also what of it is outside of the PID namespace.
    spawnSync('setsid', ['-w', 'unshare', '-mu', busyboxPath, 'sh', '-c', outer, 'x', root, inner, arg], {
      encoding: 'utf8',
      timeout,
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const empty = (dir: string): void => {
    rmSync(join(root, dir), { recursive: true, force: true });
    mkdirSync(join(root, dir));
  };
  const treeOf = (i: number): string[] => treeChanges(entries(join(root, `out/${i}.tree`), ''));
  return {
    runAll(scripts) {
      empty('in');
      empty('out');
      writeFileSync(join(root, 'in/outer'), outerShell);
      for (const [i, script] of scripts.entries()) writeFileSync(join(root, `in/${i}`), script);
      const { stderr, status } = unshare(many, batch, '', 600_000);
      if (status !== 0) throw new Error(`the batch ended with ${status}: ${stderr}`);
      const text = (i: number, name: string): string => strip(readFileSync(join(root, `out/${i}.${name}`), 'utf8'));
      return scripts.map((script, i) => ({
        script,
        stdout: text(i, 'out'),
        stderr: text(i, 'err'),
        code: Number(text(i, 'code')),
        tree: treeOf(i),
      }));
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Scripts may add users; each one begins with these. */
function writeEtc(root: string): void {
  rmSync(join(root, 'etc'), { recursive: true, force: true });
  mkdirSync(join(root, 'etc'));
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n',
  );
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\ndocker:x:103:\nnogroup:x:65534:\n');
}

function entries(dir: string, prefix: string): Entry[] {
  return readdirSync(dir).flatMap((name) => {
    const at = join(dir, name);
    const stat = lstatSync(at);
    const path = `${prefix}${name}`;
    const entry: Entry = { path, type: typeOf(stat), mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
    if (entry.type === 'dir') return [entry, ...entries(at, `${path}/`)];
    if (entry.type === 'symlink') return [{ ...entry, target: readlinkSync(at) }];
    return [entry.type === 'file' ? { ...entry, bytes: readFileSync(at) } : entry];
  });
}

function typeOf(stat: Stats): NodeType {
  if (stat.isDirectory()) return 'dir';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isFIFO()) return 'fifo';
  if (stat.isCharacterDevice()) return 'char';
  if (stat.isBlockDevice()) return 'block';
  return stat.isSocket() ? 'socket' : 'file';
}
