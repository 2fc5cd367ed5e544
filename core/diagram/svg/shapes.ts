/**
 * One box of a picture as shapes: its form by kind, its labels, its mark; and the lines between boxes.
 *
 * Kept true: a kind's form and a tone's sign do not rest on colour alone; cut labels have their full text as title.
 */
import type { Mark } from '../scene.ts';
import type { Label, Link, LinkKind, NodeKind, PlacedNode } from './boxes.ts';
import { depth } from './container.ts';
import { type Element, element, moveTo } from './element.ts';

/** Classes of a box, as style.ts knows them. */
export function boxClasses(node: PlacedNode): string[] {
  const classes = ['box', `box-${node.kind}`, `tone-${node.tone}`];
  return node.mark === undefined ? classes : [...classes, `mark-${node.mark}`];
}

/** What a box consists of, counted from its own corner. */
export function boxShapes(node: PlacedNode): readonly Element[] {
  const mark = node.mark === undefined ? [] : [markSign(node, node.mark)];
  return [...form(node), ...lines(node.labels).map(textLine), ...mark];
}

/** A label with those that go on behind it. */
function textLine(labels: readonly Label[]): Element {
  const first = labels[0]!;
  const anchor = first.end === true ? { 'text-anchor': 'end' } : {};
  const spans = labels.map((item, i) => {
    const title = item.text === item.full ? undefined : element('title', {}, item.full);
    return element('tspan', { class: labelClasses(item), ...(i === 0 ? {} : { dx: 8 }) }, title, item.text);
  });
  return element('text', { x: first.x, y: first.y, ...anchor }, ...spans);
}

function labelClasses(item: Label): string {
  const tone = item.tone === undefined ? '' : ` text-${item.tone}`;
  return `label label-${item.style}${tone}${item.struck === true ? ' struck' : ''}`;
}

function lines(labels: readonly Label[]): Label[][] {
  const out: Label[][] = [];
  for (const item of labels) {
    if (item.after === true && out.length > 0) out.at(-1)!.push(item);
    else out.push([item]);
  }
  return out;
}

const rect = (attributes: Element['attributes']): Element => element('rect', attributes);
const face = (w: number, h: number, rx: number): Element => rect({ class: 'face', width: w, height: h, rx });

/** Roundness of the corners of what is a plain box. */
const rounds: Readonly<Partial<Record<NodeKind, number>>> = {
  container: 16,
  process: 13,
  union: 8,
  card: 6,
  image: 14,
  store: 8,
  netspace: 10,
  bridge: 6,
  row: 3,
};

function form(node: PlacedNode): readonly Element[] {
  const { w, h, kind, tone } = node;
  if (kind === 'layer' || kind === 'upper' || kind === 'init') return slab(w, h);
  const plain = face(w, h, rounds[kind] ?? 3);
  if (kind === 'container' && tone === 'frozen')
    return [plain, rect({ width: w, height: h, rx: 16, fill: 'url(#picture-frozen)' })];
  if (kind === 'path' && node.point === undefined) return [plain];
  if (kind === 'row' || kind === 'path' || kind === 'device')
    return [plain, rect({ class: 'swatch', x: 18, y: 5, width: 10, height: 10, rx: 2 })];
  if (kind === 'card') return [plain, rect({ class: 'foot', x: 1, y: h - 5, width: w - 2, height: 4, rx: 2 })];
  return [plain];
}

/** A slab seen a little from above and from the right. */
function slab(w: number, h: number): readonly Element[] {
  return [
    element('path', { class: 'top', d: `M0 ${depth} L${depth} 0 H${w} L${w - depth} ${depth} Z` }),
    element('path', { class: 'side', d: `M${w - depth} ${depth} L${w} 0 V${h - depth} L${w - depth} ${h} Z` }),
    rect({ class: 'face', y: depth, width: w - depth, height: h - depth }),
  ];
}

/** Each mark's sign, and what it says. */
export const markSigns: Readonly<Record<Mark, readonly [sign: string, words: string]>> = {
  new: ['+', 'new'],
  changed: ['✱', 'changed by the last command'],
  apart: ['≠', 'differs from the other picture'],
};

