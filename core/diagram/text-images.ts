/**
 * The image tree as text (P3): each stack a trunk of layers from the bottom on, with the sizes that they add and whose they
 * are; at the side the images that end on them, and the containers that stand on those.
 */
import { shortId } from '../image/digest.ts';
import { goesOn, type ImageRow, type ImageTreeRow, imageTree, type LayerRow, usersText } from './image-tree.ts';
import { type Block, cut, cutMiddle, fit, type Line, line, lineWidth, type Span, span } from './layout.ts';
import { gutter, madeBy, sizeText } from './parts.ts';
import { imageName, imageState, type Scene, type SceneContainer, statusText } from './scene.ts';

/** So many containers of one image have a line each. */
const maxContainers = 12;

export function imagesBlock(scene: Scene, width: number): Block {
  const rows = imageTree(scene);
  if (rows.length === 0) return [line(span('no image', 'dim'))];
  return rows.flatMap((row, i) => {
    const gap = row.level === 0 && !row.straight && i > 0 ? [line()] : [];
    return [...gap, ...drawRow(scene, rows, i, width)];
  });
}

function drawRow(scene: Scene, rows: readonly ImageTreeRow[], i: number, width: number): Block {
  const row = rows[i]!;
  if (row.kind === 'layer') return [layerLine(row, branch(rows, i), width)];
  if (row.kind === 'image') return [fit(imageLine(scene, row, branch(rows, i)), width)];
  return containerLines(row.containers, rows, i, row.image === undefined).map((drawn) => fit(drawn, width));
}

/** The rails before a row, and the twig that it hangs on. */
function branch(rows: readonly ImageTreeRow[], i: number, last = true): string {
  const { level, straight, kind } = rows[i]!;
  const rails = Array.from({ length: Math.max(0, level - 1) }, (_, k) => (goesOn(rows, i, k) ? '│  ' : '   ')).join('');
  const knot = kind === 'layer' ? '●' : ' ';
  if (level === 0) return kind === 'layer' ? '● ' : '';
  if (straight) return `${rails}${goesOn(rows, i, level - 1) ? '│ ' : '  '}${knot} `;
  return `${rails}${goesOn(rows, i, level - 1) || !last ? '├─' : '└─'}${knot}${kind === 'layer' ? ' ' : ''}`;
}

function layerLine(row: LayerRow, twig: string, width: number): Line {
  const { layers } = row;
  const [first, last] = [layers[0]!, layers.at(-1)!];
  const size = sizeText(layers.reduce((sum, layer) => sum + layer.size, 0));
  const name = layers.length === 1 ? `layer ${first.depth}` : `layers ${first.depth} to ${last.depth}`;
  const id = layers.length === 1 ? shortId(first.chainId) : `${layers.length} layers`;
  const head = [
    gutter(first.mark),
    span(twig, 'dim'),
    span(name, 'read-only'),
    span(` ${id}`, 'dim'),
    span(` ${size}`),
  ];
  const users = span(usersText(row), 'dim');
  const room = width - lineWidth(head) - lineWidth([users]) - 4;
  const made = layers.length === 1 && room > 8 ? span(`  ${cut(madeBy(first.createdBy), room)}`, 'dim') : span('');
  const left = fit(line(...head, made), Math.max(0, width - lineWidth([users]) - 2));
  return line(...left, '  ', users);
}

function imageLine(scene: Scene, { image }: ImageRow, twig: string): Line {
  const state = imageState(scene, image);
  const name: Span = span(image.tags.length === 0 ? '<none>' : image.tags.join(', '), 'bold');
  const words = {
    tagged: '',
    dangling: ' dangling: no name',
    intermediate: ' intermediate: no name, others were made of it',
  };
  return line(
    gutter(image.mark),
    span(twig, 'dim'),
    'image ',
    name,
    span(` ${shortId(image.id)}`, 'dim'),
    span(words[state], 'gone'),
  );
}

function containerLines(
  containers: readonly SceneContainer[],
  rows: readonly ImageTreeRow[],
  i: number,
  astray: boolean,
): Line[] {
  const first = (container: SceneContainer): number => (container.mark !== undefined ? 0 : container.alive ? 1 : 2);
  const few = [...containers].sort((a, b) => first(a) - first(b)).slice(0, maxContainers - 1);
  const shown = containers.length <= maxContainers ? containers : containers.filter((item) => few.includes(item));
  const rest = containers.length - shown.length;
  const lines = shown.map((container, k) =>
    containerLine(container, branch(rows, i, rest === 0 && k === shown.length - 1), astray),
  );
  return rest === 0
    ? lines
    : [...lines, line('  ', span(branch(rows, i), 'dim'), span(`… ${rest} more containers`, 'dim'))];
}

function containerLine(container: SceneContainer, twig: string, astray: boolean): Line {
  const files = container.upper.filter((file) => file.type !== 'dir').length;
  const layer = files === 0 ? 'nothing written' : `${files} file${files === 1 ? '' : 's'} in its read-write layer`;
  const image = astray ? `, its image ${imageName({ id: container.imageId, tags: [] })} is gone` : '';
  return line(
    gutter(container.mark),
    span(twig, 'dim'),
    'container ',
    span(cutMiddle(container.name, 40), 'read-write'),
    ` ${statusText(container)}`,
    span(`  ${layer}${image}`, 'dim'),
  );
}
