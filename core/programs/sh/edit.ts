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
import { terminalSize } from '../lib/terminal.ts';

/** What came of reading a line. */
export type Typed = { readonly line: string } | 'interrupt' | 'end';

const TO_END = '\x1b[J';
/** Asks the terminal where its cursor is; whoever types needs not answer. */
const WHERE = '\x1b[6n';
const MOST_HISTORY = 256;

export class LineEditor {
  private readonly history: string[] = [];
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Characters that were read and are for the next line. */
  private ahead: string[] = [];

  constructor(
    private readonly sys: Sys,
    /** Called with signals that came meanwhile. True: the line is given up. */
    private readonly onSignals: (came: readonly Signal[]) => boolean,
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
    const line = new Line(this.sys, prompt, [...this.history, '']);
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
        yield* this.sys.write(1, `${line.toEnd()}\n`);
        this.remember(line.text);
        return { line: `${line.text}\n` };
      }
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

/** What is typed so far, and what is written to show a change of it. */
class Line {
  private chars: string[] = [];
  private cursor = 0;
  private at: number;

  constructor(
    readonly sys: Sys,
    private readonly prompt: string,
    private readonly history: string[],
  ) {
    this.at = history.length - 1;
  }

  get text(): string {
    return this.chars.join('');
  }

  get isEmpty(): boolean {
    return this.chars.length === 0;
  }

  key(key: string): string {
    const action = this.actions[key];
    if (action !== undefined) return action();
    return key.length > 2 || /[\x00-\x1f\x7f]/.test(key) ? '' : this.insert(key);
  }

  private readonly actions: Readonly<Record<string, () => string>> = {
    '\x01': () => this.toStart(),
    '\x1b[H': () => this.toStart(),
    '\x1b[1~': () => this.toStart(),
    '\x05': () => this.toEnd(),
    '\x1b[F': () => this.toEnd(),
    '\x1b[4~': () => this.toEnd(),
    '\x02': () => this.back(1),
    '\x1b[D': () => this.back(1),
    '\x06': () => this.forth(),
    '\x1b[C': () => this.forth(),
    '\x04': () => this.remove(),
    '\x1b[3~': () => this.remove(),
    '\x7f': () => this.backspace(),
    '\b': () => this.backspace(),
    '\x15': () => this.killStart(),
    '\x0b': () => this.killEnd(),
    '\x17': () => this.killWord(),
    '\x0c': () => `\x1b[H${TO_END}${this.redrawn()}`,
    '\x10': () => this.recall(-1),
    '\x1b[A': () => this.recall(-1),
    '\x0e': () => this.recall(1),
    '\x1b[B': () => this.recall(1),
    '\t': () => '\x07',
  };

  private insert(char: string): string {
    this.chars.splice(this.cursor, 0, char);
    this.cursor += 1;
    const rest = this.chars.slice(this.cursor);
    // At the right edge the cursor goes to the next line at once.
    const edge = rest.length === 0 && this.isFull ? '\r\n' : '';
    return char + rest.join('') + edge + '\b'.repeat(rest.length);
  }

  private get isFull(): boolean {
    const { columns } = terminalSize(this.sys, 0);
    return (this.lastOfPrompt.length + this.chars.length) % columns === 0;
  }

  private get lastOfPrompt(): string {
    return this.prompt.slice(this.prompt.lastIndexOf('\n') + 1);
  }

  private back(by: number): string {
    const steps = Math.min(by, this.cursor);
    this.cursor -= steps;
    return '\b'.repeat(steps);
  }

  private toStart = (): string => this.back(this.cursor);

  private forth(): string {
    const char = this.chars[this.cursor];
    if (char === undefined) return '';
    this.cursor += 1;
    return char;
  }

  toEnd(): string {
    const rest = this.chars.slice(this.cursor).join('');
    this.cursor = this.chars.length;
    return rest;
  }

  private remove(): string {
    if (this.cursor === this.chars.length) return '';
    this.chars.splice(this.cursor, 1);
    const rest = this.chars.slice(this.cursor);
    return rest.join('') + TO_END + '\b'.repeat(rest.length);
  }

  private backspace(): string {
    return this.cursor === 0 ? '' : this.back(1) + this.remove();
  }

  private killStart(): string {
    if (this.cursor === 0) return '';
    this.chars.splice(0, this.cursor);
    this.cursor = 0;
    return this.redrawn();
  }

  private killEnd(): string {
    this.chars.length = this.cursor;
    return TO_END;
  }

  private killWord(): string {
    let shown = '';
    const isBefore = (space: boolean): boolean => this.cursor > 0 && /\s/.test(this.chars[this.cursor - 1]!) === space;
    while (isBefore(true)) shown += this.backspace();
    while (isBefore(false)) shown += this.backspace();
    return shown;
  }

  private recall(by: number): string {
    const to = this.at + by;
    if (to < 0 || to >= this.history.length) return '\x07';
    this.history[this.at] = this.text;
    this.at = to;
    this.chars = [...this.history[to]!];
    this.cursor = this.chars.length;
    return this.redrawn();
  }

  /** The line once more, with the last line of its prompt. */
  redrawn(): string {
    return `\r${this.lastOfPrompt}${this.text}${TO_END}${'\b'.repeat(this.chars.length - this.cursor)}`;
  }
}
