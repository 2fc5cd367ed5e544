/**
 * The union view of one container as a table, path by layer: where each visible file comes from, and what hides the others.
 *
 * Kept true: what is visible is what the target's union view was read to hold, and its origin is the topmost layer that
 * really holds such an entry; so a union that contradicts its layers is shown as it is, not as it should be.
 * Rules of lookup: Documentation/filesystems/overlayfs.rst, "Upper and Lower", "Directories", "whiteouts and opaque directories".
 */
import type { ContainerFacts, Hand, Observation } from '../observation.ts';
import type { Digest, TreeEntry } from '../op.ts';

export interface UnionColumn {
  readonly kind: 'layer' | 'init' | 'read-write';
  /** `layer 1`, `init layer`, `read-write layer`. */
  readonly name: string;
  /** `1`, `init`, `rw`. */
  readonly short: string;
  readonly chainId?: Digest;
}

/**
 * What one layer has to do with one path. `visible`: it comes from here. `merged`: a directory that adds its entries to the
 * one above. `hidden`: it is there, but something above hides it. `whiteout`: the mark "deleted". `none`: nothing.
 */
export type UnionCell = 'none' | 'visible' | 'merged' | 'hidden' | 'whiteout';

export interface UnionRow {
  readonly path: string;
  readonly type: TreeEntry['type'];
  readonly target?: string;
  /** One for each column, bottom first. */
  readonly cells: readonly UnionCell[];
  readonly visible: boolean;
  /** Index of the column that it is seen from. Absent when hidden, or when no layer holds such an entry. */
  readonly from?: number;
  /** What hides it: the column, and how. */
  readonly hiddenBy?: { readonly column: number; readonly how: 'whiteout' | 'opaque' | 'replaced' };
  /** A directory that hides what lies below it in lower layers. */
  readonly opaque: boolean;
  /** Something below hides under the same name: a file of a lower layer is overwritten. */
  readonly overwrites: boolean;
  /** Entries below this directory that are folded away. */
  readonly folded: number;
}

export interface UnionTable {
  readonly columns: readonly UnionColumn[];
  readonly rows: readonly UnionRow[];
}

type Tree = ReadonlyMap<string, TreeEntry>;

/** What a union view is made of: a container's, or an image's, which has no layers of its own above. */
export type View = Pick<ContainerFacts, 'lower' | 'init' | 'upper' | 'union'> & { readonly hand?: Hand };

/** Every path of every layer and of the union view, once each, sorted by path. */
export function unionTable(observation: Observation, container: View): UnionTable {
  const columns = unionColumns(container);
  const trees = columns.map((column) => toTree(columnEntries(observation, container, column)));
  const union = toTree(container.union);
  const paths = new Set([...trees.flatMap((tree) => [...tree.keys()]), ...union.keys()]);
  paths.delete('/');
  const rows = [...paths].sort(byPath).map((path) => unionRow(path, trees, union.get(path)));
  return { columns, rows };
}

/** So many entries of one directory are listed, the rest is counted at it. */
const maxSiblings = 12;

/**
 * The rows that a reader wants: what the read-write layer touches with the directories above it, and the top level; the rest
 * is counted at the directory that it is folded into.
 */
export function foldUnion(table: UnionTable, isChanged: (path: string) => boolean = () => false): UnionTable {
  const kept = new Set<string>();
  const siblings = new Map<string, number>();
  // What changed takes its place among its siblings first.
  const changed = table.rows.filter((row) => isChanged(row.path));
  for (const row of new Set([...changed, ...table.rows])) {
    const parent = parentOf(row.path);
    if (parent === '/') kept.add(row.path);
    else if (isTouched(row)) {
      const nth = (siblings.get(parent) ?? 0) + 1;
      siblings.set(parent, nth);
      if (nth <= maxSiblings || row.type === 'whiteout' || !row.visible)
        for (const path of ancestors(row.path)) kept.add(path);
    }
  }
  const folded = new Map<string, number>();
  for (const row of table.rows.filter((row) => row.visible && !kept.has(row.path))) {
    const into = [...ancestors(row.path)].reverse().find((path) => kept.has(path));
    if (into !== undefined) folded.set(into, (folded.get(into) ?? 0) + 1);
  }
  const rows = table.rows.filter((row) => kept.has(row.path));
  return { columns: table.columns, rows: rows.map((row) => ({ ...row, folded: folded.get(row.path) ?? 0 })) };
}

/** Has the top layer anything of its own to say on this path? */
function isTouched(row: UnionRow): boolean {
  return row.cells.at(-1) !== 'none';
}

function unionColumns(container: View): UnionColumn[] {
  const layers = container.lower.map((chainId, i): UnionColumn => {
    return { kind: 'layer', name: `layer ${i + 1}`, short: String(i + 1), chainId };
  });
  return [
    ...layers,
    { kind: 'init', name: container.hand === undefined ? 'init layer' : lowerWords(container.hand), short: 'init' },
    { kind: 'read-write', name: 'read-write layer', short: 'rw' },
  ];
}

