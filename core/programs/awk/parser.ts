/** Reads an awk program by recursive descent: its rules, functions and statements (grammar of POSIX.1-2017 XCU awk). */
import type { AwkProgram, Expr, Func, Redirection, Rule, Stmt } from './ast.ts';
import { ExpressionParser } from './expressions.ts';
import { type Token, tokensOf } from './lexer.ts';

export function parseAwk(source: string): AwkProgram {
  return new Parser(tokensOf(source)).program();
}

class Parser extends ExpressionParser {
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
}
