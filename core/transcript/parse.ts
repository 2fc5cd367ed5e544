/**
 * Transcripts: reads a Markdown file with `console` blocks, a bare console session, or a plain list of commands, into data.
 * The format is that of trycmd (docs.rs/trycmd): `$ command`, an optional `? N` with the exit status expected, then the
 * output expected, in which `[..]` stands for anything within a line and a line `...` for any lines.
 *
 * Kept true: every command and every expected line knows its line and column in the file; a file in which no command is
 * found is an error, never an empty success; nothing in a console block is silently passed over.
 */
import { UsageError } from '../errors.ts';
import type { Piece } from './markdown.ts';
import { readTyped, type Typed } from './typed.ts';

export interface ExpectedLine {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
}

export interface Expectation {
  readonly exitCode: number;
  readonly lines: readonly ExpectedLine[];
}

export interface TranscriptCommand {
  /** The command line, continuations joined. */
  readonly command: string;
  readonly line: number;
  readonly column: number;
  /** Absent in plain lists of commands: whatever it answers is as expected. */
  readonly expected?: Expectation;
  /** What was typed to it while it waited. */
  readonly typed?: readonly Typed[];
}

/** A stretch of the file: Markdown between two blocks, or the commands of one block. */
export type TranscriptPart =
  | { readonly kind: 'prose'; readonly markdown: string; readonly line: number }
  | { readonly kind: 'commands'; readonly commands: readonly TranscriptCommand[] };

export interface Transcript {
  /** As it was named, for messages. */
  readonly file: string;
  /** Front matter, `key: value` between two lines `---`. */
  readonly meta: Readonly<Record<string, string>>;
  readonly parts: readonly TranscriptPart[];
  /** All commands in order. */
  readonly commands: readonly TranscriptCommand[];
}

export type TranscriptFormat = 'markdown' | 'session' | 'list';

