/**
 * The page's engine works in slices: a line that runs away can be interrupted while it computes, the same history leads to the
 * same world again, and going elsewhere can be given up. In Node, so that what comes when is no matter of how fast anything is.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../site/engine/engine.ts';
import { lastOf } from '../../site/engine/output.ts';
import type { Answers, Entry, Reply } from '../../site/engine/protocol.ts';

const test = suite('site: engine in slices');
const history = [
  { line: 'docker run -d --name here busybox sleep 1000', given: [] },
  { line: 'docker exec here touch /f', given: [] },
] as const;

function ask(engine: Engine, id: number, body: object): Promise<Reply> {
  return engine.answer({ id, ...body });
}

function valued<K extends keyof Answers>(reply: Reply, _kind: K): Answers[K] {
  if (reply.kind === 'error') throw new Error(reply.message);
  return reply.value as Answers[K];
}

const runaways = [
  "docker run --name away busybox sh -c 'while :; do :; done'",
  "docker run --name away busybox sh -c 'f() { f | f & }; f; sleep 100'",
  "docker run --name away busybox sh -c 'i=0; while :; do i=$((i+1)); done'",
  'while :; do :; done',
  'i=0; while docker ps -q; do i=$((i+1)); done',
];

for (const line of runaways) {
  test(`Ctrl-C while it computes, and the same once more: ${line}`, async () => {
    const engine = new Engine();
    await ask(engine, 1, { kind: 'seek', entries: [...history] });
    const running = ask(engine, 2, { kind: 'run', line });
    for (let n = 0; n < 3; n++) await ask(engine, 3 + n, { kind: 'interrupt', of: 2 });
    const ran = valued(await running, 'run');
    assert.is(ran.outcome.suspended, undefined, 'it came to its end');
    assert.ok(ran.given.length > 0 && ran.given.every(({ kind }) => kind === 'interrupt'));
    const seen = valued(await ask(engine, 6, { kind: 'observe' }), 'observe');
    const again = new Engine();
    const entries: Entry[] = [...history.map((entry) => ({ ...entry, given: [] })), { line, given: [...ran.given] }];
    await ask(again, 1, { kind: 'seek', entries });
    assert.equal(valued(await ask(again, 2, { kind: 'observe' }), 'observe'), seen);
  });
}

test('a Ctrl-C that comes while it computes is kept with the slice that it came at', async () => {
  const engine = new Engine();
  const running = ask(engine, 1, { kind: 'run', line: 'i=0; while docker ps -q; do i=$((i+1)); done' });
  await ask(engine, 2, { kind: 'interrupt', of: 1 });
  const { given, outcome } = valued(await running, 'run');
  assert.equal(given, [{ kind: 'interrupt', at: 0 }]);
  assert.is(outcome.exitCode, 130);
});

test('going elsewhere is given up, and the world is where it was', async () => {
  const engine = new Engine();
  await ask(engine, 1, { kind: 'seek', entries: [...history] });
  const seen = valued(await ask(engine, 2, { kind: 'observe' }), 'observe');
  const going = ask(engine, 3, { kind: 'seek', entries: Array.from({ length: 500 }, () => history[0]) });
  await ask(engine, 4, { kind: 'interrupt', of: 3 });
  assert.equal(await going, { id: 3, kind: 'error', message: 'stopped' });
  const ran = valued(await ask(engine, 5, { kind: 'run', line: 'docker diff here' }), 'run');
  assert.is(ran.outcome.stdout, 'A /f\n');
  assert.equal(valued(await ask(engine, 6, { kind: 'observe' }), 'observe').containers.length, seen.containers.length);
});

test('a host that is made otherwise is so in every world: of the line, inside of it, and beside it', async () => {
  const engine = new Engine();
  const made = { cgroup: 'v2', bridge: true } as const;
  const entry: Entry = { line: 'docker run -d --name here -p 8080:80 busybox sleep 1000', given: [] };
  await ask(engine, 1, { kind: 'seek', made, entries: [entry] });
  const line = 'docker inspect -f {{.NetworkSettings.IPAddress}} here; ls /sys/fs/cgroup/cgroup.procs';
  const ran = valued(await ask(engine, 3, { kind: 'run', line }), 'run');
  assert.is(ran.outcome.stdout, '172.17.0.2\n/sys/fs/cgroup/cgroup.procs\n');
  const { scenes } = valued(await ask(engine, 4, { kind: 'steps', made, before: [], entry }), 'steps');
  const compared = { kind: 'compare', made, earlier: [], later: [entry], names: ['a', 'b'] };
  const apart = valued(await ask(engine, 5, compared), 'compare');
  // Without docker0 no port can be published, and there is no container.
  for (const { containers } of [ran.scene, scenes.at(-1)!, apart.scenes[1]]) assert.is(containers.length, 1);
  assert.equal(
    await ask(engine, 6, { kind: 'seek', made: { cgroup: 'v3' }, entries: [] }).then(({ kind }) => kind),
    'error',
  );
});

test('a line of very many commands is not taken for one that waits', async () => {
  const line = 'for i in $(seq 150); do docker create --name c$i busybox >/dev/null; done; docker ps -aq | wc -l';
  const { outcome, given } = valued(await ask(new Engine(), 1, { kind: 'run', line }), 'run');
  assert.is(outcome.suspended, undefined);
  assert.equal(given, []);
  assert.match(outcome.stdout, /^\s*150\n$/);
});

test('of much output the page gets the end, and how much there is before it', async () => {
  assert.is(lastOf('a\nb\n'), 'a\nb\n');
  const lines = Array.from({ length: 6_000 }, (_, n) => `${n}\n`);
  const kept = lastOf(lines.join('')).split('\n');
  assert.is(kept.length, 5_002);
  assert.is(kept[0], `... (left out before this: 1000 lines, ${lines.slice(0, 1_000).join('').length} characters)`);
  assert.is(kept[1], '1000');
  const { outcome, shown } = valued(await ask(new Engine(), 1, { kind: 'run', line: 'seq 1 300000' }), 'run');
  assert.ok(outcome.stdout.length < 201_000 && shown.length < 201_000);
  assert.match(shown, /\n300000\n$/);
});

test.run();
