/** The table that complete.ts works on, made from the commands themselves. Throws PartNeeded until all of them are there. */
import { appletNames } from '../programs/parts/names.ts';
import { allCommands } from './commands/catalogue.ts';
import type { ArgumentKind, CompletionCommand, CompletionTable } from './complete.ts';
import type { CommandSpec } from './spec.ts';

export function completionTable(): CompletionTable {
  return {
    commands: [...allCommands()].map(([name, spec]) => completionCommand(name, spec)),
    host: [...appletNames].sort(),
  };
}

function completionCommand(name: string, spec: CommandSpec): CompletionCommand {
  const flags = spec.flags.filter((flag) => flag.hidden !== true && spec.acts.includes(flag.name));
  const spellings = (of: typeof flags): string[] =>
    of.flatMap((flag) => [`--${flag.name}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])]);
  const [usage = ''] = spec.usage.split('\n');
  const words = usage.split(' ').filter((word) => word !== '' && word !== '[OPTIONS]');
  return {
    name,
    flags: [...spellings(flags), '--help'],
    valued: spellings(flags.filter((flag) => flag.kind !== 'bool')),
    args: words.map(kindOf),
    more: usage.includes('...'),
  };
}

/** The usage line says what an argument is: `CONTAINER`, `IMAGE`, `SOURCE_IMAGE[:TAG]`, `NAME|ID`. */
function kindOf(word: string): ArgumentKind {
  if (/^\[?CONTAINER\b/.test(word)) return 'container';
  if (/^\[?(SOURCE_)?IMAGE\b/.test(word)) return 'image';
  return word === 'NAME|ID' ? 'either' : 'other';
}
