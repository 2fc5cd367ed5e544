/** One union view of many, and few columns for many layers: nothing that the signs say may get lost in a group. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellOf, chooseContainer, drawMermaid, drawText, groupColumns, type SceneUnion } from '../../../core/index.ts';
import { sceneOf, stories } from '../../../site/pictures/gallery/scenes.ts';
import { parseMermaid } from './mermaid-parser.ts';

const cell = fc.constantFrom(
  'none' as const,
  'none' as const,
  'visible' as const,
  'hidden' as const,
  'whiteout' as const,
);

/** So many layers, and rows with any signs in them. */
const unions = fc.integer({ min: 0, max: 127 }).chain((layers) =>
  fc
    .array(fc.array(cell, { minLength: layers + 2, maxLength: layers + 2 }), { maxLength: 8 })
    .map((all): SceneUnion => {
      const names = Array.from({ length: layers }, (_, i) => String(i + 1));
      return {
        columns: [
          ...names.map((short) => ({ kind: 'layer' as const, name: `layer ${short}`, short })),
          { kind: 'init', name: 'init layer', short: 'init' },
          { kind: 'read-write', name: 'read-write layer', short: 'rw' },
        ],
        rows: all.map((cells, i) => {
          const from = cells.lastIndexOf('visible');
          return {
            path: `/p${i}`,
            type: 'file',
            cells,
            visible: from >= 0,
            ...(from < 0 ? {} : { from }),
            opaque: false,
            overwrites: false,
            folded: 0,
          };
        }),
      };
    }),
);

test('groups cover every column once, in order, and are no more than were asked for', () => {
  fc.assert(
    fc.property(unions, fc.integer({ min: 4, max: 30 }), (union, max) => {
      const groups = groupColumns(union, max);
      assert.ok(groups.length <= max, `${groups.length} of ${max}`);
      assert.equal(
        groups.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
        union.columns.map((_, k) => k),
      );
      assert.equal(
        groups.slice(-2).map((group) => group.kind),
        ['init', 'read-write'],
      );
    }),
  );
});

test('a group shows the strongest of its signs; where a path is seen from is never lost', () => {
  fc.assert(
    fc.property(unions, (union) => {
      const groups = groupColumns(union, 6);
      for (const row of union.rows) {
        const shown = groups.map((group) => cellOf(row, group));
        for (const [k, group] of groups.entries()) {
          const inside = row.cells.slice(group.first, group.last + 1);
          assert.is(
            shown[k] === 'none',
            inside.every((one) => one === 'none'),
          );
          assert.ok(shown[k] === 'none' || inside.includes(shown[k]!));
        }
        if (row.visible)
          assert.is(
            groups.some((group, k) => shown[k] === 'visible' && group.last >= row.from!),
            true,
          );
      }
    }),
  );
});

const deep = [
  'docker run --name c0 busybox touch /f0',
  'docker commit c0 i0',
  ...Array.from({ length: 30 }, (_, i) => [
    `docker run --name c${i + 1} i${i} touch /f${i + 1}`,
    `docker commit c${i + 1} i${i + 1}`,
  ]).flat(),
  'docker run -d --name web i30 sleep 1000',
  'docker exec web rm /f7 /f30',
];

test('32 layers fit into 80 columns, and the layers that the last command hides something in stand alone', async () => {
  const scene = sceneOf(deep);
  const text = drawText('union', scene, { width: 80 });
  assert.ok(text.split('\n').every((row) => [...row].length <= 80));
  const head = text.split('\n')[1]!;
  assert.match(head, /│ +1–8 +9 +10–31 +32 +init +rw +│/);
  assert.match(text, /\* \/f7 .*○.*✕ {2}│ — deleted: whiteout in read-write/);
  assert.match(text, /not shown: c0, c1, /);
  assert.is(await parseMermaid(drawMermaid('union', scene)), 'flowchart-v2');
});

test('of twenty containers the touched one has the table, another by its name or the beginning of its id', () => {
  const scene = sceneOf(stories.twenty!);
  assert.is(chooseContainer(scene)?.name, 'c7');
  assert.match(drawText('union', scene), /^c7 · paused · union view/);
  assert.is(drawText('union', scene).match(/union view of/g)?.length, 1);
  const third = scene.containers[2]!;
  assert.match(drawText('union', scene, { container: third.name }), /^c3 · running/);
  assert.is(chooseContainer(scene, third.id.slice(0, 12)), third);
  assert.is(chooseContainer(scene, 'nobody'), undefined);
  assert.match(drawMermaid('union', scene, { container: 'c3' }), /union view of c3/);
  const calm = { ...scene, containers: scene.containers.map(({ mark: _, statusMark: __, ...item }) => item) };
  assert.is(chooseContainer(calm)?.name, 'c20', 'the newest');
  assert.is(chooseContainer(calm, undefined, third.id)?.name, 'c3', 'the one shown before');
});

test('only signs that are there are explained', () => {
  assert.not.match(drawText('union', sceneOf(stories.running!)), /whiteout/);
  assert.match(drawText('union', sceneOf(stories.written!)), /✕ whiteout/);
});

test.run();
