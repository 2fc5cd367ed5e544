/**
 * The image tree as boxes (P3): each stack a trunk of layers, the bottom one first, so that a stack grows downwards here; at the
 * side the images that end on a layer, and as cards the containers that stand on them.
 *
 * Kept true: pure; every layer, image and container of the scene has its box, or is counted in one that says so; no box sticks
 * out of the width, no two overlap (test/core/diagram/image-tree.test.ts).
 */
import { shortId } from '../../image/digest.ts';
import {
  type ContainersRow,
  type ImageRow,
  type ImageTreeRow,
  imageTree,
  type LayerRow,
  usersText,
} from '../image-tree.ts';
import { madeBy, sizeText } from '../parts.ts';
import { imageState, type Scene } from '../scene.ts';
import {
  type Block,
  block,
  column,
  type Layout,
  type Link,
  label,
  merged,
  moved,
  type PlacedNode,
  widthOf,
} from './boxes.ts';
import { cardsBlock, goneBlock } from './cards.ts';
import { depth } from './container.ts';
import { keys } from './keys.ts';

const margin = 4;
/** Of what hangs at the side, where there is room. */
const step = { wide: 30, narrow: 16 };
/** Boxes of layers and images are not wider than this: their lines are short. */
const most = { width: 760, cards: 12 };
const gaps = { straight: 14, side: 7, stack: 26 };

export function layoutImages(scene: Scene, width: number): Layout {
  const all = Math.max(280, Math.floor(width));
  const inner = all - 2 * margin;
  const rows = imageTree(scene);
  const deepest = Math.max(0, ...rows.map((row) => row.level));
  // The deepest box keeps half of the width, however deep it is.
  const by = Math.min(all < 480 ? step.narrow : step.wide, inner / 2 / Math.max(1, deepest));
  let y = 0;
  const parts = rows.map((row, i) => {
    const x = Math.floor(row.level * by);
    const part = rowBlock(scene, row, Math.min(inner, most.width + x) - x);
    if (i > 0) y += row.straight ? gaps.straight : row.level === 0 ? gaps.stack : gaps.side;
    const at = moved(part, x, y);
    y += part.h;
    return at;
  });
  const tree: Block = block(inner, y, ...merged(parts));
  const empty = rows.length === 0 ? emptyBlock(inner) : block(inner, 0);
  const body = column(inner, 18, [tree, empty, goneBlock(scene.gone, inner)]);
  const [nodes, links] = merged([moved(body, margin, margin)]);
  return { width: all, height: body.h + 2 * margin, nodes, links: [...links, ...twigs(rows)] };
}

function rowBlock(scene: Scene, row: ImageTreeRow, w: number): Block {
  if (row.kind === 'layer') return row.layers.length === 1 ? layerBox(row, w) : runBox(row, w);
  return row.kind === 'image' ? imageBox(scene, row, w) : containersBlock(row, w);
}

/** Key of the box that lines lead to. */
function keyOf(row: ImageTreeRow): string {
  if (row.kind === 'layer') return keys.layer(row.layers.at(-1)!.chainId);
  if (row.kind === 'image') return keys.image(row.image.id);
  return row.containers.length > 0 ? keys.card(row.containers[0]!.id) : '';
}

function twigs(rows: readonly ImageTreeRow[]): Link[] {
  return rows.flatMap((row): Link[] => {
    if (row.on === undefined) return [];
    const [from, to] = [keyOf(rows[row.on]!), keyOf(row)];
    return row.kind === 'layer'
      ? [{ key: `up ${to}`, kind: 'up', from: to, to: from }]
      : [{ key: `twig ${to}`, kind: 'twig', from, to }];
  });
}

interface Line {
  readonly left: string;
  readonly right: string;
}

/** A line with something at each end; what is at the right goes when both do not fit. */
function ends({ left, right }: Line, y: number, w: number, used: number): PlacedNode['labels'] {
  const wide = widthOf(right, 'dim');
  const both = used + widthOf(left, 'dim') + 12 + wide <= w;
  return [
    ...label(left, { x: used, y, room: w - used - (both ? wide + 12 : 0) }, 'dim', { list: true }),
    ...(both ? label(right, { x: w, y, room: wide + 4 }, 'dim', { end: true }) : []),
  ];
}

function layerBox(row: LayerRow, w: number): Block {
  const layer = row.layers[0]!;
  const title = `layer ${layer.depth}`;
  const size = `${sizeText(layer.size)} · ${layer.entries} ${layer.entries === 1 ? 'path' : 'paths'}`;
  const users = row.images + row.containers === 0 ? 'no image' : `in ${usersText(row)}`;
  const made = madeBy(layer.createdBy);
  const right = w - depth - 12;
  const y = depth + 18;
  const used = 10 + widthOf(title, 'strong') + 10;
  const narrow = used + widthOf(`${shortId(layer.chainId)} · ${size}`, 'dim') + 12 + widthOf(users, 'dim') > right;
  const lines = [...(narrow ? [users] : []), ...(made === '' ? [] : [`made by: ${made}`])];
  const parent = layer.parent === undefined ? 'no parent, the bottom' : `parent layer ${layer.depth - 1}`;
  const first = { left: narrow ? size : `${shortId(layer.chainId)} · ${size}`, right: narrow ? '' : users };
  const node: PlacedNode = {
    key: keys.layer(layer.chainId),
    kind: 'layer',
    tone: 'read-only',
    x: 0,
    y: 0,
    w,
    h: y + lines.length * 17 + 9,
    labels: [
      ...label(title, { x: 10, y, room: right - 10 }, 'strong', { tone: 'read-only' }),
      ...ends(first, y, right, used),
      ...lines.flatMap((text, i) =>
        label(text, { x: 10, y: y + (i + 1) * 17, room: right - 10 }, 'dim', { list: true }),
      ),
    ],
    words: `Layer ${layer.depth}, ${size}, ${parent}, ${users}${made === '' ? '' : `, made by ${made}`}`,
    point: { kind: 'layer', chainId: layer.chainId },
    ...(layer.mark === undefined ? {} : { mark: layer.mark }),
  };
  return block(w, node.h, [node]);
}

