/** A scene says what is there, and marks exactly what the last command changed. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sizeText } from '../../../core/diagram/parts.ts';
import { type Scene, statusText, toScene } from '../../../core/diagram/scene.ts';
import { container, observation, running, story } from './fixture.ts';

/** Everything in the scene that carries a mark, by name. */
function marks(scene: Scene): string[] {
  const inside = scene.containers.flatMap((c) => [
    { name: `container ${c.name}`, mark: c.mark },
    ...c.processes.map((p) => ({ name: `${c.name}: PID ${p.pid}`, mark: p.mark })),
    ...c.upper.map((f) => ({ name: `${c.name}: rw ${f.path}`, mark: f.mark })),
    ...c.union.rows.map((r) => ({ name: `${c.name}: union ${r.path}`, mark: r.mark })),
  ]);
  const all = [
    ...scene.layers.map((l) => ({ name: `layer ${l.depth}`, mark: l.mark })),
    ...scene.images.map((i) => ({ name: `image ${i.tags.join()}`, mark: i.mark })),
    ...inside,
  ];
  return all.filter((item) => item.mark !== undefined).map((item) => `${item.name} ${item.mark}`);
}

test('the story, moment by moment: what each one marks', () => {
  const moments = story();
  const marked = moments.map((moment, i) => marks(toScene(moment, moments[i - 1])));
  assert.equal(marked, [
    [],
    ['container cradle new'],
    ['container cradle changed', 'cradle: rw /happiness.txt new', 'cradle: union /happiness.txt new'],
    ['container web new', 'web: PID 1 new', 'web: PID 7 new'],
    [
      'web: rw /etc new',
      'web: rw /etc/motd new',
      'web: rw /etc/passwd new',
      'web: rw /happiness.txt new',
      'web: rw /root new',
      'web: rw /tmp new',
      'web: union /etc/motd changed',
      'web: union /etc/passwd changed',
      'web: union /happiness.txt new',
      'web: union /tmp changed',
    ],
    ['container web changed'],
    ['layer 2 new', 'image happy:latest new'],
    ['container second new', 'second: PID 1 new', 'second: PID 7 new'],
  ]);
});

test('without a moment before, or when nothing changed, nothing is marked', () => {
  for (const moment of story()) {
    assert.equal(marks(toScene(moment)), []);
    assert.equal(marks(toScene(moment, moment)), []);
    assert.equal(toScene(moment, moment).gone, []);
  }
});

test('what the last command took away is named', () => {
  const moments = story();
  assert.equal(toScene(moments[7]!, moments[6]).gone, [{ kind: 'container', name: 'web' }]);
  const back = toScene(moments[5]!, moments[6]).gone.map((item) => `${item.kind} ${item.name}`);
  assert.equal(back, ['tag happy:latest', 'image a2a2a2a2a2a2', 'layer c2c2c2c2c2c2']);
  const stopped = container('web', { status: 'exited', exitCode: 137 });
  const gone = toScene(observation([stopped]), observation([running('web')])).gone.map((item) => item.name);
  assert.equal(gone, ['sh -c sleep 300; true (PID 1 of web)', 'sleep 300 (PID 7 of web)']);
});

test('layers point to their parents, containers to the layer that they stand on', () => {
  const scene = toScene(story()[7]!);
  const [first, second] = scene.layers;
  assert.equal([first?.depth, first?.parent, second?.depth, second?.parent], [1, undefined, 2, first?.chainId]);
  assert.equal(
    scene.containers.map((c) => c.standsOn),
    [first?.chainId, second?.chainId],
  );
});

test('a committed read-write layer is recognised in the layer that was made of it', () => {
  const [cradle, web] = toScene(story()[6]!).containers;
  assert.equal(cradle?.sameAs, { image: 'happy:latest', depth: 2 });
  assert.is(web?.sameAs, undefined);
});

test('a paused container is alive and frozen, an exited one neither', () => {
  const [cradle, web] = toScene(story()[5]!).containers;
  assert.equal([cradle?.alive, cradle?.frozen, web?.alive, web?.frozen], [false, false, true, true]);
});

test('sizes and states are worded as Docker words them', () => {
  assert.equal([0, 14, 999, 1000, 1982256, 54_000_000].map(sizeText), ['0B', '14B', '999B', '1kB', '1.98MB', '54MB']);
  assert.is(statusText({ status: 'exited', exitCode: 137, oomKilled: true }), 'exited (137), out of memory');
  assert.is(statusText({ status: 'created', exitCode: 0, oomKilled: false }), 'created');
});

test.run();
