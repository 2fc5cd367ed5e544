/** `docker top`: the container's processes as the host sees them (docker CLI reference, `docker container top`). */
import { containerTop, DockerError } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { tabulate } from '../table.ts';

interface Listing {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const top: CommandSpec = {
  name: 'top',
  usage: 'CONTAINER [ps OPTIONS]',
  summary: 'Display the running processes of a container',
  flags: [],
  acts: [],
  args: { rule: 'atLeast', count: 1 },
  flagsFirst: true,
  *run(cli, _flags, [name = '', ...options]): Flow<number> {
    const { titles, rows } = choose(yield* containerTop(cli.engine, name), options);
    cli.out(tabulate([titles, ...rows].map((row) => `${row.join('\t')}\n`).join(''), 20));
    return 0;
  },
};

/** The formats of ps(1) that the columns of `ps -ef` can answer. */
const formats: Readonly<Record<string, string>> = {
  user: 'UID',
  uid: 'UID',
  pid: 'PID',
  ppid: 'PPID',
  c: 'C',
  stime: 'STIME',
  tty: 'TTY',
  time: 'TIME',
  cmd: 'CMD',
  args: 'CMD',
};

function choose(all: Listing, options: readonly string[]): Listing {
  const text = options.join(' ');
  if (text === '' || text === '-ef') return all;
  const wanted = /^-e?o ?(\S+)$/.exec(text)?.[1]?.split(',') ?? [];
  const columns = wanted.map((name) => all.titles.indexOf(formats[name] ?? ''));
  if (wanted.length === 0 || columns.includes(-1))
    throw new CliError(`cutaway: docker top with the ps options '${text}' is not simulated yet`, 125);
  if (!wanted.includes('pid')) throw new DockerError("Couldn't find PID field in ps output", 'system');
  const pick = (row: readonly string[]) => columns.map((column) => row[column] ?? '');
  const titles = wanted.map((name) => (name === 'args' ? 'COMMAND' : name === 'user' ? 'USER' : (formats[name] ?? '')));
  return { titles, rows: all.rows.map(pick) };
}
