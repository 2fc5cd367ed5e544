/**
 * The image tree as text (P3): layers hang from their parents, with the tags that name them, the sizes that they add, and the
 * containers that stand on them.
 */
import { shortId } from '../image/digest.ts';
import { type Block, cutMiddle, fit, type Line, line, type Span, span } from './layout.ts';
import { gutter, madeBy, sizeText } from './parts.ts';
import {
  imageName,
  imageState,
  type Scene,
  type SceneContainer,
  type SceneImage,
  type SceneLayer,
  statusText,
} from './scene.ts';

export function imagesBlock(scene: Scene, width: number): Block {
  const roots = scene.layers.filter((layer) => layer.parent === undefined);
  const bare = scene.images.filter((image) => image.layers.length === 0);
  const lines = [
    ...roots.flatMap((root) => layerTree(scene, root, '', '')),
    ...bare.map((image) => imageLine(scene, image, '', '')),
  ];
  const block = lines.length === 0 ? [line(span('no image', 'dim'))] : lines;
  return block.map((row) => fit(row, width));
}

function layerTree(scene: Scene, layer: SceneLayer, branch: string, rail: string): Line[] {
  const made = layer.createdBy === '' ? '' : `  ${cutMiddle(madeBy(layer.createdBy), 48)}`;
  const head = line(
    gutter(layer.mark),
    span(branch, 'dim'),
    span(`layer ${layer.depth}`, 'read-only'),
    span(` ${shortId(layer.chainId)}`, 'dim'),
    ` ${sizeText(layer.size)}`,
    span(made, 'dim'),
  );
  const images = scene.images.filter((image) => image.layers.at(-1) === layer.chainId);
  const children = scene.layers.filter((other) => other.parent === layer.chainId);
  const below: ((last: boolean) => Line[])[] = [
    ...images.map((image) => (last: boolean) => imageTree(scene, image, ...twig(rail, last))),
    ...children.map((child) => (last: boolean) => layerTree(scene, child, ...twig(rail, last))),
  ];
  return [head, ...below.flatMap((draw, i) => draw(i === below.length - 1))];
}

/** The branch in front of an item, and the rail in front of what hangs from it. */
function twig(rail: string, last: boolean): [branch: string, rail: string] {
  return [`${rail}${last ? '└─ ' : '├─ '}`, `${rail}${last ? '   ' : '│  '}`];
}

function imageTree(scene: Scene, image: SceneImage, branch: string, rail: string): Line[] {
  const containers = scene.containers.filter((container) => container.imageId === image.id);
  const lines = containers.map((container, i) => containerLine(container, twig(rail, i === containers.length - 1)[0]));
  return [imageLine(scene, image, branch, rail), ...lines];
}

function imageLine(scene: Scene, image: SceneImage, branch: string, _rail: string): Line {
  const state = imageState(scene, image);
  const name: Span = span(image.tags.length === 0 ? imageName(image) : image.tags.join(', '), 'bold');
  const id = image.tags.length === 0 ? '' : ` ${shortId(image.id)}`;
  return line(
    gutter(image.mark),
    span(branch, 'dim'),
    'image ',
    name,
    span(id, 'dim'),
    span(state === 'tagged' ? '' : ` ${state}`, 'gone'),
  );
}

function containerLine(container: SceneContainer, branch: string): Line {
  const files = container.upper.filter((file) => file.type !== 'dir').length;
  const layer = files === 0 ? 'nothing written' : `${files} file${files === 1 ? '' : 's'} in its read-write layer`;
  return line(
    gutter(container.mark),
    span(branch, 'dim'),
    'container ',
    span(cutMiddle(container.name, 40), 'read-write'),
    ` ${statusText(container)}`,
    span(`  ${layer}`, 'dim'),
  );
}
