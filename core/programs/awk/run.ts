/**
 * Carries out an awk program (POSIX.1-2017 XCU awk) as busybox 1.35 does, over simulated system calls.
 *
 * Kept true: every loop gives way, so that an endless one is bounded; recursion is bounded by `deepest`.
 */
import { SysError, strerror } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';
import { byteString, textOf } from '../lib/bytes.ts';
import { BadRegex, posixRegex } from '../lib/regex.ts';
import { AwkError, type AwkProgram, type Expr, type Func, type Redirection, type Stmt } from './ast.ts';
import { callBuiltin, noMath } from './builtins.ts';
import { flush, Records, type Separator, type Sink, startCommand, statusOf } from './streams.ts';
import { AwkArray, Input, isNumeric, numberText, sprintf, toNumber, type Value } from './value.ts';

/** Calls of functions within each other. busybox has its C stack instead. */
export const deepest = 1000;

/** A variable; of a function's parameter that was never set, `from` is the caller's, so that it can become an array there too. */
export interface Cell {
  value: Value | AwkArray;
  readonly from?: Cell;
}

class Jump extends Error {
  constructor(
    readonly to: 'next' | 'nextfile' | 'break' | 'continue' | 'exit' | 'return',
    readonly value?: Value,
  ) {
    super(to);
  }
}

const TICK = 0.002;

export class Machine {
  readonly globals = new Map<string, Cell>();
  private frame: Map<string, Cell> | undefined;
  private depth = 0;
  private record = '';
  private fields: Value[] | undefined = [];
  private recordStale = false;
  private readonly regexes = new Map<string, RegExp>();
  private readonly active = new Set<number>();
  private readonly inputs = new Map<string, Records>();
  private readonly outputs = new Map<string, Sink>();
  private readonly stdout: Sink = { fd: 1, buffer: '' };
  private current: Records | undefined;
  private argument = 1;
  private usedArgument = false;
  exitCode = 0;
  seed = 1;
  state = 1;

  constructor(
    readonly sys: Sys,
    private readonly program: AwkProgram,
    operands: readonly string[],
  ) {
    const start: Record<string, Value> = {
      FS: ' ',
      OFS: ' ',
      ORS: '\n',
      RS: '\n',
      SUBSEP: '\x1c',
      CONVFMT: '%.6g',
      OFMT: '%.6g',
      NR: 0,
      FNR: 0,
      RSTART: 0,
      RLENGTH: -1,
      FILENAME: undefined,
    };
    for (const [name, value] of Object.entries(start)) this.globals.set(name, { value });
    const args = this.arrayNamed('ARGV');
    for (const [i, text] of ['awk', ...operands].entries()) args.map.set(String(i), new Input(byteString(text)));
    this.globals.set('ARGC', { value: operands.length + 1 });
    const environ = this.arrayNamed('ENVIRON');
    for (const each of sys.environ) {
      const at = each.indexOf('=');
      environ.map.set(byteString(each.slice(0, at)), new Input(byteString(each.slice(at + 1))));
    }
  }

  *run(): Call<number> {
    const { begin, end, rules } = this.program;
    try {
      // `exit` goes on with END; in END it ends all.
      yield* this.until('exit', () => this.beginAndMain(begin, rules.length > 0 || end.length > 0));
      yield* this.until('exit', () => this.all(end));
    } finally {
      yield* this.closeAll();
    }
    return this.exitCode;
  }

  private *beginAndMain(begin: readonly Stmt[], reads: boolean): Call<void> {
    yield* this.all(begin);
    if (reads) yield* this.records();
  }

  private *all(list: readonly Stmt[]): Call<void> {
    for (const each of list) yield* this.exec(each);
  }

  /** True when `body` was left by that jump. */
  private *until(to: Jump['to'], body: () => Call<void>): Call<boolean> {
    try {
      yield* body();
      return false;
    } catch (error) {
      if (error instanceof Jump && error.to === to) return true;
      throw error;
    }
  }

