/** Reads the expressions of an awk program, loosest binding first (grammar of POSIX.1-2017 XCU awk, with busybox's additions). */
import type { Expr } from './ast.ts';
import { Cursor } from './cursor.ts';

const comparisons = new Set(['<', '<=', '==', '!=', '>', '>=']);
const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '^=']);

interface Context {
  /** `>` is a redirection here. */
  readonly print?: boolean;
  /** `in` ends the expression: the head of a `for`. */
  readonly noIn?: boolean;
}

export class ExpressionParser extends Cursor {
  protected list(close: string): Expr[] {
    const found: Expr[] = [];
    this.newlines();
    while (!this.accept(close)) {
      found.push(this.expr());
      this.newlines();
      if (!this.is(close)) {
        this.expect(',');
        this.newlines();
      }
    }
    return found;
  }

  protected expr(context: Context = {}): Expr {
    const left = this.conditional(context);
    if (this.token.t !== 'op' || !assignments.has(this.token.text)) return left;
    if (!isPlace(left)) return this.intoOperand(left, context);
    const op = this.token.text;
    this.at++;
    this.newlines();
    return { k: 'assign', op, to: left, value: this.expr(context) };
  }

  /** `a == b = c`, `! x = y`: the assignment belongs to the last operand. */
  private intoOperand(left: Expr, context: Context): Expr {
    if ('right' in left) return { ...left, right: this.reassign(left.right, context) };
    if (left.k === 'unary') return { ...left, of: this.reassign(left.of, context) };
    return this.fail();
  }

  private reassign(place: Expr, context: Context): Expr {
    if (!isPlace(place)) return this.intoOperand(place, context);
    const op = this.token.text;
    this.at++;
    return { k: 'assign', op, to: place, value: this.expr(context) };
  }

  protected conditional(context: Context): Expr {
    const test = this.or(context);
    if (!this.accept('?')) return test;
    this.newlines();
    const yes = this.expr(context);
    this.newlines();
    this.expect(':');
    this.newlines();
    return { k: 'cond', test, yes, no: this.expr(context) };
  }

  private or(context: Context): Expr {
    let left = this.and(context);
    while (this.accept('||')) {
      this.newlines();
      left = { k: 'or', left, right: this.and(context) };
    }
    return left;
  }

  private and(context: Context): Expr {
    let left = this.membership(context);
    while (this.accept('&&')) {
      this.newlines();
      left = { k: 'and', left, right: this.membership(context) };
    }
    return left;
  }

  private membership(context: Context): Expr {
    let left = this.matching(context);
    while (context.noIn !== true && this.accept('in')) {
      const keys = left.k === 'group' ? left.list : [left];
      left = { k: 'in', keys, name: this.token.text };
      this.at++;
    }
    return left;
  }

  private matching(context: Context): Expr {
    let left = this.comparison(context);
    while (this.is('~') || this.is('!~')) {
      const negated = this.token.text === '!~';
      this.at++;
      left = { k: 'match', negated, left, right: this.comparison(context) };
    }
    return left;
  }

  private comparison(context: Context): Expr {
    let left = this.concatenation(context);
    while (this.is('|') && this.tokens[this.at + 1]!.text === 'getline') {
      this.at += 2;
      const to = this.place();
      left = { k: 'getline', command: left, ...(to && { to }) };
    }
    const { t, text } = this.token;
    if (t !== 'op' || !comparisons.has(text) || (text === '>' && context.print === true)) return left;
    this.at++;
    return { k: 'binary', op: text, left, right: this.concatenation(context) };
  }

  private concatenation(context: Context): Expr {
    let left = this.additive(context);
    while (this.beginsOperand()) left = { k: 'concat', left, right: this.additive(context) };
    return left;
  }

  private beginsOperand(): boolean {
    const { t, text } = this.token;
    if (t === 'op') return ['(', '$', '!', '-', '+', '++', '--'].includes(text);
    if (t === 'word') return false;
    return t !== 'newline' && t !== 'end';
  }

  private additive(context: Context): Expr {
    return this.leftToRight(['+', '-'], () => this.multiplicative(context));
  }

  private multiplicative(context: Context): Expr {
    return this.leftToRight(['*', '/', '%'], () => this.unary(context));
  }

  private leftToRight(ops: readonly string[], next: () => Expr): Expr {
    let left = next();
    for (;;) {
      const op = ops.find((each) => this.is(each));
      if (op === undefined) return left;
      this.at++;
      left = { k: 'binary', op, left, right: next() };
    }
  }

  private unary(context: Context): Expr {
    for (const op of ['!', '-', '+'] as const) {
      if (this.accept(op)) return { k: 'unary', op, of: this.unary(context) };
    }
    return this.power(context);
  }

  private power(context: Context): Expr {
    const left = this.postfix(context);
    if (!this.accept('^')) return left;
    const negative = this.is('-') || this.is('+') || this.is('!');
    return { k: 'binary', op: '^', left, right: negative ? this.unary(context) : this.power(context) };
  }

  private postfix(context: Context): Expr {
    const of = this.primary(context);
    if (!isPlace(of)) return of;
    if (this.accept('++')) return { k: 'step', by: 1, before: false, of };
    if (this.accept('--')) return { k: 'step', by: -1, before: false, of };
    return of;
  }

  private primary(context: Context): Expr {
    const { t, text } = this.token;
    this.at++;
    switch (t) {
      case 'num':
        return { k: 'num', value: constant(text) };
      case 'str':
        return { k: 'str', value: text };
      case 'regex':
        return { k: 'regex', source: text };
      case 'name':
        return this.accept('[') ? { k: 'index', name: text, keys: this.list(']') } : { k: 'var', name: text };
      case 'func':
        this.expect('(');
        return { k: 'call', name: text, args: this.list(')') };
      case 'builtin':
        if (text === 'length' && !this.is('(')) {
          if (this.token.text === '$') this.fail();
          return { k: 'builtin', name: text, args: [] };
        }
        this.expect('(');
        return { k: 'builtin', name: text, args: this.list(')') };
      default:
        return this.other(text, context);
    }
  }

  private other(text: string, context: Context): Expr {
    if (text === '(') {
      const list = this.list(')');
      if (list.length === 0) this.fail();
      return { k: 'group', list };
    }
    if (text === '$') {
      if (this.accept('++')) return { k: 'field', of: { k: 'step', by: 1, before: true, of: this.primary(context) } };
      if (this.accept('--')) return { k: 'field', of: { k: 'step', by: -1, before: true, of: this.primary(context) } };
      if (this.accept('-')) return { k: 'field', of: { k: 'unary', op: '-', of: this.primary(context) } };
      return { k: 'field', of: this.primary(context) };
    }
    if (text === '++' || text === '--')
      return { k: 'step', by: text === '++' ? 1 : -1, before: true, of: this.primary(context) };
    if (text === 'getline') {
      const to = this.place();
      if (!this.accept('<')) return { k: 'getline', ...(to && { to }) };
      return { k: 'getline', ...(to && { to }), file: this.primary(context) };
    }
    this.at--;
    return this.fail();
  }

  /** A place that `getline` may read into. */
  private place(): Expr | undefined {
    if (this.token.t !== 'name' && !this.is('$')) return undefined;
    return this.primary({});
  }
}

function isPlace(expr: Expr): boolean {
  return expr.k === 'var' || expr.k === 'index' || expr.k === 'field';
}

/** Numbers in a program may be hexadecimal or octal. */
function constant(text: string): number {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return Number(text);
}
