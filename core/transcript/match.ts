/**
 * Compares what a command printed with what the transcript expects, and says where they part.
 *
 * Kept true: `[..]` stands for anything within a line (also nothing), a line `...` for any number of lines (also none);
 * white space at the end of lines and blank lines at the end do not count; a gap of two or more spaces equals any other such
 * gap, because the columns of Docker's tables are as wide as the ids and times that happen to be in them. Everything else is
 * exact.
 */
import type { ExpectedLine, TranscriptCommand } from './parse.ts';
import { asSeen } from './seen.ts';

/** One way in which a command did not do what the file says. */
export interface Mismatch {
  readonly what: 'exit status' | 'output';
  /** Of the file; where the first difference is. */
  readonly line: number;
  readonly column: number;
  /** The line expected; absent where the output has a line too many. */
  readonly expected?: string;
  /** The line that came; absent where the output ends too early. */
  readonly got?: string;
}

/** What a command answered, as far as a transcript sees it. */
export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** It has not ended: it waits for this. */
  readonly suspended?: string;
  /** Which limit stopped it, in words. */
  readonly time?: { readonly limit?: string };
}

/** Checks one answer. Standard output is followed by standard error, as in a transcript. */
export function matchAnswer(command: TranscriptCommand, answer: Answer): Mismatch[] {
  const { expected } = command;
  if (expected === undefined) return [];
  const found: Mismatch[] = [];
  const status = answer.suspended === undefined ? String(answer.exitCode) : `none: ${unended(answer)}`;
  if (status !== String(expected.exitCode)) {
    const at = { line: command.line, column: command.column };
    found.push({ what: 'exit status', ...at, expected: String(expected.exitCode), got: status });
  }
  const lines = outputLines(answer);
  const part = orderIsRandom(command.command)
    ? firstUnpaired(expected.lines, lines)
    : firstDifference(expected.lines, lines);
  if (part !== undefined) found.push(toMismatch(part, command));
  return found;
}

const unended = ({ suspended, time }: Answer): string =>
  time?.limit === undefined ? `it waits for ${suspended}` : `it was stopped after ${time.limit}, the limit of one line`;

/** The lines a terminal would show, without white space at line ends and blank lines at the end. */
export function outputLines(answer: Pick<Answer, 'stdout' | 'stderr'>): string[] {
  const cut = answer.stdout !== '' && answer.stderr !== '' && !answer.stdout.endsWith('\n') ? '\n' : '';
  const lines = asSeen(`${answer.stdout}${cut}${answer.stderr}`)
    .replace(/\r\n/g, '\n')
    .split('\n')
    .map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/**
 * May the lines come in any order? `docker diff` walks a Go map: siblings come as they like (moby daemon/changes.go). So do
 * images that were made within the same second (moby daemon/images/images.go sorts by whole seconds), and those that
 * `docker image prune` removes (daemon/images/image_prune.go).
 */
export function orderIsRandom(command: string): boolean {
  return /^\s*docker\s+((container\s+)?diff|images|image\s+(ls|list|prune))\b[^|>&;]*$/.test(command);
}

/** Does this one line stand for that one? */
export function lineMatches(pattern: string, line: string): boolean {
  const expected = pattern.trimEnd();
  return expected === line || linePattern(expected).test(line);
}

function linePattern(pattern: string): RegExp {
  const source = pattern
    .split('[..]')
    .map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ {2,}/g, ' {2,}'))
    .join('.*');
  return new RegExp(`^${source}$`, 'su');
}

/** Where expectation and output part: an expected line, a line that came, or both. */
interface Parting {
  readonly expected?: ExpectedLine;
  readonly got?: string;
}

const isAnyLines = (line: ExpectedLine): boolean => line.text.trim() === '...';

/** Matches in order. The runs between two `...` are looked for one after another, each as early as it can be. */
function firstDifference(expected: readonly ExpectedLine[], got: readonly string[]): Parting | undefined {
  const runs = splitRuns(expected);
  const [head, ...others] = runs;
  const stop = comparePrefix(head!, got, 0);
  if (stop !== undefined) return stop;
  let at = head!.length;
  if (others.length === 0) return at < got.length ? { got: got[at]! } : undefined;
  const tail = others.pop()!;
  for (const run of others) {
    const found = findRun(run, got, at);
    if (typeof found !== 'number') return found;
    at = found + run.length;
  }
  if (got.length - at < tail.length) return comparePrefix(tail, got, at);
  return comparePrefix(tail, got, got.length - tail.length);
}

