/**
 * The stack as boxes (P1): layers lie on their parents, each drawn once however many images and containers share it, and
 * containers stand on the layer that theirs is. What stands on one layer stands side by side as far as the width allows, and
 * else one above the other with a rail down to the layer.
 *
 * Kept true: pure; boxes lie inside their parents and inside the width, and no two of the same parent overlap; every layer,
 * container and image of the scene is drawn once or folded with a count (test/core/diagram/stack-layout.test.ts).
 */
import { shortId } from '../../image/digest.ts';
import { madeBy, sizeText } from '../parts.ts';
import { imageName, type Scene, type SceneContainer, type SceneImage, type SceneLayer, withHand } from '../scene.ts';
import {
  type Block,
  block,
  column,
  type Layout,
  type Link,
  label,
  lineHeight,
  merged,
  moved,
  type PlacedNode,
  widthOf,
} from './boxes.ts';
import { card, cardsBlock, goneBlock } from './cards.ts';
import { containerBlock, containerMax, containerMin, depth } from './container.ts';
import { keys } from './keys.ts';

export interface StackOptions {
  /** Pixels; held at 280 at least. */
  readonly width: number;
  /** Ids of the containers to draw in full; default `chooseFull(scene)`. */
  readonly full?: readonly string[];
}

/** So many containers are drawn in full at once, and so many more as cards. */
const most = { full: 2, cards: 24, together: 340 };
/** From here on there is room for two containers side by side. */
const wide = 560;
const margin = 4;
const gap = 14;
const rail = 18;
/** Kept free at the right of a slab for the pointer to its parent. */
const pointerRoom = 24;

export function layoutStack(seen: Scene, options: StackOptions): Layout {
  const scene = withHand(seen);
  const width = Math.max(280, Math.floor(options.width));
  const full = options.full ?? chooseFull(scene, [], { width });
  const inner = width - 2 * margin;
  const ground = arrange(rootsOf(scene, full), inner);
  const parts = [ground, emptyBlock(scene, inner), goneBlock(scene.gone, inner)];
  const all = column(inner, 18, parts);
  const [nodes, links] = merged([moved(all, margin, margin)]);
  return { width, height: all.h + 2 * margin, nodes, links: [...links, ...committed(scene, nodes)] };
}

/**
 * Which containers are worth their room: what the last command touched; when it touched none, those that were drawn before
 * and still are there; else the newest.
 */
export function chooseFull(
  seen: Scene,
  before: readonly string[],
  options: { readonly width?: number; readonly open?: string | undefined } = {},
): readonly string[] {
  const scene = withHand(seen);
  const { open } = options;
  const max = (options.width ?? wide) < wide ? 1 : most.full;
  const there = (id: string | undefined): boolean => scene.containers.some((container) => container.id === id);
  const touched = scene.containers.filter(isTouched).map(({ id }) => id);
  const kept = before.filter(there);
  const newest = scene.containers.map(({ id }) => id).reverse();
  const opened = open !== undefined && there(open) ? [open] : [];
  const few = scene.containers.length <= max;
  const first = [...opened, ...(touched.length > 0 ? touched : kept)];
  const wanted = few ? newest : first.length > 0 ? first : newest.slice(0, 1);
  const chosen = new Set([...new Set(wanted)].slice(0, max));
  return scene.containers.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
}

function isTouched(container: SceneContainer): boolean {
  const inside = [container, ...container.processes, ...container.upper, ...container.union.rows];
  return container.statusMark !== undefined || inside.some((item) => item.mark !== undefined);
}

/** Something that stands on a layer or on the ground. */
interface Standing {
  readonly key: string;
  /** Least comfortable width. */
  readonly min: number;
  /** Least width of all, where that saves a row. */
  readonly snug?: number;
  readonly wish: number;
  readonly max: number;
  build(width: number): Block;
}

function rootsOf(scene: Scene, full: readonly string[]): Standing[] {
  const known = new Set(scene.layers.map((layer) => layer.chainId));
  const bases = scene.layers.filter((layer) => layer.parent === undefined || !known.has(layer.parent));
  const bare = scene.images.filter((image) => image.layers.length === 0);
  const astray = scene.containers.filter((item) => item.standsOn === undefined || !known.has(item.standsOn));
  return [
    ...bases.map((layer) => layerStanding(scene, layer, full)),
    ...bare.map((image) => bareStanding(image)),
    ...containersStanding(astray, full, 'ground'),
  ];
}

function layerStanding(scene: Scene, layer: SceneLayer, full: readonly string[]): Standing {
  const containers = scene.containers.filter((container) => container.standsOn === layer.chainId);
  // Layers first: a committed layer then stands left of the read-write layer that it was made from, near to it.
  const children = [
    ...scene.layers.filter((other) => other.parent === layer.chainId).map((other) => layerStanding(scene, other, full)),
    ...containersStanding(containers, full, layer.chainId),
  ];
  const wish = children.reduce((sum, child) => sum + child.wish, 0) + gap * Math.max(0, children.length - 1);
  return {
    key: keys.layer(layer.chainId),
    min: leastOf(children),
    snug: Math.max(150, ...children.map((child) => child.snug ?? child.min)),
    wish: Math.max(220, wish),
    max: Number.POSITIVE_INFINITY,
    build: (width) => layerBlock(scene, layer, children, width),
  };
}

