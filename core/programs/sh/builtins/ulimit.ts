/**
 * `ulimit`: the limits of a process, as busybox shows them (shell/shell_common.c). The simulated kernel holds no process to
 * them, so what would have to act is refused by name, and counted; a limit that is in force anyway can be "set".
 */
import type { Call } from '../../../kernel/sys.ts';
import type { Shell } from '../shell.ts';

interface Limit {
  readonly name: string;
  readonly letter: string;
  /** Soft and hard, as shown. */
  readonly value: readonly [string, string];
}

const both = (value: string): readonly [string, string] => [value, value];
const no = both('unlimited');
const limits: readonly Limit[] = [
  { name: 'core file size (blocks)', letter: 'c', value: ['0', 'unlimited'] },
  { name: 'data seg size (kb)', letter: 'd', value: no },
  { name: 'scheduling priority', letter: 'e', value: both('0') },
  { name: 'file size (blocks)', letter: 'f', value: no },
  { name: 'pending signals', letter: 'i', value: both('7823') },
  { name: 'max locked memory (kb)', letter: 'l', value: both('64') },
  { name: 'max memory size (kb)', letter: 'm', value: no },
  { name: 'open files', letter: 'n', value: both('1048576') },
  { name: 'POSIX message queues (bytes)', letter: 'q', value: both('819200') },
  { name: 'real-time priority', letter: 'r', value: both('0') },
  { name: 'stack size (kb)', letter: 's', value: ['8192', 'unlimited'] },
  { name: 'cpu time (seconds)', letter: 't', value: no },
  { name: 'max user processes', letter: 'u', value: no },
  { name: 'virtual memory (kb)', letter: 'v', value: no },
  { name: 'file locks', letter: 'x', value: no },
];

interface Request {
  readonly limit: Limit;
  readonly value: string | undefined;
}

interface Arguments {
  readonly requests: readonly Request[];
  readonly hard: boolean;
  readonly all: boolean;
  readonly invalid?: string;
}

export function* ulimit(shell: Shell, args: readonly string[]): Call<number> {
  const { requests, hard, all, invalid } = readArguments(args);
  const say = (text: string): Call<void> => shell.complain(`sh: ${text}\n`);
  if (invalid !== undefined) {
    yield* shell.complain(`ulimit: invalid option -- '${invalid}'\n`);
    return 1;
  }
  const shown = (limit: Limit): string => shell.limits.get(limit.letter) ?? limit.value[hard ? 1 : 0];
  const row = (limit: Limit): string => `${limit.name.padEnd(32)}(-${limit.letter}) ${shown(limit)}\n`;
  if (all) {
    yield* shell.sys.write(1, limits.map(row).join(''));
    return 0;
  }
  for (const { limit, value } of requests) {
    if (value === undefined) yield* shell.sys.write(1, requests.length > 1 ? row(limit) : `${shown(limit)}\n`);
    else if (value !== 'unlimited' && !/^\d+$/.test(value)) {
      yield* say(`invalid number '${value}'`);
      return 1;
    } else if (value === shown(limit) || limit.letter === 'c') {
      shell.limits = new Map([...shell.limits, [limit.letter, value]]);
    } else {
      shell.sys.lack?.(`ulimit -${limit.letter}`);
      yield* say(`ulimit: -${limit.letter}: busybox has this option, the simulation has not yet`);
      return 1;
    }
  }
  if (requests.length === 0) yield* shell.sys.write(1, `${shown(limitOf('f')!)}\n`);
  return 0;
}

const limitOf = (letter: string): Limit | undefined => limits.find((each) => each.letter === letter);

/** A value may stand in the option's own word or in the next one; without an option it is that of `-f`. */
function readArguments(args: readonly string[]): Arguments {
  const requests: Request[] = [];
  let flags = '';
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (!/^-./.test(arg)) {
      requests.push({ limit: limitOf('f')!, value: arg });
      continue;
    }
    for (let i = 1; i < arg.length; i++) {
      const letter = arg[i]!;
      if ('HSa'.includes(letter)) {
        flags += letter;
        continue;
      }
      const limit = limitOf(letter);
      if (limit === undefined) return { requests, hard: false, all: false, invalid: letter };
      const attached = arg.slice(i + 1);
      const next = args[at + 1];
      if (attached === '' && next !== undefined && !next.startsWith('-')) at++;
      requests.push({
        limit,
        value: attached !== '' ? attached : next?.startsWith('-') === true ? undefined : next,
      });
      break;
    }
  }
  return { requests, hard: flags.includes('H') && !flags.includes('S'), all: flags.includes('a') };
}
