/**
 * Reads a shell script into the data of ast.ts, by recursive descent over the tokens of lexer.ts. Pure: text in, data or
 * `ScriptError` out; the error's message is busybox ash's, its span says where.
 *
 * A shell carries out each line before it reads the next one, so that an error in line 3 does not undo line 1: `Reader.next`
 * gives one complete command at a time; `parseScript` gives all of them at once.
 */
import type { AndOr, Assign, CaseItem, Command, Pipeline, Redir, Script, Simple, Span, Word } from './ast.ts';
import { Lexer, type Nested, type Token } from './lexer.ts';
import { canBeFunction } from './names.ts';

export const reserved: ReadonlySet<string> = new Set(
  'if then else elif fi for while until do done case esac { } ! function'.split(' '),
);
/** Words and operators that end a list; whoever began it says whether it is the right one. */
const listEnds = new Set('then else elif fi do done esac } ) ;;'.split(' '));

/** The texts that pipelines and their commands stand in. */
const sources = new WeakMap<Command | Pipeline, string>();

/** What was written for a command, as it is shown in the table of jobs. */
export function sourceOf(part: Command | Pipeline, { start, end }: Span = part): string {
  return (sources.get(part) ?? '').slice(start, end).trim();
}

/** A whole script. Throws ScriptError. */
export function parseScript(text: string): Script {
  const reader = new Reader(text);
  const items: AndOr[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) items.push(...next.items);
  return { items };
}

export class Reader {
  protected readonly lexer: Lexer;
  protected ahead: Token | undefined;
  /** The last command that `next` gave ended with the text: nothing can follow it. */
  ended = false;

  constructor(text: string, start = 0, line = 1) {
    // What stands inside `$( )`, up to its closing parenthesis.
    const nested: Nested = (inner, at, from, backquoted = false) => {
      const reader = this.within(inner, at, from);
      const script = backquoted ? { items: reader.items() } : reader.nested();
      return { script, end: reader.end, line: from };
    };
    this.lexer = new Lexer(text, nested, start, line);
  }

  get offset(): number {
    return this.lexer.pos;
  }

  /** The line that the reader stands on, from 1. */
  get line(): number {
    return this.lexer.line;
  }

  /** Everything up to the end of the line (or of the compound command that ends there); undefined at the end. */
  next(): Script | undefined {
    this.skipNewlines();
    if (this.peekCommand().type === 'eof') return undefined;
    const items: AndOr[] = [];
    for (;;) {
      const item = this.andOr();
      const after = this.peek();
      const separated = isOp(after, ';') || isOp(after, '&');
      items.push({ ...item, background: isOp(after, '&') });
      if (separated) this.take();
      const next = this.peek();
      if (next.type === 'newline' || next.type === 'eof') {
        this.take();
        this.ended = next.type === 'eof';
        return { items };
      }
      if (!separated) this.unexpected(next);
    }
  }

  /** A list up to `)`, which is taken. */
  nested(): Script {
    const items = this.items();
    this.expect(')');
    return { items };
  }

  /** Commands, none perhaps, up to what none begins with. */
  items(): readonly AndOr[] {
    this.skipNewlines();
    const key = keyOf(this.peekCommand());
    return key !== undefined && listEnds.has(key) ? [] : this.list().items;
  }

  /** A reader of the same kind for what stands within. */
  protected within(text: string, at: number, line: number): Reader {
    return new Reader(text, at, line);
  }

  /** Offset in the text as it was given. */
  protected get end(): number {
    return this.offset;
  }

  /** The next token where a command may begin. */
  protected peekCommand(): Token {
    return this.peek();
  }

  /** The next token among the words of a command. */
  protected peekWord(): Token {
    return this.peek();
  }

  protected peek(): Token {
    this.ahead ??= this.lexer.next();
    return this.ahead;
  }

  private take(): Token {
    const token = this.peek();
    this.ahead = undefined;
    return token;
  }

  private skipNewlines(): void {
    while (this.peek().type === 'newline') this.take();
  }

