/**
 * Runs a parsed template on a value, as Go's text/template does, with Go's error texts.
 *
 * Kept true: nothing is written when an error occurs (the docker client buffers likewise); a record is a Go struct unless it
 * was made by `goMap` or the caller says that all records are maps (the raw JSON that `docker inspect` falls back to).
 */
import { goFormat, goQuote, isGoMap, isRecord } from '../go.ts';
import { CallError, functions, goType, truth } from './functions.ts';
import { type Command, type Node, type Operand, type Pipe, show, type Template } from './parse.ts';

export interface ExecuteOptions {
  /** Every record is a map[string]interface{} and a missing key is an error (`missingkey=error`). */
  readonly raw?: boolean;
  /** Go type of the value itself, for `can't evaluate field Foo in type …`. */
  readonly type?: string;
}

/** The template met a value it cannot handle; `message` is Go's, complete. */
export class TemplateExecError extends Error {}

/** A method of the value: a template may call it with arguments (`{{.Label "x"}}`). */
export type Method = (...args: readonly string[]) => unknown;

export function execute(template: Template, data: unknown, options: ExecuteOptions = {}): string {
  return new Machine(template, data, options).run(template.body, data);
}

class Jump extends Error {
  constructor(readonly to: 'break' | 'continue') {
    super(to);
  }
}

interface Variable {
  readonly name: string;
  value: unknown;
}

class Machine {
  readonly #template: Template;
  readonly #data: unknown;
  readonly #options: ExecuteOptions;
  #variables: Variable[];
  #depth = 0;
  #out = '';

  constructor(template: Template, data: unknown, options: ExecuteOptions) {
    this.#template = template;
    this.#data = data;
    this.#options = options;
    this.#variables = [{ name: '$', value: data }];
  }

  run(nodes: readonly Node[], dot: unknown): string {
    this.#walk(nodes, dot);
    return this.#out;
  }

