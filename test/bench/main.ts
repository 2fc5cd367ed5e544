/**
 * `npm run bench`, built to dist/bench.mjs: how fast Cutaway is, as ratios against a peer or a floor measured in the same
 * run. What a machine cannot do (no root, no docker, no runc) is named and left out; the rest is still measured.
 * `--only sim,sh,vfs,start,archives,linux,lifecycle,many` chooses parts.
 */
import { parseArgs } from 'node:util';
import { loadedArchives } from './archives.ts';
import { dockerRun } from './docker.ts';
import { type ContainerEngine, dockerEngine, ours, podman, runcEngine, utilities } from './engines.ts';
import { eachOperation, growing, manyStarted } from './lifecycle.ts';
import { linuxRun } from './linux.ts';
import { type Contender, call, race, report } from './measure.ts';
import { floor, runc } from './peers.ts';
import { manyProcesses, shellAgainstBusybox } from './shell.ts';
import { simulatedRunsPerSecond } from './sim.ts';
import { keptSteps, readdirMerged, statAtTheBottom } from './vfs.ts';

const program = new URL('cutaway.mjs', import.meta.url).pathname;
const lesson = new URL('../lessons/01-where-is-happiness.md', import.meta.url).pathname;

function simulation(): void {
  const line = 'docker run --rm busybox touch /f';
  const rates = simulatedRunsPerSecond(line, { rounds: 5, runs: 1000 });
  console.log(
    `simulation: ${line}\n  ${rates.median.toFixed(0)} a second (best of 5 rounds: ${rates.best.toFixed(0)}), aim: 2000 or more\n`,
  );
}

function unionFileSystem(): void {
  for (const figure of [statAtTheBottom, readdirMerged, keptSteps]) console.log(`${figure()}\n`);
}

async function startUp(): Promise<void> {
  const contenders: Contender[] = [
    { name: 'node -e 0', once: () => call('node', ['-e', '0']) },
    { name: 'cutaway --version', once: () => call('node', [program, '--version']) },
    { name: 'cutaway run LESSON', once: () => call('node', [program, 'run', lesson]) },
  ];
  console.log(`${report('start of the terminal program', await race(contenders, 15), 'node -e 0')}\n`);
}

/** A peer, or the reason why there is none. */
async function attempt<C>(open: () => C | Promise<C>): Promise<C | undefined> {
  try {
    return await open();
  } catch (error) {
    console.log(`  left out: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function realKernel(): Promise<void> {
  const argv = ['touch', '/f'];
  const opened = [
    await attempt(() => floor(argv)),
    await attempt(() => runc(argv)),
    await attempt(() => linuxRun(`docker run --rm --network none busybox ${argv.join(' ')}`)),
    await attempt(() => dockerRun(argv)),
  ].filter((peer) => peer !== undefined);
  try {
    console.log(
      report('one container from start to exit, in a running program', await race(opened, 20), opened[1]?.name ?? ''),
    );
  } finally {
    for (const peer of opened) await peer.close();
  }
}

/** Opens all engines that are here, measures, and closes them again. */
async function withEngines(measure: (engines: readonly ContainerEngine[]) => Promise<void>): Promise<void> {
  const engines: ContainerEngine[] = [];
  try {
    for (const open of [utilities, runcEngine, ours, dockerEngine, podman]) {
      const engine = await attempt<ContainerEngine>(open);
      if (engine !== undefined) engines.push(engine);
    }
    await measure(engines);
  } finally {
    await Promise.allSettled(engines.map((engine) => engine.close()));
  }
}

async function lifecycle(engines: readonly ContainerEngine[]): Promise<void> {
  console.log(`${await eachOperation(engines, 10)}\n`);
}

async function many(engines: readonly ContainerEngine[]): Promise<void> {
  console.log(`${await manyStarted(engines, 50)}\n`);
  console.log(`${await growing(engines, [0, 50, 100, 250, 500])}\n`);
}

const parts: Readonly<Record<string, () => void | Promise<void>>> = {
  sim: simulation,
  sh: async () => console.log(`${await shellAgainstBusybox()}\n\n${manyProcesses()}\n`),
  vfs: unionFileSystem,
  start: startUp,
  archives: async () => console.log(`${await loadedArchives(program)}\n`),
  linux: realKernel,
  lifecycle: () => withEngines(lifecycle),
  many: () => withEngines(many),
};
const { values } = parseArgs({ options: { only: { type: 'string' } } });
for (const part of values.only?.split(',') ?? Object.keys(parts)) {
  const run = parts[part];
  if (run === undefined) throw new Error(`no such part: ${part} (there are ${Object.keys(parts).join(', ')})`);
  await run();
}
