/** Mermaid's own parser takes every picture, whatever the names in it. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawMermaid, label } from '../../../core/diagram/mermaid.ts';
import { toScene } from '../../../core/diagram/scene.ts';
import { pictureKinds } from '../../../core/diagram/text.ts';
import { baseTree, dir, file, flatten, initTree, observation, running, story } from './fixture.ts';
import { parseMermaid } from './mermaid-parser.ts';

test('the parser refuses what is no chart, so that its yes means something', async () => {
  let refused = false;
  await parseMermaid('flowchart BT\n  a["x" --> b').catch(() => {
    refused = true;
  });
  assert.ok(refused);
});

test('every picture of the story is accepted', async () => {
  const moments = story();
  for (const [i, moment] of moments.entries()) {
    for (const kind of pictureKinds) {
      assert.is(
        await parseMermaid(drawMermaid(kind, toScene(moment, moments[i - 1]))),
        kind === 'lifecycle' ? 'stateDiagram' : 'flowchart-v2',
        `${kind} ${i}`,
      );
    }
  }
});

const flowcharts = pictureKinds.filter((kind) => kind !== 'lifecycle');
const nasty = fc.oneof(
  fc.constantFrom(
    'end',
    'subgraph',
    'class a b',
    '"]',
    '-->',
    '%% x',
    '#quot;',
    '<script>',
    '`**x**`',
    'a;b',
    '}}',
    '1. a',
    '\n',
    '日本',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);

test('names and arguments cannot break out of their labels', async () => {
  await fc.assert(
    fc.asyncProperty(nasty, nasty, nasty, async (name, argument, path) => {
      const upper = [dir('/'), file(`/${path}`, 1)];
      const web = running(name, {
        upper,
        union: flatten([baseTree, initTree, upper]),
        processes: [{ pid: 1, ppid: 0, args: ['sh', argument], hostPid: 9 }],
      });
      for (const kind of flowcharts) {
        const text = drawMermaid(kind, toScene(observation([web]), observation([])));
        assert.is(await parseMermaid(text), 'flowchart-v2');
        assert.not.match(text, /<(?!br\/>)/, 'no markup but line breaks');
      }
    }),
    { numRuns: 60 },
  );
});

test('the state chart names the containers in the states where they are', () => {
  const text = drawMermaid('lifecycle', toScene(story()[5]!, story()[4]!));
  assert.match(text, /note right of paused\n +web \(changed\)\n/);
  assert.match(text, /note right of exited\n +cradle\n/);
  assert.match(text, /class paused current\n/);
  assert.match(text, /running --> paused: PAUSE\n/);
  assert.match(text, /note right of tagged\n +busybox:latest\n/);
  assert.match(text, /class tagged current\n/);
  assert.match(text, /dangling --> image_removed: REMOVE\n/);
});

test('a label keeps plain text and turns the rest into entities', () => {
  assert.is(label('/etc/hosts · read-only (whiteout)'), '/etc/hosts · read-only (whiteout)');
  assert.is(label('a"b<c>'), 'a#34;b#60;c#62;');
});

test.run();
