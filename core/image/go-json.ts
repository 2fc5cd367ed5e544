/**
 * JSON as Go's encoding/json reads it, with its messages: who is told by `docker load` what is wrong with a manifest is told
 * the same here. Objects become Maps, so that no key (`__proto__`) means anything but itself.
 */
export type GoJson = null | boolean | number | string | readonly GoJson[] | ReadonlyMap<string, GoJson>;

/** The text is no JSON; the message is Go's. */
export class GoJsonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GoJsonError';
  }
}

/** `document`: the whole text is one value (json.Unmarshal). `first`: what follows the first one is left (json.Decoder). */
export function parseGoJson(text: string, mode: 'document' | 'first'): GoJson {
  return new Parser(text, mode).whole();
}

const MOST_DEPTH = 10_000;
const literals: Readonly<Record<string, readonly [string, GoJson]>> = {
  t: ['true', true],
  f: ['false', false],
  n: ['null', null],
};

class Parser {
  #at = 0;
  #depth = 0;

  constructor(
    readonly text: string,
    readonly mode: 'document' | 'first',
  ) {}

  whole(): GoJson {
    this.#space();
    if (this.#at === this.text.length && this.mode === 'first') throw new GoJsonError('EOF');
    const value = this.#value();
    if (this.mode === 'first') return value;
    this.#space();
    if (this.#at < this.text.length) throw this.#invalid('after top-level value');
    return value;
  }

  #value(): GoJson {
    const sign = this.text[this.#at];
    if (sign === '{') return this.#nested(() => this.#object());
    if (sign === '[') return this.#nested(() => this.#list());
    if (sign === '"') return this.#string();
    const literal = sign === undefined ? undefined : literals[sign];
    if (literal !== undefined) return this.#literal(...literal);
    if (sign !== undefined && /[-0-9]/.test(sign)) return this.#number();
    throw this.#invalid('looking for beginning of value');
  }

  #nested(read: () => GoJson): GoJson {
    if (++this.#depth > MOST_DEPTH) throw new GoJsonError('exceeded max depth');
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): GoJson {
    const entries = new Map<string, GoJson>();
    this.#at++;
    this.#space();
    if (this.#take('}')) return entries;
    for (;;) {
      if (this.text[this.#at] !== '"') throw this.#invalid('looking for beginning of object key string');
      const key = this.#string();
      this.#space();
      if (!this.#take(':')) throw this.#invalid('after object key');
      this.#space();
      entries.set(key, this.#value());
      this.#space();
      if (this.#take('}')) return entries;
      if (!this.#take(',')) throw this.#invalid('after object key:value pair');
      this.#space();
    }
  }

  #list(): GoJson {
    const items: GoJson[] = [];
    this.#at++;
    this.#space();
    if (this.#take(']')) return items;
    for (;;) {
      items.push(this.#value());
      this.#space();
      if (this.#take(']')) return items;
      if (!this.#take(',')) throw this.#invalid('after array element');
      this.#space();
    }
  }

  #string(): string {
    const from = this.#at++;
    for (;;) {
      const sign = this.text[this.#at];
      if (sign === undefined || sign < ' ') throw this.#invalid('in string literal');
      this.#at++;
      if (sign === '"') return JSON.parse(this.text.slice(from, this.#at)) as string;
      if (sign === '\\') this.#escape();
    }
  }

  #escape(): void {
    const sign = this.text[this.#at];
    if (sign === undefined || !'bfnrt\\/"u'.includes(sign)) throw this.#invalid('in string escape code');
    this.#at++;
    if (sign !== 'u') return;
    for (let n = 0; n < 4; n++, this.#at++) {
      if (!/[0-9a-fA-F]/.test(this.text[this.#at] ?? '')) throw this.#invalid('in \\u hexadecimal character escape');
    }
  }

  #literal(word: string, value: GoJson): GoJson {
    for (let n = 0; n < word.length; n++, this.#at++) {
      if (this.text[this.#at] !== word[n]) throw this.#invalid(`in literal ${word} (expecting ${quoted(word[n]!)})`);
    }
    return value;
  }

  #number(): number {
    const from = this.#at;
    this.#take('-');
    if (!this.#take('0')) this.#digits('in numeric literal');
    if (this.#take('.')) this.#digits('after decimal point in numeric literal');
    if (this.#take('e') || this.#take('E')) {
      if (!this.#take('+')) this.#take('-');
      this.#digits('in exponent of numeric literal');
    }
    return Number(this.text.slice(from, this.#at));
  }

  #digits(where: string): void {
    const from = this.#at;
    while (/[0-9]/.test(this.text[this.#at] ?? '')) this.#at++;
    if (this.#at === from) throw this.#invalid(where);
  }

  #take(sign: string): boolean {
    const isThere = this.text[this.#at] === sign;
    if (isThere) this.#at++;
    return isThere;
  }

  #space(): void {
    while (' \t\r\n'.includes(this.text[this.#at] ?? '.')) this.#at++;
  }

  #invalid(where: string): GoJsonError {
    const sign = this.text[this.#at];
    if (sign !== undefined) return new GoJsonError(`invalid character ${quoted(sign)} ${where}`);
    return new GoJsonError(this.mode === 'first' ? 'unexpected EOF' : 'unexpected end of JSON input');
  }
}

/** A character as Go quotes it. */
function quoted(sign: string): string {
  if (sign === "'") return "'\\''";
  if (sign === '"') return `'"'`;
  const code = sign.charCodeAt(0);
  if (code >= 0x20 && code !== 0x7f) return sign === '\\' ? "'\\\\'" : `'${sign}'`;
  const short = { 7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r' }[code];
  return short === undefined ? `'\\x${code.toString(16).padStart(2, '0')}'` : `'\\${short}'`;
}
