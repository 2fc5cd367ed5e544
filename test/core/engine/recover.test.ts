/**
 * Killed in the middle: a command is given up at step k, for all k, and the world is again the one that was written down
 * before it. After `recover` all that the world names is whole, nothing else is on disk, and commands work as ever.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runSync } from '../../../core/drive.ts';
import { recover } from '../../../core/engine/flows/recover.ts';
import { boot, containerLogs, createEngine, type World } from '../../../core/engine/index.ts';
import { seededRandom } from '../../../core/host.ts';
import type { Flow, Outcome, TreeEntry } from '../../../core/op.ts';
import { createSession } from '../../../core/session.ts';
import { createSimTarget, type SimTarget } from '../../../core/simtarget.ts';

const before = ['docker create --name old busybox touch /x', 'docker start old', 'docker commit old img'];
const lines = [
  'docker create --name new busybox true',
  'docker rm old',
  'docker commit old another',
  'docker rmi img',
  'docker tag img second',
];

function started(): SimTarget {
  const target = createSimTarget();
  for (const line of before) assert.is(target.runSync(line).exitCode, 0, line);
  return target;
}

/** Carries out the first `steps` steps of a line. Answers whether there were more. */
function carryOut(target: SimTarget, line: string, steps: number): boolean {
  const flow: Flow<unknown> = target.session.run(line);
  let turn = flow.next(undefined as never);
  for (let n = 0; turn.done !== true; n++) {
    if (n === steps) return true;
    turn = flow.next(target.driver.perform(turn.value.op) as Outcome);
  }
  return false;
}

const dataRoot = '/var/lib/docker';

function files(target: SimTarget, path = dataRoot): readonly TreeEntry[] {
  const outcome = target.driver.perform({ op: 'tree', path });
  if ('blocked' in outcome || !outcome.ok) throw new Error(`no tree below ${path}`);
  return outcome.value as readonly TreeEntry[];
}

/** Names right below a directory. */
function names(target: SimTarget, dir: string): string[] {
  return files(target, `${dataRoot}/${dir}`)
    .map(({ path }) => path.slice(1))
    .filter((path) => path !== '' && !path.includes('/'))
    .sort();
}

function checkStore(target: SimTarget, { containers, layers, images, volumes = {} }: World, when: string): void {
  const all = Object.values(containers);
  const kept = Object.values(layers);
  const expected = {
    overlay2: [
      'l',
      ...kept.map((layer) => layer.cacheId),
      ...all.flatMap(({ layer }) => [layer.id, `${layer.id}-init`]),
    ],
    'overlay2/l': [...kept.map((layer) => layer.link), ...all.flatMap(({ layer }) => [layer.link, layer.initLink])],
    containers: all.map(({ id }) => id),
    'image/overlay2/layerdb/mounts': all.map(({ id }) => id),
    'image/overlay2/layerdb/sha256': kept.map(({ chainId }) => chainId.slice(7)),
    'image/overlay2/imagedb/content/sha256': Object.keys(images.images).map((id) => id.slice(7)),
    tmp: [],
    volumes: Object.keys(volumes),
  };
  for (const [dir, wanted] of Object.entries(expected))
    assert.equal(names(target, dir), wanted.sort(), `${dir} ${when}`);
}

for (const line of lines) {
  test(`\`${line}\`, killed at any step`, () => {
    for (let steps = 1; ; steps++) {
      const target = started();
      const { engine } = target.session;
      const kept = JSON.parse(JSON.stringify(engine.world)) as World;
      assert.equal(kept, engine.world, 'the world is plain JSON');
      const more = carryOut(target, line, steps);
      if (!more) return assert.ok(steps > 1);
      engine.world = kept;
      runSync(recover(engine), target.driver);
      const when = `after step ${steps}`;
      checkStore(target, engine.world, when);
      assert.equal(
        files(target).filter(({ path }) => path.endsWith('/merged')),
        [],
        when,
      );
      const old = target.runSync('docker start -a old');
      assert.is(old.exitCode, engine.world.containers[kept.names.old!] === undefined ? 1 : 0, when);
      if (line !== 'docker rm old') assert.is(old.exitCode, 0, when);
      assert.is(target.runSync('docker run --name fresh busybox echo hello').stdout, 'hello\n', when);
      assert.is(target.runSync('docker rm fresh').exitCode, 0, when);
      checkStore(target, engine.world, `${when}, used`);
    }
  });
}

test('layers of which a part is missing take with them what stands on them', () => {
  const target = started();
  const { engine } = target.session;
  const chain = engine.world.images.images[engine.world.images.tags['img:latest']!]!.chain;
  const [bottom, top] = chain.map((id) => engine.world.layers[id]!);
  target.driver.perform({ op: 'remove', path: `${dataRoot}/overlay2/${top!.cacheId}` });
  runSync(recover(engine), target.driver);
  assert.equal(Object.keys(engine.world.images.tags), ['busybox:latest']);
  assert.equal(Object.keys(engine.world.names), ['old']);
  checkStore(target, engine.world, 'without the upper layer');
  target.driver.perform({ op: 'remove', path: `${dataRoot}/overlay2/l/${bottom!.link}` });
  runSync(recover(engine), target.driver);
  assert.equal(engine.world, { images: { images: {}, tags: {} }, containers: {}, names: {}, layers: {} });
  checkStore(target, engine.world, 'without any layer');
});

