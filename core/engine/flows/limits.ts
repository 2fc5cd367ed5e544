/**
 * Limits: `HostConfig` written into the files of the cgroup, memory(7) of cgroups v1 (`memory.limit_in_bytes`) and v2
 * (`memory.max`). Where the host has no such controller, the limit is kept in the records only. Memory and the number of
 * processes are dealt with here, all others in resources.ts.
 */
import { type Flow, type Step, StepError } from '../../op.ts';
import type { HostConfig } from '../config.ts';
import { DockerError } from '../errors.ts';
import { type Limit, resourceWork } from '../resources.ts';
import type { Engine } from '../world.ts';
import { groupOf } from './signals.ts';

export const MINIMUM_MEMORY = 6 * 1024 * 1024;

/** `before`: the limits that hold now, when the group has some. */
export function* writeLimits(engine: Engine, id: string, before?: HostConfig): Flow<void> {
  const v1 = engine.facts.cgroup === 'v1';
  const old = before === undefined ? [] : limitsOf(before, v1);
  const { hostConfig } = engine.world.containers[id]!;
  for (const limit of inOrder(limitsOf(hostConfig, v1), before)) {
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
  if (hostConfig.resources !== undefined) yield* writeMore(engine, id, hostConfig, before);
}

/** Words of runc when it starts a container, and when it updates one. */
const START =
  'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ' +
  'error during container init: error setting cgroup config for procHooks process: ';

function* writeMore(engine: Engine, id: string, hostConfig: HostConfig, before?: HostConfig): Flow<void> {
  const { limitsOf: moreOf, throttles, writeLimit } = resourceWork();
  const now = moreOf(hostConfig, engine.facts);
  if (before === undefined) {
    if ((hostConfig.resources?.CpuShares ?? 0) < 0) throw new DockerError('shares: invalid argument', 'system');
    const refused = (why: string) => new DockerError(`${START}${why}: unknown`, 'system');
    for (const limit of [...now, ...(yield* throttles(hostConfig, engine.facts))])
      yield* writeLimit(engine, groupOf(id), limit, refused, false);
    return;
  }
  const old = moreOf(before, engine.facts);
  const said = `Cannot update container ${id}: runc did not terminate successfully: exit status 1: `;
  const refused = (why: string) => new DockerError(`${said}${why}\n: unknown`, 'system');
  for (const limit of now) {
    const initial = old.find(({ file }) => file === limit.file)?.value ?? limit.initial ?? '';
    if (initial !== limit.value) yield* writeLimit(engine, groupOf(id), { ...limit, initial }, refused, true);
  }
}

function limitsOf({ Memory, MemorySwap, PidsLimit }: HostConfig, v1: boolean): readonly Limit[] {
  const limits: Limit[] = [];
  if (Memory > 0) {
    limits.push({ controller: 'memory', file: v1 ? 'memory.limit_in_bytes' : 'memory.max', value: String(Memory) });
  }
  if (Memory > 0 && MemorySwap !== 0) {
    const swap = v1 ? MemorySwap : MemorySwap < 0 ? 'max' : MemorySwap - Memory;
    limits.push({
      controller: 'memory',
      file: v1 ? 'memory.memsw.limit_in_bytes' : 'memory.swap.max',
      value: String(swap),
      optional: true,
    });
  }
  // 0 is what an update leaves behind that took the limit away.
  if (PidsLimit !== null)
    limits.push({ controller: 'pids', file: 'pids.max', value: PidsLimit > 0 ? String(PidsLimit) : 'max' });
  return limits;
}

/** On v1 memory may never be more than memory with swap, not even for a moment: what grows is written from the other end. */
function inOrder(limits: readonly Limit[], before?: HostConfig): readonly Limit[] {
  const memory = limits.find(({ file }) => file.startsWith('memory.limit'));
  const grows = before !== undefined && before.MemorySwap > 0 && Number(memory?.value ?? 0) > before.MemorySwap;
  return grows ? limits.toReversed() : limits;
}

/** daemon/daemon_unix.go verifyPlatformContainerResources. `update`: of a container that may have a limit already. */
export function checkMemory(memory: number, swap: number | undefined, update = false): void {
  if (memory !== 0 && memory < MINIMUM_MEMORY) throw new DockerError('Minimum memory limit allowed is 6MB', 'invalid');
  if (swap === undefined || swap === 0) return;
  if (memory === 0 && swap > 0 && !update) {
    throw new DockerError('You should always set the Memory limit when using Memoryswap limit, see usage', 'invalid');
  }
  if (memory > 0 && swap > 0 && swap < memory) {
    throw new DockerError('Minimum memoryswap limit should be larger than memory limit, see usage', 'invalid');
  }
}
