/**
 * Small pieces that all text pictures share: the mark in front of a line, names of files and columns, the last lines.
 */
import { humanSize } from '../cli/units.ts';
import { type Block, type Line, line, type Span, span } from './layout.ts';
import type { Mark, Scene } from './scene.ts';
import { parentOf, type UnionColumn } from './union.ts';

/** Two columns in front of a line: `+` new, `*` changed by the last command. */
export function gutter(mark: Mark | undefined): Span {
  if (mark === undefined) return span('  ');
  return span(`${{ new: '+', changed: '*', apart: '≠' }[mark]} `, 'mark');
}

/** A path as `ls -p` shows it: directories end in a slash. */
export function fileName(path: string, type: string): string {
  return type === 'dir' ? `${path}/` : path;
}

export function describeColumn(column: UnionColumn): string {
  return column.kind === 'layer' ? column.name : column.kind === 'init' ? 'init' : 'read-write';
}

/** What the last command took away, and what the marks mean, when there are any. */
export function footBlock(scene: Scene): Block {
  const gone = scene.gone.map((item): Line => line(span('− ', 'gone'), span(`${item.kind} ${item.name}`, 'gone')));
  const found = marksIn(scene);
  const words = found.has('apart') ? '≠ differs from the other picture' : '+ new  * changed by the last command';
  const marks = found.size > 0 ? [line(span(words, 'dim'))] : [];
  const foot = [...gone, ...marks];
  return foot.length === 0 ? [] : [line(), ...foot];
}

function marksIn(scene: Scene): ReadonlySet<Mark> {
  const inside = scene.containers.flatMap((c) => [c, ...c.processes, ...c.upper, ...c.union.rows]);
  return new Set([...scene.layers, ...scene.images, ...inside].flatMap(({ mark }) => mark ?? []));
}

/** A size as `docker images` prints it: three significant digits. */
export const sizeText = (bytes: number): string => humanSize(bytes, 3);

/** The command that made a layer, without the builder's own words around it, digests shortened. */
export function madeBy(createdBy: string): string {
  return createdBy
    .replace(/^\/bin\/sh -c (#\(nop\)\s*)?/, '')
    .replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…')
    .trim();
}

/** How many entries of the same directory come before it: a long directory must not crowd out the others. */
export function placeInDirectory<T extends { readonly path: string }>(items: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<string, number>();
  return new Map(
    items.map((item) => {
      const parent = parentOf(item.path);
      const place = counts.get(parent) ?? 0;
      counts.set(parent, place + 1);
      return [item, place];
    }),
  );
}
