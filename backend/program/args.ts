/**
 * The command line of the terminal program, checked against the table: node:util parseArgs does the parsing, this file turns
 * its refusals into messages with a hint.
 */
import { parseArgs } from 'node:util';
import { UsageError } from '../../core/index.ts';
import type { Call } from './env.ts';
import { type OptionSpec, type Subcommand, subcommands } from './table.ts';

/** The subcommand of that name. Throws UsageError. */
export function findSubcommand(name: string): Subcommand {
  const found = subcommands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = subcommands.map((command) => command.name).join(', ');
  throw new UsageError(`no subcommand "${name}"`, undefined, `there are: ${names}`);
}

/** `undefined`: help was asked for. */
export function parseCall(command: Subcommand, argv: readonly string[]): Call | undefined {
  const hint = `see cutaway ${command.name === '' ? '' : `${command.name} `}--help`;
  const { values, positionals } = parse(command, argv, hint);
  if (values.help === true) return undefined;
  const [min, max] = command.args;
  if (positionals.length < min) throw new UsageError(`${command.name}: ${command.usage} is missing`, undefined, hint);
  if (positionals.length > max) {
    throw new UsageError(`${command.name || 'cutaway'}: one argument too many: "${positionals[max]}"`, undefined, hint);
  }
  const given = Object.entries(values);
  const call: Call = {
    args: positionals,
    flags: new Set(given.filter(([, value]) => value === true).map(([name]) => name)),
    values: Object.fromEntries(given.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
    lists: Object.fromEntries(given.filter((entry): entry is [string, string[]] => Array.isArray(entry[1]))),
  };
  for (const option of command.options) checkOption(option, call, hint);
  return call;
}

type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

function parse(command: Subcommand, argv: readonly string[], hint: string): { values: Values; positionals: string[] } {
  const options = Object.fromEntries(
    command.options.map(({ name, short, value, repeated = false }) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: repeated,
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  try {
    const parsed = parseArgs({
      args: [...argv],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    return { values: parsed.values as Values, positionals: parsed.positionals };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [first = error.message] = error.message.split(/\. |\n/);
    throw new UsageError(first.replace(/\.$/, ''), undefined, hint);
  }
}

function checkOption(option: OptionSpec, call: Call, hint: string): void {
  const given = call.values[option.name];
  if (given === undefined) {
    if (option.required === true) throw new UsageError(`--${option.name} ${option.value} is missing`, undefined, hint);
    return;
  }
  const { choices } = option;
  if (choices === undefined) return;
  const items = option.many === true ? given.split(',') : [given];
  const wrong = items.find((item) => !choices.includes(item));
  if (wrong === undefined) return;
  const what = option.name === 'on' ? 'target' : option.name;
  throw new UsageError(`unknown ${what} "${wrong}"`, undefined, `--${option.name} takes ${choices.join(', ')}`);
}
