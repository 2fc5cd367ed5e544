/**
 * Writes what was typed and answered as a transcript that parse.ts reads back, the counterpart of parse.ts.
 *
 * Kept true: what is written matches the answer it was written from. What differs from run to run (ids, times) is elided;
 * output that would be read as something else (a prompt, an exit status, `...`) is elided where it must be.
 */
import { outputLines } from './match.ts';
import { type Typed, writeTyped } from './typed.ts';

export interface WrittenCommand {
  readonly command: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What was typed to it while it waited. */
  readonly typed?: readonly Typed[];
}

/**
 * One Markdown file: a title, and a console block with all commands; one to which something was typed ends its block. `meta`
 * goes before it, as front matter.
 */
export function writeTranscript(
  title: string,
  commands: readonly WrittenCommand[],
  meta: Readonly<Record<string, string>> = {},
): string {
  const blocks: string[] = [];
  for (let from = 0; from < commands.length; ) {
    const at = commands.findIndex(({ typed = [] }, i) => i >= from && typed.length > 0);
    const to = at < 0 ? commands.length : at + 1;
    blocks.push(block(commands.slice(from, to)), ...(at < 0 ? [] : [`${writeTyped(commands[at]!.typed!)}\n`]));
    from = to;
  }
  const lines = Object.entries(meta).map(([key, value]) => `${key}: ${value}\n`);
  const head = lines.length === 0 ? [] : [`---\n${lines.join('')}---\n`];
  return [...head, `# ${title}\n`, ...blocks].join('\n');
}

function block(commands: readonly WrittenCommand[]): string {
  const body = commands.map(writeCommand).join('');
  const fence = '`'.repeat(Math.max(3, longestRun(body) + 1));
  return `${fence}console\n${body}${fence}\n`;
}

/** The lines of one command: `$ command`, `? N` unless it succeeded, the output. */
export function writeCommand(record: WrittenCommand): string {
  const status = record.exitCode === 0 ? [] : [`? ${record.exitCode}`];
  const lines = outputLines(record).map((line, i) => guard(elide(line), i === 0 && status.length === 0));
  return [`$ ${record.command.replace(/\n/g, '\\\n')}`, ...status, ...lines].map((line) => `${line}\n`).join('');
}

const unstable: readonly RegExp[] = [
  /\b[0-9a-f]{64}\b/g,
  /\b[0-9a-f]{12}\b/g,
  /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g,
  /\b(Less than a second|About (a|an) (minute|hour)|\d+ (seconds?|minutes?|hours?|days?|weeks?|months?|years?))(?= ago| *\(| {2,}|$)/g,
];

/** Replaces what another run will print otherwise: ids of 64 or 12 hex digits, times, spans of time. */
export function elide(line: string): string {
  return unstable.reduce((text, pattern) => text.replace(pattern, '[..]'), line);
}

/** Keeps an output line from being read as a prompt, as `...`, or (the first line) as an exit status. */
function guard(line: string, first: boolean): string {
  if (line.trim() === '...') return '[..]';
  if (line === '$' || line.startsWith('$ ')) return `[..]${line.slice(1)}`;
  if (first && /^\? *\S* *$/.test(line)) return `[..]${line.slice(1)}`;
  return line;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
}
