/** test, [ and [[ (POSIX.1-2017 XCU test, with -a -o and parentheses). Shared with the shell's builtin. */
import type { Sys } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, attempt } from '../lib/applet.ts';
import { plainNumber } from '../lib/number.ts';
import { BadRegex, posixRegex } from '../lib/regex.ts';
import { compileText } from '../sh/pattern.ts';

export interface Verdict {
  readonly status: number;
  readonly message?: string;
}

class Wrong extends Error {}

const yes: Verdict = { status: 0 };
const no: Verdict = { status: 1 };

/** Two numbers with an operator for numbers between them; undefined for NaN and any other operator. */
function compared<N extends number | bigint>(left: N, op: string, right: N): boolean | undefined {
  if (Number.isNaN(left) || Number.isNaN(right)) return undefined;
  switch (op) {
    case '-eq':
      return left === right;
    case '-ne':
      return left !== right;
    case '-lt':
      return left < right;
    case '-le':
      return left <= right;
    case '-gt':
      return left > right;
    case '-ge':
      return left >= right;
    default:
      return undefined;
  }
}

export function evaluateTest(sys: Sys, name: string, args: readonly string[]): Verdict {
  const close = name === '[' ? ']' : name === '[[' ? ']]' : undefined;
  if (close !== undefined && args[args.length - 1] !== close) return { status: 2, message: `missing ${close}` };
  if (args.length === (close === undefined ? 3 : 4)) {
    const quick = compared(plainNumber(args[0]!), args[1]!, plainNumber(args[2]!));
    if (quick !== undefined) return quick ? yes : no;
  }
  const words = close === undefined ? args : args.slice(0, -1);
  if (words.length === 0) return no;
  try {
    const expression = new Expression(sys, words, name === '[[');
    return { status: expression.whole() ? 0 : 1 };
  } catch (error) {
    if (error instanceof Wrong) return error.message === '' ? { status: 2 } : { status: 2, message: error.message };
    throw error;
  }
}

const unary = new Set([...'rwxefdcbpugkstznhOGLS'].map((letter) => `-${letter}`));
const binary = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef']);

/**
 * The grammar as busybox reads it (coreutils/test.c): what one to four words mean goes by their number first, as POSIX says;
 * all operands of `-a` and `-o` are evaluated. In `[[ ]]` these are `&&` and `||`, `=~` is there, `=` takes a pattern.
 */
class Expression {
  private at = 0;

  constructor(
    private readonly sys: Sys,
    private words: readonly string[],
    private readonly double: boolean,
  ) {}

  whole(): boolean {
    return this.byNumber() ?? this.byGrammar();
  }

  /** Up to four words, with as many `!` before them as one likes; undefined: the grammar decides. */
  private byNumber(): boolean | undefined {
    let { words } = this;
    for (let negated = false; ; negated = !negated) {
      if (words.length < 2) return ((words[0] ?? '') !== '') !== negated;
      if (words.length === 3 && this.isBinary(words[1]))
        return this.compare(words[0]!, words[1]!, words[2]!) !== negated;
      if (words.length === 4 && words[0] === '(' && words[3] === ')') {
        // The real one takes the closing parenthesis away for good.
        this.words = this.words.slice(0, -1);
        words = words.slice(1, 3);
      }
      if (words[0] !== '!') return undefined;
      words = words.slice(1);
    }
  }

  private byGrammar(): boolean {
    const value = this.or();
    const left = this.words[this.at];
    if (left !== undefined) throw new Wrong(`${left}: unknown operand`);
    return value;
  }

  private isBinary(word: string | undefined): boolean {
    return word !== undefined && (binary.has(word) || (this.double && word === '=~'));
  }

  private or(): boolean {
    const value = this.and();
    if (!this.accept(this.double ? '||' : '-o')) return value;
    return this.or() || value;
  }

  private and(): boolean {
    const value = this.not();
    if (!this.accept(this.double ? '&&' : '-a')) return value;
    return this.and() && value;
  }

