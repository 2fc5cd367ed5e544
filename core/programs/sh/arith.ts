/**
 * Shell arithmetic (POSIX.1-2017 XCU 2.6.4): 64-bit integers with the operators of C and assignments, as busybox
 * computes `$(( ))` and `let`. Pure but for the variables, which come in as two functions.
 *
 * Kept true: the algorithm is that of busybox 1.35 (shell/math.c), two stacks and operator precedence, because scripts can see
 * it: operands of `?:`, `&&` and `||` are all evaluated, also those that C would skip; a variable is read when the operator
 * over it is applied, not when it is come across. Nothing recurses but variables that hold expressions, and these are limited.
 */

export class ArithError extends Error {}

export interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** A number, or a variable that nobody has looked at yet; `second` is what follows the `:` of a conditional. */
interface Operand {
  name: string | undefined;
  value: bigint;
  second: bigint | undefined;
}

const syntax = 'arithmetic syntax error';
const malformed = 'malformed ?: operator';

const assignments = ['=', '+=', '-=', '*=', '/=', '%=', '&=', '^=', '|=', '<<=', '>>='];

/** Binary operators by precedence, loosest first, from 1. */
const levels: readonly (readonly string[])[] = [
  [','],
  assignments,
  ['?', ':'],
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
  ['**'],
];
const binary: ReadonlyMap<string, number> = new Map(levels.flatMap((ops, i) => ops.map((op) => [op, i + 1] as const)));
const rightAssociative = new Set([binary.get('='), binary.get('?'), binary.get('**')]);
const unary = new Set(['!', '~', 'u-', 'u+', '++u', '--u', 'u++', 'u--']);
/** Tighter than any binary operator; `!` and `~` are looser than signs, and these than `++`. */
const precedences: ReadonlyMap<string, number> = new Map([
  ...binary,
  ['!', 20],
  ['~', 20],
  ['u-', 21],
  ['u+', 21],
  ['++u', 22],
  ['--u', 22],
  ['u++', 23],
  ['u--', 23],
]);
const steps: Readonly<Record<string, bigint>> = { '++u': 1n, '--u': -1n, 'u++': 1n, 'u--': -1n };

const token =
  /\s*([A-Za-z_]\w*|\d+#[\w@]+|\d\w*|<<=|>>=|\*\*|<<|>>|&&|\|\||\+\+|--|[<>=!+\-*/%&^|]=|[-+*/%<>=!~&|^?:(),])|\s+$/y;

/** Throws ArithError. */
export function arithmetic(text: string, variables: Variables): bigint {
  return new Machine(variables, []).evaluate(text);
}

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);
const truth = (value: boolean): bigint => (value ? 1n : 0n);

class Machine {
  private readonly numbers: Operand[] = [];
  private readonly operators: string[] = [];
  /** The last token was a number, a variable or a closing parenthesis: what follows is binary. */
  private afterNumber = false;

  constructor(
    private readonly variables: Variables,
    /** Variables whose text is being evaluated. */
    private readonly within: readonly string[],
  ) {}

  evaluate(text: string): bigint {
    if (text.trim() === '') return 0n;
    this.operators.push('(');
    token.lastIndex = 0;
    for (let at = 0; at < text.length; ) {
      token.lastIndex = at;
      const found = token.exec(text);
      if (found === null) throw new ArithError(syntax);
      if (found[1] === undefined) break;
      at = token.lastIndex - this.take(found[1], text, token.lastIndex);
    }
    this.closing();
    const [result] = this.numbers;
    if (this.numbers.length !== 1 || this.operators.length > 0) throw new ArithError(syntax);
    return this.valueOf(result!);
  }

  /** Gives how many characters of the token are to be read again. */
  private take(text: string, whole: string, end: number): number {
    const c = text.charCodeAt(0);
    if (c >= 48 && c <= 57) this.push(undefined, number(text));
    else if (c === 95 || (c | 32) >= 97) {
      if ((c | 32) > 122) return this.operator(text);
      this.push(text, 0n);
    } else if ((text === '++' || text === '--') && !this.isStep(whole, end)) {
      this.operator(text[0]!);
      return 1;
    } else return this.operator(text);
    return 0;
  }

  /** `++` and `--` are that only beside a variable: `7+++v` is `7 + ++v`. */
  private isStep(whole: string, end: number): boolean {
    return this.numbers.at(-1)?.name !== undefined || /^\s*[A-Za-z_]/.test(whole.slice(end, end + 100));
  }

  private push(name: string | undefined, value: bigint): void {
    this.numbers.push({ name, value, second: undefined });
    this.afterNumber = true;
  }

  private operator(text: string): 0 {
    if (text === ')') {
      this.closing();
      return 0;
    }
    if (text === '(') {
      this.operators.push(text);
      this.afterNumber = false;
      return 0;
    }
    const op = this.kindOf(text);
    if (!unary.has(op)) {
      if (!this.afterNumber) throw new ArithError(syntax);
      this.applyTighter(precedences.get(op)!);
    }
    this.operators.push(op);
    this.afterNumber = op === 'u++' || op === 'u--';
    return 0;
  }

  private kindOf(text: string): string {
    if (text === '++' || text === '--') return this.afterNumber ? `u${text}` : `${text}u`;
    return (text === '+' || text === '-') && !this.afterNumber ? `u${text}` : text;
  }

