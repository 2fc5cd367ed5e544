/**
 * The union view as a table, path by layer (P2): what each layer has to do with each path, in a sign and a word, and where
 * the path is seen from or what hides it.
 *
 * Kept true: a real table with row and column heads, so that a screen reader can walk it; pointing lights the same things as
 * in the stack; a long table is drawn up to a number of rows and says how many more there are, with a button for them.
 */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import {
  type ColumnGroup,
  cellOf,
  chooseContainer,
  columnTone,
  fileName,
  fold,
  groupColumns,
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
  readonly lit?: Point | undefined;
  readonly onPoint?: (point: Point | undefined) => void;
}

/** More layers than this stand together. */
const mostColumns = 10;
const mostRows = 60;

const cells: Readonly<Record<UnionCell, { sign: string; word: string; meaning: string }>> = {
  visible: { sign: '●', word: 'seen', meaning: 'seen from this layer' },
  merged: { sign: '◐', word: 'merged', meaning: 'directory, merged with those above' },
  hidden: { sign: '○', word: 'hidden', meaning: 'hidden by a layer above' },
  whiteout: { sign: '✕', word: 'whiteout', meaning: 'whiteout: the mark "deleted"' },
  none: { sign: '', word: '', meaning: '' },
};

export function UnionPicture({ scene, lit, onPoint }: UnionPictureProps): JSX.Element {
  const [own, setOwn] = useState<Point | undefined>(undefined);
  const [wanted, setWanted] = useState<{ readonly in: Scene; readonly id: string } | undefined>(undefined);
  const before = useRef<string | undefined>(undefined);
  // What somebody chose holds until a command touches another.
  const asked = wanted?.in === scene ? wanted.id : undefined;
  const shown = chooseContainer(scene, asked) === undefined ? undefined : chooseContainer(scene, asked, before.current);
  before.current = shown?.id;
  const point = (next: Point | undefined): void => {
    setOwn(next);
    onPoint?.(next);
  };
  const now = lit ?? own;
  if (shown === undefined)
    return (
      <div class="union-picture">
        <p>No container, so no union view.</p>
      </div>
    );
  return (
    <div class="union-picture">
      {scene.containers.length < 2 ? null : (
        <label class="union-choice">
          Union view of{' '}
          <select value={shown.id} onChange={(event) => setWanted({ in: scene, id: event.currentTarget.value })}>
            {scene.containers.map(({ id, name }) => (
              <option key={id} value={id}>
                {printable(name)}
              </option>
            ))}
          </select>
        </label>
      )}
      <UnionTableOf key={shown.id} container={shown} lit={now} onPoint={point} />
      <Legend container={shown} />
      <p class="picture-words">{lightOf(scene, now).words || 'Point at a path to see it in the stack.'}</p>
    </div>
  );
}

interface TableProps {
  readonly container: SceneContainer;
  readonly lit: Point | undefined;
  readonly onPoint: (point: Point | undefined) => void;
}

function UnionTableOf({ container, lit, onPoint }: TableProps): JSX.Element {
  const [all, setAll] = useState(false);
  const { columns, rows } = container.union;
  const groups = groupColumns(container.union, mostColumns);
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
              {groups.map((column) => (
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
              <UnionRowOf key={row.path} container={container} groups={groups} row={row} lit={lit} onPoint={onPoint} />
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

interface RowProps extends TableProps {
  readonly row: SceneUnionRow;
  readonly groups: readonly ColumnGroup[];
}

function UnionRowOf({ container, groups, row, lit, onPoint }: RowProps): JSX.Element {
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
      {groups.map((column) => {
        const cell = cellOf(row, column);
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

/** The signs that are in the table. */
function Legend({ container }: { readonly container: SceneContainer }): JSX.Element {
  const kinds = (['visible', 'merged', 'hidden', 'whiteout'] as const).filter((kind) =>
    container.union.rows.some((row) => row.cells.includes(kind)),
  );
  return (
    <ul class="union-legend" aria-label="Signs in this table">
      {kinds.map((kind) => (
        <li key={kind}>
          <span aria-hidden="true">{cells[kind].sign}</span> {cells[kind].meaning}
        </li>
      ))}
    </ul>
  );
}