test('a volume that was half made goes, those that the world names stay', () => {
  const target = started();
  const { engine } = target.session;
  assert.is(target.runSync('docker volume create data').exitCode, 0);
  target.driver.perform({ op: 'mkdir', path: `${dataRoot}/volumes/half/_data`, mode: 0o755, parents: true });
  runSync(recover(engine), target.driver);
  checkStore(target, engine.world, 'with a volume');
  assert.equal(Object.keys(engine.world.volumes ?? {}), ['data']);
  assert.is(target.runSync('docker run --rm -v half:/etc busybox ls /etc/group').stdout, '/etc/group\n');
});

test('a log whose last line was cut off can be read', () => {
  const target = started();
  const { engine } = target.session;
  target.runSync('docker run --name talks busybox echo one');
  const id = engine.world.names.talks!;
  const path = `${dataRoot}/containers/${id}/${id}-json.log`;
  const log = target.driver.perform({ op: 'readFile', path });
  const text = 'ok' in log && log.ok ? (log.value as string) : '';
  target.driver.perform({ op: 'writeFile', path, data: `${text}{"log":"tw${text}${text}{"log` });
  assert.equal(
    runSync(containerLogs(engine, 'talks'), target.driver).map((chunk) => chunk.text),
    ['one\n', 'one\n'],
  );
});

/** As dockerd 20.10.24 was found to do when it, containerd, the shims and all containers had been killed at once. */
const policies: readonly (readonly [name: string, options: string, command: string, then: string, found: string])[] = [
  ['plain', '', 'sleep 1000', '', 'exited 255'],
  ['paused', '', 'sleep 1000', 'docker pause paused', 'exited 255'],
  ['ended', '', 'false', 'docker wait ended', 'exited 1'],
  ['always', '--restart always', 'sleep 1000', '', 'running 0'],
  ['always-paused', '--restart always', 'sleep 1000', 'docker pause always-paused', 'running 0'],
  ['always-killed', '--restart always', 'sleep 1000', 'docker kill always-killed', 'running 0'],
  ['unless', '--restart unless-stopped', 'sleep 1000', '', 'running 0'],
  ['unless-killed', '--restart unless-stopped', 'sleep 1000', 'docker kill unless-killed', 'exited 137'],
  ['failure', '--restart on-failure', 'sleep 1000', '', 'running 0'],
  ['failure-killed', '--restart on-failure', 'sleep 1000', 'docker kill failure-killed', 'running 0'],
  ['failure-done', '--restart on-failure', 'true', 'docker wait failure-done', 'exited 0'],
];

test('after a power cut: exited with 255, or started again as the restart policy says', () => {
  const target = createSimTarget();
  for (const [name, options, command, then] of policies) {
    target.runSync(`docker run -d --name ${name} ${options} busybox ${command}`);
    if (then !== '') assert.is(target.runSync(then).exitCode, 0, then);
  }
  target.runSync('docker create --name created --restart always busybox sleep 1000');
  target.runSync('docker run -d --rm --name removed busybox sleep 1000');
  // The same disk under an engine that knows no process: all are killed and their views unmounted first.
  const { driver, session } = target;
  const { world } = session.engine;
  for (const { pid, id, layer } of Object.values(world.containers).filter((each) => each.pid > 0)) {
    driver.perform({ op: 'signal', pid, signal: 'KILL' });
    driver.perform({
      op: 'cgroupWrite',
      group: `docker/${id}`,
      controller: 'freezer',
      file: 'freezer.state',
      value: 'THAWED',
    });
    driver.perform({ op: 'wait', pid });
    driver.perform({ op: 'forget', pid });
    driver.perform({ op: 'umount', at: `${dataRoot}/overlay2/${layer.id}/merged` });
    driver.perform({ op: 'cgroupRemove', group: `docker/${id}` });
  }
  const host = { now: () => driver.now(), random: seededRandom(3) };
  assert.equal(createEngine(host, driver.facts, world).world, world);
  const again = createSession({ driver, host, base: [], kept: { world, boot } });
  runSync(again.prepare(), driver);
  const { containers, names: ids } = again.engine.world;
  const found = policies.map(([name]) => {
    const { state, restartCount } = containers[ids[name]!]!;
    assert.is(restartCount, 0, name);
    return `${name}: ${state.value} ${state.context.exitCode}`;
  });
  assert.equal(
    found,
    policies.map(([name, , , , wanted]) => `${name}: ${wanted}`),
  );
  assert.is(containers[ids.created!]?.state.value, 'created');
  assert.is(ids.removed, undefined);
});

test.run();
