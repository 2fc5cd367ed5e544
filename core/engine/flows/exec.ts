/** `docker exec`: one more process in the namespaces, the cgroup and the root of PID 1 (nsenter(1)). It ends with PID 1. */
import { type Flow, type NsKind, type NsSource, type OutputChunk, perform, type Spawn, StepError } from '../../op.ts';
import { newId } from '../ids.ts';
import { findContainer } from '../lookup.ts';
import { privilegedCapabilities, securityOf } from '../security.ts';
import { hasOwnCgroups } from '../sharing.ts';
import { snapshotterOf } from '../storage.ts';
import { transit } from '../transit.ts';
import { type Container, type Engine, patchContainer } from '../world.ts';
import { environment, startFailure } from './process.ts';
import { groupOf } from './signals.ts';
import { userOf } from './user.ts';

export interface ExecSpec {
  readonly command: readonly string[];
  readonly detach?: boolean;
  readonly tty?: boolean;
  readonly env?: readonly string[];
  readonly workdir?: string;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly stdin?: 'none' | 'open' | { readonly text: string };
  /** Carried out when it runs, by who follows it. */
  readonly started?: (pid: number) => Flow<void>;
}

export interface ExecResult {
  readonly code: number;
  readonly output: readonly OutputChunk[];
}

const RUNC = 'OCI runtime exec failed: exec failed: ';

/** Detached: comes back at once, with code 0 and no output. */
export function* execContainer(engine: Engine, container: string, spec: ExecSpec): Flow<ExecResult> {
  const found = findContainer(engine, container);
  yield* transit(engine, found.id, { type: 'EXEC' }, container);
  const spawn = yield* spawnInside(engine, found, spec);
  const program = spec.command[0]!;
  const step = {
    title: `start ${program} in the namespaces of the container`,
    op: { op: 'spawn', spawn },
    why: 'No new namespaces, no new root: it joins those of PID 1, and the same cgroup.',
  } as const;
  const outcome = yield step;
  if (!outcome.ok) {
    const failure = startFailure(new StepError(step, outcome.errno, outcome.message), program, spawn.cwd, RUNC);
    if (spec.detach === true) throw failure;
    return { code: 126, output: [{ stream: 'stdout', text: `${failure.message}\r\n`, time: engine.host.now() }] };
  }
  const { pid } = outcome.value as { pid: number };
  const execs = engine.world.containers[found.id]!.execs;
  patchContainer(engine, found.id, { execs: [...execs, { id: newId(engine.host), pid }] });
  if (spec.detach === true) return { code: 0, output: [] };
  if (spec.started !== undefined) yield* spec.started(pid);
  return yield* endOf(engine, found.id, pid);
}

function* endOf(engine: Engine, id: string, pid: number): Flow<ExecResult> {
  const end = yield* perform('wait until it has ended', { op: 'wait', pid }, { quiet: true, leavable: true });
  const output = yield* perform('read what it wrote', { op: 'output', pid }, { quiet: true });
  yield* perform('forget the ended process', { op: 'forget', pid }, { quiet: true });
  const execs = engine.world.containers[id]!.execs.filter((exec) => exec.pid !== pid);
  patchContainer(engine, id, { execs });
  return { code: end.exited ? end.status.code : 0, output };
}

function* spawnInside(engine: Engine, container: Container, spec: ExecSpec): Flow<Spawn> {
  const { config, hostConfig, pid } = container;
  const { user, home } = yield* userOf(spec.user ?? config.User, snapshotterOf(engine).paths(container.layer).merged);
  const join: NsSource = { join: pid };
  const namespaces: Record<NsKind, NsSource> = {
    mnt: join,
    uts: join,
    ipc: join,
    pid: join,
    net: hostConfig.NetworkMode === 'host' ? 'host' : join,
    user: 'host',
    cgroup: hasOwnCgroups(engine, container) ? join : 'host',
  };
  // The root is mounted as PID 1 has it.
  const { readonlyRoot: _, ...rights } = securityOf(hostConfig);
  const env = [...(config.Env ?? []), ...(spec.env ?? [])];
  return {
    argv: spec.command,
    env: environment({ ...config, Env: env, Tty: spec.tty ?? false }, home),
    cwd: spec.workdir ?? (config.WorkingDir === '' ? '/' : config.WorkingDir),
    user,
    namespaces,
    ...rights,
    ...(spec.privileged === true ? { capabilities: privilegedCapabilities() } : {}),
    cgroup: groupOf(container.id),
    tty: spec.tty ?? false,
    stdin: spec.stdin ?? 'none',
  };
}