/** Room for what stands on a layer to stand side by side when that is not much, or else for the widest of it. */
function leastOf(children: readonly Standing[]): number {
  const together = children.reduce((sum, child) => sum + child.min + gap, -gap);
  return Math.max(150, together <= most.together ? together : 0, ...children.map((child) => child.min));
}

function layerBlock(scene: Scene, layer: SceneLayer, children: readonly Standing[], width: number): Block {
  const above = arrange(children, width, keys.layer(layer.chainId));
  const slab = layerSlab(scene, layer, width);
  const height = above.h + (above.h > 0 ? 3 : 0) + slab.h;
  const [nodes, links] = merged([moved(above, 0, 0), moved(slab, 0, height - slab.h)]);
  const parent: Link[] =
    layer.parent === undefined
      ? []
      : [
          {
            key: `parent ${layer.chainId}`,
            kind: 'parent',
            from: keys.layer(layer.chainId),
            to: keys.layer(layer.parent),
          },
        ];
  return block(width, height, nodes, [...links, ...parent]);
}

function layerSlab(scene: Scene, layer: SceneLayer, w: number): Block {
  const images = scene.images.filter((image) => image.layers.at(-1) === layer.chainId);
  const names = images.flatMap((image) => (image.tags.length > 0 ? image.tags : [imageName(image)]));
  const made = madeBy(layer.createdBy);
  const size = `${sizeText(layer.size)} · ${layer.entries} ${layer.entries === 1 ? 'path' : 'paths'}`;
  const title = `layer ${layer.depth}`;
  const room = w - depth - 20;
  const used = 10 + widthOf(title, 'strong') + 8;
  const sizeWidth = widthOf(size, 'dim');
  const y = depth + 18;
  const first = [
    ...label(title, { x: 10, y, room }, 'strong', { tone: 'read-only' }),
    ...label('read-only', { x: used, y, room: room - used }, 'dim', { after: true }),
  ];
  const oneLine = used + widthOf('read-only', 'dim') + 12 + sizeWidth + pointerRoom <= room + 20;
  const rows = [
    ...(oneLine ? [] : [{ text: size, style: 'dim' as const }]),
    ...(names.length === 0 ? [] : [{ text: `image ${names.join(', ')}`, style: 'plain' as const }]),
    ...(made === '' ? [] : [{ text: `made by: ${made}`, style: 'dim' as const }]),
  ];
  const mark = layer.mark ?? images.find((image) => image.mark !== undefined)?.mark;
  const named = names.length === 0 ? '' : `, top of image ${names.join(', ')}`;
  const parent = layer.parent === undefined ? 'no parent, the bottom' : `parent layer ${layer.depth - 1}`;
  const h = y + rows.length * lineHeight + 9;
  const node: PlacedNode = {
    key: keys.layer(layer.chainId),
    kind: 'layer',
    tone: 'read-only',
    x: 0,
    y: 0,
    w,
    h,
    labels: [
      ...first,
      ...(oneLine ? label(size, { x: w - depth - pointerRoom, y, room: sizeWidth + 4 }, 'dim', { end: true }) : []),
      ...rows.flatMap((row, i) =>
        label(
          row.text,
          { x: 10, y: y + (i + 1) * lineHeight, room: i === rows.length - 1 ? room - pointerRoom : room },
          row.style,
          { list: true },
        ),
      ),
    ],
    words: `Layer ${layer.depth}, read-only, ${size}, ${parent}${named}${made === '' ? '' : `, made by ${made}`}`,
    point: { kind: 'layer', chainId: layer.chainId },
    ...(mark === undefined ? {} : { mark }),
  };
  return block(w, h, [node]);
}

/** An image that has no layer at all. */
function bareStanding(image: SceneImage): Standing {
  const build = (w: number): Block => {
    const name = imageName(image);
    const node: PlacedNode = {
      key: keys.image(image.id),
      kind: 'image',
      tone: 'read-only',
      x: 0,
      y: 0,
      w,
      h: 50,
      labels: [
        ...label(`image ${name}`, { x: 10, y: 20, room: w - 20 }, 'plain'),
        ...label('no layers', { x: 10, y: 38, room: w - 20 }, 'dim'),
      ],
      words: `Image ${name}, ${shortId(image.id)}, without layers`,
      ...(image.mark === undefined ? {} : { mark: image.mark }),
    };
    return block(w, 50, [node]);
  };
  return { key: keys.image(image.id), min: 150, wish: 220, max: 400, build };
}

