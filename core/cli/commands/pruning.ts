/**
 * What the prune commands share: the question before, the filters, the words after (docker/cli command/{container,image}/prune.go).
 */
import { DockerError, type Prunable } from '../../engine/index.ts';
import { type Flow, perform, type Spawn } from '../../op.ts';
import { type FlagDef, type FlagValues, flag } from '../flags.ts';
import type { Cli } from '../spec.ts';
import { humanSize } from '../units.ts';
import { type Filters, readFilters } from './filters.ts';
import { moment } from './moment.ts';

export const pruneFlags: readonly FlagDef[] = [
  flag('--filter', 'filter', "Provide filter values (e.g. 'until=<timestamp>')"),
  flag('-f, --force', 'bool', 'Do not prompt for confirmation'),
];

/** Whether it is to be done: with `--force` without a question. */
export function* asked(cli: Cli, flags: FlagValues, warning: string): Flow<boolean> {
  if (flags.bool('force')) return true;
  cli.out(`WARNING! This will remove ${warning}.\nAre you sure you want to continue? [y/N] `);
  return yield* answeredYes(cli);
}

const isYes = (line: string): boolean => line.toLowerCase() === 'y';

/** The first line of standard input. */
function* answeredYes(cli: Cli): Flow<boolean> {
  if (cli.stdin !== undefined) return isYes(firstLine(cli.stdin));
  if (cli.stdinFile !== undefined && cli.stdinFile !== '/dev/null') {
    const path = cli.stdinFile;
    return isYes(firstLine(yield* perform('read the answer', { op: 'readFile', path }, { quiet: true })));
  }
  return cli.interactive && cli.stdinFile === undefined ? yield* typedYes(cli) : false;
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!.replace(/\r$/, '');

/** Waits for a person's line, as the client's process would. */
function* typedYes(cli: Cli): Flow<boolean> {
  const { pid } = yield* perform('wait for the answer', { op: 'spawn', spawn: reader }, { quiet: true });
  cli.foreground = pid;
  try {
    const ended = yield* perform('read the answer', { op: 'wait', pid }, { quiet: true, leavable: true });
    return ended.exited && ended.status.code === 0;
  } finally {
    cli.foreground = undefined;
    yield { title: 'forget who read it', op: { op: 'forget', pid }, quiet: true };
  }
}

/** Ends with 0 when the line that it reads is a yes. */
const reader: Spawn = {
  argv: ['sh', '-c', 'IFS= read -r answer; [ "$answer" = y ] || [ "$answer" = Y ]'],
  env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  cwd: '/',
  user: { uid: 0, gid: 0 },
  namespaces: { mnt: 'host', uts: 'host', ipc: 'host', pid: 'host', net: 'host', user: 'host', cgroup: 'host' },
  tty: false,
  stdin: 'open',
};

/** `--filter`, checked as the daemon does; `more`: names beside those that all prune commands know. */
export function pruneFilters(cli: Cli, flags: FlagValues, more: readonly string[] = []): [Filters, Prunable] {
  const known = [...more, 'label', 'label!', 'until'];
  const filters = readFilters('prune', flags.list('filter'), { known, acts: known });
  const untils = [...new Set(filters.of('until'))];
  if (untils.length > 1) throw new DockerError('more than one until filter specified', 'invalid');
  const labels: Prunable['labels'] = (present) =>
    filters.labels('label', present) && (filters.of('label!').length === 0 || !filters.labels('label!', present));
  return [filters, untils.length === 0 ? { labels } : { labels, until: untilOf(untils[0]!, cli) }];
}

function untilOf(text: string, cli: Cli): number {
  try {
    return moment(text, cli.engine.host.now());
  } catch (error) {
    if (error instanceof RangeError) throw new DockerError(error.message, 'invalid');
    throw error;
  }
}

/** What is gone, one a line under a title, and what that gave back. */
export function tell(cli: Cli, title: string, lines: readonly string[], reclaimed: number): void {
  if (lines.length > 0) cli.out(`${[title, ...lines].join('\n')}\n\n`);
  cli.out(`Total reclaimed space: ${humanSize(lines.length > 0 ? reclaimed : 0)}\n`);
}
