/** Layers: overlay upper directory ↔ OCI tar, and archives that try to get out of the directory they are unpacked into. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SysError } from '../../../core/errors.ts';
import { layerSize, loadLayer, markOf, packLayer, unpackLayer } from '../../../core/image/layer.ts';
import type { TarEntry } from '../../../core/image/tar.ts';
import { readTar } from '../../../core/image/tar-read.ts';
import { tarBytes } from '../../../core/image/tar-write.ts';
import { textContent } from '../../../core/vfs/content.ts';
import { TreeFs } from '../../../core/vfs/tree.ts';
import { OverlayFs } from '../../../core/vfs/union.ts';
import { tree } from '../../../core/vfs/walk.ts';
import { type FileOp, newScene, someOps } from '../vfs/ops.ts';
import { playAll } from '../vfs/player.ts';

const owner = { uid: 0, gid: 0, mtime: 1_700_000_000_000 };
const file = (path: string, text = ''): TarEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  ...owner,
  content: textContent(text),
});
const dir = (path: string): TarEntry => ({ path, type: 'dir', mode: 0o755, ...owner });

/** Archives leave sockets out. */
const packable = (ops: readonly FileOp[]) => ops.filter((op) => op.do !== 'mknod' || op.type !== 'socket');

/** A read-write layer over another, after generated operations. */
function layers(seed: number): { lower: TreeFs; upper: TreeFs; union: OverlayFs } {
  const lower = new TreeFs('ext4');
  const scene = newScene(seed);
  playAll(lower, packable(someOps(scene, 60)), 0, 1000);
  const upper = new TreeFs('ext4');
  const union = new OverlayFs({ lowers: [{ fs: lower, root: lower.root }], upper: { fs: upper, root: upper.root } });
  playAll(union, packable(someOps(scene, 60)), 100_000, 1000);
  return { lower, upper, union };
}

/** Whiteouts made by one mount are links to each other, and say so in the tar; unpacked ones are not. */
const bare = (entries: readonly TarEntry[]): Uint8Array =>
  tarBytes(
    entries.map((entry) => {
      const { target, ...rest } = entry;
      return entry.type === 'file' ? rest : entry;
    }),
  );

test('a read-write layer survives the way through its tar', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const { upper } = layers(seed);
      const archive = tarBytes(packLayer(upper));
      const again = new TreeFs('ext4');
      unpackLayer(readTar(archive), again);
      const modesOf = (fs: TreeFs) => tree(fs).map((entry) => (entry.type === 'whiteout' ? entry.path : entry));
      assert.equal(modesOf(again), modesOf(upper));
      assert.equal(bare(packLayer(again)), bare(packLayer(upper)), 'times and links too');
    }),
    { numRuns: 150 },
  );
});

test('layers applied upon each other give what their union shows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const { lower, upper, union } = layers(seed);
      const flat = new TreeFs('ext4');
      unpackLayer(packLayer(lower), flat, flat.root, 'apply');
      unpackLayer(packLayer(upper), flat, flat.root, 'apply');
      assert.equal(tree(flat), tree(union));
    }),
    { numRuns: 150 },
  );
});

test('names with a mark', () => {
  assert.equal(markOf('a/.wh.b'), { kind: 'whiteout', path: 'a/b' });
  assert.equal(markOf('.wh.b'), { kind: 'whiteout', path: 'b' });
  assert.equal(markOf('a/.wh..wh..opq'), { kind: 'opaque', dir: 'a' });
  assert.equal(markOf('a/b.wh.'), { kind: 'plain' });
});

test('nothing gets out of the directory', () => {
  const host = new TreeFs('ext4');
  const root = host.create(host.root, 'root', { type: 'dir', mode: 0o755, ...owner });
  host.create(host.root, 'secret', { type: 'file', mode: 0o600, ...owner, content: textContent('secret') });
  const before = JSON.stringify(tree(host).filter(({ path }) => !path.startsWith('/root')));
  const hostile: TarEntry[][] = [
    [file('../secret', 'x')],
    [file('a/../../secret', 'x')],
    [{ path: 'l', type: 'hardlink', mode: 0, ...owner, target: '../secret' }],
    [{ path: 'up', type: 'symlink', mode: 0o777, ...owner, target: '..' }, file('up/secret', 'x')],
    [{ path: 'top', type: 'symlink', mode: 0o777, ...owner, target: '/' }, file('top/secret', 'x')],
    [{ path: 'deep', type: 'symlink', mode: 0o777, ...owner, target: '../../../..' }, file('deep/.wh.secret')],
    [file('..')],
  ];
  for (const entries of hostile) {
    try {
      unpackLayer(entries, host, root);
    } catch (error) {
      assert.instance(error, SysError);
    }
    assert.is(JSON.stringify(tree(host).filter(({ path }) => !path.startsWith('/root'))), before, entries[0]!.path);
  }
});

test('a loop of symlinks ends', () => {
  const fs = new TreeFs('ext4');
  const loop: TarEntry = { path: 'loop', type: 'symlink', mode: 0o777, ...owner, target: 'loop' };
  assert.throws(
    () => unpackLayer([loop, file('loop/x')], fs),
    (error: unknown) => error instanceof SysError && error.errno === 'ELOOP',
  );
});

test('members replace what is there, directories are kept', () => {
  const fs = new TreeFs('ext4');
  unpackLayer([dir('d'), file('d/keep', '1'), file('f', '2'), dir('e'), file('e/x')], fs);
  unpackLayer([{ ...dir('d'), mode: 0o700 }, dir('f'), file('e', 'now a file'), file('made/on/the/way')], fs);
  assert.equal(
    tree(fs).map(({ path, type, mode }) => `${path} ${type} ${mode.toString(8)}`),
    [
      '/d dir 700',
      '/d/keep file 644',
      '/e file 644',
      '/f dir 755',
      '/made dir 755',
      '/made/on dir 755',
      '/made/on/the dir 755',
      '/made/on/the/way file 644',
    ],
  );
  assert.is(layerSize([file('a', '123'), dir('b'), file('c', '4567')]), 7);
});

test('a layer is loaded as it is unpacked, however often', () => {
  const entries = packLayer(layers(5).upper);
  const slow = new TreeFs('ext4');
  unpackLayer(entries, slow);
  for (let n = 0; n < 3; n++) {
    const fs = new TreeFs('ext4');
    const at = fs.create(fs.root, 'layer', { type: 'dir', mode: 0o711, ...owner });
    loadLayer(entries, fs, at);
    assert.equal(tree(fs, at), tree(slow));
    assert.is(fs.stat(at).mode, 0o711);
    assert.equal(tarBytes(packLayer(fs, at)), tarBytes(entries));
    fs.create(at, 'own', { type: 'dir', mode: 0o755, ...owner });
    assert.is(fs.lookup(slow.root, 'own'), undefined);
  }
});

test.run();
