/**
 * The archive of the teaching image on a real engine: it is loaded, has the image ID and layer digest that we computed, and
 * a container of it has our tree. Needs the busybox of this machine.
 */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { archiveEntries } from '../../core/image/archive.ts';
import { type MadeImage, makeBusybox, recordedBusybox } from '../../core/image/base.ts';
import { unpackLayer } from '../../core/image/layer.ts';
import { readTar } from '../../core/image/tar-read.ts';
import { tarBytes } from '../../core/image/tar-write.ts';
import type { TreeEntry } from '../../core/op.ts';
import { contentBytes } from '../../core/vfs/content.ts';
import { TreeFs } from '../../core/vfs/tree.ts';
import { tree } from '../../core/vfs/walk.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { gated, needs } from '../support/needs.ts';

const missing = await needs('root', 'docker', 'busybox');
const live = gated(test, missing);
let engine: TestEngine;
if (missing === undefined) {
  test.before(async () => {
    engine = await startTestEngine();
  });
  test.after(() => engine.stop());
}
const docker = (args: readonly string[], input?: Uint8Array): Buffer => engine.docker(args, input);

/** A name of our own, so that the engine's busybox stays what it is. */
const name = `cutaway-base-${process.pid}:latest`;
let made: MadeImage;
let archive: Uint8Array;
if (missing === undefined) {
  test.before(() => {
    made = makeBusybox(readFileSync('/bin/busybox'), recordedBusybox.applets);
    archive = tarBytes(
      archiveEntries([{ json: made.description.config, tags: [name], layers: [{ bytes: made.layerTar }] }]),
    );
  });
}

function treeOfTar(bytes: Uint8Array): readonly TreeEntry[] {
  const fs = new TreeFs('ext4');
  unpackLayer(readTar(bytes), fs);
  return tree(fs);
}

live('docker load agrees on image ID and layer digest', () => {
  const { description } = made;
  assert.is(docker(['load'], archive).toString(), `Loaded image: ${name}\n`);
  const format = '{{.Id}} {{json .RootFS.Layers}} {{.Size}} {{json .Config.Cmd}}';
  const { diffId, size } = description.layers[0]!;
  assert.is(
    docker(['image', 'inspect', '-f', format, name]).toString(),
    `${description.id} ["${diffId}"] ${size} ["sh"]\n`,
  );
  const rows = docker(['history', '--no-trunc', '--format', '{{.ID}}|{{.CreatedBy}}|{{.Comment}}', name]).toString();
  const file = recordedBusybox.digest.slice('sha256:'.length);
  assert.is(
    rows,
    `${description.id}|/bin/sh -c #(nop)  CMD ["sh"]|\n<missing>|/bin/sh -c #(nop) ADD file:${file} in / |\n`,
  );
});

live('docker save gives back the layer we made', () => {
  const saved = [...readTar(docker(['save', name]))];
  const layer = saved.find(({ path }) => path.endsWith('/layer.tar'))!;
  assert.equal(Buffer.from(contentBytes(layer.content!)).equals(made.layerTar), true);
  const ours = [...readTar(archive)].map(({ path, mode, mtime }) => `${path} ${mode} ${mtime}`);
  assert.equal(
    saved.map(({ path, mode, mtime }) => `${path} ${mode} ${mtime}`),
    ours,
  );
});

live('a container of it has our tree, and finds its programs', () => {
  const container = `cutaway-base-${process.pid}`;
  docker(['create', '--name', container, name, 'sh', '-c', 'sleep 0 && echo "$PATH" && id -un && ls -ld /tmp /root']);
  try {
    const exported = treeOfTar(docker(['export', container]));
    const ours = treeOfTar(made.layerTar);
    const theirs = exported.filter(({ path }) => ours.some((entry) => entry.path === path));
    assert.equal(theirs, ours);
    const output = docker(['start', '-a', container]).toString().split('\n');
    assert.is(output[0], '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
    assert.is(output[1], 'root');
    assert.match(output[2]!, /^drwx------ .*\/root$/);
    assert.match(output[3]!, /^drwxrwxrwt .*\/tmp$/);
  } finally {
    docker(['rm', '-f', container]);
  }
});

test.run();
