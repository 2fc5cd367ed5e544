/**
 * What a client's keyboard and screen are connected to, once it is attached to a process: `docker run`, `start -a`, `attach`,
 * `exec`. With `-it` the client's own terminal is raw: every key goes to the process, but for the sequence that detaches.
 */
import type { Flow, OutputChunk } from '../op.ts';

/** Rows and columns of a client's terminal. */
export interface Window {
  readonly rows: number;
  readonly columns: number;
}

export const usualWindow: Window = { rows: 24, columns: 80 };

export interface Attached {
  /** PID, on the host, of the process that gets what is typed. */
  readonly pid: number;
  /** The process has a terminal, and the keyboard goes to it key by key. */
  readonly tty: boolean;
  /** Keys that detach, one character each. */
  readonly keys: string;
  /** What the client says and ends with then. */
  readonly left: { readonly said: string; readonly code: number };
  /** So many of `keys` were typed, and are held back. */
  held: number;
}

/** What is shown of a process' output while it goes on; absent: all of it. */
export type View = () => Flow<readonly OutputChunk[]>;

export const usualKeys = 'ctrl-p,ctrl-q';

/** moby/term ToBytes. Undefined: they are no keys; `bad` is the first that is none. */
export function detachKeys(text: string): { readonly keys: string } | { readonly bad: string } {
  let keys = '';
  for (const name of (text === '' ? usualKeys : text).split(',')) {
    const control = /^ctrl-([a-z@[\]\\^_])$/.exec(name)?.[1];
    if (control !== undefined) keys += String.fromCharCode(control.toUpperCase().charCodeAt(0) & 31);
    else if (/^[\x00-\x7f]$/.test(name)) keys += name;
    else return { bad: name };
  }
  return { keys };
}

/** What of the typed text goes on to the process; `detached`: the whole sequence has come, and nothing after it counts. */
export function passOn(attached: Attached, text: string): { readonly text: string; readonly detached: boolean } {
  const { keys } = attached;
  let passed = '';
  for (const char of text) {
    if (char === keys[attached.held]) {
      attached.held += 1;
      if (attached.held === keys.length) return { text: passed, detached: true };
      continue;
    }
    passed += keys.slice(0, attached.held);
    attached.held = 0;
    if (char === keys[0]) attached.held = 1;
    else passed += char;
  }
  return { text: passed, detached: false };
}