function containersStanding(containers: readonly SceneContainer[], full: readonly string[], on: string): Standing[] {
  const large = containers.filter((container) => full.includes(container.id));
  const small = containers.filter((container) => !full.includes(container.id));
  return [
    ...large.map(
      (container): Standing => ({
        key: keys.container(container.id),
        min: containerMin,
        wish: 560,
        max: containerMax,
        build: (width) => containerBlock(container, width),
      }),
    ),
    ...(small.length === 0 ? [] : [cardsStanding(small, on)]),
  ];
}

/** The containers that have no room, in short. */
function cardsStanding(containers: readonly SceneContainer[], on: string): Standing {
  const shown = containers.length <= most.cards ? containers : containers.slice(-(most.cards - 1));
  const wish = Math.min(3, shown.length) * (card.w + card.gap) - card.gap;
  return {
    key: keys.card(shown[0]!.id),
    min: Math.min(3, Math.ceil(shown.length / 3)) * (card.w + card.gap) - card.gap,
    wish,
    max: Math.min(6, shown.length) * (card.w + 40),
    build: (width) => cardsBlock(shown, containers.length - shown.length, on, width),
  };
}

/**
 * Puts things side by side, in as many rows as they need. The first row is the lowest and touches the layer `on`; from the
 * others a rail leads down to it.
 */
function arrange(items: readonly Standing[], width: number, on?: string): Block {
  if (items.length === 0) return block(width, 0);
  const one = rowsOf(items, width);
  const room = on !== undefined && one.length > 1 ? width - rail : width;
  const rows = one.length === 1 ? one : rowsOf(items, room);
  const parts = rows.map((row) => rowBlock(row, room)).reverse();
  const all = column(room, gap, parts);
  const { nodes, links } = moved(all, width - room, 0);
  const rails = rows
    .slice(1)
    .flatMap((row) =>
      row.flatMap((item): Link[] =>
        on === undefined ? [] : [{ key: `stands ${item.key}`, kind: 'stands', from: item.key, to: on }],
      ),
    );
  return block(width, all.h, nodes, [...links, ...rails]);
}

function rowsOf(items: readonly Standing[], width: number): Standing[][] {
  const [wide, tight] = [
    wrap(items, width),
    wrap(
      items.map((item) => ({ ...item, min: item.snug ?? item.min })),
      width,
    ),
  ];
  return tight.length < wide.length ? tight : wide;
}

function wrap(items: readonly Standing[], width: number): Standing[][] {
  const rows: Standing[][] = [];
  for (const item of items) {
    const row = rows.at(-1);
    const used = row === undefined ? width : row.reduce((sum, other) => sum + other.min + gap, 0);
    if (row !== undefined && used + item.min <= width) row.push(item);
    else rows.push([item]);
  }
  return rows;
}

/** A row of things that stand on the same line: their lower edges are level. */
function rowBlock(row: readonly Standing[], width: number): Block {
  const widths = share(row, width - gap * (row.length - 1));
  const blocks = row.map((item, i) => item.build(widths[i]!));
  const height = Math.max(...blocks.map((part) => part.h));
  let x = 0;
  const placed = blocks.map((part) => {
    const at = moved(part, x, height - part.h);
    x += part.w + gap;
    return at;
  });
  return block(width, height, ...merged(placed));
}

/** Shares a width out: to each its least, the rest by what each wishes for, none more than its most. */
export function share(items: readonly Pick<Standing, 'min' | 'wish' | 'max'>[], width: number): number[] {
  const widths = items.map((item) => Math.min(item.min, width));
  for (let round = 0; round < items.length; round += 1) {
    const rest = width - widths.reduce((sum, w) => sum + w, 0);
    const open = items.map((item, i) => (widths[i]! < item.max ? item.wish : 0));
    const total = open.reduce((sum, wish) => sum + wish, 0);
    if (rest < 1 || total === 0) break;
    for (const [i, item] of items.entries())
      widths[i] = Math.min(item.max, Math.floor(widths[i]! + (rest * open[i]!) / total));
  }
  return widths;
}

function emptyBlock(scene: Scene, w: number): Block {
  if (scene.images.length + scene.containers.length + scene.layers.length > 0) return block(w, 0);
  const text = 'no image, no container';
  const labels = label(text, { x: w / 2 - widthOf(text, 'dim') / 2, y: 30, room: w }, 'dim');
  return block(w, 48, [{ key: 'empty', kind: 'more', tone: 'plain', x: 0, y: 0, w, h: 48, labels, words: text }]);
}

/** From a read-write layer to the layer that was committed from it. */
function committed(scene: Scene, nodes: readonly PlacedNode[]): Link[] {
  const drawn = new Set(nodes.map((node) => node.key));
  return scene.containers.flatMap((container) => {
    const image = scene.images.find((item) => imageName(item) === container.sameAs?.image);
    const chainId = container.sameAs === undefined ? undefined : image?.layers[container.sameAs.depth - 1];
    if (chainId === undefined || !drawn.has(keys.upper(container.id))) return [];
    return [{ key: `same ${container.id}`, kind: 'same', from: keys.upper(container.id), to: keys.layer(chainId) }];
  });
}
