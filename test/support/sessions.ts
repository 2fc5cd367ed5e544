/**
 * Sessions of a person at a terminal with a real docker client, as they were recorded (test/fixtures/terminal-20.10.24.json), and the
 * same ones played on the simulation.
 *
 * Kept true: what came out is compared to the letter. Left out is only how often a prompt was drawn anew when a client gave the
 * terminal its size, for that depends on whether the program was there by then.
 */
import { type CommandOutcome, createSimTarget, FREE_MS, type SimTarget } from '../../core/index.ts';

/** Keys, or a line in another terminal; what was to be seen then; and why that may be otherwise elsewhere, where it may. */
export type Typed = readonly [keys: string | { readonly meanwhile: string }, shown: string, apart?: string];

export interface Session {
  readonly name: string;
  readonly line: string;
  /** What the line showed at first. */
  readonly start: string;
  readonly typed: readonly Typed[];
  /** What came after the last key, by itself. */
  readonly end?: string;
  /** Exit status of the client; null: it went on, and was killed. */
  readonly code?: number | null;
  /** Other lines afterwards, and what they answered. */
  readonly after?: readonly (readonly [line: string, answer: string, apart?: string])[];
  /** Why what it showed at first may be otherwise elsewhere. */
  readonly apart?: string;
}

export interface Recorded {
  readonly recordedOn: string;
  /** Each group in a fresh engine. */
  readonly groups: readonly { readonly sessions: readonly Session[] }[];
}

export const redrawn = (text: string): string => text.replace(/(?:\r[^\r\n]*\x1b\[J)+$/, '');

/** A session as the simulation shows it, in the form of the recorded one. */
export function played(target: SimTarget, session: Session): Session {
  let live = '';
  let printed = { stdout: '', stderr: '' };
  const onOutput = (stream: 'stdout' | 'stderr', text: string): void => {
    live += text;
    printed = { ...printed, [stream]: printed[stream] + text };
  };
  let outcome = target.runSync(session.line, { onOutput, steps: false });
  /** What is new; a client without a terminal of the program's own shows what is typed as well. */
  const news = (echo = ''): string => {
    const { stdout, stderr, suspended, tty } = outcome;
    const rest =
      suspended === undefined ? stdout.slice(printed.stdout.length) + stderr.slice(printed.stderr.length) : '';
    const text = echo + live + rest;
    live = '';
    return isRaw || tty !== undefined ? text.replaceAll(/(?<!\r)\n/g, '\r\n') : text.replaceAll('\n', '\r\n');
  };
  let isRaw = outcome.tty !== undefined;
  const start = redrawn(news());
  const typed: Typed[] = [];
  for (const [keys] of session.typed) {
    if (outcome.suspended === undefined) break;
    isRaw = outcome.tty !== undefined;
    outcome = given(target, keys, isRaw) ?? outcome;
    typed.push([keys, news(typeof keys === 'string' && !isRaw ? seenKeys(keys) : '')]);
  }
  const code = outcome.suspended === undefined ? outcome.exitCode : null;
  if (code === null) target.runSync('true');
  const after = (session.after ?? []).map(([line]) => {
    const { stdout, stderr } = target.runSync(line);
    return [line, stdout + stderr] as const;
  });
  return {
    name: session.name,
    line: session.line,
    start,
    typed,
    code,
    ...(session.after === undefined ? {} : { after }),
  };
}

function given(target: SimTarget, keys: Typed[0], raw: boolean): CommandOutcome | undefined {
  if (typeof keys !== 'string') return target.meanwhile(keys.meanwhile);
  if (keys === '') return target.resume();
  if (keys === '\x03') return target.interrupt();
  return keys === '\x04' && !raw ? target.input('', true) : target.input(keys);
}

/** What the client's own terminal shows of keys. */
const seenKeys = (keys: string): string =>
  keys.replace('\x04', '').replace(/[\x00-\x09\x0b-\x1f]/g, (key) => `^${String.fromCharCode(key.charCodeAt(0) + 64)}`);

export const newTarget = (): SimTarget => createSimTarget({ interactive: true, freeMs: FREE_MS });
