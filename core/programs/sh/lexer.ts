/**
 * Tokens of the shell language (POSIX.1-2017 XCU 2.3) with their quoting taken apart, as busybox ash does it. Parser.ts asks
 * for one token after the other; what is inside `$( )` is read by a parser of its own at the same place of the same text.
 *
 * Kept true: every token knows its span; a word's parts keep whether they were quoted; here-documents are read when the
 * newline after their operator is.
 */
import { type Part, type RedirOp, type Script, ScriptError, type Span, type Word } from './ast.ts';
import { readBackquoted, readDollar } from './dollar.ts';

export type Token = Span &
  (
    | { readonly type: 'word'; readonly word: Word }
    | { readonly type: 'op'; readonly op: '&&' | '||' | ';;' | ';' | '&' | '|' | '(' | ')' }
    | { readonly type: 'redir'; readonly op: RedirOp | '<<-'; readonly fd: number }
    | { readonly type: 'newline' }
    | { readonly type: 'eof' }
  );

/** A here-document whose body is still to come; `fill` is given it. */
export interface PendingHere {
  readonly delimiter: string;
  readonly literal: boolean;
  readonly stripTabs: boolean;
  readonly fill: (body: Word) => void;
}

/** Reads what is inside `$( )` from `at` on; gives the script and the offset after its `)`. */
export type Nested = (
  text: string,
  at: number,
  line: number,
  /** Between backquotes: up to the end of the text, or to what no command begins with; what follows that is passed over. */
  backquoted?: boolean,
) => { script: Script; end: number; line: number };

const operators = ['&&', '||', ';;', '&>', ';', '&', '|', '(', ')'] as const;
const redirs = ['<<-', '<<', '<&', '<>', '<', '>>', '>&', '>|', '>'] as const;
/** Characters that mean nothing but themselves wherever they stand. */
const ordinary = /[\w.,=@%+-]+/y;
const wordEnd = new Set([' ', '\t', '\n', ';', '&', '|', '(', ')', '<', '>', '']);

export class Lexer {
  pos: number;
  line: number;
  /** The body of a here-document. */
  inHere = false;
  /** The end of a line was taken for an operator of `${…}`: it counts for nothing, nor does a delimiter right behind it. */
  eaten = false;
  private lineStart: number;
  readonly pending: PendingHere[] = [];

  constructor(
    public text: string,
    readonly nested: Nested,
    start = 0,
    line = 1,
  ) {
    this.pos = start;
    this.line = line;
    this.lineStart = text.lastIndexOf('\n', start - 1) + 1;
  }

  /** Puts other text in the place of what stands between two offsets, and goes on at its beginning. */
  splice(start: number, end: number, by: string): void {
    this.text = this.text.slice(0, start) + by + this.text.slice(end);
    this.pos = start;
  }

  peek(ahead = 0): string {
    return this.text[this.pos + ahead] ?? '';
  }

  /** The next character, with line continuations taken out. */
  take(): string {
    const c = this.peek();
    if (c !== '') this.pos++;
    if (c === '\n') {
      this.line++;
      this.lineStart = this.pos;
    }
    return c;
  }

  mark(): Span {
    return { start: this.pos, end: this.pos, line: this.line, column: this.pos - this.lineStart + 1 };
  }

  fail(message: string, at: Span = this.mark()): never {
    const { start, end, line, column } = at;
    throw new ScriptError(`syntax error: ${message}`, { start, end, line, column }, this.line);
  }

  skipContinuations(): void {
    while (this.peek() === '\\' && this.peek(1) === '\n') {
      this.take();
      this.take();
    }
  }

  private skipBlanks(): void {
    for (;;) {
      this.skipContinuations();
      const c = this.peek();
      if (c === ' ' || c === '\t') this.pos++;
      else if (c === '#') while (this.peek() !== '' && this.peek() !== '\n') this.pos++;
      else return;
    }
  }

  next(): Token {
    this.skipBlanks();
    const from = this.mark();
    const c = this.peek();
    if (c === '') {
      this.readHeres();
      return { ...from, type: 'eof' };
    }
    if (c === '\n') {
      this.take();
      this.readHeres();
      return { ...from, end: from.start + 1, type: 'newline' };
    }
    return this.operator(from) ?? this.redirection(from, undefined) ?? this.wordToken(from);
  }

  private operator(from: Span): Token | undefined {
    const op = operators.find((each) => this.text.startsWith(each, this.pos));
    if (op === undefined) return undefined;
    this.pos += op.length;
    if (op === '&>') return { ...from, end: this.pos, type: 'redir', op, fd: 1 };
    return { ...from, end: this.pos, type: 'op', op };
  }

  private redirection(from: Span, fd: number | undefined): Token | undefined {
    const op = redirs.find((each) => this.text.startsWith(each, this.pos));
    if (op === undefined) return undefined;
    this.pos += op.length;
    return { ...from, end: this.pos, type: 'redir', op, fd: fd ?? (op.startsWith('<') ? 0 : 1) };
  }

  private wordToken(from: Span): Token {
    const word = this.word(from, (c) => wordEnd.has(c));
    const only = word.parts.length === 1 ? word.parts[0] : undefined;
    if (only?.kind === 'text' && !only.quoted && /^\d+$/.test(only.text) && /[<>]/.test(this.peek())) {
      return this.redirection(from, Number(only.text)) as Token;
    }
    return { ...from, end: this.pos, type: 'word', word };
  }

