/**
 * The host picture: every name below the data root is in it, whose it is agrees with what the engine keeps in mind (which the
 * picture never sees), and pointing goes both ways.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shortened } from '../../../core/diagram/store.ts';
import { keys } from '../../../core/diagram/svg/keys.ts';
import {
  createSimTarget,
  drawMermaid,
  drawText,
  layoutHost,
  lightOf,
  type Scene,
  toScene,
} from '../../../core/index.ts';
import { sceneOf, stories } from '../../../site/pictures/gallery/scenes.ts';
import { checkBoxes } from './boxes.ts';
import { parseMermaid } from './mermaid-parser.ts';

const lines = [
  'docker run -d --name web busybox sleep 1000',
  'docker run --name cradle busybox touch /happiness.txt',
  'docker commit cradle happy',
];

function played(commands: readonly string[], storageDriver?: 'overlay2' | 'aufs' | 'vfs') {
  const target = createSimTarget(storageDriver === undefined ? {} : { storageDriver });
  let before = target.observeSync();
  for (const command of commands) {
    before = target.observeSync();
    target.runSync(command, { steps: false });
  }
  const now = target.observeSync();
  return { target, now, scene: toScene(now, before) };
}

const rowsOf = (scene: Scene) => scene.store?.rows ?? [];

test('every name of the listing is in a row, as its own or in the note of the one above it', () => {
  const { now, scene } = played(lines);
  const rows = new Map(rowsOf(scene).map((row) => [row.path, row]));
  const noted = new Set<string>();
  for (const { path, type } of now.store!.entries) {
    if (rows.has(path) || [...rows.keys()].some((row) => row.startsWith(`${path}/`))) continue;
    const parent = path.slice(0, path.lastIndexOf('/'));
    const name = shortened(path.slice(parent.length + 1)) + (type === 'dir' ? '/' : '');
    const listed = rows.get(parent)?.note.split(' ').includes(name) === true;
    // What lies deeper is in what was named there.
    assert.ok(listed || noted.has(parent), `${path} is nowhere`);
    noted.add(path);
  }
  assert.ok(noted.size > 20);
});

for (const driver of ['overlay2', 'aufs', 'vfs'] as const) {
  test(`${driver}: directories belong to whom the engine made them for`, () => {
    const { target, scene } = played(lines, driver);
    const { layers, containers } = target.world;
    const named = (name: string): string[] =>
      rowsOf(scene)
        .filter(({ path }) => path.split('/').at(-1) === name && !path.startsWith('/image/'))
        .map(({ owner }) => JSON.stringify(owner));
    for (const { chainId, cacheId } of Object.values(layers)) {
      const found = named(cacheId);
      assert.ok(found.length > 0, `no row for ${cacheId}`);
      assert.equal(new Set(found), new Set([JSON.stringify({ kind: 'layer', chainId })]));
    }
    for (const { id, layer } of Object.values(containers)) {
      assert.equal(new Set(named(layer.id)), new Set([JSON.stringify({ kind: 'container', id, part: 'read-write' })]));
      assert.equal(
        new Set(named(`${layer.id}-init`)),
        new Set([JSON.stringify({ kind: 'container', id, part: 'init' })]),
      );
    }
  });
}

test('a commit marks what is new on the host: configuration, record and directory of the layer, and its link', () => {
  const { scene, target } = played(lines);
  const [old, top] = Object.values(target.world.layers);
  const short = (id: string): string => id.slice(0, 12);
  const marked = rowsOf(scene).filter((row) => row.mark !== undefined);
  assert.equal(new Set(marked.map((row) => row.mark)), new Set(['new']));
  assert.is(marked.length, 5);
  assert.ok(marked.some((row) => row.name === `${short(top!.cacheId)}…/`));
  assert.not.ok(marked.some((row) => row.name === `${short(old!.cacheId)}…/`));
});

test('docker rm takes directories away, and the picture says which', () => {
  const { scene } = played([...lines, 'docker rm cradle']);
  const gone = scene.store!.gone;
  assert.is(gone.filter((name) => /^overlay2\/[0-9a-f]{12}…(-init)?$/.test(name)).length, 2);
  assert.ok(gone.some((name) => /^containers\/[0-9a-f]{12}…$/.test(name)));
  assert.match(drawText('host', scene), /− overlay2\/[0-9a-f]{12}…-init/);
});

test('pointing at a layer lights its directories, pointing at a directory lights its layer and the others of it', () => {
  const { scene, target } = played(lines);
  const [base] = Object.values(target.world.layers);
  const own = rowsOf(scene).filter((row) => row.owner?.kind === 'layer' && row.owner.chainId === base!.chainId);
  assert.is(own.length, 3, 'record, directory, link');
  const layer = lightOf(scene, { kind: 'layer', chainId: base!.chainId });
  for (const row of own) {
    assert.ok(layer.lit.has(keys.path(row.path)));
    const light = lightOf(scene, { kind: 'store', path: row.path });
    assert.ok(light.lit.has(keys.layer(base!.chainId)));
    for (const other of own) assert.ok(light.lit.has(keys.path(other.path)));
  }
  const web = scene.containers.find((item) => item.name === 'web')!;
  const merged = rowsOf(scene).find((row) => / merged\//.test(` ${row.note}`))!;
  const light = lightOf(scene, { kind: 'store', path: merged.path });
  assert.ok(light.lit.has(keys.container(web.id)) && light.lit.has(keys.upper(web.id)));
  assert.match(light.words, /^\/var\/lib\/docker\/overlay2\/.*the directory of web: read-write layer/);
});

test('boxes stay inside the picture in every story and width, and Mermaid takes the chart', async () => {
  for (const [name, story] of Object.entries(stories)) {
    const scene = sceneOf(story);
    for (const width of [280, 360, 700, 900, 1300]) checkBoxes(layoutHost(scene, width));
    assert.is(await parseMermaid(drawMermaid('host', scene)), 'flowchart-v2', name);
    assert.ok(
      drawText('host', scene, { width: 80 })
        .split('\n')
        .every((row) => [...row].length <= 80),
    );
  }
});

test('twenty containers stay readable: directories beyond a dozen are a count', () => {
  const text = drawText('host', sceneOf(stories.twenty!));
  assert.match(text, /… \d+ more of them/);
  assert.ok(layoutHost(sceneOf(stories.twenty!), 900).nodes.length < 160);
});

test('without a look at the files the processes are drawn, and the rest is said to be unknown', () => {
  const { store: _, ...scene } = sceneOf(stories.running!);
  checkBoxes(layoutHost(scene, 900));
  assert.not.match(drawText('host', scene), /var\/lib/);
});

test.run();
