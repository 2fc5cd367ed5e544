/**
 * OverlayFs against the flat oracle: whatever is done to a union must look as if it had been done to one flat tree, save
 * EXDEV for directories that have a lower part. The kernel itself is asked in test/linux/overlay.test.ts.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SysError } from '../../../core/errors.ts';
import { contentText, textContent } from '../../../core/vfs/content.ts';
import type { NewNode } from '../../../core/vfs/fs.ts';
import { TreeFs } from '../../../core/vfs/tree.ts';
import { OverlayFs } from '../../../core/vfs/union.ts';
import { tree } from '../../../core/vfs/walk.ts';
import { FlatTree, withoutLinks } from './flat.ts';
import { type FileOp, firstOps, newScene, type Result, type Scene, someOps } from './ops.ts';
import { look, Player, playAll } from './player.ts';

const owner = { uid: 0, gid: 0, mtime: 5 };
const dir: NewNode = { type: 'dir', mode: 0o755, ...owner };
const file: NewNode = { type: 'file', mode: 0o644, ...owner };

function refused(errno: string, action: () => unknown): void {
  assert.throws(action, (error: unknown) => error instanceof SysError && error.errno === errno, errno);
}

/** Plays operations on a union and on the flat tree; each must answer the same. */
function compare(union: OverlayFs, flat: FlatTree, ops: readonly FileOp[], from: number): void {
  const player = new Player(union);
  const plain = (result: Result): Result =>
    result.value === undefined ? result : { ...result, value: withoutLinks(result.value) };
  for (const [n, op] of ops.entries()) {
    const ours = plain(player.play(op, from + n));
    assert.equal(ours, plain(flat.play(op, from + n)), `${from + n}: ${JSON.stringify(op)}`);
  }
  player.leave();
  flat.leave();
}

const faces = (lines: ReadonlyMap<string, string>) =>
  Object.fromEntries([...lines].map(([path, line]) => [path, withoutLinks(line)]));

/** A union over layers that were themselves filled through unions, as images are; and the flat tree it should look like. */
function layered(scene: Scene, depth: number): { union: OverlayFs; flat: FlatTree } {
  const layers: TreeFs[] = [];
  const flat = new FlatTree();
  for (let n = 0; ; n++) {
    const upper = new TreeFs('ext4', { now: flat.files.get('')!.mtime });
    const union = new OverlayFs({
      lowers: layers.map((fs) => ({ fs, root: fs.root })),
      upper: { fs: upper, root: upper.root },
    });
    const lowerDirs = new Set<object>([...flat.files.values()].filter((its) => its.type === 'dir'));
    flat.rules = { isUnion: true, isMixed: (dir) => lowerDirs.has(dir) };
    flat.newLayer();
    if (n === depth) return { union, flat };
    compare(union, flat, [...(n === 0 ? firstOps(scene) : []), ...someOps(scene, 40)], n * 100);
    layers.unshift(upper);
  }
}

test('generated operations on a union look as if done to one flat tree', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 5 }), (seed, depth) => {
      const scene = newScene(seed);
      const { union, flat } = layered(scene, depth);
      assert.equal(faces(look(union)), faces(flat.look()));
      compare(union, flat, someOps(scene, 60), 1000);
      assert.equal(faces(look(union)), faces(flat.look()));
    }),
    { numRuns: 150 },
  );
});

test('a fresh union over the same layers shows the same: nothing lives in memory only', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const lower = new TreeFs('ext4');
      const scene = newScene(seed);
      playAll(lower, [...firstOps(scene), ...someOps(scene, 50)]);
      const upper = new TreeFs('ext4');
      const options = { lowers: [{ fs: lower, root: lower.root }], upper: { fs: upper, root: upper.root } };
      const union = new OverlayFs(options);
      const before = JSON.stringify([...look(lower)]);
      playAll(union, someOps(scene, 50));
      assert.equal(tree(new OverlayFs(options)), tree(union));
      assert.is(JSON.stringify([...look(lower)]), before, 'lower layers never change');
    }),
    { numRuns: 100 },
  );
});

/** lower: /d/{x,y} /f (also /g) ; upper empty. */
function small(fault?: { ignoreWhiteouts?: boolean }) {
  const lower = new TreeFs('ext4');
  const d = lower.create(lower.root, 'd', dir);
  lower.create(d, 'x', { ...file, content: textContent('x') });
  lower.create(d, 'y', file);
  const f = lower.create(lower.root, 'f', { ...file, content: textContent('old') });
  lower.link(lower.root, 'g', f, 5);
  const upper = new TreeFs('ext4');
  const union = new OverlayFs({
    lowers: [{ fs: lower, root: lower.root }],
    upper: { fs: upper, root: upper.root },
    ...(fault === undefined ? {} : { fault }),
  });
  return { lower, upper, union, at: (name: string) => union.lookup(union.root, name)! };
}

