/**
 * Runs inside a private mount namespace (overlay.test.ts starts it with unshare): plays cases of file operations on real
 * overlay mounts over tmpfs directories, and prints what came out. Reads an array of `Case` on standard input, prints an
 * array of `Played`.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import type { TreeEntry } from '../../core/op.ts';
import type { FileOp } from '../core/vfs/ops.ts';

export interface Case {
  /** Operations that fill each lower layer, the bottom one first; all but the bottom are played on a union. */
  readonly lowers: readonly (readonly FileOp[])[];
  readonly ops: readonly FileOp[];
}

/** A tree entry with digests left out and file contents in. */
export type Seen = Pick<TreeEntry, 'path' | 'type' | 'mode' | 'uid' | 'target'> & {
  text?: string;
  mtime?: number;
  nlink?: number;
};

export interface Played {
  /** errno of each operation, layer after layer. */
  readonly errnos: readonly (readonly (string | undefined)[])[];
  readonly merged: readonly Seen[];
  readonly upper: readonly Seen[];
  /** A tar of the upper layer with xattrs, base64. */
  readonly tar: string;
}

function play(root: string, op: FileOp): string | undefined {
  try {
    perform(root, op);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code;
  }
}

function perform(root: string, op: FileOp): void {
  const path = root + op.path;
  switch (op.do) {
    case 'create':
      fs.writeFileSync(path, op.text, { flag: 'wx' });
      fs.chmodSync(path, op.mode);
      break;
    case 'write':
      fs.writeFileSync(path, op.text, { flag: 'r+' });
      fs.truncateSync(path, op.text.length);
      break;
    case 'mkdir':
      fs.mkdirSync(path);
      fs.chmodSync(path, op.mode);
      break;
    case 'symlink':
      fs.symlinkSync('/nowhere/x', path);
      break;
    case 'unlink':
      fs.unlinkSync(path);
      break;
    case 'rmdir':
      fs.rmdirSync(path);
      break;
    case 'rename':
      fs.renameSync(path, root + op.to);
      break;
    case 'link':
      fs.linkSync(path, root + op.to);
      break;
    case 'chmod':
      fs.chmodSync(path, op.mode);
      break;
    case 'chown':
      fs.lchownSync(path, op.uid, 0);
      break;
    case 'utimes':
      fs.utimesSync(path, op.mtime / 1000, op.mtime / 1000);
      break;
    case 'setxattr':
      throw new Error('Node cannot set xattrs');
  }
}

function look(root: string, dir = ''): Seen[] {
  return fs.readdirSync(root + dir).flatMap((name) => {
    const path = `${dir}/${name}`;
    const stat = fs.lstatSync(root + path);
    const seen = { path, mode: stat.mode & 0o7777, uid: stat.uid };
    if (stat.isDirectory()) return [{ ...seen, type: 'dir' as const, nlink: stat.nlink }, ...look(root, path)];
    if (stat.isSymbolicLink()) return [{ ...seen, type: 'symlink' as const, target: fs.readlinkSync(root + path) }];
    if (stat.isCharacterDevice())
      return [{ ...seen, type: stat.rdev === 0 ? ('whiteout' as const) : ('char' as const) }];
    const text = fs.readFileSync(root + path, 'utf8');
    return [{ ...seen, type: 'file' as const, text, mtime: stat.mtimeMs, nlink: stat.nlink }];
  });
}

function run(base: string, its: Case): Played {
  fs.mkdirSync(base);
  const merged = `${base}/merged`;
  fs.mkdirSync(merged);
  const layers: string[] = [];
  const errnos: (string | undefined)[][] = [];
  for (const [n, ops] of [...its.lowers, its.ops].entries()) {
    const layer = `${base}/${n}`;
    fs.mkdirSync(layer);
    fs.mkdirSync(`${base}/work${n}`);
    if (n === 0) errnos.push(ops.map((op) => play(layer, op)));
    else {
      const options = `lowerdir=${layers.join(':')},upperdir=${layer},workdir=${base}/work${n}`;
      execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, merged]);
      errnos.push(ops.map((op) => play(merged, op)));
      if (n < its.lowers.length) execFileSync('umount', [merged]);
    }
    layers.unshift(layer);
  }
  const seen = look(merged);
  execFileSync('umount', [merged]);
  const upper = layers[0]!;
  const tar = execFileSync('tar', [
    '--xattrs',
    '--xattrs-include=trusted.overlay.opaque',
    '-C',
    upper,
    '-cf',
    '-',
    '.',
  ]);
  return { errnos, merged: seen, upper: look(upper), tar: tar.toString('base64') };
}

const base = process.argv[2]!;
process.umask(0o022);
const cases = JSON.parse(fs.readFileSync(0, 'utf8')) as Case[];
process.stdout.write(JSON.stringify(cases.map((its, n) => run(`${base}/case${n}`, its))));