  /** Reads a word up to (not including) an unquoted character for which `ends` holds. */
  word(from: Span, ends: (c: string) => boolean, inDouble = false): Word {
    const parts: Part[] = [];
    for (;;) {
      this.skipContinuations();
      const c = this.peek();
      if (ends(c)) break;
      this.piece(parts, inDouble);
    }
    return { ...from, end: this.pos, parts };
  }

  /** One piece: a quoted run, an expansion, or plain characters. Inside double quotes ' is an ordinary character. */
  private piece(parts: Part[], inDouble: boolean): void {
    ordinary.lastIndex = this.pos;
    const run = ordinary.exec(this.text)?.[0] ?? '';
    if (run !== '') {
      this.pos += run.length;
      addText(parts, run, inDouble);
      return;
    }
    const at = this.mark();
    const c = this.take();
    if (c === '') this.fail('unexpected end of file', at);
    if (c === '\\') this.escaped(parts, inDouble);
    else if (c === "'" && !inDouble) addText(parts, this.single(), true);
    else if (c === '"') this.double(parts);
    else if (c === '`') parts.push(readBackquoted(this, inDouble));
    else if (c === '$') readDollar(this, parts, inDouble);
    else addText(parts, c, inDouble);
  }

  private escaped(parts: Part[], inDouble: boolean): void {
    const c = this.take();
    const literal = c === '' || (inDouble && !'$`"\\}'.includes(c));
    addText(parts, literal ? `\\${c}` : c, true);
  }

  private single(): string {
    const end = this.text.indexOf("'", this.pos);
    if (end < 0) {
      while (this.take() !== '');
      this.fail('unterminated quoted string');
    }
    let text = '';
    while (this.pos < end) text += this.take();
    this.take();
    return text;
  }

  /** Between double quotes. Nothing at all there is an empty text; `"$@"` alone has none, because without arguments it is no word. */
  private double(parts: Part[]): void {
    for (let empty = true; ; empty = false) {
      this.skipContinuations();
      const c = this.take();
      if (c === '"') {
        if (empty) addText(parts, '', true);
        return;
      }
      if (c === '') this.fail('unterminated quoted string');
      else if (c === '\\') {
        const next = this.take();
        addText(parts, '$`"\\'.includes(next) && next !== '' ? next : `\\${next}`, true);
      } else if (c === '`') parts.push(readBackquoted(this, true));
      else if (c === '$') readDollar(this, parts, true);
      else addText(parts, c, true);
    }
  }

  /** ash reads a command that is left open to the end of the script, other expansions up to the delimiter. */
  private failingLine(error: ScriptError, eaten: boolean): number {
    const open = openExpansion.test(error.message);
    if (open && !eaten) return this.line;
    if (!open && !openCommand.test(error.message)) return error.line;
    return this.line + this.text.slice(this.pos).split('\n').length - (eaten ? 2 : 1);
  }

  private readHeres(): void {
    for (const here of this.pending.splice(0)) here.fill(this.hereBody(here));
  }

  private hereBody(here: PendingHere): Word {
    const from = this.mark();
    let body = '';
    while (this.pos < this.text.length) {
      let row = '';
      // A line goes on after a backslash at its end, unless the delimiter is quoted.
      for (let c = this.peek(); c !== '' && c !== '\n'; c = this.peek()) {
        row += this.take();
        if (c !== '\\' || here.literal) continue;
        if (this.peek() !== '\n') row += this.take();
        else {
          this.take();
          row = row.slice(0, -1);
        }
      }
      const ended = this.take() === '\n';
      const shown = here.stripTabs ? row.replace(/^\t+/, '') : row;
      if (shown === here.delimiter) break;
      body += shown + (ended ? '\n' : '');
    }
    if (here.literal) return { ...from, end: this.pos, parts: [{ kind: 'text', text: body, quoted: true }] };
    const lexer = new Lexer(body, this.nested, 0, from.line);
    try {
      return { ...hereWord(lexer), ...from, end: this.pos };
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      throw new ScriptError(error.message, error.at, this.failingLine(error, lexer.eaten));
    }
  }
}

/** What is left open in a here-document. */
const openExpansion = /missing '(?:}|\)\))'$/;
const openCommand = /EOF in backquote|unexpected end of file/;

/** The body of an unquoted here-document: as between double quotes, but with `"` an ordinary character. */
function hereWord(lexer: Lexer): Word {
  lexer.inHere = true;
  const from = lexer.mark();
  const parts: Part[] = [{ kind: 'text', text: '', quoted: true }];
  for (;;) {
    const c = lexer.take();
    if (c === '') break;
    if (c === '\\') {
      const next = lexer.take();
      if (next !== '\n') addText(parts, '$`\\'.includes(next) && next !== '' ? next : `\\${next}`, true);
    } else if (c === '`') parts.push(readBackquoted(lexer, true));
    else if (c === '$') readDollar(lexer, parts, true);
    else addText(parts, c, true);
  }
  return { ...from, end: lexer.pos, parts };
}

/** Appends text, growing the last part when it has the same quoting. */
export function addText(parts: Part[], text: string, quoted: boolean): void {
  const last = parts[parts.length - 1];
  if (last?.kind === 'text' && last.quoted === quoted) parts[parts.length - 1] = { ...last, text: last.text + text };
  else parts.push({ kind: 'text', text, quoted });
}
