/** expr EXPRESSION (POSIX.1-2017 XCU expr, with match, substr, index, length). */
import { type Applet, Die } from '../lib/applet.ts';
import { posixRegex } from '../lib/regex.ts';

const levels: readonly (readonly string[])[] = [
  ['|'],
  ['&'],
  ['<', '<=', '=', '==', '!=', '>=', '>'],
  ['+', '-'],
  ['*', '/', '%'],
  [':'],
];

class Expr {
  private at = 0;
  readonly warnings: string[] = [];

  constructor(private readonly words: readonly string[]) {}

  whole(): string {
    const value = this.level(0);
    if (this.at < this.words.length) throw new Die('syntax error', 2);
    return value;
  }

  private level(depth: number): string {
    const ops = levels[depth];
    if (ops === undefined) return this.primary();
    let left = this.level(depth + 1);
    for (let op = this.words[this.at]; op !== undefined && ops.includes(op); op = this.words[this.at]) {
      this.at++;
      const right = this.level(depth + 1);
      left = op === ':' ? this.match(left, right) : combine(op, left, right);
    }
    return left;
  }

  /** A pattern begins where the text does; who says so is told that it is not needed. */
  private match(text: string, pattern: string): string {
    if (pattern.startsWith('^')) {
      const portable = "using '^' as the first character\nof a basic regular expression is not portable; it is ignored";
      this.warnings.push(`warning: '${pattern}': ${portable}`);
    }
    const match = posixRegex(pattern, false, '', { anchored: true }).exec(text);
    if (match?.length !== undefined && match.length > 1) return match[1] ?? '';
    return match === null ? (/\\\(/.test(pattern) ? '' : '0') : String(match[0].length);
  }

  private primary(): string {
    const word = this.words[this.at++];
    if (word === undefined) throw new Die('syntax error', 2);
    if (word === '(') {
      const value = this.level(0);
      if (this.words[this.at++] !== ')') throw new Die('syntax error', 2);
      return value;
    }
    if (this.at >= this.words.length) return word;
    if (word === 'length') return String(this.primary().length);
    if (word === 'match') return this.match(this.primary(), this.primary());
    if (word === 'index') {
      const [text, chars] = [this.primary(), this.primary()];
      return String([...text].findIndex((c) => chars.includes(c)) + 1);
    }
    if (word === 'substr') {
      const [text, from, length] = [this.primary(), Number(this.primary()), Number(this.primary())];
      return from >= 1 ? text.slice(from - 1, from - 1 + length) : '';
    }
    return word;
  }
}

const isNumber = (text: string): boolean => /^-?\d+$/.test(text);
const isNull = (text: string): boolean => text === '' || text === '0';

function combine(op: string, a: string, b: string): string {
  if (op === '|') return isNull(a) ? b : a;
  if (op === '&') return isNull(a) || isNull(b) ? '0' : a;
  if (levels[2]!.includes(op)) return compare(op, a, b) ? '1' : '0';
  if (!isNumber(a) || !isNumber(b)) throw new Die('non-numeric argument', 2);
  const [x, y] = [BigInt(a), BigInt(b)];
  if ((op === '/' || op === '%') && y === 0n) throw new Die('division by zero', 2);
  return String(op === '+' ? x + y : op === '-' ? x - y : op === '*' ? x * y : op === '/' ? x / y : x % y);
}

function compare(op: string, a: string, b: string): boolean {
  const sign = isNumber(a) && isNumber(b) ? Number(BigInt(a) - BigInt(b)) : a < b ? -1 : a > b ? 1 : 0;
  switch (op) {
    case '<':
      return sign < 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    case '>=':
      return sign >= 0;
    case '!=':
      return sign !== 0;
    default:
      return sign === 0;
  }
}

export const expr: Applet = {
  usage: 'EXPRESSION',
  usageCode: 2,
  *main(ctx) {
    if (ctx.args.length === 0) throw new Die('too few arguments', 2);
    const expression = new Expr(ctx.args);
    let value: string;
    try {
      value = expression.whole();
    } finally {
      for (const warning of expression.warnings) yield* ctx.warn(warning, 0);
    }
    ctx.out.put(`${value}\n`);
    return isNull(value) ? 1 : 0;
  },
};
