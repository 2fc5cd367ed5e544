/**
 * A container built by hand (test/fixtures/container-by-hand.md) gives the picture that `docker run` gives: the same layers, files,
 * namespaces, processes and limits, read back from the host by the same queries.
 */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ContainerFacts,
  changes,
  type Driver,
  matchAnswer,
  merge,
  type NsKind,
  type Observation,
  type Op,
  type OpResults,
  parseTranscript,
  type SceneContainer,
  type Target,
  type TreeEntry,
  toScene,
} from '../../../core/index.ts';
import { gated } from '../../support/needs.ts';

/** A target whose driver answers queries. */
export type Host = Target & { readonly driver: Driver };

const file = new URL('../../fixtures/container-by-hand.md', import.meta.url);
const NAME = 'byhand';

async function ask<K extends Op['op']>(host: Host, op: Extract<Op, { op: K }>): Promise<OpResults[K]> {
  const outcome = await host.driver.perform(op as Op);
  assert.ok('ok' in outcome && outcome.ok, `${JSON.stringify(op)}: ${JSON.stringify(outcome)}`);
  return (outcome as { readonly value: OpResults[K] }).value;
}

/** What the engine would know of the container, had it made it. */
async function factsByHand(host: Host, image: Observation['images'][number]): Promise<ContainerFacts> {
  const group = `docker/${NAME}`;
  const processes = await ask<'processes'>(host, { op: 'processes', group });
  const first = processes.find(({ inner }) => inner === 1);
  assert.ok(first !== undefined, 'somebody is PID 1');
  const tree = (path: string): Promise<readonly TreeEntry[]> => ask<'tree'>(host, { op: 'tree', path });
  const [ofHost, own] = [
    await ask<'namespaces'>(host, { op: 'namespaces', pid: 1 }),
    await ask<'namespaces'>(host, { op: 'namespaces', pid: first.pid }),
  ];
  const kinds = Object.keys(own) as NsKind[];
  const read = (controller: string, name: string): Promise<string> =>
    ask<'cgroupRead'>(host, { op: 'cgroupRead', group, controller, file: name });
  const [init, upper, union] = [await tree('/c/init'), await tree('/c/upper'), await tree('/c/merged')];
  const lower = merge(init, await tree('/c/image/.'));
  return {
    id: NAME,
    name: NAME,
    image: 'busybox',
    imageId: image.id,
    status: 'running',
    exitCode: 0,
    oomKilled: false,
    command: first.args,
    processes: processes.map(({ pid, inner, innerParent, args }) => ({
      pid: inner,
      ppid: innerParent,
      args,
      hostPid: pid,
    })),
    namespaces: Object.fromEntries(
      kinds.map((kind) => [kind, own[kind] === ofHost[kind] ? 'host' : 'own'] as const),
    ) as Record<NsKind, 'own' | 'host'>,
    cgroup: {
      frozen: (await read('freezer', 'freezer.state')).trim() === 'FROZEN',
      pids: processes.length,
      memoryLimit: Number(await read('memory', 'memory.limit_in_bytes')),
    },
    lower: image.layers.map(({ chainId }) => chainId),
    init,
    upper,
    union,
    changes: changes(upper, lower),
  };
}

/** The container of a scene without what is drawn by lot: its id, and PIDs on the host. */
function drawn({ containers }: ReturnType<typeof toScene>): SceneContainer {
  assert.is(containers.length, 1);
  const text = JSON.stringify(containers[0], (key, value) => (key === 'hostPid' ? 0 : key === 'id' ? 'ID' : value));
  return JSON.parse(text) as SceneContainer;
}

async function play(target: Target): Promise<void> {
  const { commands } = await parseTranscript(readFileSync(file, 'utf8'), 'container-by-hand.md');
  for (const each of commands) assert.equal(matchAnswer(each, await target.run(each.command)), [], each.command);
}

/** `open` gives a fresh host. */
export function containerByHandSuite(name: string, missing: string | undefined, open: () => Promise<Host>): void {
  const test = suite(`a container by hand on ${name}`);
  gated(test, missing)('its picture is that of docker run', async () => {
    const [byHand, docker] = [await open(), await open()];
    try {
      await play(byHand);
      const seen = await byHand.observe();
      assert.equal(seen.containers, [], 'docker knows nothing of it');
      const container = await factsByHand(byHand, seen.images[0]!);
      for (const line of [
        `run -d --name ${NAME} -m 64m busybox sleep 300`,
        `exec ${NAME} sh -c 'touch /happiness.txt; rm /bin/sh'`,
      ])
        assert.is((await docker.run(`docker ${line}`)).exitCode, 0, line);
      const expected = drawn(toScene(await docker.observe()));
      assert.equal(drawn(toScene({ ...seen, containers: [container] })), expected);
    } finally {
      await byHand.close();
      await docker.close();
    }
  });
  test.run();
}
