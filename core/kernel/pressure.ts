/**
 * Pressure: how long processes of a group waited for what it has too little of (PSI). Documentation/accounting/psi.rst,
 * kernel/sched/psi.c: the averages, over 10, 60 and 300 seconds, are brought up every two seconds.
 *
 * Kept true: time in which several wait is counted once; what is counted for a group is counted for all above it; `full` is
 * time in which all of a group waited, and is 0 for the CPUs of the whole system. Kept for hosts with v2 alone.
 */
import { SysError } from '../errors.ts';
import type { Cgroup } from './cgroup.ts';
import { type FileTable, type FileType, integer, named } from './cgroupvalues.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';

export type Resource = 'cpu' | 'memory' | 'io';

/** Milliseconds. */
interface Stall {
  total: number;
  /** Up to when it is counted. */
  until: number;
  /** Averages in percent, brought up at `at` when the total was `before`. */
  averages: readonly [number, number, number];
  at: number;
  before: number;
}

type Stalls = Record<`${Resource} ${'some' | 'full'}`, Stall>;

const PERIOD = 2000;
const WINDOWS = [10_000, 60_000, 300_000] as const;
const known = new WeakMap<Cgroup, Partial<Stalls>>();

function stallOf(group: Cgroup, what: keyof Stalls, now: number): Stall {
  const stalls = known.get(group) ?? {};
  known.set(group, stalls);
  stalls[what] ??= { total: 0, until: now, averages: [0, 0, 0], at: now, before: 0 };
  return stalls[what];
}

/** Brings the averages up; periods that nobody looked at count as quiet, as in collect_percpu_times. */
function refresh(stall: Stall, now: number): void {
  const periods = Math.floor((now - stall.at) / PERIOD);
  if (periods <= 0) return;
  const spent = stall.total - Math.max(0, stall.until - now) - stall.before;
  const percent = Math.min(100, (100 * Math.max(0, spent)) / (periods * PERIOD));
  const next = WINDOWS.map((window, n) => {
    const fade = Math.exp(-PERIOD / window) ** periods;
    return stall.averages[n]! * fade + percent * (1 - fade);
  });
  Object.assign(stall, { averages: next, at: stall.at + periods * PERIOD, before: stall.before + Math.max(0, spent) });
}

function add(group: Cgroup, what: keyof Stalls, now: number, until: number): void {
  const stall = stallOf(group, what, now);
  refresh(stall, now);
  const from = Math.max(now, stall.until);
  if (until <= from) return;
  stall.total += until - from;
  stall.until = until;
}

/** A process of the group waits from now on until then. `full`: from this group down nobody else gets on. */
export function stalled(kernel: Kernel, process: Process, resource: Resource, until: number, full?: Cgroup): void {
  if (kernel.cgroups.version !== 'v2') return;
  const now = kernel.now();
  let all = full !== undefined;
  for (let at: Cgroup | undefined = process.cgroups[0]; at !== undefined; at = at.parent) {
    add(at, `${resource} some`, now, until);
    if (all && at.parent !== undefined) add(at, `${resource} full`, now, until);
    if (at === full) all = false;
  }
}

/** What a file of pressure says; of the root group it is that of the system. */
export function pressureText(kernel: Kernel, group: Cgroup, resource: Resource): string {
  const now = kernel.now();
  const row = (who: 'some' | 'full'): string => {
    const stall = stallOf(group, `${resource} ${who}`, now);
    refresh(stall, now);
    const [ten, sixty, much] = stall.averages.map((each) => each.toFixed(2));
    const total = Math.round((stall.total - Math.max(0, stall.until - now)) * 1000);
    return `${who} avg10=${ten} avg60=${sixty} avg300=${much} total=${total}\n`;
  };
  return row('some') + row('full');
}

/** A trigger: so many microseconds of waiting within a window. It lasts as long as the file is open. EINVAL. */
function demandTrigger(value: string): void {
  const match = /^(some|full) (\d+) (\d+)/.exec(value);
  const [threshold, window] = [Number(match?.[2]), Number(match?.[3])];
  const fits = window >= 500_000 && window <= 10_000_000 && threshold > 0 && threshold <= window;
  if (match === null || !fits) throw new SysError('EINVAL');
}

const pressure = (resource: Resource): FileType => ({
  mode: 0o644,
  read: (kernel, group) => pressureText(kernel, group, resource),
  write: (_kernel, _group, value) => demandTrigger(value),
});

const SWITCH = 'cgroup.pressure';

const measured: FileTable = {
  'cpu.pressure': pressure('cpu'),
  'io.pressure': pressure('io'),
  'memory.pressure': pressure('memory'),
};

const switched: FileTable = named({
  [SWITCH]: {
    mode: 0o644,
    read: (_kernel, group) => `${group.values.get(SWITCH) ?? 1}\n`,
    write: (_kernel, group, value) => group.set(SWITCH, integer(0, 1, 'ERANGE')(value)),
  },
});

/** The files of a group: all but the switch are gone while that is off. */
export const pressureFiles = (group: Cgroup): readonly FileTable[] =>
  group.values.get(SWITCH) === '0' ? [switched] : [switched, measured];
