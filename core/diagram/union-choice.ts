/**
 * Of many union views one, and of many layers a few columns: which container's table is shown, and which layers stand together
 * in one column when there are more of them than fit.
 */
import { hasUnion, type Scene, type SceneContainer, type SceneUnion, withHand } from './scene.ts';
import type { UnionCell, UnionColumn, UnionRow } from './union.ts';

/**
 * The container whose union view is shown: the one that was asked for by name, id or the beginning of one; else the one that
 * the last command touched; else `before`, the one shown last; else the newest. Undefined when there is none such.
 */
export function chooseContainer(scene: Scene, wanted?: string, before?: string): SceneContainer | undefined {
  const containers = withHand(scene).containers.filter(hasUnion);
  if (wanted !== undefined)
    return (
      containers.find((item) => item.name === wanted || item.id === wanted) ??
      (wanted === '' ? undefined : containers.find((item) => item.id.startsWith(wanted)))
    );
  return (
    containers.findLast((item) => item.union.rows.some((row) => row.mark !== undefined)) ??
    containers.findLast((item) => item.mark !== undefined || item.statusMark !== undefined) ??
    containers.find((item) => item.id === before) ??
    containers.at(-1)
  );
}

/** A column of the table: one layer, or several in a row. */
export interface ColumnGroup {
  readonly first: number;
  readonly last: number;
  readonly kind: UnionColumn['kind'];
  /** `layer 1`, `layers 2 to 126`. */
  readonly name: string;
  readonly short: string;
}

/**
 * At most `max` columns: the container's own two, and of the layers those with the most to say: what changed or hides first,
 * then what is seen. Those in between stand together.
 */
export function groupColumns({ columns, rows }: SceneUnion, max: number): readonly ColumnGroup[] {
  const layers = columns.filter((column) => column.kind === 'layer').length;
  if (columns.length <= max) return columns.map((_, k) => groupOf(columns, k, k));
  const worth = columns.map((_, k) => rows.reduce((sum, row) => sum + worthOf(row, k), 0));
  const ranked = worth
    .map((value, k) => ({ value, k }))
    .slice(0, layers)
    .sort((a, b) => b.value - a.value || a.k - b.k);
  // As many of the best as leave room for the groups between them.
  for (let count = Math.max(1, max - 2); count >= 0; count -= 1) {
    const alone = new Set(ranked.slice(0, count).map(({ k }) => k));
    const groups = groupsAround(columns, alone);
    if (groups.length <= max || count === 0) return groups;
  }
  return [];
}

function worthOf(row: UnionRow & { readonly mark?: unknown }, k: number): number {
  const cell = row.cells[k];
  if (cell === undefined || cell === 'none') return 0;
  const hides = row.hiddenBy?.column === k || cell === 'whiteout' || (row.overwrites && cell !== 'merged');
  return 1 + (row.mark === undefined ? 0 : 100) + (hides ? 50 : 0) + (cell === 'visible' ? 2 : 0);
}

function groupsAround(columns: readonly UnionColumn[], alone: ReadonlySet<number>): ColumnGroup[] {
  const groups: ColumnGroup[] = [];
  let first = 0;
  for (const [k, column] of columns.entries()) {
    const next = columns[k + 1];
    const ends = column.kind !== 'layer' || alone.has(k) || next?.kind !== 'layer' || alone.has(k + 1);
    if (!ends) continue;
    groups.push(groupOf(columns, first, k));
    first = k + 1;
  }
  return groups;
}

function groupOf(columns: readonly UnionColumn[], first: number, last: number): ColumnGroup {
  const { kind, name, short } = columns[first]!;
  if (first === last) return { first, last, kind, name, short };
  return {
    first,
    last,
    kind,
    name: `layers ${short} to ${columns[last]!.short}`,
    short: `${short}–${columns[last]!.short}`,
  };
}

const strength: readonly UnionCell[] = ['visible', 'whiteout', 'merged', 'hidden'];

/** What a group has to do with a path: what it comes from or is deleted by there outweighs what is hidden. */
export function cellOf(row: UnionRow, { first, last }: ColumnGroup): UnionCell {
  const cells = new Set(row.cells.slice(first, last + 1));
  return strength.find((cell) => cells.has(cell)) ?? 'none';
}