const upperPaths = (upper: TreeFs) =>
  tree(upper).map(({ path, type, opaque }) => `${path} ${type}${opaque ? ' opaque' : ''}`);

test('a write copies the whole file up, breaks its hard link and keeps its inode number', () => {
  const { upper, union, at } = small();
  assert.is(union.stat(at('f')).ino, union.stat(at('g')).ino, 'one number while both are in the lower layer');
  const x = union.lookup(at('d'), 'x')!;
  const number = union.stat(x).ino;
  union.write(at('f'), textContent('new'), 9);
  union.setattr(x, { mode: 0o600 }, 9);
  assert.equal(upperPaths(upper), ['/d dir', '/d/x file', '/f file']);
  assert.is(contentText(union.read(at('g'))), 'old');
  assert.is(union.stat(at('f')).nlink, 1);
  assert.is(union.stat(union.lookup(at('d'), 'x')!).ino, number);
  assert.is(union.stat(at('d')).mtime, 5, 'copying up does not touch the directory');
});

test('removal leaves a whiteout only where a lower entry would show', () => {
  const { upper, union, at } = small();
  union.create(union.root, 'own', file);
  union.unlink(union.root, 'own', 9);
  assert.equal(upperPaths(upper), []);
  union.unlink(union.root, 'f', 9);
  assert.equal(upperPaths(upper), ['/f whiteout']);
  refused('ENOTEMPTY', () => union.rmdir(union.root, 'd', 9));
  union.unlink(at('d'), 'x', 9);
  union.unlink(at('d'), 'y', 9);
  union.rmdir(union.root, 'd', 9);
  assert.equal(upperPaths(upper), ['/d whiteout', '/f whiteout']);
  union.create(union.root, 'd', dir);
  assert.equal(upperPaths(upper), ['/d dir opaque', '/f whiteout']);
  assert.equal(union.readdir(at('d')), []);
  assert.equal(union.xattrs(at('d')), {}, 'the opaque mark is nobody else’s business');
});

test('a directory with a lower part cannot be renamed, a file leaves a whiteout behind', () => {
  const { upper, union, at } = small();
  refused('EXDEV', () => union.rename(union.root, 'd', union.root, 'e', 9));
  union.rename(union.root, 'f', at('d'), 'f', 9);
  assert.equal(upperPaths(upper), ['/d dir', '/d/f file', '/f whiteout']);
  union.create(union.root, 'own', dir);
  union.rename(union.root, 'own', at('d'), 'own', 9);
  assert.equal(upperPaths(upper), ['/d dir', '/d/f file', '/d/own dir opaque', '/f whiteout']);
});

test('link(2) of a lower file copies it up once', () => {
  const { upper, union, at } = small();
  union.link(at('d'), 'new', at('f'), 9);
  assert.equal(upperPaths(upper), ['/d dir', '/d/new file', '/f file']);
  assert.is(union.lookup(at('d'), 'new'), at('f'));
  assert.is(union.stat(at('f')).nlink, 2);
  union.unlink(union.root, 'f', 9);
  assert.is(contentText(union.read(union.lookup(at('d'), 'new')!)), 'old');
});

test('without an upper layer nothing can be changed', () => {
  const { lower } = small();
  const union = new OverlayFs({ lowers: [{ fs: lower, root: lower.root }] });
  refused('EROFS', () => union.create(union.root, 'new', file));
  refused('EROFS', () => union.write(union.lookup(union.root, 'f')!, textContent(''), 1));
  refused('EROFS', () => union.unlink(union.root, 'f', 1));
  refused('EROFS', () => union.setattr(union.root, { mode: 0 }, 1));
  assert.equal(tree(union), tree(lower));
});

test('a held file is read after its removal, and gone after its release', () => {
  for (const copiedUp of [false, true]) {
    const { union, at } = small();
    const f = at('f');
    union.hold(f);
    if (copiedUp) union.write(f, textContent('new'), 8);
    union.unlink(union.root, 'f', 9);
    assert.is(contentText(union.read(f)), copiedUp ? 'new' : 'old');
    union.release(f);
    refused('ESTALE', () => union.read(f));
  }
});

test('union and layers go back together', () => {
  const { upper, union, at } = small();
  const then = { union: union.snapshot(), upper: upper.snapshot(), tree: tree(union) };
  playAll(union, someOps(newScene(3), 60));
  union.unlink(union.root, 'f', 99);
  union.restore(then.union);
  upper.restore(then.upper);
  assert.equal(tree(union), then.tree);
  assert.is(contentText(union.read(at('f'))), 'old');
});

test('with the fault switched on, what was deleted shows again', () => {
  const { union, at } = small({ ignoreWhiteouts: true });
  union.unlink(union.root, 'f', 9);
  assert.ok(at('f') !== undefined);
  assert.ok(union.readdir(union.root).some(({ name }) => name === 'f'));
});

test.run();
