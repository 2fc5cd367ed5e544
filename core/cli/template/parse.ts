/**
 * The tree of a Go template (text/template/parse): pipelines, if, range, with, define and template. Every node keeps the
 * position that Go reports for it, and `show` gives its canonical text, as Go's error messages quote it.
 */
import { goQuote } from '../go.ts';
import { fail, lex, type Token } from './lex.ts';

export type Operand =
  | { readonly is: 'dot' | 'nil'; readonly pos: number }
  | { readonly is: 'field'; readonly names: readonly string[]; readonly pos: number }
  | { readonly is: 'variable'; readonly name: string; readonly names: readonly string[]; readonly pos: number }
  | { readonly is: 'chain'; readonly of: Pipe; readonly names: readonly string[]; readonly pos: number }
  | { readonly is: 'call'; readonly name: string; readonly pos: number }
  | { readonly is: 'constant'; readonly value: unknown; readonly source: string; readonly pos: number };

export interface Command {
  readonly args: readonly Operand[];
  readonly pos: number;
}

export interface Pipe {
  readonly variables: readonly string[];
  readonly declares: boolean;
  readonly commands: readonly Command[];
  readonly pos: number;
}

export type Node =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'action'; readonly pipe: Pipe }
  | {
      readonly is: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly other: readonly Node[];
    }
  | { readonly is: 'template'; readonly name: string; readonly pipe: Pipe | undefined; readonly pos: number }
  | { readonly is: 'break' | 'continue' };

export interface Template {
  readonly source: string;
  readonly body: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

/** Parses a template; `functions` are the names that may be called. Throws TemplateSyntaxError. */
export function parseTemplate(source: string, functions: ReadonlySet<string>): Template {
  const parser = new Parser(source, functions);
  const { nodes, ended } = parser.list();
  if (ended !== undefined) throw fail(source, source.length, `unexpected {{${ended}}}`);
  return { source, body: nodes, defined: parser.defined };
}

/** An operand, command or pipe as Go's String() methods write it. */
export function show(node: Operand | Command | Pipe): string {
  if ('commands' in node) {
    const sign = node.declares ? ' := ' : ' = ';
    const head = node.variables.length === 0 ? '' : node.variables.join(', ') + sign;
    return head + node.commands.map(show).join(' | ');
  }
  if ('args' in node)
    return node.args
      .map((arg) => (arg.is === 'chain' && arg.names.length === 0 ? `(${show(arg.of)})` : show(arg)))
      .join(' ');
  const names = 'names' in node ? node.names.map((name) => `.${name}`).join('') : '';
  if (node.is === 'dot') return '.';
  if (node.is === 'nil') return 'nil';
  if (node.is === 'call') return node.name;
  if (node.is === 'constant') return node.source;
  if (node.is === 'variable') return node.name + names;
  return node.is === 'chain' ? `(${show(node.of)})${names}` : names;
}

class Parser {
  readonly defined = new Map<string, readonly Node[]>();
  readonly #tokens: Token[];
  #at = 0;
  #variables: string[] = ['$'];
  #ranges = 0;

  constructor(
    readonly source: string,
    readonly functions: ReadonlySet<string>,
  ) {
    this.#tokens = lex(source);
  }

  /** Nodes up to `{{end}}`, `{{else …}}` or the end of the template. */
  list(): { nodes: Node[]; ended: 'end' | 'else' | undefined } {
    const nodes: Node[] = [];
    for (let token = this.#take(); token !== undefined; token = this.#take()) {
      if (token.kind === 'text') {
        nodes.push({ is: 'text', text: token.text });
        continue;
      }
      const word = this.#skipSpace();
      if (word?.text === 'end' || word?.text === 'else') {
        this.#at++;
        if (word.text === 'end') this.#close('end');
        return { nodes, ended: word.text };
      }
      const node = this.#action(word);
      if (node !== undefined) nodes.push(node);
    }
    return { nodes, ended: undefined };
  }

