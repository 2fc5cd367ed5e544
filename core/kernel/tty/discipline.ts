/**
 * The line discipline N_TTY (drivers/tty/n_tty.c): what becomes of each byte that is typed, before a program reads it, and of each
 * that a program writes.
 *
 * Kept true: in canonical mode nothing can be read before its line is complete; what is echoed goes the same way out as what
 * programs write.
 */
import type { Signal } from '../../op.ts';
import { type SpecialName, standard, type Termios } from './termios.ts';

/** Longest line that canonical mode takes, N_TTY_BUF_SIZE. */
const MAX_LINE = 4095;

/** A piece that a read gets at once at most: a line, or what was typed before Ctrl-D. */
interface Piece {
  bytes: Uint8Array;
}

const NEWLINE = 10;
const RETURN = 13;

export abstract class Discipline {
  #termios: Termios = standard;
  /** What can be read. */
  private readonly ready: Piece[] = [];
  /** The line that is being typed. */
  private line: number[] = [];
  /** The next byte means itself (Ctrl-V). */
  private literal = false;
  /** Ctrl-S: output waits. */
  protected held = false;
  /** Where the cursor is, for what a tab is as wide as. */
  private column = 0;
  private lineStart = 0;

  protected abstract send(bytes: Uint8Array): void;
  /** A key that is a signal to those in the foreground. */
  protected abstract signal(signal: Signal): void;
  protected abstract changed(): void;

  get termios(): Termios {
    return this.#termios;
  }

  set termios(termios: Termios) {
    const before = this.has('icanon');
    this.#termios = termios;
    if (before && !this.has('icanon') && this.line.length > 0) {
      this.ready.push({ bytes: Uint8Array.from(this.line) });
      this.line = [];
      this.changed();
    }
  }

  private has(flag: string): boolean {
    return this.#termios.flags.has(flag);
  }

  private is(byte: number, name: SpecialName): boolean {
    return byte !== 0 && this.#termios.chars[name] === byte;
  }

  protected get hasInput(): boolean {
    return this.ready.length > 0;
  }

  /** Drops what was typed and not yet read, tcflush(3). */
  dropInput(): void {
    this.ready.length = 0;
    this.line = [];
  }

  /** At most `max` bytes, and never of two lines at once. */
  protected take(max: number): Uint8Array {
    const [first] = this.ready;
    if (first === undefined) return new Uint8Array(0);
    const part = first.bytes.subarray(0, max);
    first.bytes = first.bytes.subarray(part.length);
    if (first.bytes.length === 0) this.ready.shift();
    return part;
  }

