/**
 * A line that is being typed, and what is written to show each change of it (busybox libbb/lineedit.c).
 *
 * Kept true: `x` and `y` are where the terminal's cursor is, counted from the start of the prompt's last line; all that is written
 * keeps them so.
 */
import { type Completion, quoted, specials } from './complete.ts';

export const TO_END = '\x1b[J';
const BEEP = '\x07';

/** A name's last directory keeps its slash, anything else that was found in full gets a space. */
const isDirectory = (name: string): boolean => name.endsWith('/');

export class Line {
  private chars: string[] = [];
  private cursor = 0;
  private x: number;
  private y = 0;
  private at: number;
  /** What the last Tab found, as long as no other key was pressed. */
  private offered: readonly string[] | undefined;
  private readonly promptWidth: number;

  constructor(
    private readonly columns: () => number,
    /** The last line of the prompt. */
    private readonly prompt: string,
    private readonly history: string[],
    private readonly complete: (before: string) => Completion,
  ) {
    this.at = history.length - 1;
    this.promptWidth = [...prompt].length;
    this.x = this.promptWidth;
  }

  get text(): string {
    return this.chars.join('');
  }

  get isEmpty(): boolean {
    return this.chars.length === 0;
  }

  key(key: string): string {
    if (key === '\t') return this.tab();
    this.offered = undefined;
    const action = this.actions[key];
    if (action !== undefined) return action();
    return key.length > 2 || /[\x00-\x1f\x7f]/.test(key) ? '' : this.insert(key);
  }

  private readonly actions: Readonly<Record<string, () => string>> = {
    ...keys('\x01 \x1b[H \x1bOH \x1b[1~ \x1b[7~', () => this.back(this.cursor)),
    ...keys('\x05 \x1b[F \x1bOF \x1b[4~ \x1b[8~', () => this.toEnd()),
    ...keys('\x02 \x1b[D \x1bOD', () => this.back(1)),
    ...keys('\x06 \x1b[C \x1bOC', () => this.forth()),
    ...keys('\x04 \x1b[3~', () => this.remove()),
    ...keys('\x7f \b', () => this.backspace()),
    ...keys('\x10 \x1b[A \x1bOA', () => this.recall(-1)),
    ...keys('\x0e \x1b[B \x1bOB', () => this.recall(1)),
    ...keys('\x1bb \x1b[1;5D \x1b[1;3D', () => this.wordBack()),
    ...keys('\x1bf \x1b[1;5C \x1b[1;3C', () => this.wordForth()),
    '\x1b\x7f': () => this.removeWordBack(),
    '\x1bd': () => this.removeWordForth(),
    '\x15': () => this.killStart(),
    '\x0b': () => this.killEnd(),
    '\x17': () => this.killWord(),
    '\x0c': () => `\x1b[H${TO_END}${this.drawn(0, this.chars.length - this.cursor)}`,
  };

  private insert(char: string): string {
    this.chars.splice(this.cursor, 0, char);
    const to = this.cursor + 1;
    const rest = this.toEnd();
    return rest + this.back(this.cursor - to);
  }

  /** At the right edge the cursor goes to the next line at once. */
  private forth(): string {
    const char = this.chars[this.cursor];
    if (char === undefined) return '';
    this.cursor += 1;
    this.x += 1;
    if (this.x < this.columns()) return char;
    this.x = 0;
    this.y += 1;
    return `${char}\r\n`;
  }

  /** To the start of a line of its own, behind all of it. */
  ended(): string {
    return this.toEnd() + (this.x === 0 ? '' : '\n');
  }

  private toEnd(): string {
    let shown = '';
    while (this.cursor < this.chars.length) shown += this.forth();
    return shown;
  }