function markSign(node: PlacedNode, mark: Mark): Element {
  const [sign, words] = markSigns[mark];
  const sought = element('text', { y: 4, 'text-anchor': 'middle' }, sign);
  const { x, y } = markPlace(node);
  return moveTo(
    x,
    y,
    element('g', { class: 'mark' }, element('title', {}, words), element('circle', { r: 7 }), sought),
  );
}

/** In front of a line, on the edge of a box, beside the name of a container that has none drawn around it. */
function markPlace({ kind, tone, w, h }: PlacedNode): { x: number; y: number } {
  if (kind === 'row' || kind === 'file' || kind === 'path' || kind === 'device' || kind === 'rule')
    return { x: 9, y: h / 2 };
  if (kind === 'container' && tone === 'plain') return { x: 0, y: 15 };
  if (kind === 'image') return { x: w - 4, y: 2 };
  return { x: kind === 'layer' ? w - depth - 12 : w - 16, y: 1 };
}

type Usual = Exclude<LinkKind, 'wire' | 'nat'>;

const titles: Readonly<Record<Usual, string>> = {
  parent: 'points to its parent layer',
  stands: 'stands on this layer',
  seen: 'seen through the layers, from above',
  same: 'committed: the same content',
  up: 'points to its parent layer',
  twig: 'ends or stands on it',
};

const arrowHead = { 'marker-end': 'url(#picture-arrow)' };

/** A line between two boxes. */
export function linkShape(link: Link, from: PlacedNode, to: PlacedNode, lit = false): Element {
  const kind = link.kind as Usual;
  const { d, title, arrow } = link.drawn ?? {
    d: paths[kind](from, to),
    title: titles[kind],
    arrow: kind !== 'twig',
  };
  return element(
    'g',
    { class: `link link-${kind}${lit ? ' lit' : ''}` },
    element('title', {}, title),
    element('path', { d, ...(arrow ? arrowHead : {}) }),
  );
}

const paths: Readonly<Record<Usual, (from: PlacedNode, to: PlacedNode) => string>> = {
  parent: (from, to) => {
    const x = from.x + from.w - depth - 14;
    return `M${x} ${from.y + from.h - 16} V${Math.max(from.y + from.h + 3, to.y) + depth + 3}`;
  },
  stands: (from, to) => `M${from.x + 12} ${from.y + from.h} v7 H${to.x + 9} V${to.y + depth + 2}`,
  seen: (from, to) => {
    if (to.y + to.h <= from.y) {
      const x = from.x + from.w / 2;
      return `M${x} ${from.y + 3} V${to.y + to.h + 2}`;
    }
    const y = from.y + depth + (from.h - depth) / 2;
    return `M${from.x + from.w} ${y} H${to.x - 2}`;
  },
  same: (from, to) => {
    const [y, z] = [from.y + depth + 14, to.y + depth + 14];
    if (to.x + to.w <= from.x) {
      const [a, b] = [from.x, to.x + to.w];
      return `M${a} ${y} C${a - 24} ${y} ${b + 24} ${z} ${b} ${z}`;
    }
    const [x, bend] = [Math.min(from.x, to.x), 18];
    return `M${from.x} ${from.y + from.h - 12} C${x - bend} ${from.y + from.h} ${x - bend} ${z} ${to.x} ${z}`;
  },
  up: (from, to) => {
    const start = from.x === to.x ? `M${to.x + 8} ${from.y + depth}` : `M${from.x} ${from.y + depth + 14} H${to.x + 8}`;
    return `${start} V${to.y + to.h + 1}`;
  },
  twig: (from, to) => `M${from.x + 8} ${from.y + from.h} V${to.y + Math.min(to.h / 2, 22)} H${to.x}`,
};

/** Patterns and arrow heads that shapes refer to; once in each picture. */
export function definitions(): Element {
  const stripes = rect({ width: 2, height: 8, class: 'hatch' });
  const pattern = { width: 8, height: 8, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' };
  const arrow = { viewBox: '0 0 8 8', refX: 6, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto-start-reverse' };
  return element(
    'defs',
    {},
    element('pattern', { id: 'picture-frozen', ...pattern }, stripes),
    element(
      'marker',
      { id: 'picture-arrow', ...arrow },
      element('path', { d: 'M0 0.5 L7 4 L0 7.5 Z', class: 'arrow' }),
    ),
  );
}
