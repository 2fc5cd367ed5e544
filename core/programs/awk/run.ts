/**
 * Carries out an awk program (POSIX.1-2017 XCU awk) as busybox 1.35 does, over simulated system calls: its rules on every
 * record, and its statements. Expressions, files and memory are the rooms below.
 *
 * Kept true: every loop gives way, so that an endless one is bounded.
 */
import type { Call } from '../../kernel/sys.ts';
import type { Stmt } from './ast.ts';
import { Evaluator } from './evaluate.ts';
import { Input, numberText, type Value } from './value.ts';

class Jump extends Error {
  constructor(
    readonly to: 'next' | 'nextfile' | 'break' | 'continue' | 'exit' | 'return',
    readonly value?: Value,
  ) {
    super(to);
  }
}

const TICK = 0.002;

export class Machine extends Evaluator {
  /** Range patterns that have begun. */
  private readonly active = new Set<number>();
  private exitCode = 0;

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

  protected *body(stmt: Stmt): Call<Value> {
    try {
      yield* this.exec(stmt);
      return undefined;
    } catch (error) {
      if (error instanceof Jump && error.to === 'return') return error.value;
      throw error;
    }
  }

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
    const { to } = stmt;
    const sink = to === undefined ? this.stdout : yield* this.sink(this.text(yield* this.value(to.to)), to.op);
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
}
