/** `docker top`: the processes of the container's cgroup as `ps` on the host shows them, host PIDs included. */
import { type Flow, type ProcessInfo, perform } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { findContainer } from '../lookup.ts';
import { transit } from '../transit.ts';
import type { Engine } from '../world.ts';
import { groupOf } from './signals.ts';

export interface Table {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

type Column = (process: ProcessInfo, now: number) => string;

const columns: Readonly<Record<string, Column>> = {
  UID: ({ uid }) => (uid === 0 ? 'root' : String(uid)),
  USER: ({ uid }) => (uid === 0 ? 'root' : String(uid)),
  PID: ({ pid }) => String(pid),
  PPID: ({ ppid }) => String(ppid),
  C: ({ cpuMs, startedAt }, now) => String(Math.min(99, Math.floor((100 * cpuMs) / Math.max(1, now - startedAt)))),
  STIME: ({ startedAt }) => new Date(startedAt).toISOString().slice(11, 16),
  TTY: ({ tty }) => tty ?? '?',
  TIME: ({ cpuMs }) => new Date(cpuMs).toISOString().slice(11, 19),
  CMD: ({ args, comm }) => (args.length > 0 ? args.join(' ') : `[${comm}]`),
  COMMAND: ({ comm }) => comm,
  STAT: ({ state }) => state,
};

/** As `ps -o` names them. */
const byOption: Readonly<Record<string, string>> = {
  uid: 'UID',
  user: 'USER',
  pid: 'PID',
  ppid: 'PPID',
  c: 'C',
  stime: 'STIME',
  tty: 'TTY',
  tt: 'TTY',
  time: 'TIME',
  cmd: 'CMD',
  args: 'CMD',
  command: 'CMD',
  comm: 'COMMAND',
  stat: 'STAT',
  s: 'STAT',
};

const usual = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'];

/** `psArgs`: options for ps; `-o pid,cmd` chooses columns, anything else gives those of `ps -ef`. */
export function* containerTop(engine: Engine, container: string, psArgs: readonly string[] = []): Flow<Table> {
  const { id } = findContainer(engine, container);
  yield* transit(engine, id, { type: 'TOP' }, container);
  const titles = chooseColumns(psArgs);
  if (!titles.includes('PID')) throw new DockerError("Couldn't find PID field in ps output", 'system');
  const processes = yield* perform('list the processes of the cgroup', { op: 'processes', group: groupOf(id) });
  const living = processes.filter(({ state }) => state !== 'Z');
  const now = engine.host.now();
  return { titles, rows: living.map((process) => titles.map((title) => columns[title]!(process, now))) };
}

function chooseColumns(psArgs: readonly string[]): readonly string[] {
  const text = psArgs.join(' ').match(/-o\s*([\w,]+)/)?.[1];
  if (text === undefined) return usual;
  return text.split(',').map((name) => {
    const title = byOption[name];
    if (title === undefined)
      throw new DockerError(`ps: error: unknown user-defined format specifier "${name}"`, 'system');
    return title;
  });
}
