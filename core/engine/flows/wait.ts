/** Waiting for the end of a container: `docker wait`, foreground `run`, `start -a`, `attach`. */
import type { Flow, OutputChunk } from '../../op.ts';
import { findContainer } from '../lookup.ts';
import { ask } from '../transit.ts';
import { type Container, type Engine, isAlive } from '../world.ts';
import { finish, look } from './end.ts';
import { containerLogs } from './logs.ts';

export interface Followed {
  readonly code: number;
  readonly output: readonly OutputChunk[];
}

/** Its exit code, once it has ended; at once when it does not run. */
export function* waitContainer(engine: Engine, container: string): Flow<number> {
  const found = findContainer(engine, container);
  if (!isAlive(found)) return found.state.context.exitCode;
  const end = yield* look(engine, found.id);
  if (end === undefined) return codeNow(engine, found);
  yield* finish(engine, found.id, end);
  return end.status.code;
}

/** As `waitContainer`, with all that it wrote in this run. Nothing when it does not run. */
export function* followContainer(engine: Engine, container: string): Flow<Followed> {
  const found = findContainer(engine, container);
  if (!isAlive(found)) return { code: found.state.context.exitCode, output: [] };
  const end = yield* look(engine, found.id);
  if (end === undefined) return { code: codeNow(engine, found), output: yield* restOfLog(engine, found) };
  const written = yield { title: 'read what it wrote', op: { op: 'output', pid: found.pid }, quiet: true };
  yield* finish(engine, found.id, end);
  return { code: end.status.code, output: written.ok ? (written.value as readonly OutputChunk[]) : [] };
}

/** Another command has seen to its end while this one waited. */
function codeNow(engine: Engine, { id }: Container): number {
  return engine.world.containers[id]?.state.context.exitCode ?? 0;
}

function* restOfLog(engine: Engine, { id, startedAt }: Container): Flow<readonly OutputChunk[]> {
  return engine.world.containers[id] === undefined ? [] : yield* containerLogs(engine, id, { since: startedAt });
}

/** Throws DockerError for one that cannot be attached to. */
export function demandAttachable(engine: Engine, container: string): void {
  ask(findContainer(engine, container), { type: 'ATTACH' }, container);
}
