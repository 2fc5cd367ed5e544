/** The sentences of the pictures: where a path comes from, what hides it, what a layer holds. */
import { coverWords } from '../mounts.ts';
import { describeColumn, fileName } from '../parts.ts';
import type { SceneContainer, SceneUnionRow } from '../scene.ts';

function columnName(container: SceneContainer, k: number): string {
  const column = container.union.columns[k]!;
  if (container.hand !== undefined && column.kind === 'init') return column.name;
  return column.kind === 'layer' ? column.name : `the ${describeColumn(column)} layer`;
}

export function upperWords(container: SceneContainer): string {
  const { upper, name, sameAs } = container;
  const same = sameAs === undefined ? '' : ` Layer ${sameAs.depth} of ${sameAs.image} was committed from it.`;
  if (upper.length === 0) return `The read-write layer of ${name} is empty: nothing was written.${same}`;
  return `The read-write layer of ${name} holds ${upper.length} ${upper.length === 1 ? 'path' : 'paths'}: all that was written, changed or deleted in it.${same}`;
}

/** Where a path comes from and what it hides, or what hides it: a whole sentence. */
export function rowWords(container: SceneContainer, row: SceneUnionRow): string {
  const name = fileName(row.path, row.type);
  const cover = row.visible ? coverWords(container, row.path) : undefined;
  if (cover !== undefined) return `${name}: ${cover}.`;
  const nameOf = (k: number): string => columnName(container, k);
  const below = row.cells.flatMap((cell, k) => (cell === 'hidden' ? [nameOf(k)] : []));
  if (row.hiddenBy !== undefined) {
    const by = nameOf(row.hiddenBy.column);
    const how = {
      whiteout: `a whiteout in ${by}`,
      opaque: `an opaque directory in ${by}`,
      replaced: `a file in ${by}`,
    };
    const still = below.length === 0 ? '' : `; it is still there in ${below.join(', ')}`;
    return `${name} is not seen: hidden by ${how[row.hiddenBy.how]}${still}.`;
  }
  if (row.from === undefined) return `${name} ${row.visible ? 'is seen, but no layer holds it' : 'is not seen'}.`;
  const merged = row.cells.flatMap((cell, k) => (cell === 'merged' ? [nameOf(k)] : []));
  const origin =
    merged.length === 0
      ? `comes from ${nameOf(row.from)}`
      : `is merged from ${[...merged, nameOf(row.from)].join(', ')}`;
  const hides = below.length === 0 ? '' : `; it hides the one in ${below.join(', ')}`;
  const folded = row.folded === 0 ? '' : ` ${row.folded} more below it are not drawn.`;
  return `${name} ${origin}${hides}${row.opaque && row.type === 'dir' ? '; opaque: hides all below it in lower layers' : ''}.${folded}`;
}

/** One word for the end of a line: the layer, or why nothing is seen. */
export function originWord(container: SceneContainer, row: SceneUnionRow): string {
  const words = { whiteout: 'deleted', opaque: 'hidden', replaced: 'replaced' } as const;
  if (row.visible && coverWords(container, row.path) !== undefined) return 'mount';
  if (row.hiddenBy !== undefined) return words[row.hiddenBy.how];
  if (row.from === undefined) return row.visible ? 'no layer' : 'not seen';
  if (row.cells.includes('merged')) return 'merged';
  return describeColumn(container.union.columns[row.from]!);
}

/** The same as `rowWords`, for the end of a line of a table that names the path at its beginning. */
export function originPhrase(container: SceneContainer, row: SceneUnionRow): string {
  const nameOf = (k: number): string => columnName(container, k);
  const below = row.cells.flatMap((cell, k) => (cell === 'hidden' ? [nameOf(k)] : []));
  if (row.hiddenBy !== undefined) {
    const how = {
      whiteout: 'deleted: whiteout in',
      opaque: 'hidden: opaque directory in',
      replaced: 'hidden: file in',
    };
    return `${how[row.hiddenBy.how]} ${nameOf(row.hiddenBy.column)}`;
  }
  const cover = row.visible ? coverWords(container, row.path) : undefined;
  if (cover !== undefined) return cover;
  if (row.from === undefined) return row.visible ? 'no layer holds it' : 'not seen';
  const merged = row.cells.flatMap((cell, k) => (cell === 'merged' ? [nameOf(k)] : []));
  const opaque = row.opaque && row.type === 'dir' ? ', opaque: hides all below it' : '';
  if (merged.length > 0) return `${[...merged, nameOf(row.from)].join(' + ')}${opaque}`;
  return `${nameOf(row.from)}${below.length === 0 ? '' : `, hides that of ${below.join(', ')}`}${opaque}`;
}
