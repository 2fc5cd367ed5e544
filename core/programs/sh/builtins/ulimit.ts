/**
 * `ulimit`: the limits of a process, as busybox shows and sets them (shell/shell_common.c). What they do is the kernel's affair
 * (core/kernel/rlimits.ts).
 */
import { SysError } from '../../../errors.ts';
import type { Resource, Rlimit } from '../../../kernel/rlimits.ts';
import type { Call } from '../../../kernel/sys.ts';
import { reason } from '../../lib/applet.ts';
import type { Shell } from '../shell.ts';

interface Limit {
  readonly name: string;
  readonly letter: string;
  readonly resource: Resource;
  /** What one of its units is in those of the kernel. */
  readonly unit: number;
}

const BLOCK = 512;
const KB = 1024;

const limits: readonly Limit[] = [
  { name: 'core file size (blocks)', letter: 'c', resource: 'CORE', unit: BLOCK },
  { name: 'data seg size (kb)', letter: 'd', resource: 'DATA', unit: KB },
  { name: 'scheduling priority', letter: 'e', resource: 'NICE', unit: 1 },
  { name: 'file size (blocks)', letter: 'f', resource: 'FSIZE', unit: BLOCK },
  { name: 'pending signals', letter: 'i', resource: 'SIGPENDING', unit: 1 },
  { name: 'max locked memory (kb)', letter: 'l', resource: 'MEMLOCK', unit: KB },
  { name: 'max memory size (kb)', letter: 'm', resource: 'RSS', unit: KB },
  { name: 'open files', letter: 'n', resource: 'NOFILE', unit: 1 },
  { name: 'POSIX message queues (bytes)', letter: 'q', resource: 'MSGQUEUE', unit: 1 },
  { name: 'real-time priority', letter: 'r', resource: 'RTPRIO', unit: 1 },
  { name: 'stack size (kb)', letter: 's', resource: 'STACK', unit: KB },
  { name: 'cpu time (seconds)', letter: 't', resource: 'CPU', unit: 1 },
  { name: 'max user processes', letter: 'u', resource: 'NPROC', unit: 1 },
  { name: 'virtual memory (kb)', letter: 'v', resource: 'AS', unit: KB },
  { name: 'file locks', letter: 'x', resource: 'LOCKS', unit: 1 },
];

interface Request {
  readonly limit: Limit;
  readonly value: string | undefined;
}

interface Arguments {
  readonly requests: readonly Request[];
  /** -H, -S. */
  readonly hard: boolean;
  readonly soft: boolean;
  readonly all: boolean;
  readonly invalid?: string;
}

export function* ulimit(shell: Shell, args: readonly string[]): Call<number> {
  const { requests, hard, soft, all, invalid } = readArguments(args);
  const { sys } = shell;
  if (invalid !== undefined) {
    yield* shell.complain(`ulimit: invalid option -- '${invalid}'\n`);
    return 1;
  }
  const shown = ({ resource, unit }: Limit): string => {
    const { soft: now, hard: most } = sys.getrlimit(resource);
    const value = hard && !soft ? most : now;
    return value === Number.POSITIVE_INFINITY ? 'unlimited' : String(Math.floor(value / unit));
  };
  const row = (limit: Limit): string => `${limit.name.padEnd(32)}(-${limit.letter}) ${shown(limit)}\n`;
  if (all) {
    yield* sys.write(1, limits.map(row).join(''));
    return 0;
  }
  for (const { limit, value } of requests) {
    const wrong =
      value === undefined ? undefined : set(shell, limit, value, hard === soft ? 'both' : hard ? 'hard' : 'soft');
    if (wrong !== undefined) {
      yield* shell.complain(`sh: ${wrong}\n`);
      return 1;
    }
    if (value === undefined) yield* sys.write(1, requests.length > 1 ? row(limit) : `${shown(limit)}\n`);
  }
  if (requests.length === 0) yield* sys.write(1, `${shown(limitOf('f')!)}\n`);
  return 0;
}

/** What is wrong; undefined: it is set. */
function set(
  { sys }: Shell,
  { resource, unit }: Limit,
  text: string,
  which: 'hard' | 'soft' | 'both',
): string | undefined {
  if (text !== 'unlimited' && !/^\d+$/.test(text)) return `invalid number '${text}'`;
  const value = text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text) * unit;
  const now = sys.getrlimit(resource);
  const limit: Rlimit = { soft: which === 'hard' ? now.soft : value, hard: which === 'soft' ? now.hard : value };
  try {
    sys.setrlimit(resource, limit);
    return undefined;
  } catch (error) {
    if (error instanceof SysError) return `error setting limit: ${reason(error)}`;
    throw error;
  }
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
      if (limit === undefined) return { requests, hard: false, soft: false, all: false, invalid: letter };
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
  return { requests, hard: flags.includes('H'), soft: flags.includes('S'), all: flags.includes('a') };
}
