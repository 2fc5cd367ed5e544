/** What an awk program reads and writes: its operands record by record, and the files and commands that it names itself. */
import { SysError, strerror } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';
import { byteString, textOf } from '../lib/bytes.ts';
import { AwkError, type Redirection } from './ast.ts';
import { Memory } from './memory.ts';
import { flush, Records, type Separator, type Sink, startCommand, statusOf } from './streams.ts';
import { Input, toNumber } from './value.ts';

export class Files extends Memory {
  private readonly inputs = new Map<string, Records>();
  private readonly outputs = new Map<string, Sink>();
  protected readonly stdout: Sink = { fd: 1, buffer: '' };
  private current: Records | undefined;
  private argument = 1;
  private usedArgument = false;

  constructor(
    readonly sys: Sys,
    operands: readonly string[],
  ) {
    super();
    const args = this.arrayNamed('ARGV');
    for (const [i, text] of ['awk', ...operands].entries()) args.map.set(String(i), new Input(byteString(text)));
    this.globals.set('ARGC', { value: operands.length + 1 });
    const environ = this.arrayNamed('ENVIRON');
    for (const each of sys.environ) {
      const at = each.indexOf('=');
      environ.map.set(byteString(each.slice(0, at)), new Input(byteString(each.slice(at + 1))));
    }
  }

  // Input.

  protected separator(): Separator {
    const rs = this.text(this.get('RS'));
    return rs.length <= 1 ? rs : this.regex(rs);
  }

  /** The next record of the operands; counts it. */
  protected *nextRecord(): Call<string | undefined> {
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

  protected leaveFile(): void {
    if (this.current !== undefined && this.current.fd !== 0) this.sys.close(this.current.fd);
    this.current = undefined;
  }

  /** `name=value` among the operands. */
  assignOperand(text: string): boolean {
    const match = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text);
    if (match === null) return false;
    this.set(match[1]!, new Input(match[2]!.replace(/\\([nt\\"])/g, (_, c: string) => ({ n: '\n', t: '\t' })[c] ?? c)));
    return true;
  }

  /** What `getline` reads from: a file, or what a command writes; undefined when it cannot be opened. */
  protected *source(name: string, command: boolean): Call<Records | undefined> {
    const known = this.inputs.get(name);
    if (known !== undefined) return known;
    let source: Records;
    if (command) {
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

  /** Where a redirection leads; `|` has a command as its name. */
  protected *sink(name: string, op: Redirection['op']): Call<Sink> {
    if (op !== '|' && (name === '/dev/stdout' || name === '-')) return this.stdout;
    const known = this.outputs.get(name);
    if (known !== undefined) return known;
    let sink: Sink;
    if (op === '|') {
      yield* this.flushAll();
      sink = { ...startCommand(this.sys, name, 0), buffer: '' };
    } else if (name === '/dev/stderr') sink = { fd: 2, buffer: '' };
    else {
      const append = op === '>>';
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

  protected *put(sink: Sink, text: string): Call<void> {
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

  protected *closeAll(): Call<void> {
    yield* flush(this.sys, this.stdout);
    for (const name of [...this.outputs.keys(), ...this.inputs.keys()]) yield* this.close(name);
  }
}