  private unexpected(token: Token, expecting?: string): never {
    const wanted = expecting === undefined ? '' : ` (expecting "${expecting}")`;
    this.lexer.fail(`unexpected ${describe(token)}${wanted}`, token);
  }

  /** Takes a reserved word or operator that must come here. */
  private expect(what: string): Token {
    const token = this.take();
    if (keyOf(token) !== what) this.unexpected(token, what);
    return token;
  }

  private accept(what: string): boolean {
    if (keyOf(this.peek()) !== what) return false;
    this.take();
    return true;
  }

  /** A list inside a compound command: newlines separate, and it ends before any of `listEnds`. At least one command. */
  private list(): Script {
    const items: AndOr[] = [];
    this.skipNewlines();
    if (this.peek().type === 'eof') return { items };
    for (;;) {
      const item = this.andOr();
      const after = this.peek();
      items.push({ ...item, background: isOp(after, '&') });
      const separated = isOp(after, ';') || isOp(after, '&') || after.type === 'newline';
      if (separated) this.take();
      this.skipNewlines();
      const key = keyOf(this.peekCommand());
      if (!separated || this.peek().type === 'eof' || (key !== undefined && listEnds.has(key))) return { items };
    }
  }

  private andOr(): AndOr {
    const first = this.pipeline();
    const pipelines = [first];
    const ops: ('&&' | '||')[] = [];
    for (;;) {
      const token = this.peek();
      if (token.type !== 'op' || (token.op !== '&&' && token.op !== '||')) break;
      this.take();
      this.skipNewlines();
      ops.push(token.op);
      pipelines.push(this.pipeline());
    }
    return { ...span(first, this.lexer, pipelines.at(-1)!.end), pipelines, ops, background: false };
  }

  private pipeline(): Pipeline {
    const from = this.peekCommand();
    const negated = this.accept('!');
    const commands = [this.command()];
    while (isOp(this.peek(), '|')) {
      this.take();
      this.skipNewlines();
      commands.push(this.command());
    }
    const found = { ...span(from, this.lexer, commands.at(-1)!.end), negated, commands };
    for (const command of commands) sources.set(command, this.lexer.text);
    sources.set(found, this.lexer.text);
    return found;
  }

  private command(): Command {
    const token = this.peekCommand();
    const key = keyOf(token);
    if (plainText(token) === 'in') this.unexpected(token);
    const compound = key === undefined ? undefined : this.compound(key, token);
    if (compound === undefined) return this.simple();
    const redirs = this.redirections();
    return { ...compound, redirs, end: redirs.at(-1)?.end ?? compound.end };
  }

  private compound(key: string, from: Token): Command | undefined {
    const done = (end: Token): Span & { redirs: readonly Redir[] } => ({
      ...span(from, this.lexer, end.end),
      redirs: [],
    });
    switch (key) {
      case '(': {
        this.take();
        const body = this.list();
        return { kind: 'subshell', body, ...done(this.expect(')')) };
      }
      case '{': {
        this.take();
        const body = this.list();
        return { kind: 'group', body, ...done(this.expect('}')) };
      }
      case 'while':
      case 'until': {
        this.take();
        const test = this.list();
        this.expect('do');
        const body = this.list();
        return { kind: 'loop', until: key === 'until', test, body, ...done(this.expect('done')) };
      }
      case 'if':
        return this.ifCommand(done);
      case 'for':
        return this.forCommand(done);
      case 'case':
        return this.caseCommand(done);
      case 'function':
        return this.functionKeyword();
      default:
        if (key === '!' || reserved.has(key)) this.unexpected(from);
        return undefined;
    }
  }

