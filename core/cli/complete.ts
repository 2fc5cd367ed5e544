/**
 * What the Tab key offers: commands, flags and names for the word that a line ends with. The table is plain data, so that a
 * page can complete without having the whole command line beside it; completion-table.ts makes it.
 *
 * Kept true: only what would be accepted at that place is offered, only flags that are acted on; nothing is offered for an
 * empty line, so that Tab can mean something else there.
 */

/** What a positional argument names. */
export type ArgumentKind = 'container' | 'image' | 'either' | 'other';

export interface CompletionCommand {
  /** As typed after `docker`. */
  readonly name: string;
  /** `--name` and `-n`, without those that are not acted on. */
  readonly flags: readonly string[];
  /** Those of `flags` that are followed by a value. */
  readonly valued: readonly string[];
  readonly args: readonly ArgumentKind[];
  /** The last kind goes for all further arguments. */
  readonly more: boolean;
}

export interface CompletionTable {
  readonly commands: readonly CompletionCommand[];
  /** Programs of the host. */
  readonly host: readonly string[];
}

/** What exists now. */
export interface Names {
  readonly containers: readonly string[];
  readonly images: readonly string[];
}

export interface Completion {
  /** Where the word begins that is being completed. */
  readonly from: number;
  /** What it can be completed to, sorted; never empty. */
  readonly options: readonly string[];
  /** What all options begin with; longer than the word when there is something to insert. */
  readonly common: string;
}

/** Completes the last word of `line`; undefined: nothing fits. */
export function complete(table: CompletionTable, names: Names, line: string): Completion | undefined {
  if (line.trim() === '') return undefined;
  const from = line.search(/\S*$/);
  const word = line.slice(from);
  const before = words(line.slice(0, from));
  const options = [...new Set(candidates(table, names, before, word))]
    .filter((option) => option.startsWith(word))
    .sort();
  if (options.length === 0 || (options.length === 1 && options[0] === word && line.endsWith(' '))) return undefined;
  return { from, options, common: commonPrefix(options) };
}

/** Words since the last `|`, `;` or `&`: what begins a command. */
function words(text: string): string[] {
  const all = text.split(/\s+/).filter((word) => word !== '');
  const last = all.findLastIndex((word) => /^[|;&]+$/.test(word) || word.endsWith(';'));
  return all.slice(last + 1);
}

function candidates(table: CompletionTable, names: Names, before: readonly string[], word: string): readonly string[] {
  const [program, ...rest] = before;
  if (program === undefined) return word === '' ? [] : ['docker', ...table.host];
  if (program !== 'docker') return [];
  const command = findCommand(table, rest);
  if (command === undefined) return subcommands(table, rest);
  const typed = rest.slice(command.name.split(' ').length);
  if (command.valued.includes(typed.at(-1) ?? '')) return [];
  const position = countArguments(command, typed);
  if (word.startsWith('-')) return position === 0 || !isFree(command) ? command.flags : [];
  return namesFor(command, names, position);
}

/** `container ls` before `container`: the longest name that fits. */
function findCommand(table: CompletionTable, rest: readonly string[]): CompletionCommand | undefined {
  return [2, 1].map((n) => rest.slice(0, n).join(' ')).flatMap((name) => byName(table, name))[0];
}

const byName = (table: CompletionTable, name: string): CompletionCommand[] =>
  table.commands.filter((command) => command.name === name);

/** The next word of the names that begin with what is there. */
function subcommands(table: CompletionTable, rest: readonly string[]): string[] {
  return table.commands
    .map(({ name }) => name.split(' '))
    .filter((parts) => parts.length > rest.length && rest.every((part, i) => parts[i] === part))
    .map((parts) => parts[rest.length]!);
}

function countArguments(command: CompletionCommand, typed: readonly string[]): number {
  return typed.filter((word, i) => !word.startsWith('-') && !command.valued.includes(typed[i - 1] ?? '')).length;
}

/** What follows its arguments is a command line of its own (`docker run IMAGE COMMAND…`). */
const isFree = (command: CompletionCommand): boolean => command.args.at(-1) === 'other' && command.more;

function namesFor(command: CompletionCommand, names: Names, position: number): readonly string[] {
  const kind = command.args[position] ?? (command.more ? command.args.at(-1) : undefined);
  if (kind === 'container') return names.containers;
  if (kind === 'image') return names.images;
  return kind === 'either' ? [...names.containers, ...names.images] : [];
}

function commonPrefix(options: readonly string[]): string {
  const [first = '', ...others] = options;
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}
