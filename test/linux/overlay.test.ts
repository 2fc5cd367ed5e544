/**
 * OverlayFs against the kernel's own overlayfs: the same generated operations on both, then the errnos, the merged view and
 * the upper layer (whiteouts and opaque marks included) must be equal. Needs root.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTar } from '../../core/image/tar-read.ts';
import { contentText } from '../../core/vfs/content.ts';
import { type Fs, type Ino, OPAQUE_XATTR } from '../../core/vfs/fs.ts';
import { TreeFs } from '../../core/vfs/tree.ts';
import { OverlayFs } from '../../core/vfs/union.ts';
import { tree } from '../../core/vfs/walk.ts';
import { type FileOp, play, someOps } from '../core/vfs/ops.ts';
import { gated, needs } from '../support/needs.ts';
import type { Case, Played, Seen } from './overlay-player.ts';

const missing = await needs('root', 'overlay');
const live = gated(test, missing);

/** Generated operations without those that Node cannot do on a real file system. */
function ops(seed: number, count: number): FileOp[] {
  return someOps(seed, count).filter((op) => op.do !== 'setxattr');
}

const cases: Case[] = Array.from({ length: 40 }, (_, n) => ({
  lowers: Array.from({ length: 1 + (n % 3) }, (_, layer) => ops(n * 10 + layer, 25)),
  ops: ops(n * 10 + 9, 40),
}));

/** Plays all cases on real mounts, in a mount namespace and on a tmpfs that end with the call. */
function playForReal(): Played[] {
  const base = mkdtempSync(join(tmpdir(), 'overlay-'));
  const player = join(import.meta.dirname, 'overlay-player.ts');
  const script = 'mount -t tmpfs tmpfs "$1" && exec "$2" --import tsx "$3" "$1"';
  try {
    const args = ['-m', '--propagation', 'private', 'sh', '-c', script, 'sh', base, process.execPath, player];
    const output = execFileSync('unshare', args, { input: JSON.stringify(cases), maxBuffer: 1 << 27 });
    return JSON.parse(output.toString()) as Played[];
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function look(fs: Fs, dir: Ino = fs.root, prefix = ''): Seen[] {
  return tree(fs, dir).map(({ path, type, mode, uid, target }) => {
    const ino = path
      .split('/')
      .slice(1)
      .reduce((at, name) => fs.lookup(at, name)!, dir);
    const { nlink } = fs.stat(ino);
    const seen: Seen = { path: prefix + path, mode, uid, type };
    if (type === 'dir') return { ...seen, nlink };
    if (type === 'symlink') return { ...seen, target: target! };
    return type === 'file' ? { ...seen, text: contentText(fs.read(ino)), nlink } : seen;
  });
}

function simulate(
  its: Case,
  fault?: { ignoreWhiteouts: boolean },
): { errnos: (string | undefined)[][]; merged: Seen[]; upper: Seen[]; opaque: string[] } {
  const layers: TreeFs[] = [];
  const errnos: (string | undefined)[][] = [];
  let now = Date.now();
  for (const list of its.lowers) {
    const fs = new TreeFs('ext4');
    const union = layers.length === 0 ? fs : over(layers, fs, fault);
    errnos.push(list.map((op) => play(union, union.root, op, now++)));
    layers.unshift(fs);
  }
  const upper = new TreeFs('ext4');
  const union = over(layers, upper, fault);
  errnos.push(its.ops.map((op) => play(union, union.root, op, now++)));
  const opaque = tree(upper)
    .filter((entry) => entry.opaque)
    .map(({ path }) => path);
  return { errnos, merged: look(union), upper: look(upper), opaque };
}

function over(layers: readonly TreeFs[], upper: TreeFs, fault?: { ignoreWhiteouts: boolean }): OverlayFs {
  return new OverlayFs({
    lowers: layers.map((fs) => ({ fs, root: fs.root })),
    upper: { fs: upper, root: upper.root },
    ...(fault === undefined ? {} : { fault }),
  });
}

/** Whiteouts of the kernel share one inode and so have no link count of their own; times differ between two runs. */
function comparable(seen: readonly Seen[]): Record<string, string> {
  return Object.fromEntries(
    seen.map(({ path, type, mode, uid, target, text, nlink }) => [
      path,
      [type, type === 'whiteout' ? '' : mode.toString(8), uid, target ?? text ?? '', nlink ?? ''].join(' '),
    ]),
  );
}

const real = missing === undefined ? playForReal() : [];

live('generated operations do what the kernel’s overlayfs does', () => {
  assert.is(real.length, cases.length);
  let refusals = 0;
  for (const [n, played] of real.entries()) {
    const model = simulate(cases[n]!);
    for (const [layer, list] of [...cases[n]!.lowers, cases[n]!.ops].entries()) {
      for (const [at, op] of list.entries()) {
        const theirs = played.errnos[layer]![at] ?? undefined;
        if (theirs !== undefined) refusals++;
        assert.is(model.errnos[layer]![at], theirs, `case ${n}, layer ${layer}, ${at}: ${JSON.stringify(op)}`);
      }
    }
    assert.equal(comparable(model.merged), comparable(played.merged), `case ${n}: merged view`);
    assert.equal(comparable(model.upper), comparable(played.upper), `case ${n}: upper layer`);
    const archive = [...readTar(Buffer.from(played.tar, 'base64'))];
    const opaque = archive.filter((entry) => entry.xattrs?.[OPAQUE_XATTR] === 'y').map(({ path }) => `/${path}`);
    assert.equal(model.opaque, opaque.sort(), `case ${n}: opaque directories`);
  }
  assert.ok(refusals > 100, 'the operations meet refusals often enough to mean something');
});

live('the comparison notices a model that does not honour whiteouts', () => {
  const noticed = real.filter((played, n) => {
    const model = simulate(cases[n]!, { ignoreWhiteouts: true });
    return JSON.stringify(comparable(model.merged)) !== JSON.stringify(comparable(played.merged));
  });
  assert.ok(noticed.length > cases.length / 2, `${noticed.length} of ${cases.length}`);
});

test.run();
