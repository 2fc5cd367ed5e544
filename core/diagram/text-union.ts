/**
 * The union view as a table (P2): path by layer, one sign for what each layer has to do with the path, and in words where
 * it comes from or what hides it.
 */
import { type Block, cutMiddle, fit, type Line, line, type Span, span, textWidth } from './layout.ts';
import { describeColumn, fileName, gutter } from './parts.ts';
import { type Scene, type SceneContainer, type SceneUnionRow, statusText } from './scene.ts';
import type { UnionCell, UnionColumn } from './union.ts';

const signs: Readonly<Record<UnionCell, string>> = { none: '·', visible: '●', merged: '◐', hidden: '○', whiteout: '✕' };

export function unionBlock(scene: Scene, width: number): Block {
  if (scene.containers.length === 0) return [line(span('no container, so no union view', 'dim'))];
  const tables = scene.containers.flatMap((container, i) => [
    ...(i === 0 ? [] : [line()]),
    ...unionTableBlock(container, width),
  ]);
  return [...tables, line(), ...legend(width)];
}

const meanings = [
  '● seen from this layer',
  '◐ directory, merged with those above',
  '○ hidden by a layer above',
  '✕ whiteout',
];

/** What the signs mean, in as few lines as fit. */
function legend(width: number): Block {
  const lines: string[] = [];
  for (const meaning of meanings) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last) + textWidth(meaning) + 2 <= width)
      lines[lines.length - 1] = `${last}  ${meaning}`;
    else lines.push(meaning);
  }
  return lines.map((text) => line(span(text, 'dim')));
}

function unionTableBlock(container: SceneContainer, width: number): Block {
  const { columns, rows } = container.union;
  const cells = columns.map((column) => Math.max(3, column.short.length + 2));
  const fixed = cells.reduce((sum, cell) => sum + cell, 0) + 5;
  const notes = rows.map((row) => noteOf(columns, row));
  const noteWidth = Math.max(12, Math.min(40, ...[Math.max(0, ...notes.map(textWidth))]));
  const names = rows.map(nameOf);
  const nameWidth = Math.max(
    12,
    Math.min(Math.max(8, ...names.map(textWidth)), width - fixed - Math.min(noteWidth, 24)),
  );
  const head = line(
    span(container.name, 'bold'),
    span(` · ${statusText(container)} · union view of ${columns.length} layers, lowest first`, 'dim'),
  );
  const heads = columns.map((column, k) => span(centre(column.short, cells[k]!), columnStyle(column)));
  const ruler = `──${'─'.repeat(nameWidth)}┼${'─'.repeat(fixed - 5)}┼─${'─'.repeat(Math.max(0, width - fixed - nameWidth))}`;
  const title = [
    ...fit(line(span('  path', 'dim')), nameWidth + 2),
    span('│'),
    ...heads,
    span('│ '),
    span('comes from', 'dim'),
  ];
  const body = rows.map((row, i) => tableLine(row, columns, cells, nameWidth, names[i]!, notes[i]!, width));
  return [head, title, line(span(ruler, 'dim')), ...body];
}

function tableLine(
  row: SceneUnionRow,
  columns: readonly UnionColumn[],
  cells: readonly number[],
  nameWidth: number,
  name: string,
  note: string,
  width: number,
): Line {
  const style = !row.visible ? 'gone' : row.mark === undefined ? 'plain' : 'mark';
  const spans: Span[] = [gutter(row.mark), ...fit(line(span(cutMiddle(name, nameWidth), style)), nameWidth), span('│')];
  for (const [k, cell] of row.cells.entries())
    spans.push(span(centre(signs[cell], cells[k]!), cellStyle(cell, columns[k]!)));
  return fit([...spans, span('│ '), span(note, row.visible ? 'plain' : 'gone')], width);
}

function nameOf(row: SceneUnionRow): string {
  return (
    fileName(row.path, row.type) +
    (row.folded > 0 ? ` +${row.folded}` : '') +
    (row.target === undefined ? '' : ` → ${row.target}`)
  );
}

/** Origin of what is seen, or the reason why it is not. */
function noteOf(columns: readonly UnionColumn[], row: SceneUnionRow): string {
  if (row.hiddenBy !== undefined) {
    const by = describeColumn(columns[row.hiddenBy.column]!);
    const how = {
      whiteout: 'deleted: whiteout in',
      opaque: 'hidden by an opaque directory in',
      replaced: 'hidden by a file in',
    };
    return `— ${how[row.hiddenBy.how]} ${by}`;
  }
  if (row.from === undefined) return row.visible ? 'no layer has it' : '— not visible';
  const origin = describeColumn(columns[row.from]!);
  const above = row.cells.slice(row.from + 1).includes('whiteout') ? ', in spite of a whiteout above' : '';
  if (row.opaque && row.type === 'dir') return `${origin}, opaque: hides those below`;
  if (row.type === 'dir' && row.cells.includes('merged')) return `${origin}, merged${above}`;
  return row.overwrites ? `${origin}, hides the one below` : `${origin}${above}`;
}

function centre(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return ' '.repeat(left) + text + ' '.repeat(width - text.length - left);
}

function columnStyle(column: UnionColumn): 'read-only' | 'init' | 'read-write' {
  return column.kind === 'layer' ? 'read-only' : column.kind;
}

function cellStyle(cell: UnionCell, column: UnionColumn): Span['style'] {
  if (cell === 'none' || cell === 'hidden') return 'dim';
  return cell === 'whiteout' ? 'gone' : columnStyle(column);
}
