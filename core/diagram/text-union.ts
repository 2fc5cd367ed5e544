/**
 * The union view as a table (P2): path by layer, one sign for what each layer has to do with the path, and in words where
 * it comes from or what hides it.
 */
import { type Block, cut, cutMiddle, fit, type Line, line, type Span, span, textWidth } from './layout.ts';
import { coverWords } from './mounts.ts';
import { describeColumn, fileName, gutter } from './parts.ts';
import { type Scene, type SceneContainer, type SceneUnionRow, statusText } from './scene.ts';
import type { UnionCell, UnionColumn } from './union.ts';
import { chooseContainer, groupColumns, cellOf as unionCellOf } from './union-choice.ts';

const signs: Readonly<Record<UnionCell, string>> = { none: '·', visible: '●', merged: '◐', hidden: '○', whiteout: '✕' };

export function unionBlock(scene: Scene, width: number, wanted?: string): Block {
  const container = chooseContainer(scene, wanted);
  if (container === undefined)
    return [line(span(wanted === undefined ? 'no container, so no union view' : `no container ${wanted}`, 'dim'))];
  return [
    ...unionTableBlock(container, width),
    ...otherBlock(scene, container, width),
    line(),
    ...legend(container, width),
  ];
}

/** Those that have a table of their own, which is not shown. */
function otherBlock(scene: Scene, shown: SceneContainer, width: number): Block {
  const names = scene.containers.filter((item) => item !== shown).map((item) => item.name);
  if (names.length === 0) return [];
  return [line(), line(span(cut(`not shown: ${names.join(', ')}`, width), 'dim'))];
}

const meanings: readonly (readonly [cell: UnionCell, words: string])[] = [
  ['visible', '● seen from this layer'],
  ['merged', '◐ directory, merged with those above'],
  ['hidden', '○ hidden by a layer above'],
  ['whiteout', '✕ whiteout'],
];

/** What the signs that are there mean, in as few lines as fit. */
function legend({ union }: SceneContainer, width: number): Block {
  const there = new Set(union.rows.flatMap((row) => row.cells));
  const lines: string[] = [];
  for (const [, meaning] of meanings.filter(([cell]) => there.has(cell))) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last) + textWidth(meaning) + 2 <= width)
      lines[lines.length - 1] = `${last}  ${meaning}`;
    else lines.push(meaning);
  }
  return lines.map((text) => line(span(text, 'dim')));
}

function unionTableBlock(container: SceneContainer, width: number): Block {
  const { columns, rows } = container.union;
  // A third of the width for signs: the rest is for names and words.
  const groups = groupColumns(container.union, Math.max(4, Math.floor(width / 3 / 4)));
  const cells = groups.map((group) => Math.max(3, group.short.length + 2));
  const fixed = cells.reduce((sum, cell) => sum + cell, 0) + 5;
  const covers = rows.map(({ path, visible }) => (visible ? coverWords(container, path) : undefined));
  const notes = rows.map((row, i) => covers[i] ?? noteOf(columns, row));
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
  const heads = groups.map((group, k) => span(centre(group.short, cells[k]!), columnStyle(group)));
  const ruler = `──${'─'.repeat(nameWidth)}┼${'─'.repeat(fixed - 5)}┼─${'─'.repeat(Math.max(0, width - fixed - nameWidth))}`;
  const title = [
    ...fit(line(span('  path', 'dim')), nameWidth + 2),
    span('│'),
    ...heads,
    span('│ '),
    span('comes from', 'dim'),
  ];
  const body = rows.map((row, i): Line => {
    const hidden = covers[i]?.startsWith('hidden') === true;
    const style = !row.visible || hidden ? 'gone' : row.mark === undefined ? 'plain' : 'mark';
    const name = fit(line(span(cutMiddle(names[i]!, nameWidth), style)), nameWidth);
    const marks = groups.map((group, k) => {
      const cell = unionCellOf(row, group);
      return span(centre(signs[cell], cells[k]!), cellStyle(cell, group));
    });
    const note = span(notes[i]!, row.visible && !hidden ? 'plain' : 'gone');
    return fit([gutter(row.mark), ...name, span('│'), ...marks, span('│ '), note], width);
  });
  return [head, title, line(span(ruler, 'dim')), ...body];
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

function columnStyle(column: Pick<UnionColumn, 'kind'>): 'read-only' | 'init' | 'read-write' {
  return column.kind === 'layer' ? 'read-only' : column.kind;
}

function cellStyle(cell: UnionCell, column: Pick<UnionColumn, 'kind'>): Span['style'] {
  if (cell === 'none' || cell === 'hidden') return 'dim';
  return cell === 'whiteout' ? 'gone' : columnStyle(column);
}
