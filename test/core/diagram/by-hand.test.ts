/**
 * A container built by hand on the simulated host, command by command (test/fixtures/container-by-hand.md), in the pictures: its
 * mount with its layers, then its process space, beside what `docker run` gives and like it.
 */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createSimTarget,
  drawMermaid,
  drawText,
  layoutHost,
  layoutStack,
  lightOf,
  parseTranscript,
  type Scene,
  type SceneContainer,
  type SimTarget,
  toScene,
} from '../../../core/index.ts';

const test = suite('by hand, in the pictures');
const file = new URL('../../fixtures/container-by-hand.md', import.meta.url);
const { commands } = await parseTranscript(readFileSync(file, 'utf8'), 'container-by-hand.md');

/** A host on which all was typed up to the first line that matches. */
function upTo(last: RegExp): SimTarget {
  const target = createSimTarget({ interactive: true });
  for (const { command } of commands) {
    target.runSync(command);
    if (last.test(command)) return target;
  }
  throw new Error(`no command matches ${last}`);
}

const sceneOf = (target: SimTarget): Scene => toScene(target.observeSync());
const only = ({ byHand = [] }: Scene): SceneContainer => {
  assert.is(byHand.length, 1);
  return byHand[0]!;
};

test('nothing of Docker’s is taken for something made by hand', () => {
  const target = createSimTarget({ interactive: true });
  const lines = [
    'docker run -d --name one busybox sleep 100',
    'docker run -d --pid host --name two busybox sleep 100',
    'docker exec -d one unshare -m sleep 50',
    'docker create --name three busybox',
    'mkdir /t; mount -t tmpfs tmpfs /t',
  ];
  for (const line of lines) {
    target.runSync(line);
    assert.is(target.observeSync().byHand, undefined, line);
  }
});

test('the overlay mount alone stands on the image’s layer, with the directories that it was made of', () => {
  const scene = sceneOf(upTo(/^mount -t overlay/));
  const made = only(scene);
  assert.is(made.name, '/c/merged');
  assert.is(made.standsOn, scene.layers[0]!.chainId);
  assert.equal(made.hand, { where: '/c/merged', lower: ['/c/init'], upper: '/c/upper', groups: [] });
  assert.is(made.alive, false);
  assert.equal(made.upper, []);
  const text = drawText('stack', scene);
  assert.match(text, /by hand \/c\/merged · mounted · no process sees it as its root/);
  assert.match(text, /read-write: \/c\/upper/);
  assert.match(text, /directory \/c\/init · read-only/);
});

test('with its process it is drawn as docker run’s: namespaces, control group, PID 1, the same layers and view', () => {
  const target = upTo(/touch \/happiness/);
  target.runSync(
    "docker run -d --name docker --memory 64m busybox sh -c 'touch /happiness.txt; rm /bin/sh; exec sleep 300'",
  );
  const scene = sceneOf(target);
  const [made, run] = [only(scene), scene.containers[0]!];
  assert.is(made.name, 'byhand');
  for (const same of ['status', 'standsOn', 'imageId', 'cgroup', 'alive'] as const)
    assert.equal(made[same], run[same], same);
  assert.equal(made.hand?.groups, ['/docker/byhand']);
  assert.equal(made.namespaces, run.namespaces);
  const first = ({ processes }: SceneContainer) => processes.map(({ pid, ppid, args }) => [pid, ppid, args]);
  assert.equal(first(made), first(run));
  const files = ({ upper }: SceneContainer) => upper.map(({ path, kind, type }) => [path, kind, type]);
  assert.equal(files(made), files(run));
  const seen = ({ union }: SceneContainer) => union.rows.map(({ path, from, cells }) => [path, from, cells]);
  assert.equal(seen(made), seen(run));
  const text = drawText('stack', scene);
  assert.match(text, /by hand byhand · running · process space/);
  assert.match(text, /cgroup \/docker\/byhand, memory limit 67\.1MB/);
  assert.match(drawText('host', scene), /byhand · running/);
  const chart = drawMermaid('stack', scene);
  assert.match(chart, /by hand: byhand · running · process space/);
  assert.match(chart, /directory \/c\/init · read-only/);
  assert.not.match(drawText('images', scene), /byhand/);
});

test('as boxes: each of its parts has one, and pointing at it says how it was made', () => {
  const scene = sceneOf(upTo(/touch \/happiness/));
  const made = only(scene);
  for (const layout of [layoutStack(scene, { width: 900 }), layoutHost(scene, 900)]) {
    const words = layout.nodes.map((node) => node.words).join('\n');
    assert.match(words, /By hand: byhand, running, process space/);
    assert.match(words, /Process 1 of byhand: sleep 300/);
  }
  const drawn = layoutStack(scene, { width: 900 }).nodes.map((node) => node.words);
  assert.ok(drawn.some((words) => words.startsWith('directory /c/init of byhand, read-only')));
  assert.is(
    lightOf(scene, { kind: 'container', container: made.id }).words,
    'byhand was made by hand: at /c/merged, one read-only layer of busybox:latest, directory /c/init, written to /c/upper.',
  );
});

test('namespaces without a union are a process space without layers', () => {
  const target = createSimTarget({ interactive: true });
  target.runSync('unshare -p -f sleep 300 </dev/null >/dev/null 2>&1 & usleep 100000');
  const scene = sceneOf(target);
  const made = only(scene);
  assert.equal(made.hand, { lower: [], groups: [] });
  assert.equal(
    Object.entries(made.namespaces!).flatMap(([kind, whose]) => (whose === 'own' ? [kind] : [])),
    ['pid'],
  );
  assert.is(made.processes[0]!.pid, 1);
  assert.match(drawText('stack', scene), /its root is the host's, or a directory of it: no union/);
  const keys = layoutStack(scene, { width: 900 }).nodes.map(({ kind }) => kind);
  assert.not.ok(keys.includes('upper') || keys.includes('init'));
  drawMermaid('stack', scene);
  drawText('union', scene);
});

test('what the last command changed is marked, and what it took away is named', () => {
  const target = upTo(/^unshare/);
  const before = target.observeSync();
  target.runSync("nsenter -t $(pidof sleep) -m sh -c 'echo x > /new'");
  const after = target.observeSync();
  const made = only(toScene(after, before));
  assert.equal(
    made.upper.map(({ path, mark }) => [path, mark]),
    [['/new', 'new']],
  );
  assert.is(made.mark, undefined);
  target.runSync('kill -9 $(pidof sleep); usleep 1000');
  const ended = toScene(target.observeSync(), after);
  assert.is(only(ended).alive, false);
  assert.ok(ended.gone.some(({ kind, name }) => kind === 'process' && name.startsWith('sleep 300')));
  target.runSync('umount /c/merged');
  assert.is(target.observeSync().byHand, undefined);
});

test('lower directories of one’s own stand on no image', () => {
  const target = createSimTarget({ interactive: true });
  target.runSync('mkdir -p /o/a /o/b /o/up /o/wk /o/m; echo a >/o/a/f; echo b >/o/b/f');
  target.runSync('mount -t overlay overlay -o lowerdir=/o/b:/o/a,upperdir=/o/up,workdir=/o/wk /o/m; rm /o/m/f');
  const made = only(sceneOf(target));
  assert.is(made.standsOn, undefined);
  assert.equal(made.hand?.lower, ['/o/b', '/o/a']);
  assert.equal(
    made.upper.map(({ path, kind }) => [path, kind]),
    [['/f', 'D']],
  );
  assert.match(drawText('stack', sceneOf(target)), /directories \/o\/b, \/o\/a · read-only/);
});

test.run();
