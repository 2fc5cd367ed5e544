/** A layer read in one pass: digest, members and tar-split are those of the archive, however it is compressed and cut up. */
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inPieces } from '../../../core/image/bytes.ts';
import { readLayer } from '../../../core/image/layer-read.ts';
import { splitFile, splitTar } from '../../../core/image/tar-split.ts';
import { contentText } from '../../../core/vfs/content.ts';
import { archive, join, pax, raw, sha256 } from '../../support/raw-tar.ts';

const test = suite('reading layers');

const layers: Readonly<Record<string, Uint8Array>> = {
  'some files': archive(
    { name: 'd/', type: '5' },
    { name: 'd/a', data: 'a'.repeat(1000) },
    { name: 'd/empty' },
    { name: 'l', type: '2', link: 'd' },
  ),
  'long names': archive(
    pax({ path: 'x'.repeat(300), mtime: '1.5' }),
    { name: 'x', data: 'content' },
    raw({ name: '././@LongLink', type: 'L', data: `${'y'.repeat(200)}\0` }),
    { name: 'y' },
  ),
  'a global header': archive(pax({ comment: 'c'.repeat(40) }, 'g'), { name: 'f', data: '1' }),
  'zeros behind the end': join(archive({ name: 'f', data: '1' }), new Uint8Array(8192)),
  'no end': archive({ name: 'f', data: '1' }).subarray(0, 1024),
};

test('the digest is that of the plain archive, the split the one that the whole archive gives', () => {
  for (const [name, bytes] of Object.entries(layers)) {
    const expected = splitFile(splitTar(bytes));
    for (const pieces of [[bytes], inPieces(bytes, 100), [gzipSync(bytes)]]) {
      const read = readLayer(pieces, { split: true });
      assert.is(read.diffId, `sha256:${sha256(bytes)}`, name);
      assert.ok(Buffer.from(splitFile(read.split!)).equals(expected), `${name}: tar-split`);
    }
  }
});

test('contents can be left where they are', () => {
  const bytes = layers['some files']!;
  const { entries, size } = readLayer(inPieces(bytes, 700), {
    place: (at, length) => ({ bytes: bytes.subarray(at, at + length) }),
  });
  assert.equal(
    entries.map(({ path, content }) => `${path} ${content === undefined ? '' : contentText(content).length}`),
    ['d ', 'd/a 1000', 'd/empty 0', 'l '],
  );
  assert.is(size, 1001);
});

test.run();