/** Many layers in a row that nothing ends on. */
function runBox(row: LayerRow, w: number): Block {
  const [first, last] = [row.layers[0]!, row.layers.at(-1)!];
  const size = sizeText(row.layers.reduce((sum, layer) => sum + layer.size, 0));
  const title = `layers ${first.depth} to ${last.depth}`;
  const used = 10 + widthOf(title, 'strong') + 10;
  const left = `${row.layers.length} layers · ${size}`;
  const users = `in ${usersText(row)}`;
  const y = depth + 18;
  const node: PlacedNode = {
    key: keys.layer(last.chainId),
    kind: 'layer',
    tone: 'read-only',
    x: 0,
    y: 0,
    w,
    h: y + 11,
    labels: [
      ...label(title, { x: 10, y, room: w - depth - 22 }, 'strong', { tone: 'read-only' }),
      ...ends({ left, right: users }, y, w - depth - 12, used),
    ],
    words: `Layers ${first.depth} to ${last.depth}, one on the other, ${size}, ${users}`,
    point: { kind: 'layer', chainId: last.chainId },
    folded: row.layers.length,
  };
  return block(w, node.h, [node]);
}

const stateWords = {
  tagged: '',
  dangling: 'dangling: it has no name',
  intermediate: 'intermediate: no name, others were made of it',
} as const;

function imageBox(scene: Scene, { image, containers }: ImageRow, w: number): Block {
  const state = imageState(scene, image);
  const name = image.tags.length === 0 ? '<none>' : image.tags.join(', ');
  const id = shortId(image.id);
  const stands = containers === 0 ? '' : `, ${containers} ${containers === 1 ? 'container' : 'containers'} on it`;
  const bare = image.layers.length === 0 ? ', without layers' : '';
  const y = 19;
  const title = label(name, { x: 12, y, room: w - 24 }, 'strong', state === 'tagged' ? {} : { tone: 'gone' });
  const used = 12 + title.reduce((sum, item) => sum + widthOf(item.text, 'strong'), 0) + 10;
  const notes = { left: stateWords[state], right: id };
  const wide = used + widthOf(notes.left, 'dim') + 12 + widthOf(id, 'dim') <= w - 12;
  const node: PlacedNode = {
    key: keys.image(image.id),
    kind: 'image',
    tone: state === 'tagged' ? 'read-only' : 'gone',
    x: 0,
    y: 0,
    w,
    h: wide || notes.left === '' ? 28 : 45,
    labels: [
      ...title,
      ...(wide
        ? ends(notes, y, w - 12, used)
        : [
            ...(used + widthOf(id, 'dim') <= w - 12 ? label(id, { x: w - 12, y, room: 90 }, 'dim', { end: true }) : []),
            ...label(notes.left, { x: 12, y: y + 17, room: w - 24 }, 'dim', { list: true }),
          ]),
    ],
    words: `Image ${name}, ${id}${notes.left === '' ? '' : `, ${notes.left}`}${bare}${stands}`,
    point: { kind: 'image', id: image.id },
    ...(image.mark === undefined ? {} : { mark: image.mark }),
  };
  return block(w, node.h, [node]);
}

function containersBlock({ containers, image }: ContainersRow, w: number): Block {
  const rank = (item: ContainersRow['containers'][number]): number =>
    item.mark !== undefined || item.statusMark !== undefined ? 0 : item.alive ? 1 : 2;
  const few = new Set([...containers].sort((a, b) => rank(a) - rank(b)).slice(0, most.cards - 1));
  const shown = containers.length <= most.cards ? containers : containers.filter((item) => few.has(item));
  const cards = cardsBlock(shown, containers.length - shown.length, image?.id ?? 'ground', w);
  if (image !== undefined) return cards;
  const words = 'containers whose image is gone';
  const note = block(w, 20, [
    {
      key: 'note astray',
      kind: 'more',
      tone: 'plain',
      x: 0,
      y: 0,
      w,
      h: 20,
      labels: label(words, { x: 2, y: 14, room: w - 4 }, 'dim'),
      words,
    },
  ]);
  return column(w, 2, [note, cards]);
}

function emptyBlock(w: number): Block {
  const text = 'no image';
  const labels = label(text, { x: w / 2 - widthOf(text, 'dim') / 2, y: 30, room: w }, 'dim');
  return block(w, 48, [{ key: 'empty', kind: 'more', tone: 'plain', x: 0, y: 0, w, h: 48, labels, words: text }]);
}
