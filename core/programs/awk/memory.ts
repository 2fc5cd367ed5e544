/**
 * What an awk program remembers: variables and arrays, the record and its fields, the regular expressions that it has used.
 * Nothing here reads or writes.
 */
import { textOf } from '../lib/bytes.ts';
import { BadRegex, posixRegex, withFlags } from '../lib/regex.ts';
import { AwkError, noMath } from './ast.ts';
import { AwkArray, Input, isNumeric, numberText, sprintf, toNumber, type Value } from './value.ts';

/** A variable; of a function's parameter that was never set, `from` is the caller's, so that it can become an array there too. */
export interface Cell {
  value: Value | AwkArray;
  readonly from?: Cell;
}

const initial: Readonly<Record<string, Value>> = {
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

export class Memory {
  readonly globals = new Map<string, Cell>(Object.entries(initial).map(([name, value]) => [name, { value }]));
  /** The variables of the function that runs. */
  protected frame: Map<string, Cell> | undefined;
  private record = '';
  private fields: Value[] | undefined = [];
  private recordStale = false;
  private readonly regexes = new Map<string, RegExp>();

  // Variables.

  protected cell(name: string): Cell {
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

  regex(source: string, orNewline = false): RegExp {
    const key = `${orNewline ? '\n' : ' '}${source}`;
    let found = this.regexes.get(key);
    if (found === undefined) {
      try {
        found = posixRegex(source, true, '', { orNewline });
      } catch (error) {
        if (error instanceof BadRegex)
          throw new AwkError(`\0bad regex '${textOf(source)}': Invalid preceding regular expression`);
        throw error;
      }
      this.regexes.set(key, found);
    }
    return found;
  }

  protected truth(value: Value): boolean {
    if (typeof value === 'string') return value !== '';
    return isNumeric(value) ? toNumber(value) !== 0 : this.text(value) !== '';
  }

  protected binary(op: string, left: Value, right: Value): Value {
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

  format(values: readonly Value[]): string {
    const done = sprintf(this.text(values[0]), values.slice(1), (value) => this.text(value));
    if (done === undefined) throw new AwkError('Invalid format specifier');
    return done;
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
    return byRegex(text, withFlags(typeof separator === 'string' ? this.regex(separator, lines) : separator, 'g'));
  }

  private setCount(count: number): void {
    const fields = this.split();
    while (fields.length > count) fields.pop();
    while (fields.length < count) fields.push('');
    this.recordStale = true;
  }

  protected field(at: number): Value {
    if (at < 0) throw new AwkError('Access to negative field');
    return at === 0 ? new Input(this.wholeRecord()) : this.split()[at - 1];
  }

  protected setField(at: number, value: Value): void {
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
