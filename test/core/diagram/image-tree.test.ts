/**
 * The image tree: on generated scenes nothing is lost and no box sticks out; on scenes of the simulation, what is dangling,
 * intermediate, shared and folded; at sizes that people do have.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { imageTree } from '../../../core/diagram/image-tree.ts';
import { keys } from '../../../core/diagram/svg/keys.ts';
import { drawMermaid, drawSvg, drawText, layoutImages, lightOf, type Scene } from '../../../core/index.ts';
import { sceneOf, stories } from '../../../site/pictures/gallery/scenes.ts';
import { checkBoxes } from './boxes.ts';
import { digest, scenes } from './generated.ts';
import { parseMermaid } from './mermaid-parser.ts';

const widths = fc.integer({ min: 280, max: 1400 });

test('every layer, image and container is in one row, and hangs on one before it', () => {
  fc.assert(
    fc.property(scenes, (scene) => {
      const rows = imageTree(scene);
      const layers = rows.flatMap((row) => (row.kind === 'layer' ? row.layers : []));
      const images = rows.flatMap((row) => (row.kind === 'image' ? [row.image] : []));
      const containers = rows.flatMap((row) => (row.kind === 'containers' ? row.containers : []));
      assert.equal(layers.map((item) => item.chainId).sort(), scene.layers.map((item) => item.chainId).sort());
      assert.equal(images.map((item) => item.id).sort(), scene.images.map((item) => item.id).sort());
      assert.equal(containers.map((item) => item.id).sort(), scene.containers.map((item) => item.id).sort());
      for (const [i, row] of rows.entries()) {
        const below = row.on === undefined ? undefined : rows[row.on]!;
        assert.ok(row.on === undefined || row.on < i);
        assert.is(row.level, below === undefined ? 0 : row.straight ? below.level : below.level + 1);
      }
    }),
  );
});

test('boxes lie inside the picture, do not overlap, and hold their labels', () => {
  fc.assert(
    fc.property(scenes, widths, (scene, width) => checkBoxes(layoutImages(scene, width))),
    { numRuns: 200 },
  );
});

/** A stack of so many layers, an image on the top one, containers on that. */
function tall(layers: number, containers: number): Scene {
  const plain = sceneOf(stories.two!);
  const stack = Array.from({ length: layers }, (_, i) => {
    const parent = i === 0 ? {} : { parent: digest(i) };
    return { chainId: digest(i + 1), ...parent, depth: i + 1, size: 1000, createdBy: `touch /file-${i}`, entries: 1 };
  });
  const image = { id: digest(999), tags: ['tall:latest'], layers: stack.map((layer) => layer.chainId), command: [] };
  const { mark: _, ...one } = plain.containers[0]!;
  const many = Array.from({ length: containers }, (_, i) => ({ ...one, id: `${i}`, name: `c${i}`, imageId: image.id }));
  return { layers: stack, images: [image], containers: many, gone: [] };
}

test('127 layers and 50 containers stay a picture: runs and crowds are told as counts', () => {
  const scene = tall(127, 50);
  const text = drawText('images', scene);
  assert.match(text, /● layer 1 .*\n {2}● layers 2 to 126 125 layers 125kB .*\n {2}● layer 127 /);
  assert.match(text, /… 39 more containers/);
  assert.ok(text.split('\n').length < 25);
  const { height, nodes } = layoutImages(scene, 900);
  assert.ok(height < 500, `${height} pixels`);
  assert.is(nodes.find((node) => node.folded === 125)?.kind, 'layer');
  assert.match(drawMermaid('images', scene), /layers 2 to 126/);
});

test('a branch goes aside, the longer stack straight on, however many branches there are', () => {
  const lines = Array.from({ length: 40 }, (_, i) => [
    `docker run --name c${i} ${i === 0 ? 'busybox' : `i${i - 1}`} touch /f${i}`,
    `docker commit c${i} i${i}`,
  ]).flat();
  const rows = imageTree(sceneOf(lines));
  assert.is(Math.max(...rows.map((row) => row.level)), 2, 'images and their containers at the side of one trunk');
});

test('dangling and intermediate images say so; a name that was taken away is gone', () => {
  const scene = sceneOf(stories.tagless!);
  const text = drawText('images', scene);
  assert.match(text, /^\* │ {2}├─ image <none> [0-9a-f]{12} dangling: no name$/m);
  assert.match(text, /^ {2}├─ image <none> [0-9a-f]{12} intermediate: no name, others were made of it$/m);
  assert.match(text, /● layer 1 .* 5 images, 4 containers\n/);
  assert.match(text, /^− tag three:latest$/m);
  const tones = layoutImages(scene, 900)
    .nodes.filter((node) => node.kind === 'image')
    .map((node) => node.tone);
  assert.equal(tones.sort(), ['gone', 'gone', 'read-only', 'read-only', 'read-only']);
});

test('a container whose image is gone stands apart, and says so', () => {
  const text = drawText('images', sceneOf(['docker run --name web busybox true', 'docker rmi -f busybox']));
  assert.match(text, /container web exited \(0\) {2}nothing written, its image <none> [0-9a-f]{12} is gone/);
});

test('pointing at a layer lights the images and containers that need it, at an image its layers', () => {
  const scene = sceneOf(stories.tagless!);
  const [base, web] = [scene.layers[0]!, scene.containers.find((item) => item.name === 'web')!];
  const layer = lightOf(scene, { kind: 'layer', chainId: base.chainId });
  for (const image of scene.images) assert.ok(layer.lit.has(keys.image(image.id)));
  assert.ok(layer.lit.has(keys.card(web.id)));
  const image = lightOf(scene, { kind: 'image', id: web.imageId });
  assert.equal([...image.lit].filter((key) => key.startsWith('layer')).length, 3);
  assert.is(image.words, 'Image two:latest is the union view of 3 layers; web on it.');
});

test('as Mermaid and as a file it says the same, whatever the names are', async () => {
  await fc.assert(
    fc.asyncProperty(scenes, async (scene) => {
      assert.is(await parseMermaid(drawMermaid('images', scene)), 'flowchart-v2');
      assert.is(drawSvg('images', scene).match(/<svg/g)?.length, 1);
    }),
    { numRuns: 30 },
  );
});

test.run();
