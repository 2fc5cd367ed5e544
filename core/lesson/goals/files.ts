/**
 * Goals about files: what is seen in a union view, from which layer it comes, what the read-write layer has to do with it.
 */
import type { UnionRow } from '../../diagram/union.ts';
import { contentDigest, textContent } from '../../vfs/content.ts';
import { form } from './form.ts';
import { type Seen, withContainer, withPath } from './look.ts';
import { type LayerName, layer, name, path, place, text } from './slot.ts';

/** `/x in web`, `/x in image app`. */
const at = (goal: { readonly path: string; readonly place: Parameters<typeof place.write>[0] }): string =>
  `${goal.path} in ${place.write(goal.place)}`;

/** Why a path is not seen. */
function unseen(where: string, { row, table }: Seen): string {
  if (row?.hiddenBy === undefined) return `there is no ${where}`;
  const hider = table.columns[row.hiddenBy.column]!;
  return `${where} is hidden by ${hiders[row.hiddenBy.how]} in ${hider.kind === 'layer' ? '' : 'the '}${hider.name}`;
}

const hiders: Readonly<Record<NonNullable<UnionRow['hiddenBy']>['how'], string>> = {
  whiteout: 'a whiteout',
  opaque: 'an opaque directory',
  replaced: 'something that is no directory',
};

const change = { A: 'added', C: 'changed', D: 'deleted' } as const;

function changed(kind: keyof typeof change) {
  return (
    goal: { readonly path: string; readonly container: string },
    observation: Parameters<typeof withContainer>[0],
  ) =>
    withContainer(observation, goal.container, ({ changes }) => {
      const found = changes.find((one) => one.path === goal.path)?.kind;
      if (found === kind) return undefined;
      const where = `${goal.path} in ${goal.container}`;
      return found === undefined
        ? `${where} is not ${change[kind]}: the read-write layer says nothing of it`
        : `${where} is ${change[found]}, not ${change[kind]}`;
    });
}

export const fileForms = [
  form('from', '<path> in <place> comes from <layer>', { path, place, layer }, (goal, observation) =>
    withPath(observation, goal.place, goal.path, (seen) => {
      if (seen.entry === undefined) return unseen(at(goal), seen);
      if (seen.from === goal.layer) return undefined;
      const found = seen.from === undefined ? 'no layer' : layer.write(seen.from);
      return `${at(goal)} comes from ${found}, not from ${layer.write(goal.layer)}`;
    }),
  ),
  form('visible', '<path> in <place> is visible', { path, place }, (goal, observation) =>
    withPath(observation, goal.place, goal.path, (seen) =>
      seen.entry === undefined ? unseen(at(goal), seen) : undefined,
    ),
  ),
  form('notVisible', '<path> in <place> is not visible', { path, place }, (goal, observation) =>
    withPath(observation, goal.place, goal.path, ({ entry }) =>
      entry === undefined ? undefined : `${at(goal)} is still visible`,
    ),
  ),
  form('whiteout', '<path> in <place> is hidden by a whiteout', { path, place }, (goal, observation) =>
    withPath(observation, goal.place, goal.path, ({ entry, row }) => {
      if (entry !== undefined) return `${at(goal)} is visible, no whiteout hides it`;
      return row?.hiddenBy?.how === 'whiteout' ? undefined : `no whiteout hides ${at(goal)}`;
    }),
  ),
  form('hides', '<path> in <place> hides the one in <layer>', { path, place, layer }, (goal, observation) =>
    withPath(observation, goal.place, goal.path, (seen) => {
      if (seen.entry === undefined) return unseen(at(goal), seen);
      const cell = seen.row?.cells[columnOf(goal.layer, seen)];
      if (cell === 'hidden') return undefined;
      return cell === 'visible'
        ? `${at(goal)} is still the one in ${layer.write(goal.layer)}`
        : `${layer.write(goal.layer)} has no ${goal.path} that could be hidden`;
    }),
  ),
  form('reads', '<path> in <place> reads <text>', { path, place, text }, (goal, observation) =>
    withPath(observation, goal.place, goal.path, (seen) => {
      if (seen.entry === undefined) return unseen(at(goal), seen);
      const digests = [goal.text, `${goal.text}\n`].map((content) => contentDigest(textContent(content)));
      if (seen.entry.digest !== undefined && digests.includes(seen.entry.digest)) return undefined;
      return `${at(goal)} does not read ${text.write(goal.text)}`;
    }),
  ),
  form('added', '<path> in <container> is added', { path, container: name }, changed('A')),
  form('changed', '<path> in <container> is changed', { path, container: name }, changed('C')),
  form('deleted', '<path> in <container> is deleted', { path, container: name }, changed('D')),
  form('unchanged', 'the read-write layer of <container> is empty', { container: name }, (goal, observation) =>
    withContainer(observation, goal.container, ({ changes }) =>
      changes.length === 0
        ? undefined
        : `the read-write layer of ${goal.container} is not empty: ${changes.map((one) => one.path).join(', ')}`,
    ),
  ),
] as const;

function columnOf(wanted: LayerName, { table }: Seen): number {
  return typeof wanted === 'number' ? wanted - 1 : table.columns.findIndex(({ kind }) => kind === wanted);
}
