/**
 * A path in a container or an image: which layers hold it, which one it is seen from, and what hides the others
 * (Documentation/filesystems/overlayfs.rst). Made from the same table as the picture of the union view.
 */
import { byPath, type UnionColumn, type UnionRow, unionTable, type View } from '../diagram/union.ts';
import { type Container, type Engine, type Image, observe } from '../engine/index.ts';
import { snapshotterOf } from '../engine/storage.ts';
import type { Observation } from '../observation.ts';
import type { Digest, Flow, TreeEntry } from '../op.ts';
import { merge } from '../vfs/diff.ts';
import { type Explanation, type Part, table, text, tryIt } from './explanation.ts';
import { nameOf } from './image.ts';

/** What is looked into: a container, or an image, which has no layers of its own above. */
export type Place = { readonly container: Container } | { readonly image: Image };

export function* explainPath(engine: Engine, subject: string, place: Place, given: string): Flow<Explanation> {
  const observation = yield* observe(engine);
  const path = clean(given);
  const view = viewOf(observation, place);
  const { columns, rows } = unionTable(observation, view);
  const used = 'image' in place ? columns.filter(({ kind }) => kind === 'layer') : columns;
  const row = rows.find((one) => one.path === path);
  const where = 'container' in place ? `container ${place.container.name}` : `image ${nameOf(engine, place.image.id)}`;
  if (path === '/') return { subject, title: `the root of ${where}`, parts: [text(rootText)] };
  if (row === undefined) return { subject, title: `${path} in ${where}`, parts: nowhere(rows, path, where) };
  return {
    subject,
    title: `${path} in ${where}: ${summary(row, used)}`,
    parts: [
      table(['layer', 'holds', ''], layerRows(row, used)),
      text(reason(row, used)),
      ...(row.type === 'symlink' && row.target !== undefined
        ? [text(`It is a symbolic link to ${row.target}, followed inside the union view, never on the host.`)]
        : []),
      ...lookForYourself(engine, place, row, used, path),
    ],
  };
}

const rootText =
  'The root of the union view: every layer has one, and they are merged. Ask for a path below it to see which layer it comes from.';

const clean = (path: string): string => path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');

function viewOf(observation: Observation, place: Place): View {
  if ('container' in place) return observation.containers.find(({ id }) => id === place.container.id)!;
  let union: readonly TreeEntry[] = [];
  for (const chainId of place.image.chain) union = merge(observation.layers[chainId] ?? [], union);
  return { lower: place.image.chain, init: [], upper: [], union };
}

function nowhere(rows: readonly UnionRow[], path: string, where: string): readonly Part[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const alike = rows.filter((row) => row.path.endsWith(`/${name}`)).map((row) => row.path);
  return [
    text(
      `No layer of ${where} holds it, nor the mark of its deletion: it never was there, or it was made and removed in the same read-write layer, which leaves no trace. What is mounted over a directory while a container runs (/proc, /dev, /sys, volumes) is in no layer either.`,
    ),
    ...(alike.length === 0 ? [] : [text(`There is ${alike.sort(byPath).slice(0, 5).join(', ')}.`)]),
  ];
}

const topFirst = (columns: readonly UnionColumn[]): [UnionColumn, number][] =>
  columns.map((column, n): [UnionColumn, number] => [column, n]).reverse();

function layerRows(row: UnionRow, columns: readonly UnionColumn[]): string[][] {
  return topFirst(columns).map(([column, n]) => {
    const cell = row.cells[n]!;
    const opaque = row.opaque && cell !== 'none' && row.type === 'dir' && n === row.from ? ', opaque' : '';
    return [column.name, cell === 'none' ? '-' : holds[cell](row) + opaque, n === row.from ? '← seen from here' : ''];
  });
}

const holds: Readonly<Record<Exclude<UnionRow['cells'][number], 'none'>, (row: UnionRow) => string>> = {
  visible: (row) => kinds[row.type],
  merged: () => 'the directory too, merged in',
  hidden: () => 'one too, hidden',
  whiteout: () => 'a whiteout: “deleted here”',
};

const kinds: Readonly<Record<TreeEntry['type'], string>> = {
  file: 'the file',
  dir: 'the directory',
  symlink: 'the symbolic link',
  char: 'the character device',
  block: 'the block device',
  fifo: 'the FIFO',
  socket: 'the socket',
  whiteout: 'a whiteout',
};

function summary(row: UnionRow, columns: readonly UnionColumn[]): string {
  if (!row.visible) return 'hidden';
  if (row.from === undefined) return 'seen, though no layer holds it: something is mounted there';
  return `seen from ${nameOfColumn(columns, row.from)}`;
}

const nameOfColumn = (columns: readonly UnionColumn[], n: number): string => {
  const column = columns[n];
  return column === undefined ? 'a layer' : column.kind === 'layer' ? column.name : `the ${column.name}`;
};

function reason(row: UnionRow, columns: readonly UnionColumn[]): string {
  if (row.hiddenBy !== undefined) {
    const by = nameOfColumn(columns, row.hiddenBy.column);
    return hides[row.hiddenBy.how](by);
  }
  if (row.from === undefined)
    return 'What is mounted over a path hides what the layers hold there while it is mounted.';
  if (row.cells.some((cell) => cell === 'merged')) {
    return 'Directories of the same name are merged: owner and mode are those of the topmost one, the entries come from all.';
  }
  if (row.overwrites) {
    return 'The topmost one wins. It came there by copy-up: the first write (or chmod, or chown) copied the whole file up, and the one below stays as it was.';
  }
  const last = columns[row.from];
  if (last?.kind === 'read-write')
    return 'It was made in the container, so it lies in the read-write layer and nowhere else.';
  if (last?.kind === 'init')
    return 'The engine puts it there for every container, so that it can mount something over it.';
  return 'Only this layer holds it. A read looks from the top down and takes the first that it finds.';
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

const hides: Readonly<Record<'whiteout' | 'opaque' | 'replaced', (by: string) => string>> = {
  whiteout: (by) =>
    `${capital(by)} holds a whiteout (a character device 0:0) for it or for a directory above it: what lies below is still there, and no longer seen.`,
  opaque: (by) =>
    `A directory above it is opaque in ${by} (trusted.overlay.opaque=y): it was removed and made again, so nothing of the layers below is merged into it.`,
  replaced: (by) => `${capital(by)} holds something that is no directory where a directory above it was.`,
};

function lookForYourself(
  engine: Engine,
  place: Place,
  row: UnionRow,
  columns: readonly UnionColumn[],
  path: string,
): readonly Part[] {
  const at = row.from ?? row.cells.findLastIndex((cell) => cell !== 'none');
  const column = columns[at];
  const host = column === undefined ? undefined : hostPath(engine, place, column);
  return host === undefined ? [] : [tryIt(`ls -ld ${host}${path}`)];
}

function hostPath(engine: Engine, place: Place, column: UnionColumn): string | undefined {
  const snapshotter = snapshotterOf(engine);
  if (column.kind === 'layer') {
    const layer = engine.world.layers[column.chainId as Digest];
    return layer === undefined ? undefined : snapshotter.layerPath(layer);
  }
  if (!('container' in place)) return undefined;
  const { upper, init } = snapshotter.paths(place.container.layer);
  return column.kind === 'init' ? init : upper;
}
