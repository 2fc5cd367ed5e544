/** The table of the union view tells the truth: every visible path once, with a layer that really holds it. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { foldUnion, type UnionTable, unionTable } from '../../../core/diagram/union.ts';
import type { ContainerFacts, Observation } from '../../../core/observation.ts';
import type { TreeEntry } from '../../../core/op.ts';
import {
  baseLayer,
  baseTree,
  busyUpper,
  container,
  digest,
  dir,
  file,
  flatten,
  image,
  initTree,
  link,
  observation,
  whiteout,
} from './fixture.ts';

const names = ['a', 'b', 'c'];
const paths = [
  ...names.map((n) => `/${n}`),
  ...names.flatMap((n) => names.map((m) => `/${n}/${m}`)),
  '/a/a/a',
  '/b/a/c',
];
const kind = fc.constantFrom<'file' | 'dir' | 'opaque' | 'link' | 'whiteout'>(
  'file',
  'dir',
  'dir',
  'opaque',
  'link',
  'whiteout',
);

/** A layer with its directories in place: what lies below something that is no directory is left out. */
function layer(
  choices: readonly (readonly [string, 'file' | 'dir' | 'opaque' | 'link' | 'whiteout', number])[],
): TreeEntry[] {
  const tree = new Map<string, TreeEntry>([['/', dir('/')]]);
  for (const [path, what, content] of [...choices].sort((x, y) => (x[0] < y[0] ? -1 : 1))) {
    const above = path.slice(0, path.lastIndexOf('/'));
    const parents =
      above === ''
        ? []
        : above
            .slice(1)
            .split('/')
            .map((_, i, all) => `/${all.slice(0, i + 1).join('/')}`);
    if (parents.some((parent) => (tree.get(parent)?.type ?? 'dir') !== 'dir')) continue;
    for (const parent of parents) if (!tree.has(parent)) tree.set(parent, dir(parent));
    if (tree.has(path)) continue;
    const make = {
      file: () => file(path, content),
      dir: () => dir(path),
      opaque: () => dir(path, { opaque: true }),
      link: () => link(path, `t${content}`),
      whiteout: () => whiteout(path),
    };
    tree.set(path, make[what]());
  }
  return [...tree.values()];
}
const someLayer = fc.array(fc.tuple(fc.constantFrom(...paths), kind, fc.nat(3)), { maxLength: 8 }).map(layer);

function stackOf(layers: readonly (readonly TreeEntry[])[]): {
  seen: Observation;
  web: ContainerFacts;
  trees: readonly (readonly TreeEntry[])[];
} {
  const lower = layers.slice(0, -2).map((_, i) => digest(0xe0 + i));
  const [init, upper] = [layers.at(-2)!, layers.at(-1)!];
  const web = container('web', { lower, init, upper, union: flatten(layers) });
  const contents = Object.fromEntries(lower.map((id, i) => [id, layers[i]!]));
  return { seen: observation([web], [image(1, [], [])], contents), web, trees: layers };
}

test('every path of the union view is in the table exactly once, with a true origin', () => {
  fc.assert(
    fc.property(fc.array(someLayer, { minLength: 3, maxLength: 5 }), (layers) => {
      const { seen, web, trees } = stackOf(layers);
      const { rows } = unionTable(seen, web);
      const visible = rows.filter((row) => row.visible).map((row) => row.path);
      assert.equal(
        [...visible].sort(),
        web.union
          .map((entry) => entry.path)
          .filter((path) => path !== '/')
          .sort(),
      );
      assert.is(new Set(rows.map((row) => row.path)).size, rows.length);
      for (const row of rows.filter((one) => one.visible)) checkOrigin(row, web, trees);
    }),
    { numRuns: 200 },
  );
});

/** The origin holds the entry that is seen, and no layer above it holds anything under that name. */
function checkOrigin(
  row: UnionTable['rows'][number],
  web: ContainerFacts,
  trees: readonly (readonly TreeEntry[])[],
): void {
  assert.is.not(row.from, undefined, `${row.path} has no origin`);
  const entry = trees[row.from!]!.find((one) => one.path === row.path);
  const shown = web.union.find((one) => one.path === row.path);
  assert.equal([entry?.type, entry?.digest, entry?.target], [shown?.type, shown?.digest, shown?.target], row.path);
  assert.not.ok(
    trees.slice(row.from! + 1).some((tree) => tree.some((one) => one.path === row.path)),
    `${row.path} is overlaid above its origin`,
  );
  assert.is(row.cells[row.from!], 'visible');
}

test('what is not visible is hidden by a layer above all that hold it', () => {
  fc.assert(
    fc.property(fc.array(someLayer, { minLength: 3, maxLength: 5 }), (layers) => {
      const { seen, web } = stackOf(layers);
      for (const row of unionTable(seen, web).rows.filter((one) => !one.visible && one.cells.includes('hidden'))) {
        assert.ok(row.hiddenBy, `${row.path} is hidden by nothing`);
        const top = row.cells.lastIndexOf('hidden');
        assert.ok(row.hiddenBy.column > top, `${row.path} is hidden by ${row.hiddenBy.column}, but ${top} holds it`);
      }
    }),
    { numRuns: 200 },
  );
});

test('a whiteout, an opaque directory and an overwritten file each say so', () => {
  const web = container('web', { upper: busyUpper });
  const table = unionTable(observation([web]), web);
  const row = (path: string) => table.rows.find((one) => one.path === path)!;
  assert.equal(row('/etc/motd').hiddenBy, { column: 2, how: 'whiteout' });
  assert.equal(row('/etc/motd').cells, ['hidden', 'none', 'whiteout']);
  assert.equal(
    [row('/etc/passwd').from, row('/etc/passwd').overwrites, row('/etc/passwd').cells],
    [2, true, ['hidden', 'none', 'visible']],
  );
  assert.equal([row('/etc').from, row('/etc').cells], [2, ['merged', 'merged', 'visible']]);
  assert.equal([row('/root').from, row('/root').opaque, row('/root').cells], [2, true, ['hidden', 'none', 'visible']]);
  assert.is(row('/bin/sh').from, 0);
  assert.is(row('/.dockerenv').from, 1);
});

test('a union that shows a file in spite of its whiteout is shown as it is', () => {
  const upper = [dir('/'), dir('/etc'), whiteout('/etc/motd')];
  const web = container('web', { upper, union: flatten([baseTree, initTree]) });
  const row = unionTable(observation([web]), web).rows.find((one) => one.path === '/etc/motd')!;
  assert.equal([row.visible, row.from, row.cells], [true, 0, ['visible', 'none', 'whiteout']]);
});

test('folding keeps the top level and what the read-write layer touches, and counts the rest', () => {
  const web = container('web', { upper: busyUpper });
  const table = unionTable(observation([web]), web);
  const folded = foldUnion(table);
  assert.equal(
    folded.rows.map((row) => `${row.path} ${row.folded}`),
    [
      '/.dockerenv 0',
      '/bin 7',
      '/dev 3',
      '/etc 5',
      '/etc/motd 0',
      '/etc/passwd 0',
      '/happiness.txt 0',
      '/proc 0',
      '/root 0',
      '/sys 0',
      '/tmp 0',
    ],
  );
  const counted =
    folded.rows.filter((row) => row.visible).length + folded.rows.reduce((sum, row) => sum + row.folded, 0);
  assert.is(counted, table.rows.filter((row) => row.visible).length, 'nothing is lost');
  assert.is(baseLayer.chainId, web.lower[0]);
});

test.run();
