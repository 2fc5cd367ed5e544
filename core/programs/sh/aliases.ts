/**
 * The reader that a shell uses: words where a command may begin are replaced by what they are an alias for (POSIX.1-2017 XCU
 * 2.3.1), in the text itself, so that an alias may hold any piece of a script.
 */
import type { Token } from './lexer.ts';
import { plainText, Reader, reserved } from './parser.ts';

export type Aliases = ReadonlyMap<string, string>;

/** Text that an alias has put in: up to `end` it is not replaced again. */
interface Replaced {
  readonly name: string;
  end: number;
  /** It ends in a blank: the word after it may be an alias too. */
  readonly goesOn: boolean;
}

export class AliasReader extends Reader {
  private readonly replaced: Replaced[] = [];
  /** Characters that aliases have made the text longer by. */
  private grown = 0;

  /** `aliases` is looked at again for each command. */
  constructor(
    text: string,
    start: number,
    line: number,
    private readonly aliases: Aliases,
  ) {
    super(text, start, line);
  }

  /** Text that is still to be read. */
  get rest(): string {
    return this.lexer.text.slice(this.lexer.pos);
  }

  protected override within(text: string, at: number, line: number): Reader {
    return new AliasReader(text, at, line, this.aliases);
  }

  protected override get end(): number {
    return this.offset - this.grown;
  }

  protected override peekCommand(): Token {
    for (;;) {
      const token = this.peek();
      if (this.aliases.size === 0 || token.type !== 'word' || !this.replace(token)) return token;
    }
  }

  protected override peekWord(): Token {
    for (;;) {
      const token = this.peek();
      if (this.replaced.length === 0 || token.type !== 'word') return token;
      const follows = ({ end, goesOn }: Replaced): boolean =>
        goesOn && end <= token.start && this.lexer.text.slice(end, token.start).trim() === '';
      if (!this.replaced.some(follows) || !this.replace(token)) return token;
    }
  }

  private replace(token: Token): boolean {
    const name = plainText(token);
    const text = name === undefined || reserved.has(name) ? undefined : this.aliases.get(name);
    if (text === undefined || name === undefined) return false;
    if (this.replaced.some((each) => each.name === name && token.start < each.end)) return false;
    const by = text.length - (token.end - token.start);
    for (const each of this.replaced) if (each.end >= token.end) each.end += by;
    this.lexer.splice(token.start, token.end, text);
    this.grown += by;
    this.replaced.push({ name, end: token.start + text.length, goesOn: /[ \t]$/.test(text) });
    this.ahead = undefined;
    return true;
  }
}