  private applyTighter(precedence: number): void {
    for (;;) {
      const before = this.operators.at(-1);
      if (before === undefined || before === '(') return;
      const its = precedences.get(before)!;
      if (its < precedence || (its === precedence && rightAssociative.has(precedence))) return;
      this.operators.pop();
      this.apply(before);
    }
  }

  /** A closing parenthesis; the end of the text is one too. */
  private closing(): void {
    if (!this.afterNumber) throw new ArithError(syntax);
    for (;;) {
      const op = this.operators.pop();
      if (op === undefined) throw new ArithError(syntax);
      if (op === '(') return;
      this.apply(op);
    }
  }

  private apply(op: string): void {
    const top = this.numbers.at(-1);
    if (top === undefined) throw new ArithError(syntax);
    const value = this.valueOf(top);
    if (unary.has(op)) this.applyUnary(op, top, value);
    else this.applyBinary(op, top, value);
  }

  private applyUnary(op: string, top: Operand, value: bigint): void {
    const by = steps[op];
    if (by === undefined) {
      top.value = op === '!' ? truth(value === 0n) : op === '~' ? ~value : op === 'u-' ? wrap(-value) : value;
    } else {
      const changed = wrap(value + by);
      this.store(top, changed);
      top.value = op.startsWith('u') ? value : changed;
    }
    top.name = undefined;
  }

  private applyBinary(op: string, top: Operand, right: bigint): void {
    this.numbers.pop();
    const left = this.numbers.at(-1);
    if (left === undefined) throw new ArithError(syntax);
    if ((op === '?') !== (top.second !== undefined)) throw new ArithError(malformed);
    const before = op === '=' ? 0n : this.valueOf(left);
    if (op === ':') {
      if (this.numbers.length === 1) throw new ArithError(malformed);
      left.second = right;
      left.value = before;
    } else if (op === '?') left.value = before !== 0n ? right : top.second!;
    else if (assignments.includes(op)) {
      left.value = op === '=' ? right : calculated(op.slice(0, -1), before, right);
      this.store(left, left.value);
    } else left.value = calculated(op, before, right);
    left.name = undefined;
  }

  private store(to: Operand, value: bigint): void {
    if (to.name === undefined) throw new ArithError(syntax);
    this.variables.set(to.name, String(value));
  }

  /** A variable may hold an expression of its own. */
  private valueOf({ name, value }: Operand): bigint {
    if (name === undefined) return value;
    const text = this.variables.get(name) ?? '';
    if (/^-?[1-9]\d*$|^0?$/.test(text)) return wrap(BigInt(text));
    if (this.within.includes(name)) throw new ArithError('expression recursion loop detected');
    return new Machine(this.variables, [...this.within, name]).evaluate(text);
  }
}

function calculated(op: string, a: bigint, b: bigint): bigint {
  switch (op) {
    case ',':
      return b;
    case '||':
      return truth(a !== 0n || b !== 0n);
    case '&&':
      return truth(a !== 0n && b !== 0n);
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '&':
      return a & b;
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
    case '<':
      return truth(a < b);
    case '>':
      return truth(a > b);
    case '<=':
      return truth(a <= b);
    case '>=':
      return truth(a >= b);
    case '<<':
      return wrap(a << (b & 63n));
    case '>>':
      return wrap(a >> (b & 63n));
    case '+':
      return wrap(a + b);
    case '-':
      return wrap(a - b);
    case '*':
      return wrap(a * b);
    case '**':
      return power(a, b);
    case '/':
    case '%':
      if (b === 0n) throw new ArithError('divide by zero');
      return wrap(op === '/' ? a / b : a % b);
    default:
      throw new ArithError(syntax);
  }
}

/** By squaring: the exponent may be any number. */
function power(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) throw new ArithError('exponent less than 0');
  let result = 1n;
  let factor = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = wrap(result * factor);
    factor = wrap(factor * factor);
  }
  return result;
}

const digits = '0123456789abcdefghijklmnopqrstuvwxyz';
/** Of bases above 36, where upper case letters count on. */
const manyDigits = `${digits}ABCDEFGHIJKLMNOPQRSTUVWXYZ@_`;

function number(token: string): bigint {
  const based = /^(\d+)#(.+)$/.exec(token);
  if (based !== null) return inBase(based[2]!, Number(based[1]));
  if (/^0[xX][0-9a-fA-F]+$/.test(token)) return fitting(BigInt(token));
  if (/^0[0-7]*$/.test(token)) return inBase(token, 8);
  if (/^\d+$/.test(token) && !token.startsWith('0')) return fitting(BigInt(token));
  throw new ArithError(syntax);
}

/** strtoull(3); what does not fit into 64 bits is taken as 0. */
const fitting = (value: bigint): bigint => (value >= 1n << 64n ? 0n : wrap(value));

function inBase(text: string, base: number): bigint {
  if (base < 2 || base > 64) throw new ArithError(syntax);
  let value = 0n;
  for (const c of text) {
    const digit = base > 36 ? manyDigits.indexOf(c) : digits.indexOf(c.toLowerCase());
    if (digit < 0 || digit >= base) throw new ArithError(syntax);
    value = value * BigInt(base) + BigInt(digit);
  }
  return fitting(value);
}
