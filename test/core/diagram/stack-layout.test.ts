/**
 * The layout of the stack picture on generated scenes: nothing overlaps, nothing sticks out, nothing is lost, whatever names
 * and numbers a scene has; and on scenes of the simulation, what each state of a container looks like.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Layout, PlacedNode } from '../../../core/diagram/svg/boxes.ts';
import { keys } from '../../../core/diagram/svg/keys.ts';
import { lightOf } from '../../../core/diagram/svg/point.ts';
import { chooseFull, layoutStack, share } from '../../../core/diagram/svg/stack.ts';
import type { Scene } from '../../../core/index.ts';
import { sceneOf, stories } from '../../../site/pictures/gallery/scenes.ts';
import { neighbour, readingOrder } from '../../../site/pictures/roving.ts';

import { checkBoxes } from './boxes.ts';
import { scenes } from './generated.ts';

const widths = fc.integer({ min: 280, max: 1400 });
const runs = { numRuns: 200 };

function each(check: (scene: Scene, layout: Layout, width: number) => void): void {
  fc.assert(
    fc.property(scenes, widths, (scene, width) => check(scene, layoutStack(scene, { width }), width)),
    runs,
  );
}

const count = (nodes: readonly PlacedNode[], kind: PlacedNode['kind'], parent: string): number =>
  nodes.filter((node) => node.kind === kind && node.parent === parent).length;
const folded = (nodes: readonly PlacedNode[], key: string): number =>
  nodes.find((node) => node.key === keys.more(key))?.folded ?? 0;

test('boxes lie inside the picture and what they belong to, do not overlap, and hold their labels', () => {
  each((_, layout) => checkBoxes(layout));
});

test('every layer, container, process, path and row is drawn once or counted where it is folded', () => {
  each((scene, { nodes }) => {
    for (const layer of scene.layers)
      assert.is(nodes.filter((node) => node.key === keys.layer(layer.chainId)).length, 1);
    const cards = nodes.filter((node) => node.kind === 'card').length;
    const full = nodes.filter((node) => node.kind === 'container').length;
    const rest = nodes
      .filter((node) => node.key.startsWith('more containers on'))
      .reduce((sum, node) => sum + (node.folded ?? 0), 0);
    assert.is(cards + full + rest, scene.containers.length);
    for (const item of scene.containers.filter(({ id }) => nodes.some((node) => node.key === keys.container(id)))) {
      const [own, upper, union] = [keys.container(item.id), keys.upper(item.id), keys.union(item.id)];
      assert.is(count(nodes, 'process', own) + folded(nodes, `${own} processes`), item.processes.length);
      assert.is(count(nodes, 'file', upper) + folded(nodes, `${upper} files`), item.upper.length);
      assert.is(count(nodes, 'row', union) + folded(nodes, `${union} rows`), item.union.rows.length);
    }
    assert.is(nodes.filter((node) => node.kind === 'gone').length + folded(nodes, 'gone'), scene.gone.length);
  });
});

test('the lower edge of a parent layer is below all that stands on it', () => {
  each((scene, { nodes }) => {
    const at = new Map(nodes.map((node) => [node.key, node]));
    for (const layer of scene.layers.filter((item) => item.parent !== undefined)) {
      const [own, parent] = [at.get(keys.layer(layer.chainId))!, at.get(keys.layer(layer.parent!))!];
      assert.ok(own.y + own.h <= parent.y && own.x >= parent.x && own.x + own.w <= parent.x + parent.w);
    }
  });
});

test('the arrow keys reach everything that can be pointed at', () => {
  each((_, { nodes }) => {
    const order = readingOrder(nodes);
    const reached = new Set<string>();
    for (let node = order[0]; node !== undefined; node = neighbour(order, node, 'ArrowDown')) reached.add(node.key);
    assert.is(reached.size, nodes.filter((node) => node.point !== undefined).length);
    for (const node of order) {
      const [left, right] = [neighbour(order, node, 'ArrowLeft'), neighbour(order, node, 'ArrowRight')];
      assert.ok(left === undefined || left.x + left.w <= node.x);
      assert.ok(right === undefined || right.x >= node.x + node.w);
    }
  });
});

test('a point lights something and says what', () => {
  each((scene, { nodes }) => {
    const paths = new Set(scene.containers.flatMap(({ id, union }) => union.rows.map((row) => keys.row(id, row.path))));
    for (const { point, kind } of nodes) {
      if (
        point === undefined ||
        (kind === 'file' && point.kind === 'path' && !paths.has(keys.row(point.container, point.path)))
      )
        continue;
      const light = lightOf(scene, point);
      assert.ok(light.lit.size > 0);
      assert.is.not(light.words, '');
    }
  });
});

test('a width is shared out without rest above what each can take, and none gets less than its least', () => {
  const item = fc.record({
    min: fc.integer({ min: 1, max: 300 }),
    wish: fc.integer({ min: 1, max: 900 }),
    max: fc.integer({ min: 300, max: 900 }),
  });
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 6 }), fc.nat(600), (items, more) => {
      const width = items.reduce((sum, { min }) => sum + min, 0) + more;
      const widths = share(items, width);
      const sum = widths.reduce((a, b) => a + b, 0);
      assert.ok(sum <= width);
      assert.ok(widths.every((w, i) => w >= items[i]!.min && w <= items[i]!.max));
      if (items.some(({ max }, i) => widths[i]! < max)) assert.ok(width - sum <= items.length);
    }),
    runs,
  );
});

const nodesOf = (story: string, width = 900): readonly PlacedNode[] =>
  layoutStack(sceneOf(stories[story]!), { width }).nodes;
const tones = (nodes: readonly PlacedNode[], kind: PlacedNode['kind']): string[] =>
  nodes.filter((node) => node.kind === kind).map((node) => node.tone);

test('a process space is drawn around what runs, a frozen one around what is paused, none around the others', () => {
  assert.equal(tones(nodesOf('created'), 'container'), ['plain']);
  assert.equal(tones(nodesOf('running'), 'container'), ['process']);
  assert.equal(tones(nodesOf('paused'), 'container'), ['frozen']);
  assert.equal(tones(nodesOf('killed'), 'container'), ['plain']);
  assert.equal(tones(nodesOf('killed'), 'process'), []);
  assert.equal(tones(nodesOf('paused'), 'process'), ['frozen', 'frozen']);
});

test('what a commit made is joined to the read-write layer that it was made of', () => {
  const scene = sceneOf(stories.committed!);
  const { links, nodes } = layoutStack(scene, { width: 900 });
  const same = links.filter((link) => link.kind === 'same');
  assert.equal(
    same.map(({ from, to }) => [from, to]),
    [[keys.upper(scene.containers[0]!.id), keys.layer(scene.layers[1]!.chainId)]],
  );
  assert.equal(
    nodes.filter((node) => node.mark === 'new').map((node) => node.kind),
    ['layer'],
  );
});

test('two containers stand on one layer, drawn once', () => {
  const nodes = nodesOf('two');
  assert.equal([tones(nodes, 'layer').length, tones(nodes, 'container').length], [1, 2]);
});

test('of many containers the one that the last command touched is drawn in full, and stays so', () => {
  const scene = sceneOf(stories.twenty!);
  const paused = scene.containers.find((item) => item.status === 'paused')!;
  assert.equal(chooseFull(scene, []), [paused.id]);
  const calm: Scene = { ...scene, containers: scene.containers.map(({ mark: _, statusMark: __, ...item }) => item) };
  assert.equal(chooseFull(calm, [paused.id]), [paused.id]);
  assert.equal(chooseFull(calm, [paused.id], { open: scene.containers[2]!.id }).length, 2);
  assert.equal(chooseFull(calm, [paused.id], { open: scene.containers[2]!.id, width: 360 }), [scene.containers[2]!.id]);
});

test('a deleted file says where it still is, an overwritten one what it hides', () => {
  const scene = sceneOf(stories.written!);
  const id = scene.containers[0]!.id;
  const light = (path: string) => lightOf(scene, { kind: 'path', container: id, path });
  assert.is(
    light('/etc/passwd').words,
    '/etc/passwd is not seen: hidden by a whiteout in the read-write layer; it is still there in layer 1.',
  );
  assert.is(light('/etc/group').words, '/etc/group comes from the read-write layer; it hides the one in layer 1.');
  assert.equal([...light('/etc/group').hidden], [keys.layer(scene.layers[0]!.chainId)]);
  assert.ok(light('/etc/group').lit.has(keys.upper(id)));
});

test.run();
