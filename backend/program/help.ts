/**
 * Help texts, made from the table.
 */
import { interactive, type OptionSpec, type Subcommand, subcommands } from './table.ts';
import { wrapBy } from './wrap.ts';

/** `cutaway --help`. */
export function overview(): string {
  const rows = [interactive, ...subcommands].map(
    (command) => [`cutaway ${command.name} ${command.usage}`.trimEnd(), command.summary] as const,
  );
  return [
    'Cutaway takes the side off Docker: see, step by step, what every command does.',
    '',
    ...columns(rows, 0),
    '',
    ...options(interactive.options),
    '',
    'Exit status: 0 all as expected, 1 a difference or a failed expectation, 2 the call or a file is wrong,',
    '3 the target is not available here. `cutaway SUBCOMMAND --help` says more.',
    '',
  ].join('\n');
}

/** `cutaway SUBCOMMAND --help`. */
export function helpOf(command: Subcommand): string {
  const usage = ['cutaway', command.name, command.options.length > 0 ? '[OPTIONS]' : '', command.usage].filter(
    (word) => word !== '',
  );
  const notes = (command.notes ?? []).flatMap((note) => ['', ...wrapBy((text) => text.length, note, 96)]);
  return [
    `Usage: ${usage.join(' ')}`,
    '',
    `${capital(command.summary)}.`,
    '',
    ...options(command.options),
    ...notes,
    '',
  ].join('\n');
}

function options(specs: readonly OptionSpec[]): string[] {
  const help: OptionSpec = { name: 'help', short: 'h', summary: 'show this text' };
  return ['Options:', ...columns([...specs, help].map(optionRow), 2)];
}

function optionRow(option: OptionSpec): readonly [string, string] {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  const value = option.value === undefined ? '' : ` ${option.value}`;
  const choices = option.choices === undefined ? '' : `: ${option.choices.join(', ')}`;
  return [`${short}--${option.name}${value}`, `${option.summary}${choices}`];
}

function columns(rows: readonly (readonly [string, string])[], indent: number): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `${' '.repeat(indent)}${left.padEnd(width)}${right}`);
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
