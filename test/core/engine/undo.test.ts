/**
 * Fail at step k, for all k: whatever step of a command fails, the engine's world and the host's files, mounts, cgroups and
 * processes are as they were, and the same command then succeeds.
 */
import '../../../core/parts-all.ts';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createVolume } from '../../../core/engine/flows/volumes.ts';
import * as engineApi from '../../../core/engine/index.ts';
import type { Flow } from '../../../core/op.ts';
import { difference, makeRig, type Rig } from './rig.ts';

interface Case {
  readonly name: string;
  readonly before?: (rig: Rig) => void;
  readonly command: (rig: Rig) => Flow<unknown>;
  /** Steps whose failure is no failure of the command: it does without. */
  readonly tolerates?: (title: string) => boolean;
  /** A step whose failure the container remembers as its reason, as Docker does. */
  readonly remembered?: (title: string) => boolean;
}

const { createContainer, startContainer, pauseContainer, unpauseContainer, commitContainer, renameContainer } =
  engineApi;
const create = (command: readonly string[]) => (rig: Rig) =>
  void rig.run(createContainer(rig.engine, { image: 'tools', command, name: 'web' }));
const running = (rig: Rig): void => {
  create(['sleep', '300'])(rig);
  rig.run(startContainer(rig.engine, 'web'));
};

const cases: readonly Case[] = [
  {
    name: 'create',
    command: ({ engine }) =>
      createContainer(engine, { image: 'tools', command: ['true'], name: 'web', workdir: '/srv/app' }),
    tolerates: (title) => /unmount|empty mount point/.test(title),
  },
  {
    name: 'start',
    before: create(['sleep', '300']),
    command: ({ engine }) => startContainer(engine, 'web'),
    tolerates: (title) => title === 'look up the user',
    remembered: (title) => title.includes('as PID 1'),
  },
  {
    name: 'create with volumes that nobody named',
    command: ({ engine }) =>
      createContainer(engine, { image: 'tools', command: ['true'], name: 'web', volumes: ['/bin', '/data'] }),
    tolerates: (title) => /unmount|empty mount point/.test(title),
  },
  {
    name: 'start with a volume that is a mount',
    before: (rig) => {
      const options = { type: 'tmpfs', device: 'tmpfs' };
      rig.run(createVolume(rig.engine, { name: 'data', labels: null, options }));
      const spec = { image: 'tools', command: ['sleep', '300'], name: 'web', mounting: { Binds: ['data:/etc'] } };
      rig.run(createContainer(rig.engine, spec));
    },
    command: ({ engine }) => startContainer(engine, 'web'),
    tolerates: (title) => title === 'look up the user' || title.startsWith('look at '),
    remembered: (title) => /as PID 1|^mount what volume/.test(title),
  },
  { name: 'pause', before: running, command: ({ engine }) => pauseContainer(engine, 'web') },
  {
    name: 'unpause',
    before: (rig) => {
      running(rig);
      rig.run(pauseContainer(rig.engine, 'web'));
    },
    command: ({ engine }) => unpauseContainer(engine, 'web'),
  },
  {
    name: 'commit of a running container',
    before: running,
    command: ({ engine }) => commitContainer(engine, 'web', { name: 'new' }),
  },
  {
    name: 'commit of changes',
    before: (rig) => {
      create(['touch', '/f'])(rig);
      rig.run(startContainer(rig.engine, 'web'));
      rig.run(engineApi.waitContainer(rig.engine, 'web'));
    },
    command: ({ engine }) => commitContainer(engine, 'web', { name: 'new' }),
  },
  { name: 'rename', before: create(['true']), command: ({ engine }) => renameContainer(engine, 'web', 'other') },
  { name: 'tag', command: ({ engine }) => engineApi.tagImage(engine, 'tools', 'more:v1') },
  {
    name: 'update',
    before: running,
    command: ({ engine }) =>
      engineApi.updateContainer(engine, 'web', { memory: 64 * 2 ** 20, memorySwap: 128 * 2 ** 20 }),
  },
  {
    name: 'update of shares, quota and CPUs',
    before: running,
    command: ({ engine }) =>
      engineApi.updateContainer(engine, 'web', {
        resources: { CpuShares: 512, NanoCpus: 500_000_000, CpusetCpus: '0', MemoryReservation: 10 * 2 ** 20 },
      }),
  },
];

for (const { name, before, command, tolerates, remembered } of cases) {
  test(`${name}: fail at step k, for all k`, () => {
    let failures = 0;
    for (let k = 0; ; k++) {
      const rig = makeRig();
      before?.(rig);
      const { world } = rig.engine;
      const traces = rig.traces();
      let failed = '';
      try {
        rig.run(command(rig), {
          failAt: k,
          after: (step, _, n) => {
            if (n === k) failed = step.title;
          },
        });
        if (failed === '') break;
        assert.ok(tolerates?.(failed) ?? false, `step ${k} (${failed}) failed and nobody noticed`);
        continue;
      } catch (error) {
        assert.match((error as Error).message, /injected/, `step ${k} (${failed})`);
      }
      failures++;
      if (remembered?.(failed)) {
        assert.match(engineApi.findContainer(rig.engine, 'web').state.context.error, /injected/);
        rig.run(command(rig));
        continue;
      }
      assert.equal(rig.engine.world, world, `world after step ${k} (${failed})`);
      assert.equal(difference(traces, rig.traces()), [], `host after step ${k} (${failed})`);
      rig.run(command(rig));
    }
    assert.ok(failures > 0);
  });
}

test('a removal that fails half-way leaves a dead container, which can be removed again', () => {
  let dead = 0;
  for (let k = 0; ; k++) {
    const rig = makeRig();
    const clean = rig.traces();
    create(['true'])(rig);
    let failed = false;
    try {
      rig.run(engineApi.removeContainer(rig.engine, 'web'), { failAt: k });
    } catch {
      failed = true;
    }
    if (!failed) break;
    assert.is(engineApi.statusOf(engineApi.findContainer(rig.engine, 'web')), 'dead');
    dead++;
    rig.run(engineApi.removeContainer(rig.engine, 'web'));
    assert.equal(difference(clean, rig.traces()), []);
  }
  assert.ok(dead >= 5, `${dead} steps`);
});

test('a forced removal may fail at any step and be tried again', () => {
  for (let k = 0; ; k++) {
    const rig = makeRig();
    const clean = rig.traces();
    running(rig);
    let failed = false;
    try {
      rig.run(engineApi.removeContainer(rig.engine, 'web', { force: true }), { failAt: k });
    } catch {
      failed = true;
    }
    if (!failed && engineApi.listContainers(rig.engine).length === 0) break;
    rig.run(engineApi.settle(rig.engine));
    rig.run(engineApi.removeContainer(rig.engine, 'web', { force: true }));
    assert.equal(difference(clean, rig.traces()), [], `after a failure of step ${k}`);
    assert.ok(k < 40);
  }
});

test.run();