/** One line of source with its place; `column` is where `text` begins. */
export interface SourceLine {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** Which of the three formats a file has: by its name, else by what stands in it. */
export function transcriptFormat(file: string, text: string): TranscriptFormat {
  if (/\.(md|markdown)$/i.test(file) || /^ {0,3}(`{3,}|~{3,}) *console\b/m.test(text)) return 'markdown';
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#'));
  return first !== undefined && /^\$ /.test(first) ? 'session' : 'list';
}

/** Reads a transcript. Throws UsageError with file, line and column. */
export async function parseTranscript(text: string, file: string): Promise<Transcript> {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const format = transcriptFormat(file, source);
  const transcript = format === 'markdown' ? await parseMarkdown(source, file) : parsePlain(source, file, format);
  if (transcript.commands.length > 0) return transcript;
  throw new UsageError(
    'no command found',
    { file },
    format === 'markdown'
      ? 'commands are read from ```console blocks, from lines that begin with "$ "'
      : 'write one command a line; lines that begin with # are comments',
  );
}

async function parseMarkdown(source: string, file: string): Promise<Transcript> {
  // markdown-it is only loaded for those who bring Markdown: the terminal program starts faster without it.
  const { splitMarkdown } = await import('./markdown.ts');
  const { meta, pieces } = splitMarkdown(source, file, (name) => name === 'console' || name === 'setup');
  const parts = pieces.map((piece, i): TranscriptPart => {
    if (piece.kind === 'prose') return piece;
    const commands = withTyped(parseSession(piece.lines, file, piece), pieces[i + 1], file);
    return { kind: 'commands', commands: piece.name === 'setup' ? commands.map(unjudged) : commands };
  });
  return finish(file, meta, parts);
}

/** What follows a block may say what was typed to its last command. */
function withTyped(commands: TranscriptCommand[], next: Piece | undefined, file: string): TranscriptCommand[] {
  if (next?.kind !== 'prose') return commands;
  const typed = readTyped(next.markdown.split('\n')[0]!, { file, line: next.line });
  return typed === undefined ? commands : [...commands.slice(0, -1), { ...commands.at(-1)!, typed }];
}

/** The set-up of a lesson is part of its story, but what it answers is nobody's concern. */
const unjudged = ({ expected: _, ...command }: TranscriptCommand): TranscriptCommand => command;

function parsePlain(source: string, file: string, format: 'session' | 'list'): Transcript {
  const lines = source.split('\n').map((text, i): SourceLine => ({ text, line: i + 1, column: 1 }));
  if (lines.at(-1)?.text === '') lines.pop();
  const commands = format === 'session' ? parseSession(dropHead(lines), file) : parseList(lines, file);
  return finish(file, {}, [{ kind: 'commands', commands }]);
}

/** A session may open with blank lines and comments. */
function dropHead(lines: readonly SourceLine[]): readonly SourceLine[] {
  return lines.slice(lines.findIndex((line) => line.text.startsWith('$ ')));
}

function finish(file: string, meta: Readonly<Record<string, string>>, parts: readonly TranscriptPart[]): Transcript {
  const commands = parts.flatMap((part) => (part.kind === 'commands' ? part.commands : []));
  return { file, meta, parts, commands };
}

/** One command a line; `#` lines and blank ones are passed over. Nothing is expected of the answers. */
export function parseList(lines: readonly SourceLine[], file: string): TranscriptCommand[] {
  const commands: TranscriptCommand[] = [];
  for (let i = 0; i < lines.length; ) {
    const first = lines[i]!;
    const text = first.text.trim();
    if (text === '' || text.startsWith('#')) {
      i += 1;
      continue;
    }
    const { command, next } = joinContinued(lines, i, first.text, file);
    commands.push({ command: command.trim(), line: first.line, column: first.column + indent(first.text) });
    i = next;
  }
  return commands;
}

/** The lines of a console block: `$ command`, `? N`, expected output. `block` is where it opens, for messages. */
export function parseSession(
  lines: readonly SourceLine[],
  file: string,
  block?: { readonly line: number; readonly column: number },
): TranscriptCommand[] {
  const commands: TranscriptCommand[] = [];
  let i = 0;
  while (i < lines.length && lines[i]!.text.trim() === '') i += 1;
  if (i === lines.length) throw new UsageError('console block without a command', { file, ...place(block) });
  while (i < lines.length) {
    const first = lines[i]!;
    if (!isPrompt(first.text)) throw strayOutput(first, file);
    const { command, next } = joinContinued(lines, i, first.text.slice(1), file);
    if (command.trim() === '') throw new UsageError('"$" without a command', { file, ...place(first) });
    const end = nextPrompt(lines, next);
    const expected = parseExpected(lines.slice(next, end), file);
    commands.push({ command: command.trim(), line: first.line, column: first.column, expected });
    i = end;
  }
  return commands;
}

const isPrompt = (text: string): boolean => text === '$' || text.startsWith('$ ');

const place = (at: { line: number; column: number } | undefined): { line?: number; column?: number } =>
  at === undefined ? {} : { line: at.line, column: at.column };

const indent = (text: string): number => text.length - text.trimStart().length;

function strayOutput(line: SourceLine, file: string): UsageError {
  const hint = line.text.startsWith('# ')
    ? 'a root prompt "#" is not read as one; write "$ "'
    : 'a console block begins with a line "$ command"';
  return new UsageError('output before the first command of the block', { file, ...place(line) }, hint);
}

function nextPrompt(lines: readonly SourceLine[], from: number): number {
  let i = from;
  while (i < lines.length && !isPrompt(lines[i]!.text)) i += 1;
  return i;
}

/**
 * Joins a line that ends in an odd number of backslashes with the next one, as a shell does; a `> ` in front of the next
 * one (the shell's second prompt) is dropped.
 */
function joinContinued(
  lines: readonly SourceLine[],
  start: number,
  firstText: string,
  file: string,
): { command: string; next: number } {
  let command = firstText;
  let next = start + 1;
  while (/(?<!\\)(\\\\)*\\$/.test(command)) {
    const line = lines[next];
    if (line === undefined) {
      const last = lines[next - 1]!;
      throw new UsageError('"\\" at the end: the command is not finished', {
        file,
        line: last.line,
        column: last.column + last.text.length - 1,
      });
    }
    command = command.slice(0, -1) + line.text.replace(/^> /, '');
    next += 1;
  }
  return { command, next };
}

/** The lines between two prompts. Blank ones at the end only separate commands. */
function parseExpected(lines: readonly SourceLine[], file: string): Expectation {
  const [first, ...rest] = lines;
  const status = first === undefined ? null : /^\? *(\S*) *$/.exec(first.text);
  if (first === undefined || status === null) return { exitCode: 0, lines: trimEnd(lines) };
  const exitCode = Number(status[1]);
  if (!/^\d{1,3}$/.test(status[1] ?? '') || exitCode > 255) {
    throw new UsageError(
      `"${first.text}": not an exit status`,
      { file, ...place(first) },
      'write "? N", N from 0 to 255',
    );
  }
  return { exitCode, lines: trimEnd(rest) };
}

function trimEnd(lines: readonly SourceLine[]): readonly ExpectedLine[] {
  let end = lines.length;
  while (end > 0 && lines[end - 1]!.text.trim() === '') end -= 1;
  return lines.slice(0, end);
}
