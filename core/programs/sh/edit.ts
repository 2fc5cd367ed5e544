/**
 * The line that is typed at an interactive shell (busybox libbb/lineedit.c, FEATURE_EDITING without vi keys): while one is being typed
 * the shell has the terminal in raw mode and echoes by itself; programs find it as it was.
 *
 * Kept true: the sequences written are those of busybox 1.35, so that a container's log of a session reads as the real one's.
 */
import { SysError } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';
import { type Termios, withFlags } from '../../kernel/tty/termios.ts';
import type { Signal } from '../../op.ts';
import { attempt } from '../lib/applet.ts';
import { slurp } from '../lib/io.ts';
import { terminalSize } from '../lib/terminal.ts';
import { completionOf, type ShellNames } from './complete.ts';
import { Line } from './line.ts';

/** What came of reading a line. */
export type Typed = { readonly line: string } | 'interrupt' | 'end';

/** Asks the terminal where its cursor is; whoever types needs not answer. */
const WHERE = '\x1b[6n';
const MOST_HISTORY = 256;

export class LineEditor {
  /** Lines typed before, oldest first. */
  readonly history: string[] = [];
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Characters that were read and are for the next line. */
  private ahead: string[] = [];

  constructor(
    private readonly sys: Sys,
    /** Called with signals that came meanwhile. True: the line is given up. */
    private readonly onSignals: (came: readonly Signal[]) => boolean,
    private readonly names: () => Omit<ShellNames, 'users'>,
  ) {}

  /** One line with its end, after a prompt. */
  *read(prompt: string): Call<Typed> {
    const modes = attempt(() => this.sys.tty.attributes(0));
    const edits = modes !== undefined && !(modes.flags.has('icanon') && !modes.flags.has('echo'));
    if (!edits) return yield* this.plain(prompt);
    yield* this.sys.tty.setAttributes(0, rawOf(modes));
    const before = this.sys.sigaction('WINCH', 'handler');
    try {
      return yield* this.edited(prompt);
    } finally {
      this.sys.sigaction('WINCH', before);
      yield* this.sys.tty.setAttributes(0, modes);
    }
  }

  /** Where nothing can be edited: `stty -echo` was run, or standard input is no terminal. */
  private *plain(prompt: string): Call<Typed> {
    yield* this.sys.write(1, prompt);
    let line = '';
    while (!line.endsWith('\n')) {
      const char = yield* this.next(() => '');
      if (char === 'interrupt') return 'interrupt';
      if (char === undefined) return line === '' ? 'end' : { line };
      line += char;
    }
    return { line };
  }

  private *edited(prompt: string): Call<Typed> {
    let users: ShellNames['users'] = new Map();
    const line = new Line(
      () => terminalSize(this.sys, 0).columns,
      prompt.slice(prompt.lastIndexOf('\n') + 1),
      [...this.history, ''],
      (before) => completionOf(this.sys, { ...this.names(), users }, before),
    );
    yield* this.sys.write(1, prompt);
    if (this.ahead.length === 0 && !(yield* this.sys.tty.poll(0, this.sys.now()))) yield* this.sys.write(1, WHERE);
    for (;;) {
      const char = yield* this.next(() => line.redrawn());
      if (char === 'interrupt') return 'interrupt';
      if (char === undefined) return 'end';
      if (char === '\x03') {
        yield* this.sys.write(1, '^C');
        return 'interrupt';
      }
      if (char === '\x04' && line.isEmpty) return 'end';
      if (char === '\n' || char === '\r') {
        yield* this.sys.write(1, line.ended());
        this.remember(line.text);
        return { line: `${line.text}\n` };
      }
      if (char === '\t') users = yield* homes(this.sys);
      const shown = line.key(char === '\x1b' ? char + (yield* this.sequence()) : char);
      if (shown !== '') yield* this.sys.write(1, shown);
    }
  }

  private remember(text: string): void {
    if (text === '' || text === this.history.at(-1)) return;
    this.history.push(text);
    if (this.history.length > MOST_HISTORY) this.history.shift();
  }

  /** The rest of an escape sequence, as far as it is there. */
  private *sequence(): Call<string> {
    let rest = '';
    while (!/^(?:[^[O]|[[O][\d;]*[^\d;])/.test(rest)) {
      if (this.ahead.length === 0 && !(yield* this.sys.tty.poll(0, this.sys.now()))) break;
      const char = yield* this.next(() => '');
      if (char === undefined || char === 'interrupt') break;
      rest += char;
    }
    return rest;
  }

  /** The next character; undefined at the end. `redrawn`: what shows the line again after a change of the window's size. */
  private *next(redrawn: () => string): Call<string | 'interrupt' | undefined> {
    while (this.ahead.length === 0) {
      try {
        const bytes = yield* this.sys.read(0, 1);
        if (bytes.length === 0) return undefined;
        this.ahead.push(...this.decoder.decode(bytes, { stream: true }));
      } catch (error) {
        if (!(error instanceof SysError) || error.errno !== 'EINTR') throw error;
        const came = this.sys.takeSignals();
        for (const signal of came) if (signal === 'WINCH') yield* this.sys.write(1, redrawn());
        if (this.onSignals(came.filter((signal) => signal !== 'WINCH'))) return 'interrupt';
      }
    }
    return this.ahead.shift();
  }
}

const rawOf = (modes: Termios): Termios => ({
  ...withFlags(modes, { icanon: false, echo: false, echonl: false, isig: false }),
  min: 1,
  time: 0,
});

/** Home directories of those in /etc/passwd. */
function* homes(sys: Sys): Call<ReadonlyMap<string, string>> {
  const rows = ((yield* slurp(sys, '/etc/passwd')) ?? '').split('\n').map((row) => row.split(':'));
  return new Map(rows.flatMap(([name = '', ...rest]) => (rest[4] === undefined ? [] : [[name, rest[4]] as const])));
}