  #action(word: Token | undefined): Node | undefined {
    const before = [...this.#variables];
    switch (word?.kind === 'identifier' ? word.text : '') {
      case 'if':
      case 'with':
      case 'range': {
        this.#at++;
        const node = this.#control(word?.text as 'if' | 'with' | 'range');
        this.#variables = before;
        return node;
      }
      case 'break':
      case 'continue':
        this.#at++;
        if (this.#ranges === 0) throw this.#fail(`{{${word?.text}}} outside {{range}}`);
        this.#close(word?.text ?? '');
        return { is: word?.text as 'break' | 'continue' };
      case 'define':
      case 'block':
      case 'template':
        this.#at++;
        return this.#template(word as Token);
      default: {
        const pipe = this.#pipe('command');
        this.#close('command');
        return { is: 'action', pipe };
      }
    }
  }

  #control(is: 'if' | 'with' | 'range'): Node {
    const pipe = this.#pipe(is);
    this.#close(is);
    if (is === 'range') this.#ranges++;
    const { nodes, ended } = this.list();
    if (is === 'range') this.#ranges--;
    if (ended === undefined) throw this.#fail('unexpected EOF');
    if (ended === 'end') return { is, pipe, body: nodes, other: [] };
    const next = this.#skipSpace();
    if (is === 'if' && next?.text === 'if') {
      this.#at++;
      return { is, pipe, body: nodes, other: [this.#control('if')] };
    }
    this.#close('else');
    const other = this.list();
    if (other.ended === undefined) throw this.#fail('unexpected EOF');
    if (other.ended === 'else') throw this.#fail('expected end; found {{else}}');
    return { is, pipe, body: nodes, other: other.nodes };
  }

  #template(word: Token): Node | undefined {
    const token = this.#skipSpace();
    if (token?.kind !== 'string') throw this.#fail(`unexpected ${describe(token)} in ${word.text} clause`);
    this.#at++;
    const name = String(constant(token, this.source).value);
    const more = this.#skipSpace()?.kind !== 'close' && word.text !== 'define';
    const pipe = more ? this.#pipe(word.text) : undefined;
    this.#close(`${word.text} clause`);
    if (word.text !== 'template') {
      const body = this.list();
      if (body.ended !== 'end') throw this.#fail('unexpected EOF');
      this.defined.set(name, body.nodes);
    }
    return word.text === 'define' ? undefined : { is: 'template', name, pipe, pos: token.pos };
  }

  #pipe(context: string): Pipe {
    const start = this.#skipSpace();
    const pos = start?.pos ?? this.source.length;
    const { variables, declares } = this.#declaration(context);
    const commands: Command[] = [];
    for (;;) {
      const next = this.#skipSpace();
      if (next === undefined || next.kind === 'close' || next.text === ')') {
        if (commands.length === 0) throw this.#fail(`missing value for ${context}`);
        return { variables, declares, commands, pos };
      }
      commands.push(this.#command());
      if (this.#skipSpace()?.text !== '|') continue;
      this.#at++;
    }
  }

  #declaration(context: string): { variables: string[]; declares: boolean } {
    const from = this.#at;
    const variables: string[] = [];
    for (let token = this.#skipSpace(); token?.kind === 'variable'; token = this.#skipSpace()) {
      variables.push(token.text);
      this.#at++;
      const sign = this.#skipSpace()?.text;
      if (sign === ':=' || sign === '=') {
        this.#at++;
        if (sign === ':=') this.#variables.push(...variables);
        return { variables, declares: sign === ':=' };
      }
      if (sign !== ',' || context !== 'range') break;
      this.#at++;
    }
    this.#at = from;
    return { variables: [], declares: false };
  }

  #command(): Command {
    const args: Operand[] = [];
    const pos = this.#skipSpace()?.pos ?? 0;
    for (;;) {
      const operand = this.#operand();
      if (operand === undefined) break;
      args.push(operand);
      const next = this.#peek();
      if (next?.kind === 'space') {
        this.#skipSpace();
        continue;
      }
      if (next === undefined || next.kind === 'close' || next.text === '|' || next.text === ')') break;
      throw this.#fail(`unexpected ${describe(next)} in operand`);
    }
    const stop = this.#skipSpace();
    if (args.length === 0) throw this.#fail(`unexpected ${describe(stop)} in command`);
    return { args, pos };
  }

