/**
 * The terminal program as a function of its arguments: finds the subcommand, runs it, turns what a person did wrong into a
 * message and an exit status.
 */
import { UsageError } from '../../core/index.ts';
import { findSubcommand, parseCall } from './args.ts';
import type { Call, Env } from './env.ts';
import { helpOf, overview } from './help.ts';
import { interactive, type Subcommand } from './table.ts';

/** Returns the exit status: 0, 1 a difference, 2 the call or a file is wrong, 3 the target is not available here. */
export async function runProgram(argv: readonly string[], env: Env): Promise<number> {
  try {
    return await dispatch(argv, env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    env.err(usageMessage(error));
    return error.exitCode;
  }
}

async function dispatch(argv: readonly string[], env: Env): Promise<number> {
  const [first] = argv;
  const bare = first === undefined || first.startsWith('-');
  const command = bare ? interactive : first === 'help' ? findHelped(argv[1]) : findSubcommand(first);
  const call = first === 'help' ? undefined : parseCall(command, bare ? argv : argv.slice(1));
  if (call === undefined) {
    env.out(command === interactive ? overview() : helpOf(command));
    return 0;
  }
  const elsewhere = usesKernel(command, call) ? await env.withNamespace?.(argv) : undefined;
  if (elsewhere !== undefined) return elsewhere;
  const { run } = await command.load();
  return run(call, env);
}

/** Does it work on the kernel of this machine, for which an ordinary user needs a namespace? */
function usesKernel({ name, options }: Subcommand, { values, args }: Call): boolean {
  if (name === 'serve') return true;
  if (name === 'lesson' && args.length === 0) return false;
  const on = values.on ?? (name === 'verify' ? 'linux' : 'sim');
  return options.some((option) => option.name === 'on') && on.split(',').includes('linux');
}

const findHelped = (name: string | undefined) => (name === undefined ? interactive : findSubcommand(name));

/** `cutaway: message (file:line:column)`, and the hint on a line of its own. */
export function usageMessage(error: UsageError): string {
  const { file, line, column } = error.where ?? {};
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const hint = error.hint === undefined ? '' : `  ${error.hint}\n`;
  return `cutaway: ${error.message}${place === '' ? '' : ` (${place})`}\n${hint}`;
}
