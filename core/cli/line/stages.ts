/** What the commands of a pipeline are to each other: which go to the host's shell together, and which move archives. */
import type { Command } from '../../programs/sh/ast.ts';
import { callsThrough, commandCalls, isDocker, literal } from './detect.ts';

export const throughOf = (command: Command): string | undefined =>
  command.kind === 'simple' ? callsThrough(command) : undefined;

/** The next command, with all that follow it when none of them calls docker. */
export function stageFrom(commands: readonly Command[], from: number): readonly Command[] {
  let to = from;
  while (to < commands.length && !commandCalls(commands[to] as Command)) to++;
  return commands.slice(from, Math.max(to, from + 1));
}

/** The verb of a docker command, as far as it stands there as text. */
function verbOf(command: Command): string {
  if (command.kind !== 'simple' || !isDocker(command)) return '';
  const words = command.words.slice(1).map((word) => literal(word) ?? '');
  const [first = '', second = ''] = words.filter((word) => !word.startsWith('-'));
  return first === 'image' || first === 'container' ? second : first;
}

export const readsArchive = (command: Command): boolean => ['load', 'import'].includes(verbOf(command));
export const writesArchive = ([command]: readonly Command[]): boolean =>
  command !== undefined && ['save', 'export'].includes(verbOf(command));
