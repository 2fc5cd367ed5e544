/** What differs between a world and a goal: by names, states and paths, not by ids; real worlds of the simulation. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget, drawText, layoutStack, legendOf, type Scene, toScene } from '../../core/index.ts';
import '../../core/parts-all.ts';
import { differing, unmarked } from '../../site/goal/differ.ts';

const test = suite('what differs from the goal');

function world(...lines: readonly string[]): Scene {
  const target = createSimTarget();
  const empty = target.observeSync();
  for (const line of lines) {
    const { exitCode, stderr } = target.runSync(line);
    assert.is(exitCode, 0, `${line}: ${stderr}`);
  }
  return toScene(target.observeSync(), empty);
}

/** Everything that is marked, in words. */
function marks({ layers, images, containers }: Scene): string[] {
  const named = <T extends { readonly mark?: string }>(items: readonly T[], name: (item: T) => string): string[] =>
    items.filter(({ mark }) => mark !== undefined).map((item) => `${item.mark} ${name(item)}`);
  return [
    ...named(layers, ({ depth }) => `layer ${depth}`),
    ...named(images, ({ tags }) => `image ${tags}`),
    ...named(containers, ({ name }) => name),
    ...containers.flatMap(({ name, statusMark, processes, init, upper, union }) => [
      ...(statusMark === undefined ? [] : [`${statusMark} status of ${name}`]),
      ...named(processes, ({ args }) => `${name}: ${args.join(' ')}`),
      ...named([...init, ...upper], ({ path }) => `${name}: ${path}`),
      ...named(union.rows, ({ path }) => `${name} sees ${path}`),
    ]),
  ];
}

const sleep = 'docker run -d --name web busybox sleep 300';

test('another way to the same names differs in nothing, though every id is another', () => {
  const one = world(sleep, 'docker run --name smile busybox touch /joy', 'docker commit smile joy', 'docker rm smile');
  const two = world(
    'docker run --name grin busybox sh -c "echo > /joy"',
    'docker commit grin first',
    'docker tag first joy',
    'docker rmi first',
    'docker rm grin',
    sleep,
  );
  assert.is.not(one.containers[0]!.id, two.containers[0]!.id);
  assert.is.not(one.layers.at(-1)!.chainId, two.layers.at(-1)!.chainId);
  const { here, goal, sentences } = differing(one, two);
  assert.equal([...marks(here), ...marks(goal), ...sentences], []);
});

test('a file in which something else stands is marked on both sides, and said once', () => {
  const one = world('docker run --name web busybox sh -c "echo here > /f; echo same > /g"');
  const two = world('docker run --name web busybox sh -c "echo there > /f; echo same > /g"');
  const { here, goal, sentences } = differing(one, two);
  assert.equal([marks(here), marks(goal)], [['apart web: /f'], ['apart web: /f']]);
  assert.equal(sentences, ['container web: something else stands in /f in the goal']);
});

test('what is missing is marked in the goal, what is too much here, another state in both', () => {
  const { here, goal, sentences } = differing(
    world(sleep, 'docker pause web', 'docker create --name reader busybox true'),
    world(sleep, 'docker run --name mate busybox touch /m', 'docker commit mate kept'),
  );
  assert.equal(marks(here), ['apart web', 'apart reader', 'apart status of web']);
  assert.equal(marks(goal), [
    'apart layer 2',
    'apart image kept:latest',
    'apart web',
    'apart mate',
    'apart status of web',
  ]);
  assert.equal(sentences, [
    'image kept:latest is still missing',
    'container web is paused, in the goal running',
    'container reader is not in the goal',
    'container mate is still missing',
  ]);
});

test('processes by what they run, changed paths by what became of them', () => {
  const { here, goal, sentences } = differing(
    world(sleep, 'docker exec web touch /mine /both', 'docker exec -d web sleep 5'),
    world(sleep, 'docker exec web touch /both', 'docker exec web rm /etc/group', 'docker exec -d web sleep 300'),
  );
  assert.equal(marks(here), ['apart web: sleep 5', 'apart web: /mine']);
  assert.equal(marks(goal), ['apart web: sleep 300', 'apart web: /etc', 'apart web: /etc/group']);
  assert.equal(sentences, [
    'container web: process sleep 300 is still missing',
    'container web: process sleep 5 is not in the goal',
    'container web: change of /etc (C) is still missing',
    'container web: change of /etc/group (D) is still missing',
    'container web: change of /mine (A) is not in the goal',
  ]);
});

test('an image of the same name on other layers, and a container made from another image', () => {
  const commits = ['docker run --name one busybox touch /a', 'docker commit one base', 'docker rm one'];
  const { sentences } = differing(
    world(
      ...commits,
      'docker run --name two busybox touch /b',
      'docker commit two feast',
      'docker create --name three base true',
    ),
    world(
      ...commits,
      'docker run --name two base touch /b',
      'docker commit two feast',
      'docker create --name three busybox true',
    ),
  );
  assert.equal(sentences, [
    'image feast:latest has 2 layers, in the goal 3',
    'container two is made from busybox, in the goal from base',
    'container three is made from base, in the goal from busybox',
  ]);
});

test('without names of their own, in order of appearance', () => {
  const loose = ['docker run --name one busybox touch /a', 'docker commit one', 'docker create busybox true'];
  const two = world('docker create --name other busybox true', 'docker rm other', ...loose);
  const one = world(...loose);
  assert.equal(differing(one, two).sentences, []);
  assert.equal(differing(world(...loose, 'docker commit one'), two).sentences.length, 1);
});

test('how a layer of the goal is made is not told; one that is here already still says it', () => {
  const base = ['docker run --name one busybox touch /secret', 'docker commit one base'];
  const { goal } = differing(
    world(...base),
    world(...base, 'docker run --name two base touch /hidden', 'docker commit two top'),
  );
  assert.match(drawText('stack', goal), /made by: touch \/secret/);
  assert.not.match(drawText('stack', goal), /touch \/hidden/);
});

test('both pictures say with one sign that something differs, also as text; nothing marked, no sign', () => {
  const { here } = differing(world(sleep), world());
  const words = (scene: Scene): string =>
    legendOf(layoutStack(scene, { width: 600 }))
      .map((entry) => entry.words)
      .join('\n');
  assert.match(words(here), /differs from the other picture/);
  assert.not.match(words(here), /last command/);
  assert.match(drawText('stack', here), /≠ differs from the other picture/);
  const calm = unmarked(world(sleep));
  assert.equal(marks(calm), []);
  assert.not.match(words(calm), /differs|last command/);
  assert.not.match(drawText('stack', calm), /≠|last command/);
});

test.run();
