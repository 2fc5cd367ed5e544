/**
 * Sessions of a person at a terminal with a real docker client, as they were recorded (test/fixtures/terminal-20.10.24.json), and the
 * same ones played on a target of ours.
 *
 * Kept true: what came out is compared to the letter. Left out is only how often a prompt was drawn anew when a client gave the
 * terminal its size, for that depends on whether the program was there by then (a log holds these, too); what no two runs have in common (ids, the clock, CPU
 * time, where numbers of processes begin) is compared by its shape.
 */
import { readFileSync } from 'node:fs';
import { type CommandOutcome, createNormaliser, drawnOnce, type Normaliser, type Target } from '../../../core/index.ts';
import type { Given, Keys } from './scripts.ts';

export type Mark = Pick<Given, 'byOrder' | 'apart'>;

/** Keys, or a line in another terminal; what was to be seen then; how that is compared. */
export type Typed = readonly [keys: Keys, shown: string, mark?: Mark];

export interface Session {
  readonly name: string;
  readonly line: string;
  /** What the line showed at first. */
  readonly start: string;
  /** Why that is not determined. */
  readonly apart?: string;
  readonly typed: readonly Typed[];
  /** Exit status of the client; null: it went on, and was killed. */
  readonly code?: number | null;
  /** Other lines afterwards, and what they answered. */
  readonly after?: readonly (readonly [line: string, answer: string, mark?: Mark])[];
}

export interface Recorded {
  readonly recordedOn: string;
  /** Each group in a fresh engine. */
  readonly groups: readonly { readonly sessions: readonly Session[] }[];
}

export const sessionsFile = new URL('../../fixtures/terminal-20.10.24.json', import.meta.url);
export const readSessions = (): Recorded => JSON.parse(readFileSync(sessionsFile, 'utf8')) as Recorded;

