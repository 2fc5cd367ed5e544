/** Image configs and archives against what Docker 20.10.24 wrote (test/fixtures/commit-20.10.24.json says how). */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { archiveEntries, readArchive } from '../../../core/image/archive.ts';
import { commitConfig, EMPTY_LAYER, type ImageConfig, imageId, imageJson } from '../../../core/image/config.ts';
import { chainId, chainIds, digestOf } from '../../../core/image/digest.ts';
import { goJson, goTime } from '../../../core/image/json.ts';
import { tarBytes } from '../../../core/image/tar-write.ts';
import type { Digest } from '../../../core/op.ts';
import { contentText, textContent } from '../../../core/vfs/content.ts';

interface Fixture {
  readonly images: readonly { id: Digest; json: string; tags: readonly string[]; parent?: Digest }[];
  readonly archive: Readonly<Record<string, string>>;
}
const url = new URL('../../fixtures/commit-20.10.24.json', import.meta.url);
const { images, archive } = JSON.parse(readFileSync(url, 'utf8')) as Fixture;
const [one, two] = images.map(({ json }) => JSON.parse(json) as ImageConfig) as [ImageConfig, ImageConfig];

test('a config is written byte for byte as Docker writes it', () => {
  for (const { id, json } of images) {
    assert.is(imageJson(shuffled(JSON.parse(json)) as ImageConfig), json);
    assert.is(imageId(json), id);
  }
});

/** The same value with the keys of all objects turned round. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, its]) => [key, shuffled(its)]),
  );
}

test('committing gives the config that Docker gave', () => {
  const base: ImageConfig = {
    ...one,
    history: one.history!.slice(0, 1),
    rootfs: { type: 'layers', diff_ids: one.rootfs.diff_ids.slice(0, 1) },
  };
  const first = commitConfig({
    parent: base,
    containerId: one.container!,
    containerConfig: one.container_config!,
    diffId: one.rootfs.diff_ids[1]!,
    author: 'Me <me@x>',
    comment: 'a <msg> & "x"',
    created: one.created!,
    dockerVersion: '20.10.24+dfsg1',
  });
  assert.is(imageJson(first), images[0]!.json);
  const second = commitConfig({
    parent: first,
    containerId: two.container!,
    containerConfig: two.container_config!,
    diffId: two.rootfs.diff_ids[2]!,
    created: two.created!,
    dockerVersion: '20.10.24+dfsg1',
  });
  assert.is(imageJson(second), images[1]!.json);
});

test('an unchanged container adds a line of history and no layer', () => {
  const its = { containerId: 'x', containerConfig: {}, created: one.created!, dockerVersion: '20.10.24+dfsg1' };
  const config = commitConfig({ parent: one, diffId: EMPTY_LAYER, ...its });
  assert.equal(config.rootfs, one.rootfs);
  assert.is(config.history!.at(-1)!.empty_layer, true);
});

test('an archive names its members as docker save does', () => {
  const layers = (config: ImageConfig) => config.rootfs.diff_ids.map((id) => textContent(id));
  const entries = archiveEntries([
    { json: images[1]!.json, tags: images[1]!.tags, layers: layers(two), parent: images[1]!.parent! },
    { json: images[0]!.json, tags: images[0]!.tags, layers: layers(one) },
  ]);
  const texts = Object.fromEntries(
    entries.filter(({ content }) => content !== undefined).map(({ path, content }) => [path, contentText(content!)]),
  );
  for (const [path, text] of Object.entries(archive)) assert.is(texts[path], text, path);
  assert.equal(
    Object.keys(texts).filter((path) => path.endsWith('/json')),
    Object.keys(archive).filter((path) => path.endsWith('/json')),
  );
});

test('what was archived is read back, and checked', () => {
  const layer = { bytes: tarBytes([]) };
  const json = imageJson({ ...one, rootfs: { type: 'layers', diff_ids: [digestOf(layer.bytes)] } });
  const bytes = tarBytes(archiveEntries([{ json, tags: ['a:1', 'b/c:2'], layers: [layer] }]));
  const [read] = readArchive(bytes);
  assert.is(read!.json, json);
  assert.equal(read!.tags, ['a:1', 'b/c:2']);
  assert.is(digestOf((read!.layers[0] as { bytes: Uint8Array }).bytes), digestOf(layer.bytes));
  const wrong = tarBytes(archiveEntries([{ json, tags: [], layers: [textContent('not it')] }]));
  assert.throws(() => readArchive(wrong), /^invalid diffID for layer 0: expected "sha256:5f70/);
  assert.throws(() => readArchive(tarBytes([])), /open manifest\.json: no such file or directory/);
});

test('chain IDs', () => {
  const [a, b] = two.rootfs.diff_ids as [Digest, Digest];
  assert.is(chainId([a]), a);
  assert.is(chainId([a, b]), digestOf(`${a} ${b}`));
  assert.is(chainIds(two.rootfs.diff_ids).at(-1), chainId(two.rootfs.diff_ids));
});

test('JSON and times as Go writes them', () => {
  assert.is(goJson({ a: '<&>\u2028', b: undefined, c: null }), '{"a":"\\u003c\\u0026\\u003e\\u2028","c":null}');
  assert.is(goTime(1_700_000_000_120), '2023-11-14T22:13:20.12Z');
  assert.is(goTime(1_700_000_000_000), '2023-11-14T22:13:20Z');
});

test.run();