  private accept(word: string): boolean {
    if (this.words[this.at] !== word) return false;
    this.at++;
    return true;
  }

  private not(): boolean {
    if (!this.accept('!')) return this.primary();
    // `[ ! ]` is a word that is not empty.
    return this.at >= this.words.length || !this.not();
  }

  private primary(): boolean {
    const [word, op, right] = this.words.slice(this.at, this.at + 3);
    if (word === undefined) throw new Wrong('argument expected');
    this.at++;
    if (word === '(') {
      const value = this.or();
      if (!this.accept(')')) throw new Wrong('closing paren expected');
      return value;
    }
    if (this.isBinary(op) && right !== undefined) {
      this.at += 2;
      return this.compare(word, op!, right);
    }
    if (unary.has(word)) {
      if (op === undefined) return true;
      this.at++;
      return this.file(word[1]!, op);
    }
    if (this.isBinary(op)) throw new Wrong(`${op}: argument expected`);
    return word !== '';
  }

  private compare(left: string, op: string, right: string): boolean {
    switch (op) {
      case '=':
      case '==':
        return this.double ? compileText(right).test(left) : left === right;
      case '!=':
        return !this.compare(left, '=', right);
      case '=~':
        return matches(left, right);
      case '<':
        return left < right;
      case '>':
        return left > right;
      case '-nt':
        return this.stat(right) !== undefined && this.time(left) > this.time(right);
      case '-ot':
        return this.stat(left) !== undefined && this.time(left) < this.time(right);
      case '-ef': {
        const [a, b] = [this.stat(left), this.stat(right)];
        return a !== undefined && a.ino === b?.ino;
      }
      default:
        return compared(integer(left), op, integer(right)) === true;
    }
  }

  private stat(path: string): Stat | undefined {
    return attempt(() => this.sys.stat(path));
  }

  private time(path: string): number {
    return this.stat(path)?.mtime ?? -1;
  }

  private file(op: string, arg: string): boolean {
    if (op === 'n') return arg !== '';
    if (op === 'z') return arg === '';
    if (op === 't') return this.sys.isatty(Number(integer(arg)));
    if (op === 'L' || op === 'h') return attempt(() => this.sys.lstat(arg))?.type === 'symlink';
    const stat = this.stat(arg);
    if (stat === undefined) return false;
    const types: Readonly<Record<string, string>> = {
      f: 'file',
      d: 'dir',
      p: 'fifo',
      b: 'block',
      c: 'char',
      S: 'socket',
    };
    if (types[op] !== undefined) return stat.type === types[op];
    if (op === 'r' || op === 'w' || op === 'x') return this.sys.access(arg, op);
    if (op === 's') return stat.size > 0;
    if (op === 'O') return stat.uid === this.sys.uid;
    if (op === 'G') return stat.gid === this.sys.gid;
    const bits: Readonly<Record<string, number>> = { u: 0o4000, g: 0o2000, k: 0o1000 };
    return bits[op] === undefined ? true : (stat.mode & bits[op]) !== 0;
  }
}

/** `=~`: a pattern that is none is wrong without a word. */
function matches(text: string, pattern: string): boolean {
  try {
    return posixRegex(pattern, true, '').test(text);
  } catch (error) {
    if (error instanceof BadRegex) throw new Wrong('');
    throw error;
  }
}

function integer(text: string): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new Wrong(text === '' ? 'bad number' : `${text}: bad number`);
  const value = BigInt(text.trim().replace(/^\+/, ''));
  if (BigInt.asIntN(64, value) !== value) throw new Wrong(`${text}: out of range`);
  return value;
}

export const test: Applet = {
  usage: 'EXPRESSION ]',
  *main(ctx) {
    const { status, message } = evaluateTest(ctx.sys, ctx.name, ctx.args);
    if (message !== undefined) yield* ctx.warn(message);
    return status;
  },
};
