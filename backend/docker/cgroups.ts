/**
 * The control groups of the private engine: one group of its own in every hierarchy (`--cgroup-parent`), with a child for
 * each container. Reading limits and the freezer for observations, and taking the whole away afterwards. Works on cgroup v1
 * (one tree per controller), v2 (one tree) and on both at once, cgroups(7).
 */
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/** Directories of a group in all hierarchies that have it. */
export function groupDirs(group: string): string[] {
  const hierarchies = ['.', ...folders(root)];
  return hierarchies.map((hierarchy) => join(root, hierarchy, group)).filter((dir) => existsSync(dir));
}

/** A file of a group, in whichever hierarchy has it; `undefined` when none does. */
export function readGroupFile(group: string, file: string): string | undefined {
  for (const dir of groupDirs(group)) {
    const text = readText(join(dir, file));
    if (text !== undefined) return text.trim();
  }
  return undefined;
}

/** Frozen by the freezer of v1 or by `cgroup.freeze` of v2. */
export function isFrozen(group: string): boolean {
  const state = readGroupFile(group, 'freezer.state');
  return state === undefined ? readGroupFile(group, 'cgroup.freeze') === '1' : state !== 'THAWED';
}

/** Bytes; v1 says "no limit" with a number near 2^63, v2 with `max`. */
export function memoryLimit(group: string): number | undefined {
  const text = readGroupFile(group, 'memory.limit_in_bytes') ?? readGroupFile(group, 'memory.max');
  const bytes = Number(text ?? 'max');
  return Number.isNaN(bytes) || bytes > 2 ** 60 ? undefined : bytes;
}

/** Host PIDs in the group, ascending. */
export function groupPids(group: string): number[] {
  const pids = new Set<number>();
  for (const dir of groupDirs(group)) {
    for (const line of (readText(join(dir, 'cgroup.procs')) ?? '').split('\n')) if (line !== '') pids.add(Number(line));
  }
  return [...pids].sort((a, b) => a - b);
}

/** Thaws and kills everything below a group; a frozen process of v1 takes no notice of SIGKILL until it is thawed. */
export function killGroup(group: string): void {
  for (const dir of groupDirs(group)) for (const below of tree(dir)) killIn(below);
}

/** Removes a group with its children; `false` while a process still lives in it. */
export function removeGroup(group: string): boolean {
  for (const dir of groupDirs(group)) {
    for (const below of tree(dir)) {
      try {
        rmdirSync(below);
      } catch {
        if (existsSync(below)) return false;
      }
    }
  }
  return true;
}

/** A group directory and all below it, deepest first. */
function tree(dir: string): string[] {
  return [...folders(dir).flatMap((name) => tree(join(dir, name))), dir];
}

function folders(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

function killIn(dir: string): void {
  write(join(dir, 'freezer.state'), 'THAWED');
  write(join(dir, 'cgroup.freeze'), '0');
  for (const line of (readText(join(dir, 'cgroup.procs')) ?? '').split('\n')) {
    if (line === '') continue;
    try {
      process.kill(Number(line), 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function write(path: string, text: string): void {
  try {
    if (existsSync(path)) writeFileSync(path, text);
  } catch {
    // The group went away meanwhile.
  }
}