/** What stands between an image's layers and the directory that is written to. */
export function lowerWords({ lower }: Hand): string {
  if (lower.length === 0) return 'no directory between';
  return `${lower.length === 1 ? 'directory' : 'directories'} ${lower.join(', ')}`;
}

function columnEntries(observation: Observation, container: View, column: UnionColumn): readonly TreeEntry[] {
  if (column.kind === 'init') return container.init;
  if (column.kind === 'read-write') return container.upper;
  return column.chainId === undefined ? [] : (observation.layers[column.chainId] ?? []);
}

function toTree(entries: readonly TreeEntry[]): Tree {
  return new Map(entries.map((entry) => [entry.path, entry]));
}

function unionRow(path: string, trees: readonly Tree[], seen: TreeEntry | undefined): UnionRow {
  const entries = trees.map((tree) => tree.get(path));
  const top = entries.findLast((entry) => entry !== undefined && entry.type !== 'whiteout');
  const shown = seen ?? top ?? entries.findLast((entry) => entry !== undefined)!;
  const from = seen === undefined ? -1 : originOf(entries, seen);
  const cells = entries.map((entry, k) => cellOf(entry, k, from, path, trees, seen));
  const hiddenBy = seen === undefined ? hiderOf(path, trees) : undefined;
  return {
    path,
    type: shown.type,
    ...(shown.target === undefined ? {} : { target: shown.target }),
    cells,
    visible: seen !== undefined,
    ...(from < 0 ? {} : { from }),
    ...(hiddenBy === undefined ? {} : { hiddenBy }),
    opaque: entries.some((entry, k) => entry?.opaque === true && k >= from),
    overwrites: seen !== undefined && seen.type !== 'dir' && cells.some((cell, k) => cell === 'hidden' && k < from),
    folded: 0,
  };
}

/** The topmost layer that holds what is seen: the very same entry, else one of the same type. -1: none does. */
function originOf(entries: readonly (TreeEntry | undefined)[], seen: TreeEntry): number {
  const same = entries.findLastIndex((entry) => entry !== undefined && sameEntry(entry, seen));
  return same >= 0 ? same : entries.findLastIndex((entry) => entry?.type === seen.type);
}

function sameEntry(a: TreeEntry, b: TreeEntry): boolean {
  if (a.type !== b.type) return false;
  if (a.type === 'dir') return true;
  return a.digest === b.digest && a.target === b.target && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

function cellOf(
  entry: TreeEntry | undefined,
  k: number,
  from: number,
  path: string,
  trees: readonly Tree[],
  seen: TreeEntry | undefined,
): UnionCell {
  if (entry === undefined) return 'none';
  if (entry.type === 'whiteout') return 'whiteout';
  if (k === from) return 'visible';
  if (k > from || seen?.type !== 'dir' || entry.type !== 'dir') return 'hidden';
  return isCutOff(path, k, from, trees) ? 'hidden' : 'merged';
}

/** Is a directory of layer `k` kept from merging by something in the layers above it, up to `to`? */
function isCutOff(path: string, k: number, to: number, trees: readonly Tree[]): boolean {
  for (let above = k + 1; above <= to; above += 1) {
    const entry = trees[above]!.get(path);
    if (entry !== undefined && (entry.type !== 'dir' || entry.opaque === true)) return true;
    if (hidesBelow(path, trees[above]!) !== undefined) return true;
  }
  return false;
}

/** The topmost layer that keeps a path from being seen, and by what means. */
function hiderOf(path: string, trees: readonly Tree[]): UnionRow['hiddenBy'] {
  for (let column = trees.length - 1; column >= 0; column -= 1) {
    const own = trees[column]!.get(path);
    if (own?.type === 'whiteout') return { column, how: 'whiteout' };
    const how = hidesBelow(path, trees[column]!);
    if (how !== undefined) return { column, how };
  }
  return undefined;
}

/** Does this layer hide what lower layers have at `path`, by a mark on a directory above it? */
function hidesBelow(path: string, tree: Tree): 'whiteout' | 'opaque' | 'replaced' | undefined {
  for (const above of ancestors(parentOf(path))) {
    const entry = tree.get(above);
    if (entry === undefined) continue;
    if (entry.type === 'whiteout') return 'whiteout';
    if (entry.type !== 'dir') return 'replaced';
    if (entry.opaque === true) return 'opaque';
  }
  return undefined;
}

export function parentOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut <= 0 ? '/' : path.slice(0, cut);
}

/** `/a/b/c` → `/a`, `/a/b`, `/a/b/c`. */
function ancestors(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '');
  return names.map((_, i) => `/${names.slice(0, i + 1).join('/')}`);
}

/** Directory by directory: a directory comes before its entries, and before any name that sorts after it. */
export function byPath(a: string, b: string): number {
  const [x, y] = [a.split('/'), b.split('/')];
  for (let i = 0; i < Math.min(x.length, y.length); i += 1) {
    if (x[i] !== y[i]) return x[i]! < y[i]! ? -1 : 1;
  }
  return x.length - y.length;
}