  #walk(nodes: readonly Node[], dot: unknown): void {
    const known = this.#variables.length;
    for (const node of nodes) this.#node(node, dot);
    this.#variables.length = known;
  }

  #node(node: Node, dot: unknown): void {
    switch (node.is) {
      case 'text':
        this.#out += node.text;
        return;
      case 'break':
      case 'continue':
        throw new Jump(node.is);
      case 'template':
        this.#call(node, dot);
        return;
      case 'range':
        this.#range(node, dot);
        return;
      case 'action': {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.variables.length === 0) this.#out += goFormat(value);
        return;
      }
      default: {
        const known = this.#variables.length;
        const value = this.#pipe(node.pipe, dot);
        if (truth(value)) this.#walk(node.body, node.is === 'with' ? value : dot);
        else this.#walk(node.other, dot);
        this.#variables.length = known;
      }
    }
  }

  #range(node: Extract<Node, { is: 'if' | 'with' | 'range' }>, dot: unknown): void {
    const known = this.#variables.length;
    const value = this.#pipe({ ...node.pipe, variables: [] }, dot);
    const entries = this.#entries(value, node.pipe);
    for (const [key, item] of entries) {
      const names = node.pipe.variables;
      if (names.length > 0) this.#assign(names.at(-1) ?? '', item, node.pipe.declares);
      if (names.length > 1) this.#assign(names[0] ?? '', key, node.pipe.declares);
      try {
        this.#walk(node.body, item);
      } catch (error) {
        if (!(error instanceof Jump)) throw error;
        if (error.to === 'break') break;
      } finally {
        this.#variables.length = known;
      }
    }
    if (entries.length === 0) this.#walk(node.other, dot);
    this.#variables.length = known;
  }

  #entries(value: unknown, pipe: Pipe): [unknown, unknown][] {
    if (Array.isArray(value)) return value.map((item, at) => [at, item]);
    if (value === null || value === undefined) return [];
    if (isRecord(value) && (isGoMap(value) || this.#options.raw))
      return Object.keys(value)
        .sort()
        .map((key) => [key, value[key]]);
    throw this.#fail(pipe, `range can't iterate over ${goFormat(value)}`);
  }

  #call(node: Extract<Node, { is: 'template' }>, dot: unknown): void {
    const body = this.#template.defined.get(node.name);
    const text = `{{template ${goQuote(node.name)}${node.pipe === undefined ? '' : ` ${show(node.pipe)}`}}}`;
    if (body === undefined) throw this.#failAt(node.pos, text, `template ${goQuote(node.name)} not defined`);
    if (++this.#depth > 1000) throw this.#failAt(node.pos, text, 'exceeded maximum template depth (1000)');
    const outer = this.#variables;
    const value = node.pipe === undefined ? undefined : this.#pipe(node.pipe, dot);
    this.#variables = [{ name: '$', value }];
    this.#walk(body, value);
    this.#variables = outer;
    this.#depth--;
  }

  #assign(name: string, value: unknown, declares: boolean): void {
    const known = declares ? undefined : this.#variables.findLast((variable) => variable.name === name);
    if (known === undefined) this.#variables.push({ name, value });
    else known.value = value;
  }

  #pipe(pipe: Pipe, dot: unknown): unknown {
    let value: unknown;
    pipe.commands.forEach((command, at) => {
      value = this.#command(command, dot, at === 0 ? [] : [value]);
    });
    for (const name of pipe.variables) this.#assign(name, value, pipe.declares);
    return value;
  }

  #command(command: Command, dot: unknown, piped: readonly unknown[]): unknown {
    const [first, ...others] = command.args;
    if (first === undefined) return undefined;
    if (first.is === 'call') return this.#function(command, first, others, dot, piped);
    if (first.is === 'field' || first.is === 'variable' || (first.is === 'chain' && first.names.length > 0))
      return this.#operand(first, dot, () => [...others.map((arg) => this.#operand(arg, dot)), ...piped]);
    if (others.length + piped.length > 0) throw this.#fail(first, `can't give argument to non-function ${show(first)}`);
    if (first.is === 'nil') throw this.#fail(first, 'nil is not a command');
    return this.#operand(first, dot);
  }

  #function(
    command: Command,
    callee: Extract<Operand, { is: 'call' }>,
    rest: readonly Operand[],
    dot: unknown,
    piped: readonly unknown[],
  ): unknown {
    const func = functions[callee.name];
    if (func === undefined) throw this.#fail(callee, `${goQuote(callee.name)} is not a defined function`);
    const count = rest.length + piped.length;
    if (func.more ? count < func.want : count !== func.want) {
      const want = func.more ? `at least ${func.want}` : func.want;
      throw this.#fail(callee, `wrong number of args for ${callee.name}: want ${want} got ${count}`);
    }
    const args: unknown[] = [];
    for (const arg of rest) {
      const value = this.#operand(arg, dot);
      if (func.strings?.includes(args.length) && typeof value !== 'string')
        throw this.#fail(arg, wrongType(arg, value, this.#options.raw === true));
      args.push(value);
      if ((callee.name === 'and' && !truth(value)) || (callee.name === 'or' && truth(value))) return value;
    }
    args.push(...piped);
    const at = func.strings?.find((n) => n < args.length && typeof args[n] !== 'string');
    if (at !== undefined) throw this.#fail(callee, `wrong type for value; expected string; got ${goType(args[at])}`);
    try {
      return func.call(args);
    } catch (error) {
      if (error instanceof CallError) throw this.#fail(command, `error calling ${callee.name}: ${error.message}`);
      throw error;
    }
  }

  #operand(operand: Operand, dot: unknown, args: () => readonly unknown[] = () => []): unknown {
    switch (operand.is) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'constant':
        return operand.value;
      case 'call':
        return this.#function({ args: [operand], pos: operand.pos }, operand, [], dot, []);
      case 'field':
        return this.#fields(operand, dot, args);
      case 'variable':
        return this.#fields(operand, this.#variables.findLast(({ name }) => name === operand.name)?.value, args);
      case 'chain':
        return this.#fields(operand, this.#pipe(operand.of, dot), args);
    }
  }

  #fields(
    operand: Extract<Operand, { names: readonly string[] }>,
    from: unknown,
    args: () => readonly unknown[],
  ): unknown {
    const last = operand.names.length - 1;
    return operand.names.reduce<unknown>((at, name, n) => {
      const value = this.#field(operand, at, name);
      const given = n === last ? args() : [];
      if (typeof value === 'function') return (value as Method)(...given.map(String));
      if (given.length > 0)
        throw this.#fail(
          operand,
          this.#options.raw
            ? `${name} is not a method but has arguments`
            : `${name} has arguments but cannot be invoked as function`,
        );
      return value;
    }, from);
  }

  #field(operand: Operand, at: unknown, name: string): unknown {
    const raw = this.#options.raw === true;
    if (at === null || at === undefined) throw this.#fail(operand, `nil pointer evaluating interface {}.${name}`);
    if (!isRecord(at))
      throw this.#fail(operand, `can't evaluate field ${name} in type ${raw ? 'interface {}' : goType(at)}`);
    if (Object.hasOwn(at, name)) return at[name];
    if (raw) throw this.#fail(operand, `map has no entry for key ${goQuote(name)}`);
    if (isGoMap(at)) return undefined;
    const type = at === this.#data ? (this.#options.type ?? 'struct') : 'struct';
    throw this.#fail(operand, `can't evaluate field ${name} in type ${type}`);
  }

  #fail(node: Operand | Command | Pipe, what: string): TemplateExecError {
    return this.#failAt(node.pos, show(node), what);
  }

  #failAt(pos: number, text: string, what: string): TemplateExecError {
    const before = this.#template.source.slice(0, pos);
    const line = before.split('\n').length;
    const column = pos - (before.lastIndexOf('\n') + 1);
    return new TemplateExecError(`template: :${line}:${column}: executing "" at <${text}>: ${what}`);
  }
}

function wrongType(arg: Operand, value: unknown, raw: boolean): string {
  if (arg.is === 'constant') return `expected string; found ${arg.source}`;
  const type = raw && typeof value === 'number' ? 'json.Number' : goType(value);
  return `wrong type for value; expected string; got ${type}`;
}