  private *records(): Call<void> {
    for (;;) {
      const record = yield* this.nextRecord();
      if (record === undefined) return;
      this.setRecord(record);
      yield* this.sys.burn(TICK);
      if (yield* this.until('nextfile', () => this.oneRecord())) this.leaveFile();
    }
  }

  private leaveFile(): void {
    if (this.current !== undefined && this.current.fd !== 0) this.sys.close(this.current.fd);
    this.current = undefined;
  }

  private *oneRecord(): Call<void> {
    yield* this.until('next', () => this.rules());
  }

  private *rules(): Call<void> {
    for (const [i, rule] of this.program.rules.entries()) {
      if (rule.until !== undefined) {
        const inside = this.active.has(i) || (yield* this.test(rule.pattern!));
        if (!inside) continue;
        if (yield* this.test(rule.until)) this.active.delete(i);
        else this.active.add(i);
      } else if (rule.pattern !== undefined && !(yield* this.test(rule.pattern))) continue;
      yield* this.exec(rule.action);
    }
  }

  // Input.

  private separator(): Separator {
    const rs = this.text(this.get('RS'));
    return rs.length <= 1 ? rs : this.regex(rs);
  }

  /** The next record of the operands; counts it. */
  private *nextRecord(): Call<string | undefined> {
    for (;;) {
      if (this.current === undefined) this.current = this.nextFile();
      if (this.current === undefined) return undefined;
      let record: string | undefined;
      try {
        record = yield* this.current.next(this.separator());
      } catch (error) {
        if (error instanceof SysError) throw new AwkError(strerror[error.errno]);
        throw error;
      }
      if (record !== undefined) {
        this.set('NR', toNumber(this.get('NR')) + 1);
        this.set('FNR', toNumber(this.get('FNR')) + 1);
        return record;
      }
      this.leaveFile();
      if (!this.usedArgument) return undefined;
    }
  }

  private nextFile(): Records | undefined {
    for (;;) {
      if (this.argument >= toNumber(this.get('ARGC'))) {
        if (this.usedArgument) return undefined;
        this.usedArgument = true;
        this.argument = Number.MAX_SAFE_INTEGER;
        this.set('FNR', 0);
        return new Records(this.sys, 0);
      }
      const name = this.text(this.arrayNamed('ARGV').map.get(String(this.argument++)));
      if (name === '') continue;
      if (this.assignOperand(name)) continue;
      this.usedArgument = true;
      this.set('FILENAME', new Input(name));
      this.set('FNR', 0);
      if (name === '-') return new Records(this.sys, 0);
      try {
        return new Records(this.sys, this.sys.open(textOf(name), { read: true }));
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        throw new AwkError(`\0${textOf(name)}: ${strerror[error.errno]}`);
      }
    }
  }

