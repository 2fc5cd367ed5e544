/**
 * Shell arithmetic (POSIX.1-2017 XCU 2.6.4): 64-bit integers with the operators of C and assignments, as busybox
 * computes `$(( ))` and `let`. Pure but for the variables, which come in as two functions.
 */

export class ArithError extends Error {}

export interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

const operators = [
  '<<=',
  '>>=',
  '**',
  '<<',
  '>>',
  '<=',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
  '++',
  '--',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '^=',
  '|=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '<',
  '>',
  '=',
  '!',
  '~',
  '&',
  '|',
  '^',
  '?',
  ':',
  '(',
  ')',
  ',',
];

/** Binary operators by precedence, loosest first. */
const levels: readonly (readonly string[])[] = [
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

export function arithmetic(text: string, variables: Variables): bigint {
  if (text.trim() === '') return 0n;
  const machine = new Machine(tokens(text), variables);
  const value = machine.comma();
  if (!machine.done) throw new ArithError('arithmetic syntax error');
  return value;
}

function tokens(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const space = /^\s+/.exec(rest);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const token = /^(?:[A-Za-z_]\w*|\d+#[\w@]+|\d\w*)/.exec(rest)?.[0] ?? operators.find((op) => rest.startsWith(op));
    if (token === undefined) throw new ArithError('arithmetic syntax error');
    found.push(token);
    at += token.length;
  }
  return found;
}

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

class Machine {
  private at = 0;
  /** In the branch of ?: && || that is not taken nothing is assigned and nothing divides. */
  private dead = 0;

  constructor(
    private readonly list: readonly string[],
    private readonly variables: Variables,
  ) {}

  get done(): boolean {
    return this.at === this.list.length;
  }

  private accept(op: string): boolean {
    if (this.list[this.at] !== op) return false;
    this.at++;
    return true;
  }

  private expect(op: string): void {
    if (!this.accept(op)) throw new ArithError('arithmetic syntax error');
  }

  comma(): bigint {
    let value = this.assignment();
    while (this.accept(',')) value = this.assignment();
    return value;
  }

  private assignment(): bigint {
    const name = this.list[this.at] ?? '';
    const op = this.list[this.at + 1] ?? '';
    if (/^[A-Za-z_]/.test(name) && /^(=|[-+*/%&^|]=|<<=|>>=)$/.test(op)) {
      this.at += 2;
      const right = this.assignment();
      return this.store(name, op === '=' ? right : this.binary(op.slice(0, -1), this.variable(name), right));
    }
    return this.conditional();
  }

  private store(name: string, value: bigint): bigint {
    if (this.dead === 0) this.variables.set(name, String(value));
    return value;
  }

  private conditional(): bigint {
    const test = this.level(0);
    if (!this.accept('?')) return test;
    const yes = this.skippingIf(test === 0n, () => this.comma());
    this.expect(':');
    const no = this.skippingIf(test !== 0n, () => this.assignment());
    return test !== 0n ? yes : no;
  }

  private skippingIf(skip: boolean, parse: () => bigint): bigint {
    if (skip) this.dead++;
    const value = parse();
    if (skip) this.dead--;
    return value;
  }

  private level(depth: number): bigint {
    const ops = levels[depth];
    if (ops === undefined) return this.unary();
    let left = this.level(depth + 1);
    for (;;) {
      const op = ops.find((each) => each === this.list[this.at]);
      if (op === undefined) return left;
      this.at++;
      const skip = (op === '&&' && left === 0n) || (op === '||' && left !== 0n);
      const right = this.skippingIf(skip, () => this.level(depth + 1));
      left = this.binary(op, left, right);
    }
  }

  private binary(op: string, a: bigint, b: bigint): bigint {
    const truth = (value: boolean): bigint => (value ? 1n : 0n);
    switch (op) {
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
      default:
        return this.divide(op, a, b);
    }
  }

  private divide(op: string, a: bigint, b: bigint): bigint {
    if (this.dead > 0) return 0n;
    if (b === 0n) throw new ArithError('divide by zero');
    return wrap(op === '/' ? a / b : a % b);
  }

  private unary(): bigint {
    if (this.accept('!')) return this.unary() === 0n ? 1n : 0n;
    if (this.accept('~')) return ~this.unary();
    if (this.accept('-')) return wrap(-this.unary());
    if (this.accept('+')) return this.unary();
    if (this.accept('++')) return this.step(1n);
    if (this.accept('--')) return this.step(-1n);
    return this.primary();
  }

  private step(by: bigint): bigint {
    const name = this.list[this.at++] ?? '';
    if (!/^[A-Za-z_]/.test(name)) throw new ArithError('arithmetic syntax error');
    return this.store(name, wrap(this.variable(name) + by));
  }

  private primary(): bigint {
    if (this.accept('(')) {
      const value = this.comma();
      this.expect(')');
      return value;
    }
    const token = this.list[this.at++];
    if (token === undefined) throw new ArithError('arithmetic syntax error');
    if (/^\d/.test(token)) return number(token);
    if (!/^[A-Za-z_]/.test(token)) throw new ArithError('arithmetic syntax error');
    const value = this.variable(token);
    if (this.accept('++')) this.store(token, wrap(value + 1n));
    else if (this.accept('--')) this.store(token, wrap(value - 1n));
    return value;
  }

  private variable(name: string): bigint {
    const value = this.variables.get(name) ?? '';
    if (value === '') return 0n;
    // A variable may hold an expression of its own.
    return /^\s*[-+]?\d\w*\s*$/.test(value) ? signed(value.trim()) : arithmetic(value, this.variables);
  }
}

function power(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) throw new ArithError('exponent less than 0');
  let result = 1n;
  for (let i = 0n; i < exponent && i < 64n * 64n; i++) result = wrap(result * base);
  return result;
}

function signed(text: string): bigint {
  if (text.startsWith('-')) return -number(text.slice(1));
  return number(text.replace(/^\+/, ''));
}

const digits = '0123456789abcdefghijklmnopqrstuvwxyz';

function number(token: string): bigint {
  const based = /^(\d+)#(.+)$/.exec(token);
  if (based !== null) return inBase(based[2]!, Number(based[1]));
  if (/^0[xX][0-9a-fA-F]+$/.test(token)) return wrap(BigInt(token));
  if (/^0[0-7]*$/.test(token)) return inBase(token, 8);
  if (/^\d+$/.test(token) && !token.startsWith('0')) return wrap(BigInt(token));
  throw new ArithError('arithmetic syntax error');
}

function inBase(text: string, base: number): bigint {
  let value = 0n;
  for (const c of text.toLowerCase()) {
    const digit = digits.indexOf(c);
    if (digit < 0 || digit >= base) throw new ArithError('arithmetic syntax error');
    value = wrap(value * BigInt(base) + BigInt(digit));
  }
  return value;
}