  #operand(): Operand | undefined {
    const term = this.#term();
    if (term === undefined || this.#peek()?.kind !== 'field') return term;
    const pos = this.#peek()?.pos ?? 0;
    const names: string[] = [];
    for (let next = this.#peek(); next?.kind === 'field'; next = this.#peek()) {
      names.push(next.text.slice(1));
      this.#at++;
    }
    if (term.is === 'field' || term.is === 'variable' || term.is === 'chain')
      return { ...term, names: [...term.names, ...names], pos };
    if (term.is === 'dot' || term.is === 'nil' || term.is === 'constant')
      throw this.#fail(`unexpected . after term ${goQuote(show(term))}`);
    const of: Pipe = { variables: [], declares: false, commands: [{ args: [term], pos: term.pos }], pos: term.pos };
    return { is: 'chain', of, names, pos };
  }

  #term(): Operand | undefined {
    const token = this.#peek();
    if (token === undefined) return undefined;
    const { pos, text } = token;
    if (text === '(') {
      this.#at++;
      const of = this.#pipe('parenthesized pipeline');
      this.#at++;
      return { is: 'chain', of, names: [], pos };
    }
    if (['close', 'symbol', 'open', 'text', 'space'].includes(token.kind)) return undefined;
    this.#at++;
    if (token.kind === 'dot') return { is: 'dot', pos };
    if (token.kind === 'field') return { is: 'field', names: [text.slice(1)], pos };
    if (token.kind === 'variable') {
      if (!this.#variables.includes(text)) throw this.#fail(`undefined variable ${goQuote(text)}`);
      return { is: 'variable', name: text, names: [], pos };
    }
    if (token.kind !== 'identifier') return constant(token, this.source);
    if (text === 'nil') return { is: 'nil', pos };
    if (text === 'true' || text === 'false') return { is: 'constant', value: text === 'true', source: text, pos };
    if (!this.functions.has(text)) throw this.#fail(`function ${goQuote(text)} not defined`);
    return { is: 'call', name: text, pos };
  }

  #close(context: string): void {
    const token = this.#skipSpace();
    if (token?.kind !== 'close') throw this.#fail(`unexpected ${describe(token)} in ${context}`);
    this.#at++;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #take(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  #skipSpace(): Token | undefined {
    while (this.#peek()?.kind === 'space') this.#at++;
    return this.#peek();
  }

  #fail(what: string): Error {
    return fail(this.source, this.#peek()?.pos ?? this.source.length, what);
  }
}

const describe = (token: Token | undefined): string =>
  token === undefined ? 'EOF' : token.kind === 'close' ? '"}}"' : token.kind === 'dot' ? '<.>' : goQuote(token.text);

function constant(token: Token, source: string): Extract<Operand, { is: 'constant' }> {
  const { text, pos } = token;
  const make = (value: unknown) => ({ is: 'constant', value, source: text, pos }) as const;
  if (token.kind === 'number') return make(Number(text.replaceAll('_', '').replace(/^\+/, '')));
  if (text.startsWith('`')) return make(text.slice(1, -1));
  const value = unquote(text.slice(1, -1));
  if (token.kind === 'string') return make(value);
  if ([...value].length !== 1) throw fail(source, pos, `malformed character constant: ${text}`);
  return make(value.codePointAt(0));
}

function unquote(text: string): string {
  const named: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/g,
    (_, x, u, U, octal, c) => {
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const code = x ?? u ?? U;
      return code === undefined ? (named[c] ?? c) : String.fromCodePoint(Number.parseInt(code, 16));
    },
  );
}
