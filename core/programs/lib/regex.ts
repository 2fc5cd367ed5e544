/**
 * POSIX regular expressions as objects that are used like JavaScript's. An expression of plain characters and repeated
 * characters, in which JavaScript's first match is the longest one, is given to JavaScript's engine as long as the text is
 * so short that trying one way after the other cannot take long; all others, and long texts, go to Matcher.
 */
import { Die } from './applet.ts';
import { Matcher, RegexLimit, type Slots } from './regexmatch.ts';
import { type Assertion, BadRegex, literal, type Node, type Parsed, parseRegex } from './regexparse.ts';

export { BadRegex };

/** Ways that JavaScript's engine may have to try at the worst: some hundredths of a second. */
const MAX_WAYS = 20_000_000;

export interface RegexShape {
  /** Each character stands for itself. */
  readonly fixed?: boolean;
  /** The whole text or nothing. */
  readonly whole?: boolean;
  /** At the beginning of the text. */
  readonly anchored?: boolean;
  /** No character of a word before it and none after it. */
  readonly word?: boolean;
  /** A newline does as well. */
  readonly orNewline?: boolean;
}

/** `flags`: g and i. Throws BadRegex. */
export function posixRegex(pattern: string, extended: boolean, flags: string, shape: RegexShape = {}): RegExp {
  const parsed: Parsed =
    shape.fixed === true
      ? { root: { k: 'seq', of: [...pattern].map(literal) }, groups: 0 }
      : parseRegex(pattern, extended);
  const { root, groups } = shaped(parsed, shape);
  const ways = waysOf(root);
  if (ways?.repeats === 0 && ways.factor < 1000) return new RegExp(sourceOf(root), flags);
  return new Posix({ pattern, root, groups, ways }, flags);
}

/** The same expression with other flags. */
export function withFlags(regex: RegExp, flags: string): RegExp {
  return regex instanceof Posix ? new Posix(regex, flags) : new RegExp(regex.source, flags);
}

function shaped({ root, groups }: Parsed, { whole, anchored, word, orNewline }: RegexShape): Parsed {
  const seq = (...of: Node[]): Parsed => ({ root: { k: 'seq', of }, groups });
  const assert = (what: Assertion): Node => ({ k: 'assert', what });
  if (whole === true) return seq(assert('start'), root, assert('end'));
  if (anchored === true) return seq(assert('start'), root);
  if (word === true) return seq(assert('noWordBefore'), root, assert('noWordAfter'));
  return orNewline === true
    ? { root: { k: 'alt', of: [root, { k: 'char', source: '\\n' }] }, groups }
    : { root, groups };
}

/** How many ways one search can try: factor × (length of the text) to the power of `repeats` + 1. */
interface Ways {
  readonly repeats: number;
  readonly factor: number;
}

/**
 * Undefined: not for JavaScript's engine, since there are alternatives, repeated groups or back-references. Without them
 * taking as many characters as possible item by item gives the longest match.
 */
function waysOf(node: Node): Ways | undefined {
  switch (node.k) {
    case 'char':
    case 'assert':
      return { repeats: 0, factor: 1 };
    case 'group':
      return waysOf(node.of);
    case 'repeat':
      if (node.of.k !== 'char') return undefined;
      return node.max === Number.POSITIVE_INFINITY
        ? { repeats: 1, factor: 1 }
        : { repeats: 0, factor: node.max - node.min + 1 };
    case 'seq': {
      let [repeats, factor] = [0, 1];
      for (const each of node.of) {
        const ways = waysOf(each);
        if (ways === undefined) return undefined;
        repeats += ways.repeats;
        factor *= ways.factor;
      }
      return { repeats, factor };
    }
    default:
      return undefined;
  }
}

const assertions: Readonly<Record<Assertion, string>> = {
  start: '^',
  end: '$',
  edge: '\\b',
  inside: '\\B',
  wordStart: '\\b(?=\\w)',
  wordEnd: '\\b(?<=\\w)',
  noWordBefore: '(?<!\\w)',
  noWordAfter: '(?!\\w)',
};

function sourceOf(node: Node): string {
  switch (node.k) {
    case 'char':
      return node.source;
    case 'assert':
      return assertions[node.what];
    case 'seq':
      return node.of.map(sourceOf).join('');
    case 'group':
      return `(${sourceOf(node.of)})`;
    case 'repeat':
      return `${sourceOf(node.of)}{${node.min},${node.max === Number.POSITIVE_INFINITY ? '' : node.max}}`;
    default:
      throw new Error(`${node.k} is not for JavaScript's engine`);
  }
}

interface Expression {
  readonly pattern: string;
  readonly root: Node;
  readonly groups: number;
  readonly ways: Ways | undefined;
}

/** Strings' own methods (replace, matchAll) work with it: all of them call `exec`. */
class Posix extends RegExp {
  private readonly expression: Expression;
  private matcher: Matcher | undefined;
  private quick: RegExp | undefined;

  constructor(of: Expression | Posix, flags: string) {
    super('', flags);
    this.expression = of instanceof Posix ? of.expression : of;
    if (of instanceof Posix && of.ignoreCase === this.ignoreCase) this.matcher = of.matcher;
  }

  override test(text: string): boolean {
    return this.exec(text) !== null;
  }

  override exec(text: string): RegExpExecArray | null {
    const from = this.global ? this.lastIndex : 0;
    const found = from > text.length ? null : this.short(text) ? this.byEngine(text, from) : this.byMatcher(text, from);
    if (this.global) this.lastIndex = found === null ? 0 : found.index + found[0].length;
    return found;
  }

  private short(text: string): boolean {
    const { ways } = this.expression;
    return ways !== undefined && ways.factor * (text.length + 1) ** (ways.repeats + 1) <= MAX_WAYS;
  }

  private byEngine(text: string, from: number): RegExpExecArray | null {
    this.quick ??= new RegExp(sourceOf(this.expression.root), this.ignoreCase ? 'gi' : 'g');
    this.quick.lastIndex = from;
    return this.quick.exec(text);
  }

  private byMatcher(text: string, from: number): RegExpExecArray | null {
    try {
      this.matcher ??= new Matcher(this.expression, this.ignoreCase);
      const slots = this.matcher.search(text, from);
      return slots === undefined ? null : asFound(text, slots);
    } catch (error) {
      if (error instanceof RegexLimit) throw new Die(`cutaway: '${this.expression.pattern}': ${error.message}`, 2);
      throw error;
    }
  }
}

function asFound(text: string, slots: Slots): RegExpExecArray {
  const found: (string | undefined)[] = [];
  for (let i = 0; i + 1 < slots.length; i += 2)
    found.push(slots[i + 1]! < 0 ? undefined : text.slice(slots[i]!, slots[i + 1]!));
  return Object.assign(found, { index: slots[0]!, input: text }) as unknown as RegExpExecArray;
}
