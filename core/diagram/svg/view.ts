/** The union view of a container as a box of rows: what it sees, and in a word the layer that each path comes from. */
import { fileName } from '../parts.ts';
import type { SceneContainer, SceneUnionRow } from '../scene.ts';
import type { UnionColumn } from '../union.ts';
import {
  type Block,
  block,
  column,
  fold,
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
import { keys } from './keys.ts';
import { originWord, rowWords } from './words.ts';

/** So many rows, and so many of them for what the last command changed. */
const most = { rows: 14, marked: 8 };

/** What changed and what hides, then the top level; many changes leave room for the rest. */
function shownRows(container: SceneContainer): { shown: readonly SceneUnionRow[]; folded: number } {
  const { rows } = container.union;
  const first = new Set(rows.filter((row) => row.mark !== undefined).slice(0, most.marked));
  return fold(rows, most.rows, (row) => {
    if (first.has(row)) return 0;
    if (row.mark === undefined && (!row.visible || row.overwrites)) return 1;
    return row.path.lastIndexOf('/') === 0 ? 2 : 3;
  });
}

const unionHead = 28;

export function unionHeight(container: SceneContainer): number {
  const { shown, folded } = shownRows(container);
  return unionHead + (shown.length + (folded > 0 ? 1 : 0)) * rowHeight + 6;
}

export function unionBlock(container: SceneContainer, w: number, h: number): Block {
  const { shown, folded } = shownRows(container);
  const key = keys.union(container.id);
  const room = w - 8;
  const rows = shown.map((row) => rowBox(container, row, room));
  const more = folded === 0 ? [] : [moreBox(`${key} rows`, key, folded, 'paths', room)];
  const list = column(room, 0, [...rows, ...more]);
  const title = 'union view';
  const used = 10 + widthOf(title, 'strong') + 8;
  const node: PlacedNode = {
    key,
    kind: 'union',
    tone: 'union',
    parent: keys.container(container.id),
    x: 0,
    y: 0,
    w,
    h,
    labels: [
      ...label(title, { x: 10, y: 19, room: w - 20 }, 'strong', { tone: 'union' }),
      ...label(`what ${container.name} sees`, { x: used, y: 19, room: w - used - 8 }, 'dim', { after: true }),
    ],
    words: `Union view of ${container.name}: what it sees`,
  };
  const [nodes] = merged([moved(list, 4, unionHead)]);
  return block(w, h, [node, ...nodes]);
}

function rowBox(container: SceneContainer, row: SceneUnionRow, w: number): Block {
  const origin = originWord(container, row);
  const from = row.from === undefined ? undefined : container.union.columns[row.from];
  const tone = from === undefined ? 'gone' : columnTone(from);
  const end = widthOf(origin, 'plain') + 10;
  const more = row.folded > 0 ? `+${row.folded}` : '';
  const moreWidth = more === '' ? 0 : widthOf(more, 'dim') + 8;
  const target = row.target === undefined || !row.visible ? '' : ` → ${row.target}`;
  const name = `${fileName(row.path, row.type)}${target}`;
  const path = label(
    name,
    { x: 34, y: 14, room: w - 40 - end - moreWidth },
    'code',
    row.visible ? {} : { struck: true, tone: 'gone' },
  );
  const used = 34 + path.reduce((sum, item) => sum + widthOf(item.text, 'code'), 0) + 6;
  const node: PlacedNode = {
    key: keys.row(container.id, row.path),
    kind: 'row',
    tone,
    parent: keys.union(container.id),
    x: 0,
    y: 0,
    w,
    h: rowHeight,
    labels: [
      ...path,
      ...label(more, { x: used, y: 14, room: moreWidth }, 'dim', { after: true }),
      ...label(origin, { x: w - 6, y: 14, room: end }, 'plain', { end: true, tone }),
    ],
    words: rowWords(container, row),
    point: { kind: 'path', container: container.id, path: row.path },
    ...markOf(row),
  };
  return block(w, rowHeight, [node]);
}

export function columnTone(from: Pick<UnionColumn, 'kind'>): Tone {
  return from.kind === 'layer' ? 'read-only' : from.kind;
}
