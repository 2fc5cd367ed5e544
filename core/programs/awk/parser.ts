/** Reads an awk program by recursive descent (grammar of POSIX.1-2017 XCU awk, with busybox's additions). */
import { AwkError, type AwkProgram, type Expr, type Func, type Redirection, type Rule, type Stmt } from './ast.ts';
import { type Token, tokensOf } from './lexer.ts';

export function parseAwk(source: string): AwkProgram {
  return new Parser(tokensOf(source)).program();
}

const comparisons = new Set(['<', '<=', '==', '!=', '>', '>=']);
const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '^=']);

interface Context {
  /** `>` is a redirection here. */
  readonly print?: boolean;
  /** `in` ends the expression: the head of a `for`. */
  readonly noIn?: boolean;
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  private get token(): Token {
    return this.tokens[this.at]!;
  }

  private is(text: string): boolean {
    const { t } = this.token;
    return (t === 'op' || t === 'word') && this.token.text === text;
  }

  private accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  private fail(): never {
    throw new AwkError('Unexpected token', this.token.line);
  }

  private expect(text: string): void {
    if (!this.accept(text)) this.fail();
  }

  private newlines(): void {
    while (this.token.t === 'newline') this.at++;
  }

  private terminators(): void {
    while (this.token.t === 'newline' || this.is(';')) this.at++;
  }

  program(): AwkProgram {
    const [begin, end, rules] = [[] as Stmt[], [] as Stmt[], [] as Rule[]];
    const functions = new Map<string, Func>();
    for (this.terminators(); this.token.t !== 'end'; this.terminators()) {
      if (this.accept('BEGIN')) begin.push(this.action());
      else if (this.accept('END')) end.push(this.action());
      else if (this.accept('function')) this.func(functions);
      else rules.push(this.rule());
    }
    return { begin, end, rules, functions };
  }

  private action(): Stmt {
    this.newlines();
    return this.block();
  }

  private func(functions: Map<string, Func>): void {
    const { t, text } = this.token;
    if (t !== 'func' && t !== 'name') this.fail();
    this.at++;
    this.expect('(');
    const params: string[] = [];
    while (!this.accept(')')) {
      this.newlines();
      if (this.token.t !== 'name') this.fail();
      params.push(this.token.text);
      this.at++;
      if (!this.is(')')) this.expect(',');
    }
    functions.set(text, { params, body: this.action() });
  }

  private rule(): Rule {
    const printAll: Stmt = { k: 'print', args: [] };
    if (this.is('{')) return { action: this.block() };
    const pattern = this.expr();
    let until: Expr | undefined;
    if (this.accept(',')) {
      this.newlines();
      until = this.expr();
    }
    const action = this.is('{') ? this.block() : printAll;
    return until === undefined ? { pattern, action } : { pattern, until, action };
  }

  private block(): Stmt {
    this.expect('{');
    const body: Stmt[] = [];
    for (this.terminators(); !this.accept('}'); this.terminators()) body.push(this.statement());
    return { k: 'block', body };
  }

  /** What may stand where a statement stands, with newlines before it. */
  private inner(): Stmt {
    this.newlines();
    if (this.accept(';')) return { k: 'block', body: [] };
    return this.statement();
  }

  private statement(): Stmt {
    if (this.is('{')) return this.block();
    if (this.token.t === 'word') {
      const { text } = this.token;
      if (text === 'if') return this.ifStatement();
      if (text === 'while') return this.whileStatement();
      if (text === 'do') return this.doStatement();
      if (text === 'for') return this.forStatement();
    }
    const done = this.simple();
    if (!this.is('}') && this.token.t !== 'newline' && !this.accept(';')) this.fail();
    return done;
  }

  private parenthesized(): Expr {
    this.expect('(');
    const value = this.expr();
    this.expect(')');
    return value;
  }

  private ifStatement(): Stmt {
    this.at++;
    const test = this.parenthesized();
    const then = this.inner();
    const before = this.at;
    this.terminators();
    if (this.accept('else')) return { k: 'if', test, then, else: this.inner() };
    this.at = before;
    return { k: 'if', test, then };
  }

  private whileStatement(): Stmt {
    this.at++;
    const test = this.parenthesized();
    return { k: 'loop', test, body: this.inner(), first: false };
  }

  private doStatement(): Stmt {
    this.at++;
    const body = this.inner();
    this.terminators();
    this.expect('while');
    const test = this.parenthesized();
    if (this.is(';')) this.at++;
    return { k: 'loop', test, body, first: true };
  }

  private forStatement(): Stmt {
    this.at++;
    this.expect('(');
    const [name, word, array, close] = this.tokens.slice(this.at, this.at + 4) as [Token, Token, Token, Token];
    if (name.t === 'name' && word.text === 'in' && word.t === 'word' && close.text === ')') {
      this.at += 4;
      return { k: 'forin', name: name.text, array: array.text, body: this.inner() };
    }
    const init = this.is(';') ? undefined : this.simple();
    this.expect(';');
    this.newlines();
    const test = this.is(';') ? undefined : this.expr();
    this.expect(';');
    this.newlines();
    const step = this.is(')') ? undefined : this.simple();
    this.expect(')');
    const body = this.inner();
    return { k: 'loop', ...(init && { init }), ...(test && { test }), ...(step && { step }), body, first: false };
  }

  private simple(): Stmt {
    const { t, text } = this.token;
    if (t !== 'word') return { k: 'expr', value: this.expr() };
    switch (text) {
      case 'print':
      case 'printf':
        this.at++;
        return this.print(text);
      case 'next':
      case 'nextfile':
      case 'break':
      case 'continue':
        this.at++;
        return { k: text };
      case 'exit':
      case 'return': {
        this.at++;
        if (this.token.t === 'newline' || this.is(';') || this.is('}')) return { k: text };
        return { k: text, value: this.expr() };
      }
      case 'delete': {
        this.at++;
        const name = this.token.text;
        this.at++;
        return this.accept('[') ? { k: 'delete', name, keys: this.list(']') } : { k: 'delete', name };
      }
      default:
        return { k: 'expr', value: this.expr() };
    }
  }

  private print(k: 'print' | 'printf'): Stmt {
    const args: Expr[] = [];
    while (this.token.t !== 'newline' && !this.is(';') && !this.is('}') && !this.isRedirection()) {
      args.push(this.expr({ print: true }));
      if (!this.accept(',')) break;
      this.newlines();
    }
    const flat = args.length === 1 && args[0]!.k === 'group' ? args[0]!.list : args;
    if (!this.isRedirection()) return { k, args: flat };
    const op = this.token.text as Redirection['op'];
    this.at++;
    return { k, args: flat, to: { op, to: this.conditional({ print: true }) } };
  }

  private isRedirection(): boolean {
    return this.is('>') || this.is('>>') || this.is('|');
  }

  private list(close: string): Expr[] {
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

  expr(context: Context = {}): Expr {
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

  private conditional(context: Context): Expr {
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
