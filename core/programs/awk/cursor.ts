/** A place in the tokens of an awk program, and the steps that the grammar takes from there. */
import { AwkError } from './ast.ts';
import type { Token } from './lexer.ts';

export class Cursor {
  protected at = 0;

  constructor(protected readonly tokens: readonly Token[]) {}

  protected get token(): Token {
    return this.tokens[this.at]!;
  }

  protected is(text: string): boolean {
    const { t } = this.token;
    return (t === 'op' || t === 'word') && this.token.text === text;
  }

  protected accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  protected fail(): never {
    throw new AwkError('Unexpected token', this.token.line);
  }

  protected expect(text: string): void {
    if (!this.accept(text)) this.fail();
  }

  protected newlines(): void {
    while (this.token.t === 'newline') this.at++;
  }

  protected terminators(): void {
    while (this.token.t === 'newline' || this.is(';')) this.at++;
  }
}