function splitRuns(expected: readonly ExpectedLine[]): ExpectedLine[][] {
  const runs: ExpectedLine[][] = [[]];
  for (const line of expected) {
    if (isAnyLines(line)) runs.push([]);
    else runs.at(-1)!.push(line);
  }
  return runs;
}

function comparePrefix(run: readonly ExpectedLine[], got: readonly string[], from: number): Parting | undefined {
  for (const [i, line] of run.entries()) {
    const came = got[from + i];
    if (came === undefined) return { expected: line };
    if (!lineMatches(line.text, came)) return { expected: line, got: came };
  }
  return undefined;
}

/** Index at which the run is found; else the parting at the place where most of its lines matched. */
function findRun(run: readonly ExpectedLine[], got: readonly string[], from: number): number | Parting {
  let best: { matched: number; parting: Parting } | undefined;
  for (let at = from; at <= got.length; at += 1) {
    const parting = comparePrefix(run, got, at);
    if (parting === undefined) return at;
    const matched = run.indexOf(parting.expected!);
    if (best === undefined || matched > best.matched) best = { matched, parting };
  }
  return best?.parting ?? { expected: run[0]! };
}

/** Matches in any order: every expected line takes one line of its own; exact ones choose first. */
function firstUnpaired(expected: readonly ExpectedLine[], got: readonly string[]): Parting | undefined {
  const left = [...got];
  const lines = expected.filter((line) => !isAnyLines(line));
  const elided = (line: ExpectedLine): number => (line.text.includes('[..]') ? 1 : 0);
  const missing: ExpectedLine[] = [];
  for (const line of [...lines].sort((a, b) => elided(a) - elided(b))) {
    const i = left.findIndex((came) => lineMatches(line.text, came));
    if (i < 0) missing.push(line);
    else left.splice(i, 1);
  }
  const first = missing.sort((a, b) => a.line - b.line)[0];
  const extra = lines.length === expected.length ? left[0] : undefined;
  if (first === undefined) return extra === undefined ? undefined : { got: extra };
  return extra === undefined ? { expected: first } : { expected: first, got: extra };
}

function toMismatch(parting: Parting, command: TranscriptCommand): Mismatch {
  const { expected, got } = parting;
  if (expected === undefined) {
    const last = command.expected?.lines.at(-1) ?? command;
    return { what: 'output', line: last.line, column: last.column, ...(got === undefined ? {} : { got }) };
  }
  const column = expected.column + (got === undefined ? 0 : firstDifferentColumn(expected.text, got));
  const lines = { expected: expected.text, ...(got === undefined ? {} : { got }) };
  return { what: 'output', line: expected.line, column, ...lines };
}

/** 0-based column of the pattern at which the line stops following it. */
function firstDifferentColumn(pattern: string, line: string): number {
  let good = 0;
  for (let end = 1; end <= pattern.length; end += 1) {
    // Cutting an elision or a gap in two would make it literal.
    if (/\[(\.(\.)?)?$/.test(pattern.slice(0, end)) || pattern.slice(end - 1, end + 1) === '  ') continue;
    if (!lineMatches(`${pattern.slice(0, end)}[..]`, line)) break;
    good = end;
  }
  return good;
}

/** A mismatch in words, for the terminal. */
export function describeMismatch(mismatch: Mismatch, command: string): string {
  const { expected, got } = mismatch;
  if (mismatch.what === 'exit status') return `\`${command}\`: exit status ${got}, expected ${expected}`;
  if (expected === undefined) return `\`${command}\`: more output than expected\n  got       ${got}`;
  if (got === undefined) return `\`${command}\`: output ends too early\n  expected  ${expected}`;
  return `\`${command}\`: output differs\n  expected  ${expected}\n  got       ${got}`;
}