  /** What comes from the keyboard. */
  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.key(byte);
    this.changed();
  }

  private key(typed: number): void {
    if (this.literal) {
      this.literal = false;
      this.plain(typed);
      return;
    }
    let byte = typed;
    if (byte === RETURN && this.has('igncr')) return;
    if (byte === RETURN && this.has('icrnl')) byte = NEWLINE;
    else if (byte === NEWLINE && this.has('inlcr')) byte = RETURN;
    if (this.has('ixon') && this.flow(byte)) return;
    if (this.has('isig') && this.signalKey(byte)) return;
    if (this.held && this.has('ixon') && this.has('ixany')) this.release();
    if (!this.has('icanon')) this.raw(byte);
    else if (!this.edit(byte)) this.plain(byte);
  }

  private flow(byte: number): boolean {
    if (this.is(byte, 'stop')) this.held = true;
    else if (this.is(byte, 'start')) this.release();
    else return false;
    return true;
  }

  private release(): void {
    this.held = false;
    this.changed();
  }

  private signalKey(byte: number): boolean {
    const signal = this.is(byte, 'intr')
      ? 'INT'
      : this.is(byte, 'quit')
        ? 'QUIT'
        : this.is(byte, 'susp')
          ? 'TSTP'
          : undefined;
    if (signal === undefined) return false;
    if (!this.has('noflsh')) this.dropInput();
    this.held = false;
    if (this.has('echo')) this.echo(byte);
    this.signal(signal);
    return true;
  }

  private raw(byte: number): void {
    const last = this.ready.at(-1);
    if (last === undefined) this.ready.push({ bytes: Uint8Array.of(byte) });
    else last.bytes = Uint8Array.of(...last.bytes, byte);
    if (this.has('echo')) this.echo(byte);
  }

  /** Keys of canonical mode. */
  private edit(byte: number): boolean {
    if (this.is(byte, 'erase')) this.erase(1);
    else if (this.is(byte, 'kill')) this.killLine();
    else if (this.is(byte, 'werase') && this.has('iexten')) this.erase(this.lastWord());
    else if (this.is(byte, 'rprnt') && this.has('iexten')) this.reprint();
    else if (this.is(byte, 'lnext') && this.has('iexten')) {
      this.literal = true;
      if (this.has('echo') && this.has('echoctl')) this.echoText('^\b');
    } else if (this.is(byte, 'eof')) this.push(false);
    else if (byte === NEWLINE || this.is(byte, 'eol') || this.is(byte, 'eol2')) {
      if (this.has('echo') || (byte === NEWLINE && this.has('echonl'))) this.echo(byte);
      this.line.push(byte);
      this.push(true);
    } else return false;
    return true;
  }

  /** The line can be read; without its end (Ctrl-D) it may be empty, which is the end of the file. */
  private push(_ended: boolean): void {
    this.ready.push({ bytes: Uint8Array.from(this.line) });
    this.line = [];
    this.lineStart = this.column;
  }

  private plain(byte: number): void {
    if (!this.has('icanon')) {
      this.raw(byte);
      return;
    }
    if (this.line.length >= MAX_LINE) return;
    if (this.line.length === 0) this.lineStart = this.column;
    this.line.push(byte);
    if (this.has('echo')) this.echo(byte);
  }

  private lastWord(): number {
    const { line } = this;
    let at = line.length;
    const isWord = (byte: number): boolean => /\w/.test(String.fromCharCode(byte)) || byte > 127;
    while (at > 0 && !isWord(line[at - 1]!)) at--;
    while (at > 0 && isWord(line[at - 1]!)) at--;
    return line.length - at;
  }

  private erase(count: number): void {
    for (let n = 0; n < count && this.line.length > 0; n++) {
      const byte = this.line.pop()!;
      if (!this.has('echo')) continue;
      if (!this.has('echoe')) this.echo(this.termios.chars.erase);
      else this.echoText('\b \b'.repeat(this.width(byte)));
    }
  }

  private killLine(): void {
    if (!this.has('echo') || (this.has('echok') && this.has('echoke') && this.has('echoe'))) {
      this.erase(this.line.length);
      return;
    }
    this.line = [];
    this.echo(this.termios.chars.kill);
    if (this.has('echok')) this.echoText('\n');
  }

  private reprint(): void {
    if (!this.has('echo')) return;
    this.echo(this.termios.chars.rprnt);
    this.echoText('\n');
    for (const byte of this.line) this.echo(byte);
  }

  /** Columns that a byte of the line took when it was echoed. */
  private width(byte: number): number {
    if (byte === 9) {
      let column = this.lineStart;
      for (const before of this.line) column += before === 9 ? 8 - (column % 8) : isControl(before) ? 2 : 1;
      return 8 - (column % 8);
    }
    return isControl(byte) && this.has('echoctl') ? 2 : 1;
  }

  private echo(byte: number): void {
    const shown = this.has('echoctl') && isControl(byte) && byte !== NEWLINE && byte !== 9;
    this.output(shown ? Uint8Array.of(94, byte ^ 64) : Uint8Array.of(byte));
  }

  private echoText(text: string): void {
    this.output(Uint8Array.from([...text].map((char) => char.charCodeAt(0))));
  }

  /** What programs write, and what is echoed, on its way to the screen. */
  protected output(bytes: Uint8Array): void {
    this.follow(bytes);
    const translated = this.has('opost') && this.has('onlcr') && bytes.includes(NEWLINE);
    this.send(translated ? returned(bytes) : bytes);
  }

  private follow(bytes: Uint8Array): void {
    const from = Math.max(bytes.lastIndexOf(NEWLINE), bytes.lastIndexOf(RETURN));
    if (from >= 0) this.column = 0;
    for (const byte of bytes.subarray(from + 1)) {
      if (byte === 8) this.column = Math.max(0, this.column - 1);
      else if (byte === 9) this.column += 8 - (this.column % 8);
      else if (byte >= 32) this.column += 1;
    }
  }
}

const isControl = (byte: number): boolean => byte < 32 || byte === 127;

/** A line feed becomes carriage return and line feed. */
function returned(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte === NEWLINE) out.push(RETURN);
    out.push(byte);
  }
  return Uint8Array.from(out);
}