  /** `name=value` among the operands. */
  assignOperand(text: string): boolean {
    const match = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text);
    if (match === null) return false;
    this.set(match[1]!, new Input(match[2]!.replace(/\\([nt\\"])/g, (_, c: string) => ({ n: '\n', t: '\t' })[c] ?? c)));
    return true;
  }

  private *getline(expr: Extract<Expr, { k: 'getline' }>): Call<number> {
    const plain = expr.file === undefined && expr.command === undefined;
    let record: string | undefined;
    if (plain) record = yield* this.nextRecord();
    else {
      const source = yield* this.input(expr);
      if (source === undefined) return -1;
      try {
        record = yield* source.next(this.separator());
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        return -1;
      }
      if (record !== undefined && expr.command !== undefined) this.set('NR', toNumber(this.get('NR')) + 1);
    }
    if (record === undefined) return 0;
    if (expr.to === undefined) this.setRecord(record);
    else yield* this.store(expr.to, new Input(record));
    return 1;
  }

  private *input(expr: Extract<Expr, { k: 'getline' }>): Call<Records | undefined> {
    const name = this.text(yield* this.value((expr.file ?? expr.command)!));
    const known = this.inputs.get(name);
    if (known !== undefined) return known;
    let source: Records;
    if (expr.command !== undefined) {
      yield* this.flushAll();
      const { fd, pid } = startCommand(this.sys, name, 1);
      source = new Records(this.sys, fd, pid);
    } else {
      try {
        source = new Records(this.sys, name === '-' ? 0 : this.sys.open(textOf(name), { read: true }));
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        return undefined;
      }
    }
    this.inputs.set(name, source);
    return source;
  }

  // Output.

  private *sinkOf(to: Redirection | undefined): Call<Sink> {
    if (to === undefined) return this.stdout;
    const name = this.text(yield* this.value(to.to));
    if (to.op !== '|' && (name === '/dev/stdout' || name === '-')) return this.stdout;
    const known = this.outputs.get(name);
    if (known !== undefined) return known;
    let sink: Sink;
    if (to.op === '|') {
      yield* this.flushAll();
      sink = { ...startCommand(this.sys, name, 0), buffer: '' };
    } else if (name === '/dev/stderr') sink = { fd: 2, buffer: '' };
    else {
      const append = to.op === '>>';
      try {
        sink = {
          fd: this.sys.open(textOf(name), { write: true, create: true, append, truncate: !append }, 0o666),
          buffer: '',
        };
      } catch (error) {
        if (error instanceof SysError) throw new AwkError(`\0can't open '${textOf(name)}': ${strerror[error.errno]}`);
        throw error;
      }
    }
    this.outputs.set(name, sink);
    return sink;
  }

  private *put(sink: Sink, text: string): Call<void> {
    sink.buffer += text;
    if (sink.buffer.length >= 4096 || sink.fd === 2) yield* flush(this.sys, sink);
  }

  *flushAll(): Call<void> {
    yield* flush(this.sys, this.stdout);
    for (const sink of this.outputs.values()) yield* flush(this.sys, sink);
  }

  *close(name: string): Call<number> {
    const sink = this.outputs.get(name);
    const source = this.inputs.get(name);
    if (sink !== undefined) yield* flush(this.sys, sink);
    const open = sink ?? source;
    if (open === undefined) return -1;
    this.outputs.delete(name);
    this.inputs.delete(name);
    if (open.fd > 2) this.sys.close(open.fd);
    return open.pid === undefined ? 0 : yield* statusOf(this.sys, open.pid);
  }

  private *closeAll(): Call<void> {
    yield* flush(this.sys, this.stdout);
    for (const name of [...this.outputs.keys(), ...this.inputs.keys()]) yield* this.close(name);
  }

  // Variables.

  private cell(name: string): Cell {
    const local = this.frame?.get(name);
    if (local !== undefined) return local;
    let found = this.globals.get(name);
    if (found === undefined) {
      found = { value: undefined };
      this.globals.set(name, found);
    }
    return found;
  }

  arrayNamed(name: string): AwkArray {
    const cell = this.cell(name);
    if (cell.value instanceof AwkArray) return cell.value;
    return arrayOf(cell);
  }

  arrayIfAny(name: string): AwkArray | undefined {
    const { value } = this.cell(name);
    return value instanceof AwkArray ? value : undefined;
  }

  get(name: string): Value {
    if (name === 'NF') return this.split().length;
    const { value } = this.cell(name);
    if (value instanceof AwkArray) return undefined;
    return value;
  }

  set(name: string, value: Value): void {
    if (name === 'NF' && this.frame?.has(name) !== true) this.setCount(Math.trunc(toNumber(value)));
    else this.cell(name).value = value;
  }

  text(value: Value): string {
    if (value === undefined) return '';
    if (typeof value === 'string') return value;
    return typeof value === 'number' ? numberText(value, this.conversion()) : value.text;
  }

  private conversion(): string {
    const format = this.globals.get('CONVFMT')!.value;
    return typeof format === 'string' ? format : '%.6g';
  }

  regex(source: string): RegExp {
    let found = this.regexes.get(source);
    if (found === undefined) {
      try {
        found = posixRegex(source, true, '');
      } catch (error) {
        if (error instanceof BadRegex)
          throw new AwkError(`\0bad regex '${textOf(source)}': Invalid preceding regular expression`);
        throw error;
      }
      this.regexes.set(source, found);
    }
    return found;
  }

  /** What stands where a pattern is expected: a regular expression, or a string taken as one. */
  *pattern(expr: Expr): Call<RegExp> {
    if (expr.k === 'regex') return this.regex(expr.source);
    return this.regex(this.text(yield* this.value(expr)));
  }

  // The record and its fields.

  setRecord(text: string): void {
    this.record = text;
    this.fields = undefined;
    this.recordStale = false;
  }

  wholeRecord(): string {
    if (this.recordStale) {
      this.record = this.fields!.map((each) => this.text(each)).join(this.text(this.get('OFS')));
      this.recordStale = false;
    }
    return this.record;
  }

  private split(): Value[] {
    this.fields ??= this.pieces(this.record, this.text(this.globals.get('FS')!.value as Value), true).map(
      (each) => new Input(each),
    );
    return this.fields;
  }

  /** A text taken apart as FS (or the third argument of split) says. */
  pieces(text: string, separator: string | RegExp, record = false): string[] {
    if (text === '') return [];
    if (separator === ' ') return text.split(/[ \t\n]+/).filter((each) => each !== '');
    if (separator === '') return [...text];
    const lines = record && this.text(this.get('RS')) === '';
    if (typeof separator === 'string' && separator.length === 1) {
      const parts =
        separator === '\\' || !lines
          ? text.split(separator)
          : text.split(separator).flatMap((each) => each.split('\n'));
      return parts;
    }
    const source = typeof separator === 'string' ? this.regex(separator).source : separator.source;
    return byRegex(text, new RegExp(lines ? `${source}|\\n` : source, 'g'));
  }

  private setCount(count: number): void {
    const fields = this.split();
    while (fields.length > count) fields.pop();
    while (fields.length < count) fields.push('');
    this.recordStale = true;
  }

  private field(at: number): Value {
    if (at < 0) throw new AwkError('Access to negative field');
    return at === 0 ? new Input(this.wholeRecord()) : this.split()[at - 1];
  }

  private setField(at: number, value: Value): void {
    if (at < 0) throw new AwkError('Access to negative field');
    if (at === 0) {
      this.setRecord(this.text(value));
      return;
    }
    const fields = this.split();
    while (fields.length < at) fields.push('');
    fields[at - 1] = value ?? '';
    this.recordStale = true;
  }

  // Expressions.

  *test(expr: Expr): Call<boolean> {
    if (expr.k === 'regex') return this.regex(expr.source).test(this.wholeRecord());
    return this.truth(yield* this.value(expr));
  }

  private truth(value: Value): boolean {
    if (typeof value === 'string') return value !== '';
    return isNumeric(value) ? toNumber(value) !== 0 : this.text(value) !== '';
  }

  *key(keys: readonly Expr[]): Call<string> {
    const parts: string[] = [];
    for (const key of keys) parts.push(this.text(yield* this.value(key)));
    return parts.length === 1 ? parts[0]! : parts.join(this.text(this.get('SUBSEP')));
  }

  *number(expr: Expr): Call<number> {
    return toNumber(yield* this.value(expr));
  }

  *value(expr: Expr): Call<Value> {
    switch (expr.k) {
      case 'num':
      case 'str':
        return expr.value;
      case 'regex':
        return this.regex(expr.source).test(this.wholeRecord()) ? 1 : 0;
      case 'var':
        return this.get(expr.name);
      case 'field':
        return this.field(Math.trunc(yield* this.number(expr.of)));
      case 'index': {
        const key = yield* this.key(expr.keys);
        const { map } = this.arrayNamed(expr.name);
        if (!map.has(key)) map.set(key, undefined);
        return map.get(key);
      }
      case 'group':
        return expr.list.length === 1 ? yield* this.value(expr.list[0]!) : yield* this.key(expr.list);
      case 'concat': {
        const left = this.text(yield* this.value(expr.left));
        return left + this.text(yield* this.value(expr.right));
      }
      case 'and':
        return (yield* this.test(expr.left)) && (yield* this.test(expr.right)) ? 1 : 0;
      case 'or':
        return (yield* this.test(expr.left)) || (yield* this.test(expr.right)) ? 1 : 0;
      case 'cond':
        return yield* this.value((yield* this.test(expr.test)) ? expr.yes : expr.no);
      case 'in': {
        const key = yield* this.key(expr.keys);
        return this.arrayNamed(expr.name).map.has(key) ? 1 : 0;
      }
      case 'match': {
        const text = this.text(yield* this.value(expr.left));
        return (yield* this.pattern(expr.right)).test(text) !== expr.negated ? 1 : 0;
      }
      case 'unary':
        if (expr.op === '!') return (yield* this.test(expr.of)) ? 0 : 1;
        return expr.op === '-' ? -(yield* this.number(expr.of)) : yield* this.number(expr.of);
      case 'binary': {
        const left = yield* this.value(expr.left);
        return this.binary(expr.op, left, yield* this.value(expr.right));
      }
      case 'assign':
        return yield* this.assign(expr);
      case 'step': {
        const before = yield* this.number(expr.of);
        yield* this.store(expr.of, before + expr.by);
        return expr.before ? before + expr.by : before;
      }
      case 'getline':
        return yield* this.getline(expr);
      case 'builtin':
        return yield* callBuiltin(this, expr.name, expr.args);
      case 'call':
        return yield* this.call(expr);
    }
  }

  private *assign(expr: Extract<Expr, { k: 'assign' }>): Call<Value> {
    if (expr.op === '=') {
      const value = yield* this.value(expr.value);
      yield* this.store(expr.to, value);
      return value;
    }
    const right = yield* this.value(expr.value);
    const value = this.binary(expr.op.slice(0, -1), yield* this.value(expr.to), right);
    yield* this.store(expr.to, value);
    return value;
  }

  *store(place: Expr, value: Value): Call<void> {
    if (place.k === 'var') this.set(place.name, value);
    else if (place.k === 'index') {
      const key = yield* this.key(place.keys);
      this.arrayNamed(place.name).map.set(key, value);
    } else if (place.k === 'field') this.setField(Math.trunc(yield* this.number(place.of)), value);
  }

  private binary(op: string, left: Value, right: Value): Value {
    if (/^[<>=!]/.test(op)) return compare(op, this.order(left, right)) ? 1 : 0;
    const [a, b] = [toNumber(left), toNumber(right)];
    switch (op) {
      case '+':
        return a + b;
      case '-':
        return a - b;
      case '*':
        return a * b;
      case '^':
        throw new AwkError(noMath);
    }
    if (b === 0) throw new AwkError('Division by zero');
    return op === '/' ? a / b : a % b;
  }

  private order(left: Value, right: Value): number {
    if (isNumeric(left) && isNumeric(right)) return toNumber(left) - toNumber(right);
    const [a, b] = [this.text(left), this.text(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  }

  private *call(expr: Extract<Expr, { k: 'call' }>): Call<Value> {
    const func = this.program.functions.get(expr.name);
    if (func === undefined) throw new AwkError('Call to undefined function');
    if (++this.depth > deepest)
      throw new AwkError(`functions call each other more than ${deepest} deep: a limit of the simulation`);
    const frame = yield* this.frameOf(func, expr.args);
    const before = this.frame;
    this.frame = frame;
    try {
      yield* this.exec(func.body);
      return undefined;
    } catch (error) {
      if (error instanceof Jump && error.to === 'return') return error.value;
      throw error;
    } finally {
      this.frame = before;
      this.depth--;
    }
  }

  private *frameOf(func: Func, args: readonly Expr[]): Call<Map<string, Cell>> {
    const frame = new Map<string, Cell>();
    for (const [i, name] of func.params.entries()) {
      const arg = args[i];
      if (arg?.k === 'var' && arg.name !== 'NF') {
        const from = this.cell(arg.name);
        frame.set(name, from.value === undefined ? { value: undefined, from } : { value: from.value });
      } else frame.set(name, { value: arg === undefined ? undefined : yield* this.value(arg) });
    }
    return frame;
  }

  // Statements.

  private *exec(stmt: Stmt): Call<void> {
    switch (stmt.k) {
      case 'expr':
        yield* this.value(stmt.value);
        return;
      case 'block':
        for (const each of stmt.body) yield* this.exec(each);
        return;
      case 'print':
      case 'printf':
        return yield* this.print(stmt);
      case 'if': {
        const branch = (yield* this.test(stmt.test)) ? stmt.then : stmt.else;
        if (branch !== undefined) yield* this.exec(branch);
        return;
      }
      case 'loop':
        return yield* this.loop(stmt);
      case 'forin':
        for (const key of this.arrayNamed(stmt.array).keys()) {
          this.set(stmt.name, new Input(key));
          if (yield* this.leaves(stmt.body)) return;
        }
        return;
      case 'delete':
        if (stmt.keys === undefined) this.arrayNamed(stmt.name).map.clear();
        else this.arrayNamed(stmt.name).map.delete(yield* this.key(stmt.keys));
        return;
      case 'exit':
        if (stmt.value !== undefined) this.exitCode = Math.trunc(yield* this.number(stmt.value)) & 255;
        throw new Jump('exit');
      case 'return':
        throw new Jump('return', stmt.value === undefined ? undefined : yield* this.value(stmt.value));
      default:
        throw new Jump(stmt.k);
    }
  }

  private *loop(stmt: Extract<Stmt, { k: 'loop' }>): Call<void> {
    if (stmt.init !== undefined) yield* this.exec(stmt.init);
    for (let first = stmt.first; ; first = false) {
      yield* this.sys.burn(TICK);
      if (!first && stmt.test !== undefined && !(yield* this.test(stmt.test))) return;
      if (yield* this.leaves(stmt.body)) return;
      if (stmt.step !== undefined) yield* this.exec(stmt.step);
    }
  }

  /** Runs a loop's body once; true when the loop is to end. */
  private *leaves(body: Stmt): Call<boolean> {
    try {
      yield* this.exec(body);
      return false;
    } catch (error) {
      if (!(error instanceof Jump)) throw error;
      if (error.to === 'break') return true;
      if (error.to === 'continue') return false;
      throw error;
    }
  }

  private *print(stmt: Extract<Stmt, { k: 'print' | 'printf' }>): Call<void> {
    const sink = yield* this.sinkOf(stmt.to);
    if (stmt.k === 'printf') {
      const values: Value[] = [];
      for (const arg of stmt.args) values.push(yield* this.value(arg));
      return yield* this.put(sink, this.format(values));
    }
    const shown = (value: Value): string =>
      typeof value === 'number' ? numberText(value, this.text(this.get('OFMT'))) : this.text(value);
    // Each one is written as soon as it is known: what comes before an error is there.
    for (const [i, arg] of stmt.args.entries()) {
      const text = shown(yield* this.value(arg));
      yield* this.put(sink, i === stmt.args.length - 1 ? text : text + this.text(this.get('OFS')));
    }
    if (stmt.args.length === 0) yield* this.put(sink, this.wholeRecord());
    yield* this.put(sink, this.text(this.get('ORS')));
  }

  format(values: readonly Value[]): string {
    const done = sprintf(this.text(values[0]), values.slice(1), (value) => this.text(value));
    if (done === undefined) throw new AwkError('Invalid format specifier');
    return done;
  }
}

/** Makes an array of a variable that was never set, and of the caller's that it stands for. */
function arrayOf(cell: Cell): AwkArray {
  const array =
    cell.from === undefined
      ? new AwkArray()
      : cell.from.value instanceof AwkArray
        ? cell.from.value
        : arrayOf(cell.from);
  cell.value = array;
  return array;
}

function compare(op: string, order: number): boolean {
  switch (op) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

function byRegex(text: string, pattern: RegExp): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '') continue;
    parts.push(text.slice(from, match.index));
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}
