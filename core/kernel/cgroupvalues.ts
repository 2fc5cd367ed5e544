/**
 * What the files of control groups have in common: kinds of files, and how the kernel reads a number that is written.
 * lib/kstrtox.c, lib/cmdline.c (memparse), kernel/cgroup.
 *
 * Kept true: a value that the kernel would not take is refused with its errno (EINVAL: not a number; ERANGE: too big) and
 * changes nothing.
 */
import { SysError } from '../errors.ts';
import type { Cgroup } from './cgroup.ts';
import { cpuRuns } from './cpusets.ts';
import type { Kernel } from './kernel.ts';
import { CPUS } from './limits.ts';

export interface FileType {
  /** Absent in the root group. */
  readonly notInRoot?: true;
  /** Absent in all others. */
  readonly inRootAlone?: true;
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

export const inRootAlone = (file: FileType): FileType => Object.assign(file, { inRootAlone: true as const });

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

/** Digits as kstrtol() of the kernel reads them: 0x is hexadecimal, a 0 before them octal. */
const NUMBER = /^[+-]?(0x[\da-f]+|0[0-7]*|[1-9]\d*)$/i;

/** A whole number; out of its bounds `beyond`. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER, beyond: 'EINVAL' | 'ERANGE' = 'EINVAL') {
  return (value: string): string => {
    const digits = NUMBER.exec(value)?.[1];
    if (digits === undefined) throw new SysError('EINVAL');
    const size = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
    if (size >= 2n ** 64n) throw new SysError('ERANGE');
    const number = Number(value.startsWith('-') ? -size : size);
    if (number < min || number > max) throw new SysError(beyond);
    return String(number);
  };
}

/** memparse() of the kernel: a number with k, m, g (nothing is 0, and 64 bits wrap), rounded down to pages; undefined for "no limit". */
export function parseBytes(value: string, unlimited: string): number | undefined {
  if (value === unlimited) return undefined;
  const match = /^(0x[\da-f]+|\d*)([kmgtpe]?)$/i.exec(value);
  if (match === null) throw new SysError('EINVAL');
  const power = ['', 'k', 'm', 'g', 't', 'p', 'e'].indexOf(match[2]!.toLowerCase());
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
    // `0-7:2/4`: of each four the first two, bitmap_parselist().
    const match = /^(\d+)(?:-(\d+)(?::(\d+)\/(\d+))?)?$/.exec(part);
    if (match === null) throw new SysError('EINVAL');
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
    const [used, every] = [Number(match[3] ?? 1), Number(match[4] ?? 1)];
    if (to >= 2 ** 32) throw new SysError('EOVERFLOW');
    if (to < from) throw new SysError('EINVAL');
    if (to >= count) throw new SysError('ERANGE');
    if (every === 0 || used > every) throw new SysError('EINVAL');
    for (let cpu = from; cpu <= to; cpu++) if ((cpu - from) % every < used) cpus.add(cpu);
  }
  return cpuRuns([...cpus].sort((a, b) => a - b));
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
