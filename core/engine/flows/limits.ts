/**
 * Limits: `HostConfig` written into the files of the cgroup, memory(7) of cgroups v1 (`memory.limit_in_bytes`) and v2
 * (`memory.max`). Where the host has no such controller, the limit is kept in the records only.
 */
import { type Flow, type Step, StepError } from '../../op.ts';
import type { HostConfig } from '../config.ts';
import { DockerError } from '../errors.ts';
import type { Engine } from '../world.ts';
import { groupOf } from './signals.ts';

export const MINIMUM_MEMORY = 6 * 1024 * 1024;

interface Limit {
  readonly controller: string;
  readonly file: string;
  readonly value: string;
  /** A kernel without swap accounting has no such file. */
  readonly optional?: boolean;
}

/** `before`: the limits that hold now, when the group has some. */
export function* writeLimits(engine: Engine, id: string, before?: HostConfig): Flow<void> {
  const v1 = engine.facts.cgroup === 'v1';
  const old = before === undefined ? [] : limitsOf(before, v1);
  for (const limit of inOrder(limitsOf(engine.world.containers[id]!.hostConfig, v1), before)) {
    const { controller, file, value } = limit;
    if (!engine.facts.controllers.includes(controller)) continue;
    const write = (text: string) => ({ op: 'cgroupWrite', group: groupOf(id), controller, file, value: text }) as const;
    const was = old.find((other) => other.file === file)?.value ?? (v1 && controller === 'memory' ? '-1' : 'max');
    const step: Step = {
      title: `limit ${controller} to ${value}`,
      op: write(value),
      why: 'From now on the kernel enforces it for the whole group.',
      ...(before === undefined ? {} : { undo: write(was) }),
    };
    const outcome = yield step;
    const refused = !outcome.ok && !(limit.optional === true && outcome.errno === 'ENOENT');
    if (refused) throw new StepError(step, outcome.errno, outcome.message);
  }
}

function limitsOf({ Memory, MemorySwap, PidsLimit }: HostConfig, v1: boolean): readonly Limit[] {
  const limits: Limit[] = [];
  if (Memory > 0) {
    limits.push({ controller: 'memory', file: v1 ? 'memory.limit_in_bytes' : 'memory.max', value: String(Memory) });
  }
  if (Memory > 0 && MemorySwap > 0) {
    limits.push({
      controller: 'memory',
      file: v1 ? 'memory.memsw.limit_in_bytes' : 'memory.swap.max',
      value: String(v1 ? MemorySwap : MemorySwap - Memory),
      optional: true,
    });
  }
  if (PidsLimit !== null && PidsLimit > 0)
    limits.push({ controller: 'pids', file: 'pids.max', value: String(PidsLimit) });
  return limits;
}

/** On v1 memory may never be more than memory with swap, not even for a moment: what grows is written from the other end. */
function inOrder(limits: readonly Limit[], before?: HostConfig): readonly Limit[] {
  const memory = limits.find(({ file }) => file.startsWith('memory.limit'));
  const grows = before !== undefined && before.MemorySwap > 0 && Number(memory?.value ?? 0) > before.MemorySwap;
  return grows ? limits.toReversed() : limits;
}

/** daemon/daemon_unix.go verifyPlatformContainerResources. */
export function checkMemory(memory: number, swap: number | undefined): void {
  if (memory !== 0 && memory < MINIMUM_MEMORY) throw new DockerError('Minimum memory limit allowed is 6MB', 'invalid');
  if (swap === undefined || swap === 0) return;
  if (memory === 0 && swap > 0) {
    throw new DockerError('You should always set the Memory limit when using Memoryswap limit, see usage', 'invalid');
  }
  if (swap > 0 && swap < memory) {
    throw new DockerError('Minimum memoryswap limit should be larger than memory limit, see usage', 'invalid');
  }
}
