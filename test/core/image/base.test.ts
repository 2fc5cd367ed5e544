/** The teaching image: made from bytes and described without them, it is one and the same. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readArchive } from '../../../core/image/archive.ts';
import {
  busyboxImage,
  describeBusybox,
  makeBusybox,
  recordBusybox,
  recordedBusybox,
} from '../../../core/image/base.ts';
import { imageId } from '../../../core/image/config.ts';
import { digestOf } from '../../../core/image/digest.ts';
import { loadLayer } from '../../../core/image/layer.ts';
import { TreeFs } from '../../../core/vfs/tree.ts';
import { tree } from '../../../core/vfs/walk.ts';

const bytes = new TextEncoder().encode('#!/not/really/busybox\n');
const applets = ['sh', 'busybox', 'ls', '[', 'sleep'];

function unpacked(image: typeof busyboxImage): TreeFs {
  const fs = new TreeFs('ext4');
  for (const { entries } of image.layers) loadLayer(entries, fs);
  return fs;
}

test('the same bytes give the same archive; ids hold together', () => {
  const made = makeBusybox(bytes, applets);
  assert.equal(makeBusybox(bytes, [...applets].reverse()).archive, made.archive);
  const { description } = made;
  assert.is(digestOf(made.layerTar), description.layers[0]!.diffId);
  assert.is(imageId(description.config), description.id);
  const [read] = readArchive(made.archive);
  assert.is(read!.json, description.config);
  assert.equal(read!.tags, ['busybox:latest']);
});

test('described without its bytes, the image is the same', () => {
  const made = makeBusybox(bytes, applets).description;
  const described = describeBusybox(recordBusybox('a test', bytes, applets));
  assert.is(described.id, made.id);
  assert.is(described.config, made.config);
  assert.is(described.layers[0]!.size, made.layers[0]!.size);
  assert.equal(tree(unpacked(described)), tree(unpacked(made)));
});

test('the recorded busybox has the tree of the official image', () => {
  const fs = unpacked(busyboxImage);
  const entries = new Map(tree(fs).map((entry) => [entry.path, entry]));
  assert.equal(
    fs.readdir(fs.root).map(({ name }) => name),
    ['bin', 'dev', 'etc', 'home', 'root', 'tmp', 'usr', 'var'],
  );
  const sh = fs.lookup(fs.lookup(fs.root, 'bin')!, 'sh')!;
  assert.is(fs.stat(sh).nlink, recordedBusybox.applets.length);
  assert.is(entries.get('/bin/sh')!.digest, recordedBusybox.digest);
  assert.is(entries.get('/tmp')!.mode, 0o1777);
  assert.is(entries.get('/root')!.mode, 0o700);
  assert.ok(entries.has('/bin/sleep') && entries.has('/bin/['));
});

test.run();
