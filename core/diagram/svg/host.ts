/**
 * The host as boxes: what runs on its kernel and the layers that lie on its disk at the left (or above), the engine's
 * directories at the right, each with a word for whose it is.
 *
 * Kept true: pure; every container, layer and directory of the scene has its box, or is counted where it is folded; boxes stay
 * inside the picture and do not overlap (test/core/diagram/host.test.ts).
 */
import { imageName, type Scene, type SceneContainer, type SceneLayer, withHand } from '../scene.ts';
import { ownerText, ownerWords, type SceneStore, type StoreRow } from '../store.ts';
import {
  type Block,
  block,
  column,
  fold,
  type Layout,
  label,
  markOf,
  merged,
  moreBox,
  moved,
  type PlacedNode,
  rowHeight,
  type Tone,
  widthOf,
} from './boxes.ts';
import { cardsBlock, goneBlock } from './cards.ts';
import { depth, outer, processBlock } from './container.ts';
import { keys } from './keys.ts';

const margin = 4;
/** From here on there is room for both halves side by side. */
const wide = 640;
const most = { alive: 4, cards: 12, layers: 14 };
const pad = 10;
const headHeight = 30;

export function layoutHost(seen: Scene, width: number): Layout {
  const scene = withHand(seen);
  const all = Math.max(280, Math.floor(width));
  const inner = all - 2 * margin;
  const gap = 40;
  const beside = inner >= wide;
  const left = beside ? Math.floor((inner - gap) * 0.36) : inner;
  const right = beside ? inner - gap - left : inner;
  const owners = column(left, 18, [kernelBlock(scene, left), layersBlock(scene, left)]);
  const files = scene.store === undefined ? unknownBlock(right) : storeBlock(scene, scene.store, right);
  const parts = beside
    ? [moved(owners, 0, 0), moved(files, left + gap, 0)]
    : [moved(column(inner, 22, [owners, files]), 0, 0)];
  const h = beside ? Math.max(owners.h, files.h) : column(inner, 22, [owners, files]).h;
  const taken = (scene.store?.gone ?? []).map((name) => ({ kind: 'file' as const, name }));
  const body = column(inner, 18, [block(inner, h, ...merged(parts)), goneBlock(taken, inner)]);
  const [nodes, links] = merged([moved(body, margin, margin)]);
  return { width: all, height: body.h + 2 * margin, nodes, links };
}

function titleBlock(key: string, text: string, w: number): Block {
  const labels = label(text, { x: 2, y: 14, room: w - 4 }, 'dim');
  return block(w, 20, [{ key: `note ${key}`, kind: 'more', tone: 'plain', x: 0, y: 0, w, h: 20, labels, words: text }]);
}

/** What runs, with the numbers that its processes have outside; the rest as cards. */
function kernelBlock(scene: Scene, w: number): Block {
  const touched = (item: SceneContainer): number => (item.mark !== undefined || item.statusMark !== undefined ? 0 : 1);
  const alive = scene.containers.filter((item) => item.alive);
  const full = fold(alive, most.alive, touched).shown;
  const rest = scene.containers.filter((item) => !full.includes(item));
  const { shown, folded } = fold(rest, most.cards, (item) => touched(item) * 2 + Number(!item.alive));
  const none = scene.containers.length === 0 ? ' · no container' : '';
  return column(w, 8, [
    titleBlock('kernel', `one kernel for all${none}`, w),
    ...full.map((item) => spaceBlock(item, w)),
    ...(rest.length === 0 ? [] : [cardsBlock(shown, folded, 'host', w)]),
  ]);
}

function spaceBlock(container: SceneContainer, w: number): Block {
  const body = processBlock(container, w - 2 * pad);
  const h = headHeight + body.h + pad;
  const [nodes] = merged([moved(body, pad, headHeight)]);
  const box: PlacedNode = { ...outer(container, w, h), point: { kind: 'container', container: container.id } };
  return block(w, h, [box, ...nodes]);
}