  private ifCommand(done: (end: Token) => Span & { redirs: readonly Redir[] }): Command {
    this.take();
    const test = this.list();
    this.expect('then');
    const then = this.list();
    if (keyOf(this.peek()) === 'elif') {
      // The nested `if` takes the one `fi` for both.
      const nested = this.ifCommand(done);
      const item = { ...span(nested, this.lexer, nested.end), negated: false, commands: [nested] };
      const chain = { ...item, pipelines: [item], ops: [], background: false };
      return { ...nested, kind: 'if', test, then, else: { items: [chain] } };
    }
    const otherwise = this.accept('else') ? this.list() : undefined;
    return { kind: 'if', test, then, else: otherwise, ...done(this.expect('fi')) };
  }

  private forCommand(done: (end: Token) => Span & { redirs: readonly Redir[] }): Command {
    this.take();
    const variable = this.take();
    const name = plainText(variable);
    if (name === undefined || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      this.lexer.fail('bad for loop variable', variable);
    this.skipNewlines();
    let words: Word[] | undefined;
    if (plainText(this.peek()) === 'in') {
      this.take();
      words = [];
      for (let token = this.peek(); token.type === 'word'; token = this.peek()) {
        words.push(token.word);
        this.take();
      }
      const end = this.take();
      if (end.type !== 'newline' && !isOp(end, ';')) this.unexpected(end);
    } else if (isOp(this.peek(), ';')) this.take();
    this.skipNewlines();
    this.expect('do');
    const body = this.list();
    return { kind: 'for', name, words, body, ...done(this.expect('done')) };
  }

  private caseCommand(done: (end: Token) => Span & { redirs: readonly Redir[] }): Command {
    this.take();
    const subject = this.take();
    if (subject.type !== 'word') this.lexer.fail(`unexpected ${describe(subject)} (expecting word)`, subject);
    this.skipNewlines();
    const kw = this.take();
    if (plainText(kw) !== 'in') this.unexpected(kw, 'in');
    const items: CaseItem[] = [];
    this.skipNewlines();
    while (plainText(this.peek()) !== 'esac') {
      const ended = this.caseItem(items);
      this.skipNewlines();
      if (!ended) break;
    }
    return { kind: 'case', word: subject.word, items, ...done(this.expect('esac')) };
  }

  /** One `pattern) list ;;`; false when the last one went without `;;`. */
  private caseItem(items: CaseItem[]): boolean {
    if (isOp(this.peek(), '(')) this.take();
    const patterns: Word[] = [];
    for (;;) {
      const token = this.peek();
      // After `|` ash takes whatever comes for a pattern: what is no word stands for the one before.
      const word = token.type === 'word' ? token.word : patterns.at(-1);
      if (word === undefined || token.type === 'eof') break;
      patterns.push(word);
      this.take();
      if (!isOp(this.peek(), '|')) break;
      this.take();
    }
    this.expect(')');
    this.skipNewlines();
    const key = keyOf(this.peek());
    const body = key === ';;' || key === 'esac' ? { items: [] } : this.list();
    items.push({ patterns, body });
    if (keyOf(this.peek()) === 'esac') return false;
    this.expect(';;');
    return true;
  }

  private functionKeyword(): Command {
    const from = this.take();
    const token = this.take();
    const name = plainText(token);
    if (name === undefined) this.unexpected(token);
    if (isOp(this.peek(), '(')) {
      this.take();
      this.expect(')');
    }
    return this.functionBody(name, from);
  }

  private functionBody(name: string, from: Span): Command {
    if (!canBeFunction(name)) this.lexer.fail('bad function name', from);
    this.skipNewlines();
    const body = this.command();
    return { kind: 'function', name, body, redirs: [], ...span(from, this.lexer, body.end) };
  }

  private simple(): Command {
    const assigns: Assign[] = [];
    const words: Word[] = [];
    const redirs: Redir[] = [];
    // The line is that of the first word's end.
    const from = { ...this.peek(), line: this.lexer.line };
    let end = from.start;
    let inTest = false;
    for (;;) {
      const token = words.length === 0 ? this.peekCommand() : this.peekWord();
      if (token.type === 'redir') redirs.push(this.redirection());
      else if (inTest && token.type === 'op' && (token.op === '&&' || token.op === '||')) {
        this.take();
        words.push({ ...token, parts: [{ kind: 'text', text: token.op, quoted: false }] });
      } else if (token.type === 'word') {
        this.take();
        const text = plainText(token);
        if (text === '[[' || text === ']]') inTest = text === '[[';
        const assign = words.length === 0 ? assignment(token.word) : undefined;
        if (assign !== undefined) assigns.push(assign);
        else words.push(token.word);
      } else if (isOp(token, '(') && words.length === 1 && assigns.length + redirs.length === 0) {
        const name = plainText({ ...words[0]!, type: 'word', word: words[0]! });
        if (name === undefined) this.unexpected(token);
        this.take();
        // Here a reserved word is none.
        if (this.peek().type === 'word') this.lexer.fail('unexpected word (expecting ")")', this.peek());
        this.expect(')');
        return this.functionBody(name, from);
      } else break;
      end = this.offsetBefore();
    }
    if (assigns.length + words.length + redirs.length === 0) this.unexpected(this.peek());
    const command: Simple = { kind: 'simple', assigns, words, redirs, ...span(from, this.lexer, end) };
    return command;
  }

  private lastEnd = 0;
  private offsetBefore(): number {
    if (this.ahead === undefined) this.lastEnd = this.lexer.pos;
    return this.lastEnd;
  }

  private redirections(): Redir[] {
    const redirs: Redir[] = [];
    while (this.peek().type === 'redir') redirs.push(this.redirection());
    return redirs;
  }

  private redirection(): Redir {
    const token = this.take();
    if (token.type !== 'redir') this.unexpected(token);
    const target = this.take();
    if (target.type !== 'word') this.unexpected(target);
    const at = { ...span(token, this.lexer, target.end), fd: token.fd };
    if (token.op !== '<<' && token.op !== '<<-') return { ...at, op: token.op, target: target.word };
    // Until its body is read, and when none comes, it is empty.
    const redir = { ...at, op: '<<' as const, target: { ...target.word, parts: [] as Word['parts'] } };
    this.lexer.pending.push({
      delimiter: target.word.parts.map((part) => (part.kind === 'text' ? part.text : '')).join(''),
      literal: target.word.parts.some((part) => part.kind === 'text' && part.quoted),
      stripTabs: token.op === '<<-',
      fill: (body) => {
        redir.target = body;
      },
    });
    return redir;
  }
}

function span(from: Span, lexer: Lexer, end: number): Span {
  return { start: from.start, end: Math.min(end, lexer.text.length), line: from.line, column: from.column };
}

function isOp(token: Token, op: string): boolean {
  return token.type === 'op' && token.op === op;
}

/** The text of a word that is one unquoted piece. */
export function plainText(token: Token): string | undefined {
  if (token.type !== 'word' || token.word.parts.length !== 1) return undefined;
  const part = token.word.parts[0]!;
  return part.kind === 'text' && !part.quoted ? part.text : undefined;
}

/** A reserved word or an operator as text. */
function keyOf(token: Token): string | undefined {
  if (token.type === 'op') return token.op;
  const text = plainText(token);
  return text !== undefined && reserved.has(text) ? text : undefined;
}

function describe(token: Token): string {
  if (token.type === 'eof') return 'end of file';
  if (token.type === 'newline') return 'newline';
  if (token.type === 'redir') return 'redirection';
  const key = plainText(token) === 'in' ? 'in' : keyOf(token);
  return key === undefined ? 'word' : `"${key}"`;
}

/** `name=value`, before the command word and as an operand of `export` and its like. */
export function assignment(word: Word): Assign | undefined {
  const first = word.parts[0];
  if (first?.kind !== 'text' || first.quoted) return undefined;
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(first.text);
  if (match === null) return undefined;
  const rest = first.text.slice(match[0].length);
  const parts = rest === '' ? word.parts.slice(1) : [{ ...first, text: rest }, ...word.parts.slice(1)];
  return { name: match[1]!, value: { ...word, parts } };
}
