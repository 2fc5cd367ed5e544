/**
 * The union view as a box beside the stack: what a process inside sees, and in a word which layer each path comes from.
 */
import { type Block, cutMiddle, fit, frame, type Line, line, type Span, span } from './layout.ts';
import { describeColumn, fileName, gutter, placeInDirectory } from './parts.ts';
import type { SceneContainer, SceneUnionRow } from './scene.ts';

const maxUnionRows = 14;

export function unionBox(container: SceneContainer, width: number): Block {
  const title = line(span('union view', 'union'), span(` · what ${container.name} sees`, 'dim'));
  const rows = container.union.rows;
  const shown = rows.length <= maxUnionRows ? rows : pickRows(rows);
  const origin = Math.max(0, ...shown.map((row) => originText(container, row).length));
  const lines = shown.map((row) => unionLine(container, row, width - 4, origin));
  const more = shown.length === rows.length ? [] : [line(span(`  … ${rows.length - shown.length} more`, 'dim'))];
  return frame({ border: 'light', style: 'union', title, width }, [...lines, ...more]);
}

/** What changed and what hides goes first; the rest of the room goes to the top level. */
function pickRows(rows: readonly SceneUnionRow[]): SceneUnionRow[] {
  const place = placeInDirectory(rows.filter((row) => row.path.lastIndexOf('/') > 0));
  const rank = (row: SceneUnionRow): number => {
    if ((place.get(row) ?? 0) > 2) return 4;
    return row.mark !== undefined ? 0 : !row.visible ? 1 : row.path.lastIndexOf('/') === 0 ? 2 : 3;
  };
  const picked = new Set([...rows].sort((a, b) => rank(a) - rank(b)).slice(0, maxUnionRows - 1));
  return rows.filter((row) => picked.has(row));
}

function unionLine(container: SceneContainer, row: SceneUnionRow, width: number, origin: number): Line {
  const room = width - 2 - origin - 1;
  const name = fileName(row.path, row.type) + (row.target === undefined || !row.visible ? '' : ` → ${row.target}`);
  const folded = row.folded > 0 ? ` +${row.folded}` : '';
  const shown = cutMiddle(name, Math.max(4, room - folded.length));
  const left: Span[] = [
    gutter(row.mark),
    span(shown, row.visible ? (row.mark === undefined ? 'plain' : 'mark') : 'gone'),
    span(folded, 'dim'),
  ];
  return [...fit(left, width - origin), span(originText(container, row).padStart(origin), originStyle(container, row))];
}

/** One word: the layer, or why nothing is seen there. */
function originText(container: SceneContainer, row: SceneUnionRow): string {
  const hidden = { whiteout: 'deleted', opaque: 'hidden', replaced: 'replaced' } as const;
  if (row.hiddenBy !== undefined) return hidden[row.hiddenBy.how];
  if (row.from === undefined) return row.visible ? 'no layer' : 'not visible';
  if (row.cells.includes('merged')) return 'merged';
  return describeColumn(container.union.columns[row.from]!);
}

function originStyle(container: SceneContainer, row: SceneUnionRow): 'gone' | 'read-write' | 'init' | 'read-only' {
  if (row.from === undefined) return 'gone';
  const { kind } = container.union.columns[row.from]!;
  return kind === 'layer' ? 'read-only' : kind;
}