export const redrawn = (text: string): string => text.replace(/(?:\r[^\r\n]*\x1b\[J)+$/, '');

/** One answer of the recording and of ours. */
export interface Compared {
  readonly what: string;
  readonly real: string;
  readonly ours: string;
  readonly apart?: string;
}

/** The window of each client when it starts. */
const usual = { rows: 24, columns: 80 };

/** The client's own terminal is raw, and shows nothing of what is typed: `-it`, `-ti`, `attach` and `start -ai` of what has one. */
const isRawFrom = (line: string): boolean => /^docker (?:run|exec) (?:-\w+ )*-\w*(?:it|ti)\b/.test(line);

/** Looks at a target that takes its own time, until it has answered what the recording says; so long only a failure takes. */
const PATIENCE_MS = 60_000;

/**
 * Plays a session, and gives each answer beside the recorded one. `patient`: the target's programs take their own time, and are waited
 * for.
 */
export async function played(target: Target, session: Session, shapes: Shapes, patient = false): Promise<Compared[]> {
  let live = '';
  let printed = { stdout: '', stderr: '' };
  const onOutput = (stream: 'stdout' | 'stderr', text: string): void => {
    live += text;
    printed = { ...printed, [stream]: printed[stream] + text };
  };
  await target.resize?.(usual.rows, usual.columns);
  let outcome = await target.run(session.line, { onOutput });
  /** What is new; a client without a terminal of the program's own shows what is typed as well. */
  const news = (echo = ''): string => {
    const { stdout, stderr, suspended, tty } = outcome;
    const rest =
      suspended === undefined ? stdout.slice(printed.stdout.length) + stderr.slice(printed.stderr.length) : '';
    const text = echo + live + rest;
    live = '';
    return isRaw || tty !== undefined ? text.replaceAll(/(?<!\r)\n/g, '\r\n') : text.replaceAll('\n', '\r\n');
  };
  const compared: Compared[] = [];
  /** What was to be seen, once it is as it was recorded, or stays otherwise. */
  const settled = async (
    real: string,
    seen: (text: string) => string,
    ours: string,
    { apart }: Mark = {},
  ): Promise<string> => {
    let all = ours;
    const wanted = seen(shapes.real(real, ''));
    const end = Date.now() + PATIENCE_MS;
    while (patient && apart === undefined && Date.now() < end && outcome.suspended !== undefined) {
      if (seen(shapes.ours(all, '')) === wanted) break;
      outcome = ((await target.resume?.()) as CommandOutcome | undefined) ?? outcome;
      all += news();
    }
    return all;
  };
  const add = (what: string, real: string, ours: string, mark: Mark = {}, line = ''): void => {
    const shape = mark.byOrder === true ? ordered : asIs;
    const pair = { real: shape(shapes.real(real, line)), ours: shape(shapes.ours(ours, line)) };
    compared.push({ what, ...pair, ...(mark.apart === undefined ? {} : { apart: mark.apart }) });
  };
  let isRaw = outcome.tty !== undefined || isRawFrom(session.line);
  const first = session.apart === undefined ? {} : { apart: session.apart };
  add('at first', session.start, redrawn(await settled(session.start, redrawn, news(), first)), first);
  for (const [keys, shown, mark] of session.typed) {
    if (outcome.suspended !== undefined) {
      isRaw = outcome.tty !== undefined;
      outcome = (await typedTo(target, keys, isRaw)) ?? outcome;
    }
    const again = typeof keys === 'object' && 'rows' in keys ? drawnOnce : asIs;
    const shape = (text: string): string => again(mark?.byOrder === true ? ordered(text) : text);
    const ours = await settled(shown, shape, news(typeof keys === 'string' && !isRaw ? seenKeys(keys) : ''), mark);
    add(JSON.stringify(keys), again(shown), again(ours), mark);
  }
  const end = Date.now() + PATIENCE_MS;
  while (patient && Date.now() < end && outcome.suspended !== undefined && session.code !== null) {
    outcome = ((await target.resume?.()) as CommandOutcome | undefined) ?? outcome;
  }
  const code = outcome.suspended === undefined ? outcome.exitCode : null;
  add('exit status', String(session.code), String(code));
  if (code === null) await target.run('true');
  for (const [line, answer, mark] of session.after ?? []) {
    const { stdout, stderr } = await target.run(line);
    add(line, answer, stdout + stderr, mark, line);
  }
  return compared;
}

async function typedTo(target: Target, keys: Keys, raw: boolean): Promise<CommandOutcome | undefined> {
  const answer = async (going: ReturnType<NonNullable<Target['resume']>> | undefined) =>
    (await going) as CommandOutcome | undefined;
  if (typeof keys !== 'string')
    return 'rows' in keys
      ? answer(target.resize?.(keys.rows, keys.columns))
      : answer(target.meanwhile?.(keys.meanwhile));
  if (keys === '') return answer(target.resume?.());
  if (keys === '\x03') return answer(target.interrupt?.());
  return keys === '\x04' && !raw ? answer(target.input?.('', true)) : answer(target.input?.(keys));
}

/** What the client's own terminal shows of keys; those that stop and start its output it keeps. */
const seenKeys = (keys: string): string =>
  keys
    .replace(/[\x04\x11\x13]/g, '')
    .replace(/[\x00-\x09\x0b-\x1f]/g, (key) => `^${String.fromCharCode(key.charCodeAt(0) + 64)}`);

/** Texts of the recording and of ours, without what is random in every run: one numbering of ids for all sessions of an engine. */
export interface Shapes {
  readonly real: (text: string, line: string) => string;
  readonly ours: (text: string, line: string) => string;
}

export function createShapes(): Shapes {
  const shape =
    (normaliser: Normaliser) =>
    (text: string, line: string): string =>
      normaliser
        .text(text, line)
        .replace(line.startsWith('docker logs ') ? /(?<=\x1b\[6n)(?:\r[^\r\n]*\x1b\[J)+/g : /^\b$/, '')
        .replace(/\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d\b/g, '<date>')
        .replace(/(?<=\b0m ?)0\.[01]\d*(?=s\b)/g, '<cpu>')
        .replace(/(?<=\b0m \d\.\d)\d(?=s\b)/g, '');
  return { real: shape(createNormaliser()), ours: shape(createNormaliser()) };
}

const asIs = (text: string): string => text;

/** Numbers by their order, as wide as they may be; those in what is told the terminal are none. */
function ordered(shown: string): string {
  const text = shown.replaceAll('\x1b[6n', '');
  const numbers = [...new Set(text.match(/\d+/g)?.map(Number))].sort((a, b) => a - b);
  return text.replace(/ *\b\d+\b/g, (found) => ` <${numbers.indexOf(Number(found))}>`).replace(/ {2,}/g, ' ');
}
