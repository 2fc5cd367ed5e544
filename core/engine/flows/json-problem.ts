/**
 * What Go's encoding/json says of a text that is no JSON (scanner.go), which the docker client passes on. Values that JSON.parse
 * takes are never looked at here.
 */

class Problem extends Error {}

/** undefined: it is JSON. */
export function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    try {
      new Scanner(text).whole();
      return 'unexpected end of JSON input';
    } catch (error) {
      if (error instanceof Problem) return error.message;
      throw error;
    }
  }
}

const literals: Readonly<Record<string, string>> = { n: 'null', t: 'true', f: 'false' };

class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): void {
    this.value();
    this.blanks();
    if (this.at < this.text.length) this.invalid('after top-level value');
  }

  private peek(): string {
    const char = this.text[this.at];
    if (char === undefined) throw new Problem('unexpected end of JSON input');
    return char;
  }

  private invalid(where: string): never {
    const char = this.peek();
    throw new Problem(`invalid character ${char === "'" ? `'\\''` : `'${char}'`} ${where}`);
  }

  private blanks(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? '')) this.at++;
  }

  private value(): void {
    this.blanks();
    const char = this.peek();
    const literal = literals[char];
    if (char === '{') this.members('}', () => this.member(), 'after object key:value pair');
    else if (char === '[') this.members(']', () => this.value(), 'after array element');
    else if (char === '"') this.string();
    else if (literal !== undefined) this.literal(literal);
    else if (/[-\d]/.test(char)) this.number();
    else this.invalid('looking for beginning of value');
  }

  private members(end: string, one: () => void, after: string): void {
    this.at++;
    this.blanks();
    if (this.peek() === end) {
      this.at++;
      return;
    }
    for (;;) {
      one();
      this.blanks();
      const char = this.peek();
      if (char !== ',' && char !== end) this.invalid(after);
      this.at++;
      if (char === end) return;
    }
  }

  private member(): void {
    this.blanks();
    if (this.peek() !== '"') this.invalid('looking for beginning of object key string');
    this.string();
    this.blanks();
    if (this.peek() !== ':') this.invalid('after object key');
    this.at++;
    this.value();
  }

  private string(): void {
    for (this.at++; this.peek() !== '"'; this.at++) {
      if (this.peek() < ' ') this.invalid('in string literal');
      if (this.peek() !== '\\') continue;
      this.at++;
      if (!/["\\/bfnrtu]/.test(this.peek())) this.invalid('in string escape code');
    }
    this.at++;
  }

  private literal(word: string): void {
    for (const [n, char] of [...word].entries()) {
      if (n > 0 && this.peek() !== char) this.invalid(`in literal ${word} (expecting '${char}')`);
      this.at++;
    }
  }

  private number(): void {
    if (this.peek() === '-') this.at++;
    if (!/\d/.test(this.peek())) this.invalid('in numeric literal');
    const digits = /^\d*/.exec(this.text.slice(this.at))?.[0] ?? '';
    this.at += digits.startsWith('0') ? 1 : digits.length;
    const fraction = /^(\.\d+)?([eE][-+]?\d+)?/.exec(this.text.slice(this.at))?.[0] ?? '';
    this.at += fraction.length;
  }
}
