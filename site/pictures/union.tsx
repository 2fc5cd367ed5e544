/**
 * The union view as a table, path by layer (P2): what each layer has to do with each path, in a sign and a word, and where
 * the path is seen from or what hides it.
 *
 * Kept true: a real table with row and column heads, so that a screen reader can walk it; pointing lights the same things as
 * in the stack; a long table is drawn up to a number of rows and says how many more there are, with a button for them.
 */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import {
  columnTone,
  fileName,
  fold,
  lightOf,
  originPhrase,
  type Point,
  printable,
  type Scene,
  type SceneContainer,
  type SceneUnionRow,
  samePoint,
  statusText,
  type UnionCell,
} from '../../core/index.ts';

export interface UnionPictureProps {
  readonly scene: Scene;
  /** Id or name of the container; default: all, the one that the last command touched first. */
  readonly container?: string | undefined;
  readonly lit?: Point | undefined;
  readonly onPoint?: (point: Point | undefined) => void;
}

const mostRows = 60;

const cells: Readonly<Record<UnionCell, { sign: string; word: string; meaning: string }>> = {
  visible: { sign: '●', word: 'seen', meaning: 'seen from this layer' },
  merged: { sign: '◐', word: 'merged', meaning: 'directory, merged with those above' },
  hidden: { sign: '○', word: 'hidden', meaning: 'hidden by a layer above' },
  whiteout: { sign: '✕', word: 'whiteout', meaning: 'whiteout: the mark "deleted"' },
  none: { sign: '', word: '', meaning: '' },
};

export function UnionPicture({ scene, container, lit, onPoint }: UnionPictureProps): JSX.Element {
  const [own, setOwn] = useState<Point | undefined>(undefined);
  const chosen = scene.containers.filter(
    (item) => container === undefined || item.id === container || item.name === container,
  );
  const point = (next: Point | undefined): void => {
    setOwn(next);
    onPoint?.(next);
  };
  const now = lit ?? own;
  return (
    <div class="union-picture">
      {chosen.length === 0 ? <p>No container, so no union view.</p> : null}
      {touchedFirst(chosen).map((item) => (
        <UnionTableOf key={item.id} container={item} lit={now} onPoint={point} />
      ))}
      {chosen.length === 0 ? null : <Legend />}
      <p class="picture-words">{lightOf(scene, now).words || 'Point at a path to see it in the stack.'}</p>
    </div>
  );
}

function touchedFirst(containers: readonly SceneContainer[]): readonly SceneContainer[] {
  const rank = (item: SceneContainer): number =>
    item.mark !== undefined || item.union.rows.some((row) => row.mark !== undefined) ? 0 : 1;
  return [...containers].sort((a, b) => rank(a) - rank(b));
}

interface TableProps {
  readonly container: SceneContainer;
  readonly lit: Point | undefined;
  readonly onPoint: (point: Point | undefined) => void;
}

function UnionTableOf({ container, lit, onPoint }: TableProps): JSX.Element {
  const [all, setAll] = useState(false);
  const { columns, rows } = container.union;
  const { shown, folded } = fold(rows, all ? rows.length : mostRows, (row) =>
    row.mark !== undefined ? 0 : row.visible ? 2 : 1,
  );
  return (
    <section>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, and keys must be able to scroll it. */}
      <section class="union-scroll" aria-label={`Union view of ${printable(container.name)}`} tabIndex={0}>
        <table>
          <caption>
            <b>{printable(container.name)}</b> · {statusText(container)} · union view of {columns.length} layers, lowest
            first
          </caption>
          <thead>
            <tr>
              <th scope="col" class="path">
                path
              </th>
              {columns.map((column) => (
                <th key={column.short} scope="col" class={`tone-${columnTone(column)}`}>
                  {column.name}
                </th>
              ))}
              <th scope="col" class="origin">
                comes from
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <UnionRowOf key={row.path} container={container} row={row} lit={lit} onPoint={onPoint} />
            ))}
          </tbody>
        </table>
      </section>
      {folded === 0 ? null : (
        <button type="button" class="union-more" onClick={() => setAll(true)}>
          show {folded} more paths
        </button>
      )}
    </section>
  );
}

function UnionRowOf({ container, row, lit, onPoint }: TableProps & { readonly row: SceneUnionRow }): JSX.Element {
  const point: Point = { kind: 'path', container: container.id, path: row.path };
  const classes = [row.visible ? '' : 'unseen', row.mark === undefined ? '' : `mark-${row.mark}`];
  if (samePoint(lit, point)) classes.push('lit');
  const name = printable(fileName(row.path, row.type));
  return (
    <tr
      class={classes.join(' ').trim()}
      onPointerEnter={() => onPoint(point)}
      onPointerLeave={() => onPoint(undefined)}
    >
      <th scope="row" class="path">
        {row.mark === undefined ? null : (
          <span class="sign" title={row.mark}>
            <span aria-hidden="true">{row.mark === 'new' ? '+' : '✱'}</span>
            <span class="spoken">{row.mark}: </span>
          </span>
        )}
        <code>{row.visible ? name : <s>{name}</s>}</code>
        {row.target === undefined || !row.visible ? null : <small> → {printable(row.target)}</small>}
        {row.folded > 0 ? <small> +{row.folded}</small> : null}
      </th>
      {row.cells.map((cell, k) => {
        const column = container.union.columns[k]!;
        return (
          <td key={column.short} class={`cell-${cell} tone-${columnTone(column)}`} title={cells[cell].meaning}>
            <span aria-hidden="true">{cells[cell].sign}</span> {cells[cell].word}
          </td>
        );
      })}
      <td class="origin">{originPhrase(container, row)}</td>
    </tr>
  );
}

function Legend(): JSX.Element {
  const kinds = ['visible', 'merged', 'hidden', 'whiteout'] as const;
  return (
    <ul class="union-legend">
      {kinds.map((kind) => (
        <li key={kind}>
          <span aria-hidden="true">{cells[kind].sign}</span> {cells[kind].meaning}
        </li>
      ))}
    </ul>
  );
}
