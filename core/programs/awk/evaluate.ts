/**
 * The values of an awk program's expressions (POSIX.1-2017 XCU awk, "Expressions in awk"), as busybox 1.35 gives them.
 *
 * Kept true: recursion is bounded by `deepest`.
 */
import { SysError } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';
import { AwkError, type AwkProgram, type Expr, type Func, type Stmt } from './ast.ts';
import { callBuiltin } from './builtins.ts';
import { Files } from './files.ts';
import type { Cell } from './memory.ts';
import { Input, toNumber, type Value } from './value.ts';

/** Calls of functions within each other. busybox has its C stack instead. */
export const deepest = 1000;

export abstract class Evaluator extends Files {
  private depth = 0;
  /** Of the random numbers. */
  seed = 1;
  state = 1;

  constructor(
    sys: Sys,
    protected readonly program: AwkProgram,
    operands: readonly string[],
  ) {
    super(sys, operands);
  }

  /** Carries a function's body out; what it returns. */
  protected abstract body(stmt: Stmt): Call<Value>;

  *test(expr: Expr): Call<boolean> {
    if (expr.k === 'regex') return this.regex(expr.source).test(this.wholeRecord());
    return this.truth(yield* this.value(expr));
  }

  /** What stands where a pattern is expected: a regular expression, or a string taken as one. */
  *pattern(expr: Expr): Call<RegExp> {
    if (expr.k === 'regex') return this.regex(expr.source);
    return this.regex(this.text(yield* this.value(expr)));
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

  private *call(expr: Extract<Expr, { k: 'call' }>): Call<Value> {
    const func = this.program.functions.get(expr.name);
    if (func === undefined) throw new AwkError('Call to undefined function');
    if (++this.depth > deepest)
      throw new AwkError(`functions call each other more than ${deepest} deep: a limit of the simulation`);
    const frame = yield* this.frameOf(func, expr.args);
    const before = this.frame;
    this.frame = frame;
    try {
      return yield* this.body(func.body);
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

  private *getline(expr: Extract<Expr, { k: 'getline' }>): Call<number> {
    const plain = expr.file === undefined && expr.command === undefined;
    let record: string | undefined;
    if (plain) record = yield* this.nextRecord();
    else {
      const name = this.text(yield* this.value((expr.file ?? expr.command)!));
      const source = yield* this.source(name, expr.command !== undefined);
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
}
