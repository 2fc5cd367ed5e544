/** TreeFs against the flat oracle, and the corners of rename(2), links and snapshots by hand. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SysError } from '../../../core/errors.ts';
import { contentText, textContent } from '../../../core/vfs/content.ts';
import type { NewNode } from '../../../core/vfs/fs.ts';
import { TreeFs } from '../../../core/vfs/tree.ts';
import { FlatTree } from './flat.ts';
import { firstOps, newScene, someOps } from './ops.ts';
import { look, Player } from './player.ts';

const owner = { uid: 0, gid: 0, mtime: 5 };
const dir: NewNode = { type: 'dir', mode: 0o755, ...owner };
const file: NewNode = { type: 'file', mode: 0o644, ...owner };

function refused(errno: string, action: () => unknown): void {
  assert.throws(action, (error: unknown) => error instanceof SysError && error.errno === errno, errno);
}

test('generated operations do what they do to one flat table of paths', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const fs = new TreeFs('ext4');
      const player = new Player(fs);
      const flat = new FlatTree();
      const scene = newScene(seed);
      for (const [n, op] of [...firstOps(scene), ...someOps(scene, 100)].entries()) {
        assert.equal(player.play(op, n + 1), flat.play(op, n + 1), `${n}: ${JSON.stringify(op)}`);
      }
      assert.equal(Object.fromEntries(look(fs)), Object.fromEntries(flat.look()));
    }),
    { numRuns: 150 },
  );
});

test('every snapshot stays what it was, and can be gone back to', () => {
  const fs = new TreeFs();
  const player = new Player(fs);
  const kept: { state: ReturnType<TreeFs['snapshot']>; was: string }[] = [];
  const scene = newScene(7);
  for (const [n, op] of [...firstOps(scene), ...someOps(scene, 300)].entries()) {
    player.play(op, n);
    if (n % 10 === 0) kept.push({ state: fs.snapshot(), was: JSON.stringify([...look(fs)]) });
  }
  assert.ok(new Set(kept.map(({ was }) => was)).size > kept.length / 2);
  for (const { state, was } of kept) {
    fs.restore(state);
    assert.is(JSON.stringify([...look(fs)]), was);
  }
});

test('large directories come and go, and former versions stay', () => {
  const fs = new TreeFs();
  const names = Array.from({ length: 3000 }, (_, n) => `n${(n * 7919) % 3000}`);
  for (const name of names) fs.create(fs.root, name, file);
  const full = fs.snapshot();
  const sorted = [...names].sort();
  assert.equal(
    fs.readdir(fs.root).map(({ name }) => name),
    sorted,
  );
  const left = new Set(names);
  for (const [n, name] of names.entries()) {
    fs.unlink(fs.root, name, 1);
    left.delete(name);
    assert.is(fs.lookup(fs.root, name), undefined);
    if (n % 500 === 0) assert.equal(new Set(fs.readdir(fs.root).map((entry) => entry.name)), left);
  }
  assert.equal(fs.readdir(fs.root), []);
  fs.restore(full);
  assert.is(fs.readdir(fs.root).length, 3000);
  for (const name of names) assert.ok(fs.lookup(fs.root, name) !== undefined, name);
});

test('a directory of 300 files is listed in byte order', () => {
  const fs = new TreeFs();
  const names = Array.from({ length: 300 }, (_, n) => `file${(n * 7919) % 300}`);
  for (const name of ['\u{1f600}', '\uffee', 'Z', 'a', ...names]) fs.create(fs.root, name, file);
  const listed = fs.readdir(fs.root).map((entry) => entry.name);
  const bytes = [...listed].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.equal(listed, bytes);
  assert.is(fs.lookup(fs.root, 'file123'), fs.readdir(fs.root).find((entry) => entry.name === 'file123')!.ino);
});

test('link counts: files count names, directories count subdirectories', () => {
  const fs = new TreeFs();
  const sub = fs.create(fs.root, 'd', dir);
  const one = fs.create(sub, 'one', file);
  fs.link(fs.root, 'two', one, 9);
  assert.is(fs.stat(one).nlink, 2);
  assert.is(fs.stat(one).ctime, 9);
  assert.is(fs.stat(fs.root).nlink, 3);
  fs.write(one, textContent('same'), 10);
  assert.is(contentText(fs.read(fs.lookup(fs.root, 'two')!)), 'same');
  fs.unlink(sub, 'one', 11);
  assert.is(fs.stat(one).nlink, 1);
  fs.create(fs.root, 'e', dir);
  fs.rename(fs.root, 'd', fs.lookup(fs.root, 'e')!, 'd', 12);
  assert.is(fs.stat(fs.root).nlink, 3);
  assert.is(fs.stat(fs.lookup(fs.root, 'e')!).nlink, 3);
});

test('rename(2) refuses what it must', () => {
  const fs = new TreeFs();
  const a = fs.create(fs.root, 'a', dir);
  const b = fs.create(a, 'b', dir);
  fs.create(fs.root, 'f', file);
  fs.create(fs.root, 'full', dir);
  fs.create(fs.lookup(fs.root, 'full')!, 'x', file);
  refused('EINVAL', () => fs.rename(fs.root, 'a', b, 'a', 1));
  refused('EINVAL', () => fs.rename(fs.root, 'a', a, 'a', 1));
  refused('ENOTEMPTY', () => fs.rename(a, 'b', fs.root, 'a', 1));
  refused('ENOTDIR', () => fs.rename(fs.root, 'a', fs.root, 'f', 1));
  refused('EISDIR', () => fs.rename(fs.root, 'f', fs.root, 'a', 1));
  refused('ENOTEMPTY', () => fs.rename(fs.root, 'a', fs.root, 'full', 1));
  refused('ENOENT', () => fs.rename(fs.root, 'none', fs.root, 'x', 1));
  fs.rename(fs.root, 'a', fs.root, 'a', 1);
  fs.create(fs.root, 'hollow', dir);
  fs.rename(fs.root, 'a', fs.root, 'hollow', 1);
  assert.is(fs.lookup(fs.root, 'hollow'), a);
  assert.is(fs.lookup(fs.root, 'a'), undefined);
});

test('names of more than 255 bytes are refused', () => {
  const fs = new TreeFs();
  fs.create(fs.root, 'x'.repeat(255), file);
  refused('ENAMETOOLONG', () => fs.create(fs.root, 'x'.repeat(256), file));
  refused('ENAMETOOLONG', () => fs.lookup(fs.root, 'ä'.repeat(128)));
});

test('an inode that is held outlives its last name', () => {
  const fs = new TreeFs();
  const ino = fs.create(fs.root, 'f', { ...file, content: textContent('still here') });
  fs.hold(ino);
  fs.hold(ino);
  fs.unlink(fs.root, 'f', 1);
  assert.is(contentText(fs.read(ino)), 'still here');
  assert.is(fs.stat(ino).nlink, 0);
  refused('ENOENT', () => fs.link(fs.root, 'again', ino, 2));
  fs.release(ino);
  fs.read(ino);
  fs.release(ino);
  refused('ESTALE', () => fs.read(ino));
  const gone = fs.create(fs.root, 'd', dir);
  fs.hold(gone);
  fs.rmdir(fs.root, 'd', 3);
  refused('ENOENT', () => fs.create(gone, 'x', file));
});

test('xattrs are set, listed and removed', () => {
  const fs = new TreeFs();
  fs.setxattr(fs.root, 'user.a', '1');
  fs.setxattr(fs.root, 'user.b', '2');
  fs.removexattr(fs.root, 'user.a');
  assert.equal(fs.xattrs(fs.root), { 'user.b': '2' });
  refused('ENODATA', () => fs.removexattr(fs.root, 'user.a'));
});

test.run();
