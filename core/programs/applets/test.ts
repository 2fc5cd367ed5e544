/** test, [ and [[ (POSIX.1-2017 XCU test, with -a -o and parentheses). Shared with the shell's builtin. */
import type { Sys } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, attempt } from '../lib/applet.ts';
import { plainNumber } from '../lib/number.ts';

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
    if (error instanceof Wrong) return { status: 2, message: error.message };
    throw error;
  }
}

const unary = 'abcdefghknoprstuwxzLNOGS';
const binary = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef']);

class Expression {
  private at = 0;

  constructor(
    private readonly sys: Sys,
    private readonly words: readonly string[],
    private readonly double: boolean,
  ) {}

  whole(): boolean {
    const value = this.short() ?? this.or();
    const left = this.words[this.at];
    if (left !== undefined) {
      const alone = this.at === this.words.length - 1 && binary.has(left);
      throw new Wrong(`${left}: ${alone ? 'argument expected' : 'unknown operand'}`);
    }
    return value;
  }

  /** POSIX: what up to four arguments mean is decided by their number, so that `test ! = x` works. */
  private short(): boolean | undefined {
    const { words } = this;
    if (words.length === 1) return this.done(words[0] !== '');
    if (words.length === 3 && binary.has(words[1]!)) return this.done(this.compare(words[0]!, words[1]!, words[2]!));
    if (words.length === 2 && words[0] === '!') return this.done(words[1] === '');
    return undefined;
  }

  private done(value: boolean): boolean {
    this.at = this.words.length;
    return value;
  }

  private or(): boolean {
    let value = this.and();
    while (this.accept('-o') || (this.double && this.accept('||'))) value = this.and() || value;
    return value;
  }

  private and(): boolean {
    let value = this.not();
    while (this.accept('-a') || (this.double && this.accept('&&'))) value = this.not() && value;
    return value;
  }

  private accept(word: string): boolean {
    if (this.words[this.at] !== word) return false;
    this.at++;
    return true;
  }

  private not(): boolean {
    if (this.words[this.at] === '!' && this.at + 1 < this.words.length) {
      this.at++;
      return !this.not();
    }
    return this.primary();
  }

  private primary(): boolean {
    const [word, op, right] = this.words.slice(this.at, this.at + 3);
    if (word === undefined) throw new Wrong('argument expected');
    if (op !== undefined && right !== undefined && binary.has(op)) {
      this.at += 3;
      return this.compare(word, op, right);
    }
    if (word === '(') {
      this.at++;
      const value = this.or();
      if (!this.accept(')')) throw new Wrong('closing paren expected');
      return value;
    }
    this.at++;
    if (word.length === 2 && word.startsWith('-') && unary.includes(word[1]!) && op !== undefined) {
      this.at++;
      return this.file(word[1]!, op);
    }
    return word !== '';
  }

  private compare(left: string, op: string, right: string): boolean {
    switch (op) {
      case '=':
      case '==':
        return left === right;
      case '!=':
        return left !== right;
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

function integer(text: string): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new Wrong(`${text}: bad number`);
  return BigInt(text.trim().replace(/^\+/, ''));
}

export const test: Applet = {
  usage: 'EXPRESSION ]',
  *main(ctx) {
    const { status, message } = evaluateTest(ctx.sys, ctx.name, ctx.args);
    if (message !== undefined) yield* ctx.warn(message);
    return status;
  },
};
