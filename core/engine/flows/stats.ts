/** `docker stats --no-stream`: what the cgroup has counted so far. Zero where the host has no such controller. */
import { type Flow, perform } from '../../op.ts';
import { findContainer } from '../lookup.ts';
import { type Engine, isAlive } from '../world.ts';
import { demandGroups, groupOf } from './signals.ts';

export interface StatsRow {
  readonly id: string;
  readonly name: string;
  readonly cpuPercent: number;
  readonly memoryUsage: number;
  readonly memoryLimit: number;
  readonly pids: number;
  readonly running: boolean;
}

export function* containerStats(engine: Engine, container: string): Flow<StatsRow> {
  const { id, name, hostConfig, ...found } = findContainer(engine, container);
  demandGroups(engine, 'stats');
  const row = { id, name, cpuPercent: 0, memoryUsage: 0, memoryLimit: 0, pids: 0, running: false };
  if (!isAlive({ id, name, hostConfig, ...found })) return row;
  const processes = yield* perform('list the processes of the cgroup', { op: 'processes', group: groupOf(id) });
  const v1 = engine.facts.cgroup === 'v1';
  const used = yield* readCounter(engine, id, 'memory', v1 ? 'memory.usage_in_bytes' : 'memory.current');
  return {
    ...row,
    running: true,
    pids: processes.length,
    memoryUsage: used === undefined ? 0 : used - (yield* droppable(engine, id, used)),
    memoryLimit: used === undefined ? 0 : hostConfig.Memory || engine.facts.memory,
  };
}

/** Cached pages that nobody misses do not count: cli/command/container/stats_helpers.go calculateMemUsageUnixNoCache. */
function* droppable(engine: Engine, id: string, used: number): Flow<number> {
  const outcome = yield {
    title: 'read memory.stat',
    op: { op: 'cgroupRead', group: groupOf(id), controller: 'memory', file: 'memory.stat' },
    quiet: true,
  };
  const name = engine.facts.cgroup === 'v1' ? 'total_inactive_file' : 'inactive_file';
  const text = outcome.ok ? (outcome.value as string) : '';
  const bytes = Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return bytes < used ? bytes : 0;
}

/** A number in a cgroup file; undefined when there is none: no such controller, or `max`. */
export function* readCounter(engine: Engine, id: string, controller: string, file: string): Flow<number | undefined> {
  if (!engine.facts.controllers.includes(controller)) return undefined;
  const outcome = yield {
    title: `read ${file}`,
    op: { op: 'cgroupRead', group: groupOf(id), controller, file },
    quiet: true,
  };
  const value = outcome.ok ? Number.parseInt(outcome.value as string, 10) : Number.NaN;
  return Number.isNaN(value) ? undefined : value;
}
