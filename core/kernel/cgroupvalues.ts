/**
 * What the files of control groups have in common: kinds of files, and how the kernel reads a number that is written.
 * lib/kstrtox.c, lib/cmdline.c (memparse), kernel/cgroup.
 *
 * Kept true: a value that the kernel would not take is refused with its errno (EINVAL: not a number; ERANGE: too big) and
 * changes nothing.
 */
import { SysError } from '../errors.ts';
import type { Cgroup } from './cgroup.ts';
import type { Kernel } from './kernel.ts';
import { CPUS } from './limits.ts';

export interface FileType {
  /** Absent in the root group. */
  readonly notInRoot?: true;
  readonly mode?: number;
  read(kernel: Kernel, group: Cgroup): string;
  write?(kernel: Kernel, group: Cgroup, value: string): void;
}

export type FileTable = Readonly<Record<string, FileType>>;

export const PAGE = 4096;

/** A file that only shows. */
export function shows(read: FileType['read']): FileType {
  return { mode: 0o444, read };
}

export const notInRoot = (file: FileType): FileType => Object.assign(file, { notInRoot: true as const });

/** A file that can only be written. */
export function takes(write: NonNullable<FileType['write']>): FileType {
  return { mode: 0o200, read: unreadable, write };
}

export function unreadable(): never {
  throw new SysError('EINVAL');
}

export type Accept = (value: string, group: Cgroup) => string;

/** A value that is kept as `accept` gives it back, under the name of its file (see `named`). */
export function setting(initial: string | ((group: Cgroup) => string), accept: Accept): FileType {
  const file: FileType & { name?: string } = {
    mode: 0o644,
    read: (_kernel, group) =>
      `${group.values.get(file.name!) ?? (typeof initial === 'string' ? initial : initial(group))}\n`,
    write: (_kernel, group, value) => group.set(file.name!, accept(value, group)),
  };
  return file;
}

export function named(table: FileTable): FileTable {
  for (const [name, file] of Object.entries(table)) Object.assign(file, { name });
  return table;
}

/** Settings that nothing in the simulation follows: each with its first value and its bounds. */
export function kept(rows: Readonly<Record<string, readonly [initial: string, min: number, max: number]>>): FileTable {
  const table = Object.entries(rows).map(([name, [initial, min, max]]) => [
    name,
    setting(initial, min === 0 && max === 1 ? flag : integer(min, max)),
  ]);
  return named(Object.fromEntries(table) as FileTable);
}

/** A whole number; out of its bounds `beyond`. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER, beyond: 'EINVAL' | 'ERANGE' = 'EINVAL') {
  return (value: string): string => {
    if (!/^[+-]?\d+$/.test(value)) throw new SysError('EINVAL');
    if (BigInt(value.replace('+', '')) >= 2n ** 64n) throw new SysError('ERANGE');
    const number = Number(value);
    if (number < min || number > max) throw new SysError(beyond);
    return String(number);
  };
}

/** memparse() of the kernel: a number with k, m, g (nothing is 0, and 64 bits wrap), rounded down to pages; undefined for "no limit". */
export function parseBytes(value: string, unlimited: string): number | undefined {
  if (value === unlimited) return undefined;
  const match = /^(\d*)([kmgtKMGT]?)$/.exec(value);
  if (match === null) throw new SysError('EINVAL');
  const power = ['', 'k', 'm', 'g', 't'].indexOf(match[2]!.toLowerCase());
  const bytes = BigInt.asUintN(64, BigInt(match[1] || '0') << BigInt(10 * power));
  const inPages = bytes - (bytes % BigInt(PAGE));
  return inPages >= 2n ** 63n - BigInt(PAGE) ? undefined : Number(inPages);
}

/** 0, or anything else for 1. */
export function flag(value: string): string {
  return integer(0, 2 ** 64)(value) === '0' ? '0' : '1';
}

const MAX_PIDS = 4194304;

export function maxOrPids(value: string): string {
  return value === 'max' ? value : integer(0, MAX_PIDS)(value);
}

/** A list of CPUs in the kernel's own spelling, `0-1`. EINVAL: no list; ERANGE: a CPU that there cannot be. */
export function cpuSet(value: string): string {
  return numberSet(value, CPUS);
}

/** EOVERFLOW: a number of more than 32 bits. */
export function numberSet(value: string, count: number): string {
  const cpus = new Set<number>();
  for (const part of value.split(/[,\s]+/).filter((each) => each !== '')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) throw new SysError('EINVAL');
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (to >= 2 ** 32) throw new SysError('EOVERFLOW');
    if (to < from) throw new SysError('EINVAL');
    if (to >= count) throw new SysError('ERANGE');
    for (let cpu = from; cpu <= to; cpu++) cpus.add(cpu);
  }
  return runs([...cpus].sort((a, b) => a - b));
}

function runs(cpus: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const cpu of cpus) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === cpu - 1) last[1] = cpu;
    else parts.push([cpu, cpu]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join();
}

/** The value of the nearest group above that has one of its own. */
export function inherited(file: string, otherwise: string): (group: Cgroup) => string {
  return (group) => {
    for (let at = group.parent; at !== undefined; at = at.parent) {
      const value = at.values.get(file);
      if (value !== undefined && value !== '') return value;
    }
    return otherwise;
  };
}

/** CPU time of all processes that are or were in the group and below, ms. */
export function cpuMs(group: Cgroup): number {
  let ms = 0;
  for (const process of group.procs) ms += process.cpuMs;
  ms += group.tally?.spentMs ?? 0;
  for (const child of group.children.values()) ms += cpuMs(child);
  return ms;
}
