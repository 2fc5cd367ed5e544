/** Reads a sed script into commands. */
import { Die } from '../lib/applet.ts';
import { BadRegex, posixRegex } from '../lib/regex.ts';

export type Address =
  | { readonly kind: 'line'; readonly line: number }
  /** So many lines after the one that the range begins with. */
  | { readonly kind: 'after'; readonly lines: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'regex'; readonly regex: RegExp };

export interface Command {
  readonly name: string;
  readonly from?: Address | undefined;
  readonly to?: Address | undefined;
  readonly negated: boolean;
  /** Label, text of a i c, file name, exit status. */
  readonly text: string;
  readonly body?: readonly Command[];
  /** Its brace was closed: who passes over it looks for that. */
  readonly closed?: boolean;
  readonly map?: ReadonlyMap<string, string>;
  readonly substitution?: {
    readonly regex: RegExp;
    readonly replace: (match: readonly string[]) => string;
    readonly flags: string;
    /** `w FILE` behind it. */
    readonly file?: string;
  };
}

export function parseSed(text: string, extended: boolean): Command[] {
  const commands = new Parser(text, extended).commands(false);
  const all = flat(commands);
  const labels = new Set(all.filter(({ name }) => name === ':').map((each) => each.text));
  for (const { name, text: label } of all)
    if ('btT'.includes(name) && label !== '' && !labels.has(label))
      throw new Die(`can't find label for jump to '${label}'`);
  return commands;
}

const flat = (commands: readonly Command[]): readonly Command[] =>
  commands.flatMap((each) => [each, ...flat(each.body ?? [])]);

class Parser {
  private at = 0;
  private lastRegex = '';

  constructor(
    private readonly text: string,
    private readonly extended: boolean,
  ) {}

  commands(inside: boolean): Command[] {
    const list: Command[] = [];
    for (;;) {
      this.skip(/[\s;]/);
      const c = this.text[this.at];
      if (c === undefined) {
        return list;
      }
      if (c === '}') {
        this.at++;
        if (inside) return list;
        continue;
      }
      if (c === '#') this.skip(/[^\n]/);
      else {
        const command = this.command();
        if (command.name !== '}') list.push(command);
        else if (inside) return list;
      }
    }
  }

  private skip(what: RegExp): void {
    while (this.at < this.text.length && what.test(this.text[this.at]!)) this.at++;
  }

  private command(): Command {
    const from = this.address();
    let to: Address | undefined;
    if (from !== undefined) {
      this.skip(/ /);
      if (this.text[this.at] === ',') {
        this.at++;
        this.skip(/ /);
        const after = /^\+(\d+)/.exec(this.text.slice(this.at));
        this.at += after?.[0].length ?? 0;
        to = after === null ? this.address() : { kind: 'after', lines: Number(after[1]) };
        if (to === undefined) throw new Die('no address after comma');
      }
    }
    this.skip(/ /);
    const negated = this.text[this.at] === '!';
    if (negated) this.at++;
    this.skip(/ /);
    const name = this.text[this.at++];
    if (name === undefined) throw new Die('missing command');
    const base = { name, from, to, negated, text: '' };
    if (name === '{') {
      const body = this.commands(true);
      return { ...base, body, closed: this.text[this.at - 1] === '}' };
    }
    if (name === 's') return { ...base, substitution: this.substitution() };
    if (name === 'y') return { ...base, map: this.transliteration() };
    if ('aic'.includes(name)) return { ...base, text: this.block() };
    if (':btTrw'.includes(name)) return { ...base, text: this.word('rw'.includes(name) ? /\n/ : /[\s;]/) };
    // A closing brace may have an address, which means nothing.
    if (!'pPdDnNgGhHx=lq}'.includes(name)) throw new Die(`unsupported command ${name}`);
    // Nothing need stand between two commands.
    return base;
  }

  private word(ends: RegExp): string {
    this.skip(/ /);
    const start = this.at;
    while (this.at < this.text.length && !ends.test(this.text[this.at]!)) this.at++;
    return this.text.slice(start, this.at).trim();
  }

  /** Text of a, i, c: on the same line, or after a backslash and newline. */
  private block(): string {
    this.skip(/[ \t]/);
    if (this.text[this.at] === '\\') {
      this.at++;
      this.skip(/ /);
      if (this.text[this.at] === '\n') this.at++;
    }
    let text = '';
    for (; this.at < this.text.length && this.text[this.at] !== '\n'; this.at++) {
      if (this.text[this.at] === '\\' && this.at + 1 < this.text.length) this.at++;
      text += this.text[this.at];
    }
    return text;
  }

