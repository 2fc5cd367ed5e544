/** Tar written and read back; damaged archives. The real tar(1) is asked in test/linux/tar.test.ts. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EMPTY_LAYER } from '../../../core/image/config.ts';
import { digestOf } from '../../../core/image/digest.ts';
import { type TarEntry, TarError } from '../../../core/image/tar.ts';
import { readTar } from '../../../core/image/tar-read.ts';
import { packTar, tarBytes, tarSize, writeTar } from '../../../core/image/tar-write.ts';

const part = fc
  .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
  .map((text) => text.replace(/[/\0]|^\.+$/g, '_'));
const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
const common = {
  path,
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 2 ** 31 })),
  gid: fc.integer({ min: 0, max: 2 ** 31 }),
  mtime: fc.integer({ min: -1000, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
};
const xattrs = fc.dictionary(fc.stringMatching(/^user\.[a-z]{1,8}$/), fc.string({ maxLength: 150 }), {
  minKeys: 1,
  maxKeys: 3,
});
const bytes = fc.uint8Array({ maxLength: 1100 });
const entry: fc.Arbitrary<TarEntry> = fc.oneof(
  fc.record({ ...common, type: fc.constant('file' as const), content: bytes.map((its) => ({ bytes: its })) }),
  fc.record({ ...common, type: fc.constant('file' as const), content: bytes.map((its) => ({ bytes: its })), xattrs }),
  fc.record({ ...common, type: fc.constant('dir' as const) }),
  fc.record({
    ...common,
    type: fc.constant('symlink' as const),
    target: fc.oneof(
      path,
      path.map((to) => `../${to}`),
    ),
  }),
  fc.record({ ...common, type: fc.constant('hardlink' as const), target: path }),
  fc.record({ ...common, type: fc.constant('char' as const), rdev: fc.tuple(fc.nat(255), fc.nat(65535)) }),
);

test('whatever is written is read back', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
      const archive = tarBytes(entries);
      assert.is(archive.length % 512, 0);
      assert.is(tarSize(entries), archive.length);
      const plain = JSON.stringify(entries.map(comparable));
      assert.is(JSON.stringify([...readTar(archive)].map(comparable)), plain);
    }),
    { numRuns: 200 },
  );
});

/** Keys in one order, bytes as numbers. */
function comparable(its: TarEntry): unknown {
  const content = its.content !== undefined && 'bytes' in its.content ? [...its.content.bytes] : undefined;
  const own = Object.entries(its.xattrs ?? {}).sort();
  return [its.path, its.type, its.mode, its.uid, its.gid, its.mtime, its.target, its.rdev, content, own];
}

test('an archive without members is Docker’s empty layer', () => {
  assert.is(digestOf(tarBytes([])), EMPTY_LAYER);
});

test('content known by digest only stands for its bytes, and that is said', () => {
  const digest = digestOf('whatever');
  const big: TarEntry = {
    path: 'big',
    type: 'file',
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtime: 0,
    content: { size: 5000, digest },
  };
  const packed = packTar([big]);
  assert.is(packed.exact, false);
  assert.is(packed.size, 512 + 5120 + 1024);
  assert.is(packed.digest, packTar([big]).digest);
  assert.is.not(packed.digest, packTar([{ ...big, content: { size: 5000, digest: digestOf('else') } }]).digest);
  assert.is(packTar([{ ...big, content: { bytes: new Uint8Array(3) } }]).exact, true);
  assert.is(digestOf(writeTar([big])), packed.digest);
});

test('a damaged archive is refused', () => {
  const good = tarBytes([
    { path: 'f', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, content: { bytes: new Uint8Array(100).fill(7) } },
  ]);
  const flipped = good.slice();
  flipped[3] = 65;
  const cases: [Uint8Array, string][] = [
    [good.subarray(0, 300), 'unexpected EOF'],
    [good.subarray(0, 512 + 50), 'unexpected EOF'],
    [flipped, 'archive/tar: invalid tar header'],
    [new TextEncoder().encode('x'.repeat(512)), 'archive/tar: invalid tar header'],
  ];
  for (const [bytes_, message] of cases) {
    assert.throws(
      () => [...readTar(bytes_)],
      (error: unknown) => error instanceof TarError && error.message === message,
    );
  }
  assert.equal([...readTar(new Uint8Array(0))], []);
});

test.run();
