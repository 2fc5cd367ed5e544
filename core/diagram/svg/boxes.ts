/**
 * What layouts are made of: boxes with labels in them, blocks of boxes that can be moved and put together.
 *
 * Kept true: plain data, no DOM; a label is cut so that it fits into its room with a font of the widths below, and keeps its
 * full text; coordinates of a block count from its own upper left corner.
 */
import { cut, cutMiddle, printable, textWidth } from '../layout.ts';
import type { Mark } from '../scene.ts';
import { keys } from './keys.ts';
import type { Point } from './point.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** What a box means; pictures.css gives each a colour, which is never the only sign of it. */
export type Tone = 'read-only' | 'init' | 'read-write' | 'union' | 'process' | 'frozen' | 'plain' | 'gone';

export type LabelStyle = 'strong' | 'plain' | 'dim' | 'code' | 'sign';

export interface Label {
  /** Cut to its room. */
  readonly text: string;
  readonly full: string;
  /** Counted from the box; `x` is the right end of an `end` label. `y` is the baseline. */
  readonly x: number;
  readonly y: number;
  readonly style: LabelStyle;
  readonly end?: true;
  readonly tone?: Tone;
  /** Crossed out: it is not seen any more. */
  readonly struck?: true;
  /** Goes on behind the label before it, at a small distance; `x` is then where it begins at the latest. */
  readonly after?: true;
}

export type NodeKind =
  | 'layer'
  | 'image'
  | 'container'
  | 'process'
  | 'upper'
  | 'init'
  | 'file'
  | 'mount'
  | 'union'
  | 'row'
  | 'card'
  | 'store'
  | 'path'
  | 'netspace'
  | 'bridge'
  | 'device'
  | 'rule'
  | 'more'
  | 'gone';

export interface PlacedNode extends Box {
  /** The same thing keeps its key from scene to scene, so that it can move. */
  readonly key: string;
  readonly kind: NodeKind;
  readonly tone: Tone;
  /** Key of the box that it lies in. */
  readonly parent?: string;
  readonly mark?: Mark;
  readonly labels: readonly Label[];
  /** What it says to somebody who cannot see it. */
  readonly words: string;
  /** It can be pointed at. */
  readonly point?: Point;
  /** Things that stand for themselves in no box of their own, but are counted here. */
  readonly folded?: number;
}

/**
 * `parent`: from a layer to the one below; `stands`: what stands on a layer that it does not touch; `seen`: layers → union
 * view; `same`: committed; `up`: from a layer to its parent drawn above it; `twig`: to what hangs at the side; `wire`: the two ends
 * of a pair of devices; `nat`: from a published port to where it leads.
 */
export type LinkKind = 'parent' | 'stands' | 'seen' | 'same' | 'up' | 'twig' | 'wire' | 'nat';

export interface Link {
  readonly key: string;
  readonly kind: LinkKind;
  readonly from: string;
  readonly to: string;
  /** How it is drawn, where its kind alone does not say that. */
  readonly drawn?: { readonly d: string; readonly title: string; readonly arrow: boolean };
}

export interface Block {
  readonly w: number;
  readonly h: number;
  readonly nodes: readonly PlacedNode[];
  readonly links: readonly Link[];
}

/** A whole picture: boxes in the order of drawing, parents before what lies in them. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly links: readonly Link[];
  /** What a kind of pictures has to itself: rules for its shapes (colours as `var(--name)`), and what its signs mean. */
  readonly own?: { readonly style: string; readonly boxes: readonly BoxSign[]; readonly lines: readonly LineSign[] };
}

export type BoxSign = readonly [look: Partial<Pick<PlacedNode, 'kind' | 'tone' | 'mark'>>, words: string];
export type LineSign = readonly [kind: LinkKind, words: string];

/** Width in pixels that a column of text takes at most, by style; fonts in pictures.css are chosen to stay below. */
const columnWidth: Readonly<Record<LabelStyle, number>> = { strong: 8.4, plain: 7.3, dim: 6.8, code: 7.3, sign: 8.4 };

export const lineHeight = 17;
/** Of a line in a list. */
export const rowHeight = 20;

export function widthOf(text: string, style: LabelStyle): number {
  return Math.ceil(textWidth(text) * columnWidth[style]);
}

/** A label in a room of so many pixels; nothing when not even a few letters fit. */
export function label(
  text: string,
  at: { x: number; y: number; room: number },
  style: LabelStyle,
  more: Pick<Label, 'end' | 'tone' | 'struck' | 'after'> & { readonly list?: boolean } = {},
): Label[] {
  const { list, ...rest } = more;
  const full = printable(text);
  const columns = Math.floor(at.room / columnWidth[style]);
  // Of a path the end says most, of a list the beginning.
  const shown = (list === true ? cut : cutMiddle)(full, columns);
  if (shown === '' || (columns < 3 && shown !== full)) return [];
  return [{ text: shown, full, x: at.x, y: at.y, style, ...rest }];
}

export function block(w: number, h: number, nodes: readonly PlacedNode[] = [], links: readonly Link[] = []): Block {
  return { w, h, nodes, links };
}

export function moved(part: Block, dx: number, dy: number): Pick<Block, 'nodes' | 'links'> {
  return { nodes: part.nodes.map((node) => ({ ...node, x: node.x + dx, y: node.y + dy })), links: part.links };
}

/** Blocks one below the other. */
export function column(w: number, gap: number, parts: readonly Block[]): Block {
  const shown = parts.filter((part) => part.h > 0);
  let y = 0;
  const placed = shown.map((part) => {
    const at = moved(part, 0, y);
    y += part.h + gap;
    return at;
  });
  return block(w, Math.max(0, y - gap), ...merged(placed));
}

export function merged(parts: readonly Pick<Block, 'nodes' | 'links'>[]): [PlacedNode[], Link[]] {
  return [parts.flatMap((part) => part.nodes), parts.flatMap((part) => part.links)];
}

/** All of a list, or its first things in an order of importance with the number of the rest; the list's own order is kept. */
export function fold<T>(
  items: readonly T[],
  max: number,
  rank: (item: T) => number,
): { shown: readonly T[]; folded: number } {
  if (items.length <= max) return { shown: items, folded: 0 };
  const first = new Set(
    items
      .map((item, i) => ({ item, i }))
      .sort((a, b) => rank(a.item) - rank(b.item) || a.i - b.i)
      .slice(0, max - 1)
      .map(({ item }) => item),
  );
  return { shown: items.filter((item) => first.has(item)), folded: items.length - first.size };
}

export const markOf = (item: { readonly mark?: Mark }): { mark?: Mark } =>
  item.mark === undefined ? {} : { mark: item.mark };

/** The last line of a list that is too long. */
export function moreBox(key: string, parent: string, count: number, what: string, w: number): Block {
  const text = `… ${count} more ${what}`;
  const node: PlacedNode = {
    key: keys.more(key),
    kind: 'more',
    tone: 'plain',
    parent,
    x: 0,
    y: 0,
    w,
    h: rowHeight,
    labels: label(text, { x: 34, y: 14, room: w - 36 }, 'dim'),
    words: text,
    folded: count,
  };
  return block(w, rowHeight, [node]);
}
