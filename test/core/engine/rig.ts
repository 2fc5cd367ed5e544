/**
 * A small world for engine tests: the simulated kernel, one image `tools` of two layers whose programs are a few lines each,
 * and short ways to run flows on it.
 */
import { driveSync, type Hooks, runSync } from '../../../core/drive.ts';
import { allResources } from '../../../core/engine/flows/resources.ts';
import { createContainer, createEngine, type Engine, loadBase, removeContainer } from '../../../core/engine/index.ts';
import { registerResources } from '../../../core/engine/resources.ts';
import { seededRandom } from '../../../core/host.ts';
import { digestOf } from '../../../core/image/digest.ts';
import { registerReading } from '../../../core/image/reading.ts';
import { archiveReading } from '../../../core/image/reading-all.ts';
import type { TarEntry } from '../../../core/image/tar.ts';
import { packTar } from '../../../core/image/tar-write.ts';
import { createSimDriver, type SimDriver } from '../../../core/kernel/driver.ts';
import type { Program } from '../../../core/kernel/sys.ts';
import type { Digest, Flow, TreeEntry } from '../../../core/op.ts';

registerReading(archiveReading);
registerResources(allResources);

/** What each program of the image does; argv[0] chooses. */
const tools: Record<string, Program> = {
  true: function* () {
    return 0;
  },
  exit: function* (_, argv) {
    return Number(argv[1]);
  },
  echo: function* (sys, argv) {
    yield* sys.write(1, `${argv.slice(1).join(' ')}\n`);
    return 0;
  },
  env: function* (sys) {
    yield* sys.write(1, `${sys.environ.join('\n')}\n`);
    return 0;
  },
  sleep: function* (sys, argv) {
    yield* sys.sleep(Number(argv[1]) * 1000);
    return 0;
  },
  cat: function* (sys) {
    for (;;) {
      const data = yield* sys.read(0);
      if (data.length === 0) return 0;
      yield* sys.write(1, data);
    }
  },
  touch: function* (sys, argv) {
    for (const path of argv.slice(1)) sys.close(sys.open(path, { write: true, create: true }, 0o644));
    return 0;
  },
  rm: function* (sys, argv) {
    for (const path of argv.slice(1)) sys.unlink(path);
    return 0;
  },
  /** Ends with its argument when SIGTERM comes. */
  polite: function* (sys, argv) {
    sys.sigaction('TERM', 'handler');
    while (!sys.takeSignals().includes('TERM')) yield* sys.pause();
    return Number(argv[1] ?? 0);
  },
};

const tool: Program = (sys, argv) => tools[argv[0]!.split('/').at(-1)!]!(sys, argv);
const binary = { size: 1000, digest: digestOf('tool') } as const;

const dir = (path: string): TarEntry => ({ path, type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0 });
const file = (path: string, text: string, mode = 0o644): TarEntry => ({
  ...dir(path),
  type: 'file',
  mode,
  content: { bytes: new TextEncoder().encode(text) },
});

const bottom: readonly TarEntry[] = [
  dir('bin'),
  { ...file('bin/tool', '', 0o755), content: binary },
  ...Object.keys(tools).map(
    (name): TarEntry => ({ ...dir(`bin/${name}`), type: 'symlink', mode: 0o777, target: 'tool' }),
  ),
  dir('etc'),
  file('etc/motd', 'bottom\n'),
];
const top: readonly TarEntry[] = [dir('etc'), file('etc/motd', 'top\n'), file('etc/secret', 'x\n', 0o600)];

const layers = new Map<Digest, readonly TarEntry[]>([bottom, top].map((layer) => [packTar(layer).digest, layer]));

export const configJson = JSON.stringify({
  architecture: 'amd64',
  config: { Cmd: ['true'], Env: ['FROM_IMAGE=1'] },
  created: '2024-01-02T03:04:05Z',
  history: [
    { created: '2024-01-02T03:04:05Z', created_by: 'first' },
    { created: '2024-01-02T03:04:05Z', created_by: 'second', comment: 'on top' },
  ],
  os: 'linux',
  rootfs: { type: 'layers', diff_ids: [...layers.keys()] },
});

export interface Rig {
  readonly engine: Engine;
  readonly driver: SimDriver;
  /** Runs a flow to its value. */
  run<R>(flow: Flow<R>, hooks?: Hooks): R;
  /** What the flow throws. */
  refusal(flow: Flow<unknown>): string;
  /** The whole tree of the host below a path. */
  tree(path?: string): readonly TreeEntry[];
  /** Everything of the host that a command may leave behind: files, mounts, cgroups, processes. */
  traces(): readonly string[];
}

export function makeRig(options: { cgroup?: 'v1' | 'v2' } = {}): Rig {
  const driver = createSimDriver({
    seed: 1,
    startTime: Date.UTC(2024, 0, 2),
    programs: { true: tools.true! },
    binaries: { [binary.digest]: tool },
    layers: (blob) => layers.get(blob),
    ...options,
  });
  const host = { now: () => driver.now(), random: seededRandom(7) };
  const engine = createEngine(host, driver.facts);
  const run = <R>(flow: Flow<R>, hooks?: Hooks): R => runSync(flow, driver, hooks);
  run(loadBase(engine, { config: configJson, reference: 'tools:latest' }));
  // Leaves the marks that a layer has had others above it, which stay, as with Docker.
  run(removeContainer(engine, run(createContainer(engine, { image: 'tools', command: [] })).id));
  const query = <T>(op: Parameters<SimDriver['perform']>[0]): T => {
    const outcome = driver.perform(op);
    if ('blocked' in outcome || !outcome.ok) throw new Error(`query failed: ${op.op}`);
    return outcome.value as T;
  };
  const tree = (path = driver.facts.dataRoot): readonly TreeEntry[] => query({ op: 'tree', path });
  return {
    engine,
    driver,
    run,
    refusal: (flow) => {
      try {
        driveSync(flow, driver);
      } catch (error) {
        return (error as Error).message;
      }
      return 'it was not refused';
    },
    tree,
    traces: () => [
      ...tree().map((entry) => `file ${JSON.stringify(entry)}`),
      ...query<readonly object[]>({ op: 'mounts' }).map((mount) => `mount ${JSON.stringify(mount)}`),
      ...tree('/sys/fs/cgroup')
        .filter(({ type }) => type === 'dir')
        .map(({ path }) => `cgroup ${path}`),
      ...[...driver.kernel.processes.keys()].map((pid) => `process ${pid}`),
    ],
  };
}

/** What of `now` was not there before, and what is missing. */
export function difference(before: readonly string[], now: readonly string[]): readonly string[] {
  return [
    ...now.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
    ...before.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
  ];
}
