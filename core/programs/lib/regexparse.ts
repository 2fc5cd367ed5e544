/**
 * Reads POSIX regular expressions, basic and extended (POSIX.1-2017 XBD 9), with glibc's extensions (`\+ \? \| \w \< \>` …),
 * into trees. What one character may be is kept as the source of a JavaScript expression for one character.
 */
import { classes } from './classes.ts';

export class BadRegex extends Error {}

export type Assertion = 'start' | 'end' | 'edge' | 'inside' | 'wordStart' | 'wordEnd' | 'noWordBefore' | 'noWordAfter';

export type Node =
  | { readonly k: 'char'; readonly source: string }
  | { readonly k: 'assert'; readonly what: Assertion }
  | { readonly k: 'seq' | 'alt'; readonly of: readonly Node[] }
  | { readonly k: 'group'; readonly n: number; readonly of: Node }
  | { readonly k: 'repeat'; readonly of: Node; readonly min: number; readonly max: number }
  | { readonly k: 'back'; readonly n: number };

/** RE_DUP_MAX of glibc. */
const DUP_MAX = 32_767;

const escaped: Readonly<Record<string, Node>> = {
  '<': { k: 'assert', what: 'wordStart' },
  '>': { k: 'assert', what: 'wordEnd' },
  b: { k: 'assert', what: 'edge' },
  B: { k: 'assert', what: 'inside' },
  '`': { k: 'assert', what: 'start' },
  "'": { k: 'assert', what: 'end' },
  w: { k: 'char', source: '\\w' },
  W: { k: 'char', source: '\\W' },
  s: { k: 'char', source: '\\s' },
  S: { k: 'char', source: '\\S' },
  n: { k: 'char', source: '\\n' },
  t: { k: 'char', source: '\\t' },
};

export const literal = (c: string): Node => ({
  k: 'char',
  source: /[\\^$.*+?()[\]{}|/-]/.test(c) ? `\\${c}` : c,
});

export interface Parsed {
  readonly root: Node;
  readonly groups: number;
}

/** Throws BadRegex. */
export function parseRegex(pattern: string, extended: boolean): Parsed {
  const parser = new Parser(pattern, extended);
  return { root: parser.whole(), groups: parser.groups };
}

class Parser {
  groups = 0;
  private at = 0;
  private depth = 0;
  private readonly closed = new Set<number>();

  constructor(
    private readonly text: string,
    private readonly extended: boolean,
  ) {}

  whole(): Node {
    const root = this.alternatives();
    if (this.at < this.text.length) this.bad();
    return root;
  }

  private bad(): never {
    throw new BadRegex(`bad regex '${this.text}'`);
  }

  /** An operator that is written with a backslash in basic expressions and without in extended ones. */
  private sees(op: string): boolean {
    return this.text.startsWith(this.extended ? op : `\\${op}`, this.at);
  }

  private takes(op: string): boolean {
    if (!this.sees(op)) return false;
    this.at += this.extended ? 1 : 2;
    return true;
  }

  private alternatives(): Node {
    const of = [this.sequence()];
    while (this.takes('|')) of.push(this.sequence());
    return of.length === 1 ? of[0]! : { k: 'alt', of };
  }

  private sequence(): Node {
    const of: Node[] = [];
    while (this.at < this.text.length && !this.sees('|') && !(this.depth > 0 && this.sees(')'))) {
      const starts = of.every(({ k }) => k === 'assert');
      let node = this.one(of.length === 0, starts);
      for (let by = this.quantifier(); by !== undefined; by = this.quantifier())
        node = { k: 'repeat', of: node, ...by };
      of.push(node);
    }
    return of.length === 1 ? of[0]! : { k: 'seq', of };
  }

  /** `first` in its sequence; `starts`: only anchors before it. */
  private one(first: boolean, starts: boolean): Node {
    if (this.takes('(')) return this.group();
    if (!this.extended && this.sees(')')) this.bad();
    const c = this.text[this.at++]!;
    if (this.extended && '*+?'.includes(c) && first) this.bad();
    if (c === '[') return this.bracket();
    if (c === '\\') return this.escape();
    if (c === '.') return { k: 'char', source: '[^]' };
    if (c === '^' && (this.extended || first)) return { k: 'assert', what: 'start' };
    if (c === '$' && (this.extended || this.ends())) return { k: 'assert', what: 'end' };
    if (c === '*' && !starts) this.bad();
    return literal(c);
  }

  private ends(): boolean {
    return this.at === this.text.length || this.sees(')') || this.sees('|');
  }

  private group(): Node {
    const n = ++this.groups;
    this.depth++;
    const of = this.alternatives();
    this.depth--;
    if (!this.takes(')')) this.bad();
    this.closed.add(n);
    return { k: 'group', n, of };
  }

  private escape(): Node {
    const c = this.text[this.at++];
    if (c === undefined) throw new BadRegex('trailing backslash');
    if (/[1-9]/.test(c)) {
      if (!this.closed.has(Number(c))) this.bad();
      return { k: 'back', n: Number(c) };
    }
    return escaped[c] ?? literal(c);
  }

  private quantifier(): { readonly min: number; readonly max: number } | undefined {
    if (this.text[this.at] === '*' && !this.anchored()) {
      this.at++;
      return { min: 0, max: Number.POSITIVE_INFINITY };
    }
    if (this.takes('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.takes('?')) return { min: 0, max: 1 };
    return this.interval();
  }

  /** In basic expressions a `*` after a leading `^` is an ordinary character. */
  private anchored(): boolean {
    return (
      !this.extended && this.text[this.at - 1] === '^' && /^(|.*(\\\(|\\\|))\^$/s.test(this.text.slice(0, this.at))
    );
  }

  private interval(): { readonly min: number; readonly max: number } | undefined {
    if (!this.sees('{')) return undefined;
    const found = (this.extended ? /^\{(\d*)(,?)(\d*)\}/ : /^\\\{(\d*)(,?)(\d*)\\\}/).exec(
      this.text.slice(this.at, this.at + 24),
    );
    if (found === null || (found[1] === '' && found[2] === '')) {
      if (this.extended) return undefined;
      this.bad();
    }
    this.at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === '' ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (min > max || min > DUP_MAX || (max !== Number.POSITIVE_INFINITY && max > DUP_MAX)) this.bad();
    return { min, max };
  }

  private bracket(): Node {
    const { text } = this;
    let source = '[';
    if (text[this.at] === '^') {
      source += '^';
      this.at++;
    }
    for (let first = true; ; first = false, this.at++) {
      const c = text[this.at];
      if (c === undefined) this.bad();
      if (c === ']' && !first) break;
      const named = /^\[:([a-z]+):\]/.exec(text.slice(this.at, this.at + 12));
      if (named !== null && classes[named[1]!] !== undefined) {
        source += classes[named[1]!];
        this.at += named[0].length - 1;
      } else source += /[\\\][^]/.test(c) ? `\\${c}` : c;
    }
    this.at++;
    return { k: 'char', source: this.known(`${source}]`) };
  }

  /** A range whose end comes before its beginning is refused. */
  private known(source: string): string {
    try {
      new RegExp(source);
    } catch {
      this.bad();
    }
    return source;
  }
}
