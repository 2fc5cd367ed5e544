/** Lines that need a shell, read once: the same ones come again and again when a lesson is replayed or measured. */
import type { Script } from '../../programs/sh/ast.ts';
import { parseScript } from '../../programs/sh/parser.ts';
import { isDocker, literal } from './detect.ts';
import { isPlain } from './expand.ts';

interface Read {
  readonly script: Script;
  /** The arguments, when the line is one docker command and nothing in it needs a shell. */
  readonly plain: readonly string[] | undefined;
}

/** The lines read last. */
const readLately = new Map<string, Read>();
const MOST_READ = 100;

export function read(line: string): Read {
  const known = readLately.get(line);
  if (known !== undefined) return known;
  const script = parseScript(line);
  const made = { script, plain: plainCall(script) };
  if (readLately.size >= MOST_READ) readLately.clear();
  readLately.set(line, made);
  return made;
}

function plainCall({ items }: Script): readonly string[] | undefined {
  const [item] = items;
  const pipeline = item?.pipelines[0];
  const command = pipeline?.commands[0];
  if (item === undefined || pipeline === undefined || command?.kind !== 'simple' || !isDocker(command))
    return undefined;
  const several = items.length + item.pipelines.length + pipeline.commands.length > 3;
  if (several || item.background || pipeline.negated) return undefined;
  if (command.assigns.length + command.redirs.length > 0 || !command.words.every(isPlain)) return undefined;
  return command.words.slice(1).map((word) => literal(word) ?? '');
}
