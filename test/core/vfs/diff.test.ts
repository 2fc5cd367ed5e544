/**
 * `merge` against OverlayFs on generated layers, and `changes` against what `docker diff` of 20.10.24 printed for the same
 * actions (test/docker/diff.test.ts asks it live).
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TreeEntry } from '../../../core/op.ts';
import { textContent } from '../../../core/vfs/content.ts';
import { changes, merge } from '../../../core/vfs/diff.ts';
import type { NewNode } from '../../../core/vfs/fs.ts';
import { TreeFs } from '../../../core/vfs/tree.ts';
import { OverlayFs } from '../../../core/vfs/union.ts';
import { tree } from '../../../core/vfs/walk.ts';
import { type FileOp, newScene, someOps } from './ops.ts';
import { playAll } from './player.ts';

function over(lower: TreeFs): { union: OverlayFs; upper: TreeFs } {
  const upper = new TreeFs('ext4');
  const union = new OverlayFs({ lowers: [{ fs: lower, root: lower.root }], upper: { fs: upper, root: upper.root } });
  return { union, upper };
}

test('merged lists show what the union shows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const lower = new TreeFs('ext4');
      const scene = newScene(seed);
      playAll(lower, someOps(scene, 60));
      const { union, upper } = over(lower);
      playAll(union, someOps(scene, 60), 100);
      assert.equal(merge(tree(upper), tree(lower)), tree(union));
    }),
    { numRuns: 150 },
  );
});

test('changes name every path whose face changed, each once, parents first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const lower = new TreeFs('ext4');
      const scene = newScene(seed);
      playAll(lower, someOps(scene, 60));
      const { union, upper } = over(lower);
      playAll(union, someOps(scene, 60), 100);
      const alone = new OverlayFs({ lowers: [{ fs: lower, root: lower.root }] });
      const before = new Map(tree(alone).map((entry) => [entry.path, JSON.stringify(entry)]));
      const after = new Map(tree(union).map((entry) => [entry.path, JSON.stringify(entry)]));
      const listed = changes(tree(upper), tree(lower));
      const kinds = new Map(listed.map(({ kind, path }) => [path, kind]));
      assert.is(kinds.size, listed.length);
      for (const { kind, path } of listed) {
        const expected = !after.has(path) ? 'D' : before.has(path) ? 'C' : 'A';
        assert.is(kind, expected, path);
        const parent = path.slice(0, path.lastIndexOf('/'));
        assert.ok(parent === '' || kinds.has(parent), `${path} without its parent`);
      }
      for (const [path, face] of after) if (before.get(path) !== face) assert.ok(kinds.has(path), path);
    }),
    { numRuns: 150 },
  );
});

const owner = { uid: 0, gid: 0, mtime: 5 };
const dir: NewNode = { type: 'dir', mode: 0o755, ...owner };
const file = (text: string): NewNode => ({ type: 'file', mode: 0o644, content: textContent(text), ...owner });

/** /d/{f,other,sub/deep} /top */
function sample(): TreeFs {
  const fs = new TreeFs('ext4');
  const d = fs.create(fs.root, 'd', dir);
  fs.create(d, 'f', file('f'));
  fs.create(d, 'other', file('other'));
  fs.create(fs.create(d, 'sub', dir), 'deep', file('deep'));
  fs.create(fs.root, 'top', { type: 'symlink', mode: 0o777, target: 'a', ...owner });
  return fs;
}

const open = (path: string, flags: string): FileOp => ({ do: 'open', path, flags, mode: 0o644, text: 'x', at: 0 });
const create = (path: string): FileOp => open(path, 'wcx');
const mkdir = (path: string, mode = 0o755): FileOp => ({ do: 'mkdir', path, mode });
const unlink = (path: string): FileOp => ({ do: 'unlink', path });
const rmdir = (path: string): FileOp => ({ do: 'rmdir', path });
const emptied = [unlink('/d/f'), unlink('/d/other'), unlink('/d/sub/deep'), rmdir('/d/sub'), rmdir('/d')];

const table: [string, FileOp[], string][] = [
  ['a file', [create('/new')], 'A /new'],
  ['made and removed', [create('/d/gone'), unlink('/d/gone')], ''],
  ['chmod of a directory', [{ do: 'chmod', path: '/d', mode: 0o700 }], 'C /d'],
  ['chmod to what it was', [{ do: 'chmod', path: '/d', mode: 0o755 }], ''],
  ['written', [open('/d/f', 'wt')], 'C /d, C /d/f'],
  ['touched', [{ do: 'utimes', path: '/d/f', mtime: 9, follow: true }], 'C /d, C /d/f'],
  ['removed', [unlink('/d/f')], 'C /d, D /d/f'],
  ['directory removed', emptied, 'D /d'],
  ['made anew', [...emptied, mkdir('/d')], 'C /d, D /d/f, D /d/other, D /d/sub'],
  [
    'made anew with something in it',
    [...emptied, mkdir('/d'), mkdir('/d/sub')],
    'C /d, D /d/f, D /d/other, C /d/sub, D /d/sub/deep',
  ],
  ['directory replaced by a file', [...emptied, create('/d')], 'C /d'],
  ['file replaced by a directory', [unlink('/d/f'), mkdir('/d/f'), create('/d/f/in')], 'C /d, C /d/f, A /d/f/in'],
  ['renamed', [{ do: 'rename', path: '/d/f', to: '/d/g', noreplace: false }], 'C /d, D /d/f, A /d/g'],
  ['symlink made again', [unlink('/top'), { do: 'symlink', path: '/top', target: '/nowhere/x' }], 'C /top'],
];

test('what docker diff prints, action by action', () => {
  for (const [what, ops, expected] of table) {
    const lower = sample();
    const { union, upper } = over(lower);
    assert.equal(
      playAll(union, ops, 9, 0),
      ops.map(() => ({})),
      what,
    );
    const lines = changes(tree(upper), tree(lower)).map(({ kind, path }) => `${kind} ${path}`);
    assert.is(lines.join(', '), expected, what);
  }
});

test('with times, a file copied up and left as it was is no change', () => {
  const lower: TreeEntry = { path: '/f', type: 'file', mode: 0o644, uid: 0, gid: 0, size: 1 };
  assert.equal(changes([{ ...lower, mtime: 5 }], [{ ...lower, mtime: 5 }]), []);
  assert.equal(changes([{ ...lower, mtime: 6 }], [{ ...lower, mtime: 5 }]), [{ kind: 'C', path: '/f' }]);
  assert.equal(changes([lower], [lower]), [{ kind: 'C', path: '/f' }]);
});

test.run();