/** Topmost first within its stack, as they lie. */
function layersBlock(scene: Scene, w: number): Block {
  const { shown, folded } = fold(scene.layers, most.layers, (layer) => (layer.mark === undefined ? 1 : 0));
  const more = folded === 0 ? [] : [moreBox('layers of the host', keys.store, folded, 'layers', w)];
  const outside = more.map((part) => ({ ...part, nodes: part.nodes.map(({ parent: _, ...node }) => node) }));
  return column(w, 6, [
    titleBlock('layers', 'layers of images', w),
    ...outside,
    ...[...shown].reverse().map((layer) => slab(scene, layer, w)),
  ]);
}

function slab(scene: Scene, layer: SceneLayer, w: number): Block {
  const names = scene.images.filter((image) => image.layers.at(-1) === layer.chainId).map(imageName);
  const title = `layer ${layer.depth}`;
  const used = 10 + widthOf(title, 'strong') + 8;
  const text = names.length === 0 ? '' : `top of ${names.join(', ')}`;
  const h = depth + 27;
  const y = depth + 18;
  const node: PlacedNode = {
    key: keys.layer(layer.chainId),
    kind: 'layer',
    tone: 'read-only',
    x: 0,
    y: 0,
    w,
    h,
    labels: [
      ...label(title, { x: 10, y, room: w - depth - 20 }, 'strong', { tone: 'read-only' }),
      ...label(text, { x: used, y, room: w - depth - 10 - used }, 'dim', { after: true, list: true }),
    ],
    words: `Layer ${layer.depth}${text === '' ? '' : `, ${text}`}`,
    point: { kind: 'layer', chainId: layer.chainId },
    ...markOf(layer),
  };
  return block(w, h, [node]);
}

function storeBlock(scene: Scene, store: SceneStore, w: number): Block {
  const room = w - 8;
  const rows = store.rows.slice(1).flatMap((row) => {
    return [
      pathBox(scene, row, room),
      ...(row.more === undefined ? [] : [moreBox(`names ${row.path}`, keys.store, row.more, 'of them', room)]),
    ];
  });
  const note = store.rows[0]?.note ?? '';
  const list = column(room, 0, rows);
  const h = 48 + list.h + 6;
  const node: PlacedNode = {
    key: keys.store,
    kind: 'store',
    tone: 'plain',
    x: 0,
    y: 0,
    w,
    h,
    labels: [
      ...label(store.root, { x: 10, y: 19, room: w - 20 }, 'strong'),
      ...label(note === '' ? '' : `also: ${note}`, { x: 10, y: 37, room: w - 20 }, 'dim', { list: true }),
    ],
    words: `${store.root}: what lies where on the host, and whose it is`,
  };
  const [nodes] = merged([moved(list, 4, 48)]);
  return block(w, h, [node, ...nodes]);
}

function pathBox(scene: Scene, row: StoreRow, w: number): Block {
  const whose = row.owner === undefined ? '' : ownerText(scene, row.owner);
  const end = Math.min(widthOf(whose, 'plain') + 10, Math.floor(w * 0.5));
  const x = 34 + Math.min(6, row.level - 1) * 12;
  const name = label(row.name, { x, y: 14, room: w - x - end - 8 }, 'code');
  const used = x + name.reduce((sum, item) => sum + widthOf(item.text, 'code'), 0) + 8;
  const node: PlacedNode = {
    key: keys.path(row.path),
    kind: 'path',
    tone: toneOfRow(row),
    parent: keys.store,
    x: 0,
    y: 0,
    w,
    h: rowHeight,
    labels: [
      ...name,
      ...label(row.note, { x: used, y: 14, room: w - used - end - 6 }, 'dim', { after: true, list: true }),
      ...label(whose, { x: w - 6, y: 14, room: end }, 'plain', { end: true, tone: toneOfRow(row) }),
    ],
    words:
      row.owner === undefined
        ? `${row.name} ${row.note}`
        : `${row.name}: ${ownerWords(scene, row)}; in it: ${row.note}`,
    ...(row.owner === undefined ? {} : { point: { kind: 'store', path: row.path } as const }),
    ...markOf(row),
  };
  return block(w, rowHeight, [node]);
}

function toneOfRow({ owner }: StoreRow): Tone {
  if (owner === undefined) return 'plain';
  if (owner.kind !== 'container') return 'read-only';
  return owner.part === 'init' || owner.part === 'read-write' ? owner.part : 'process';
}

function unknownBlock(w: number): Block {
  return titleBlock('store', 'nobody may look at the files of this engine', w);
}
