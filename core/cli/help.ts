/**
 * `docker`, `docker CMD --help` and usage errors, made from the same definitions that the parser reads. The layout is
 * spf13/cobra's and pflag's as the docker client sets them up, at 80 columns.
 */
import type { FlagDef } from './flags.ts';
import { goQuote } from './go.ts';
import type { ArgRule, CommandSpec } from './spec.ts';

const columns = 79;

/** A level of commands: `docker` itself, `docker container`. */
export interface Group {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly (readonly [name: string, summary: string])[];
}

export function commandHelp(spec: CommandSpec): string {
  const aliases = spec.aliases === undefined ? '' : `\nAliases:\n  ${spec.aliases.join(', ')}\n`;
  const examples = spec.examples === undefined ? '' : `\nExamples:\n\n${spec.examples}\n`;
  const shown = spec.flags.some((flag) => flag.hidden !== true);
  const options = shown ? `\nOptions:\n${flagUsages(spec.flags)}` : '';
  return `\nUsage:  docker ${usageLine(spec)}\n\n${spec.description ?? spec.summary}\n${aliases}${examples}${options}`;
}

export function groupHelp(group: Group): string {
  return `\nUsage:  docker ${group.name} COMMAND\n\n${group.summary}\n\nCommands:\n${commandList(group.commands)}
Run 'docker ${group.name} COMMAND --help' for more information on a command.\n`;
}

export function rootHelp(flags: readonly FlagDef[], groups: Group['commands'], commands: Group['commands']): string {
  const width = Math.max(...[...groups, ...commands].map(([name]) => name.length));
  return `
Usage:  docker [OPTIONS] COMMAND

A self-sufficient runtime for containers

Options:
${flagUsages(flags)}
Management Commands:
${commandList(groups, width)}
Commands:
${commandList(commands, width)}
Run 'docker COMMAND --help' for more information on a command.

To get more help with docker, check out our guides at https://docs.docker.com/go/guides/
`;
}

const commandList = (commands: Group['commands'], width = 11): string =>
  commands.map(([name, summary]) => `  ${name.padEnd(Math.max(width, 11))} ${summary}\n`).join('');

const usageLine = (spec: CommandSpec): string => `${spec.name} ${spec.usage}`;

/** The complaint about a number of arguments that `rule` forbids, or nothing. */
export function argumentError(spec: CommandSpec, count: number): string | undefined {
  const complaint = requirement(spec.args, count);
  if (complaint === undefined) return undefined;
  return `"docker ${spec.name}" ${complaint}.
See 'docker ${spec.name} --help'.

Usage:  docker ${usageLine(spec)}

${spec.summary}`;
}

function requirement(rule: ArgRule, count: number): string | undefined {
  const plural = (n: number) => `${n} argument${n === 1 ? '' : 's'}`;
  switch (rule.rule) {
    case 'none':
      return count > 0 ? 'accepts no arguments' : undefined;
    case 'any':
      return undefined;
    case 'exactly':
      return count !== rule.count ? `requires exactly ${plural(rule.count)}` : undefined;
    case 'atLeast':
      return count < rule.count ? `requires at least ${plural(rule.count)}` : undefined;
    case 'atMost':
      return count > rule.count ? `requires at most ${plural(rule.count)}` : undefined;
    case 'range':
      return count < rule.from || count > rule.to
        ? `requires at least ${rule.from} and at most ${plural(rule.to)}`
        : undefined;
  }
}

/** pflag's FlagUsagesWrapped. */
export function flagUsages(flags: readonly FlagDef[]): string {
  const rows = flags
    .filter((flag) => flag.hidden !== true)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => ({ head: flagHead(flag), usage: flag.usage + shownDefault(flag) }));
  const width = Math.max(...rows.map(({ head }) => head.length)) + 3;
  return rows.map(({ head, usage }) => `${head.padEnd(width)}${wrap(width, columns, usage)}\n`).join('');
}

function flagHead(flag: FlagDef): string {
  const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
  return `  ${short}--${flag.name}${flag.kind === 'bool' ? '' : ` ${flag.kind}`}`;
}

function shownDefault(flag: FlagDef): string {
  if (flag.default === undefined) return '';
  return ` (default ${flag.kind === 'string' ? goQuote(flag.default) : flag.default})`;
}

/** Room that pflag leaves, so that a last short word may stay on its line. */
const slop = 5;

/** Folds `text` into `width` columns, of which `indent` are taken on every line but the first. */
function wrap(indent: number, width: number, text: string): string {
  const margin = `\n${' '.repeat(indent)}`;
  const lines: string[] = [];
  let rest = text;
  do {
    const [line, more] = cut(width - indent - slop, rest);
    lines.push(line.replaceAll('\n', margin));
    rest = more;
  } while (rest !== '');
  return lines.join(margin);
}

/** The first line of `text`, at most `room` (and a little more if that ends it), and what is left. */
function cut(room: number, text: string): [string, string] {
  if (room + slop > text.length) return [text, ''];
  const head = text.slice(0, room);
  const space = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'));
  if (space <= 0) return [text, ''];
  const newline = head.lastIndexOf('\n');
  const at = newline > 0 && newline < space ? newline : space;
  return [text.slice(0, at), text.slice(at + 1)];
}