  private back(by: number): string {
    let steps = Math.min(by, this.cursor);
    if (steps === 0) return '';
    this.cursor -= steps;
    if (this.x >= steps) {
      this.x -= steps;
      return steps <= 4 ? '\b'.repeat(steps) : `\x1b[${steps}D`;
    }
    // To lines above.
    steps -= this.x;
    const width = this.columns();
    const up = Math.ceil(steps / width);
    this.x = width * up - steps;
    this.y -= up;
    return `\r\x1b[${up}A${this.x === 0 ? '' : `\x1b[${this.x}C`}`;
  }

  private remove(): string {
    if (this.cursor === this.chars.length) return '';
    this.chars.splice(this.cursor, 1);
    const to = this.cursor;
    return this.toEnd() + TO_END + this.back(this.cursor - to);
  }

  private backspace(): string {
    return this.cursor === 0 ? '' : this.back(1) + this.remove();
  }

  private killStart(): string {
    if (this.cursor === 0) return '';
    this.chars.splice(0, this.cursor);
    return this.drawn(this.y, this.chars.length);
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

  /** A word here ends at spaces and punctuation. */
  private inWord(at: number): boolean {
    const char = this.chars[at];
    return char !== undefined && !/[ !-/:-@[-`{-~]/.test(char);
  }

  private wordBack(): string {
    let shown = this.back(1);
    while (this.cursor > 0 && !this.inWord(this.cursor)) shown += this.back(1);
    while (this.cursor > 0 && this.inWord(this.cursor - 1)) shown += this.back(1);
    return shown;
  }

  private wordForth(): string {
    let shown = '';
    while (this.cursor < this.chars.length && !this.inWord(this.cursor)) shown += this.forth();
    while (this.inWord(this.cursor)) shown += this.forth();
    return shown;
  }

  private removeWordBack(): string {
    const from = this.cursor;
    let shown = this.wordBack();
    for (let n = from - this.cursor; n > 0; n--) shown += this.remove();
    return shown;
  }

  private removeWordForth(): string {
    const from = this.cursor;
    let shown = this.wordForth();
    const length = this.cursor - from;
    shown += this.back(length);
    for (let n = length; n > 0; n--) shown += this.remove();
    return shown;
  }

  private recall(by: number): string {
    const to = this.at + by;
    if (to < 0 || to >= this.history.length) return BEEP;
    this.history[this.at] = this.text;
    this.at = to;
    this.chars = [...this.history[to]!];
    return this.drawn(this.y, 0);
  }

  /** Completes as far as there is one way to go; a second Tab lists the ways. */
  private tab(): string {
    const { offered } = this;
    if (offered !== undefined) {
      if (offered.length === 0) return '';
      const behind = this.chars.length - this.cursor;
      return this.ended() + columnsOf(offered, this.columns()) + this.drawn(0, behind);
    }
    const { matches, typed } = this.complete(this.chars.slice(0, this.cursor).join(''));
    this.offered = matches;
    if (matches.length === 0) return BEEP;
    if (matches.length > 1) {
      const common = commonStart(matches);
      return common === '' ? BEEP : BEEP + this.completed(quoted(common), typed);
    }
    this.offered = undefined;
    const found = quoted(matches[0]!);
    return this.completed(isDirectory(found) ? found : `${found} `, typed);
  }

  /** `typed`: so much of the word stands there already. */
  private completed(word: string, typed: string): string {
    const added = [...word.slice(typed.length + specials(typed))];
    this.chars.splice(this.cursor, 0, ...added);
    return this.drawn(this.y, this.chars.length - this.cursor - added.length);
  }

  /** The line once more after a change of the window's size. */
  redrawn(): string {
    return this.drawn(0, this.chars.length - this.cursor);
  }

  /** All of it anew, from `up` lines above, the cursor `behind` characters before its end. */
  private drawn(up: number, behind: number): string {
    const start = `${up > 0 ? `\x1b[${up}A` : ''}\r${this.prompt}`;
    this.cursor = 0;
    this.x = this.promptWidth;
    this.y = 0;
    return start + this.toEnd() + TO_END + this.back(behind);
  }
}

function keys(names: string, action: () => string): Record<string, () => string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, action]));
}

function commonStart(words: readonly string[]): string {
  const [first = '', ...others] = words;
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}

/** Names in columns, downwards, as many as the terminal has room for. */
function columnsOf(names: readonly string[], columns: number): string {
  const width = Math.max(...names.map((name) => [...name].length)) + 2;
  const across = Math.max(1, Math.floor(columns / width));
  const rows = Math.ceil(names.length / across);
  let text = '';
  for (let row = 0; row < rows; row++) {
    const cells = names.filter((_, n) => n % rows === row);
    text += `${cells.map((name, n) => (n === cells.length - 1 ? name : name.padEnd(width))).join('')}\n`;
  }
  return text;
}