  private address(): Address | undefined {
    const rest = this.text.slice(this.at);
    const number = /^\d+/.exec(rest);
    if (number !== null) {
      this.at += number[0].length;
      return { kind: 'line', line: Number(number[0]) };
    }
    if (rest.startsWith('$')) {
      this.at++;
      return { kind: 'last' };
    }
    if (!/^(\/|\\[^\n])/.test(rest)) return undefined;
    if (rest.startsWith('\\')) this.at++;
    const delimiter = this.text[this.at++]!;
    const source = this.until(delimiter);
    const flag = this.text[this.at] === 'I' ? 'i' : '';
    if (flag !== '') this.at++;
    return { kind: 'regex', regex: this.regex(source, flag) };
  }

  private regex(source: string, flags: string): RegExp {
    // sed itself knows \\t, so that it means a tab between brackets too.
    if (source !== '') this.lastRegex = source.replace(/\\([\s\S])/g, (whole, c) => (c === 't' ? '\t' : whole));
    try {
      return posixRegex(this.lastRegex, this.extended, flags);
    } catch (error) {
      if (error instanceof BadRegex) throw new Die(error.message);
      throw error;
    }
  }

  /** Up to the delimiter; an escaped delimiter is the character itself. */
  private until(delimiter: string): string {
    let text = '';
    let bracket = false;
    for (; ; this.at++) {
      const c = this.text[this.at];
      if (c === undefined) throw new Die(`unmatched '${delimiter}'`);
      if (c === delimiter && !bracket) break;
      if (c === '\\' && !bracket) {
        const next = this.text[++this.at];
        text += next === delimiter ? delimiter : `\\${next ?? ''}`;
        continue;
      }
      if (c === '[' && !bracket) bracket = true;
      else if (c === ']') bracket = false;
      text += c;
    }
    this.at++;
    return text;
  }

  private substitution(): NonNullable<Command['substitution']> {
    const delimiter = this.text[this.at++];
    if (delimiter === undefined || delimiter === '\n' || delimiter === '\\')
      throw new Die('bad format in substitution expression');
    const source = this.until(delimiter);
    const by = this.replacementText(delimiter);
    const start = this.at;
    this.skip(/[gpIi0-9]/);
    const flags = this.text.slice(start, this.at);
    const file = this.text[this.at] === 'w' ? this.fileName() : undefined;
    const after = this.text[this.at];
    if (after !== undefined && !/[\s;}#]/.test(after)) throw new Die('bad option in substitution expression');
    return {
      ...(file === undefined ? {} : { file }),
      regex: this.regex(source, /[Ii]/.test(flags) ? 'gi' : 'g'),
      replace: replacement(by),
      flags,
    };
  }

  private fileName(): string {
    this.at++;
    const name = this.word(/\n/);
    if (name === '') throw new Die('empty filename');
    return name;
  }

  private replacementText(delimiter: string): string {
    let text = '';
    for (; this.text[this.at] !== delimiter; this.at++) {
      const c = this.text[this.at];
      if (c === undefined) throw new Die(`unmatched '${delimiter}'`);
      if (c === '\\') {
        const next = this.text[++this.at];
        text += next === delimiter && next !== '&' ? next : `\\${next ?? ''}`;
      } else text += c;
    }
    this.at++;
    return text;
  }

  private transliteration(): ReadonlyMap<string, string> {
    const delimiter = this.text[this.at++];
    if (delimiter === undefined) throw new Die('bad format in substitution expression');
    const clean = (text: string): string => text.replace(/\\n/g, '\n').replace(/\\(.)/g, '$1');
    const from = clean(this.until(delimiter));
    const to = clean(this.until(delimiter));
    return new Map([...from.slice(0, to.length)].map((c, i) => [c, to[i]!]));
  }
}

function replacement(text: string): (match: readonly string[]) => string {
  return (match) =>
    text.replace(/\\([0-9&\\nt]|[\s\S])|&/g, (whole, escaped?: string) => {
      if (whole === '&') return match[0]!;
      if (escaped === 'n') return '\n';
      if (escaped === 't') return '\t';
      return /\d/.test(escaped!) ? (match[Number(escaped)] ?? '') : escaped!;
    });
}
