/** What an awk program reads and writes: records of a descriptor, and the files and commands of its redirections. */
import type { Call, Sys } from '../../kernel/sys.ts';
import { fromBytes, textOf, toBytes } from '../lib/bytes.ts';
import { signalNumber } from '../lib/signals.ts';
import { searchPath } from '../lib/spawn.ts';
import { become } from '../lib/start.ts';

/** What ends a record: one character, a regular expression, or (an empty RS) blank lines. */
export type Separator = string | RegExp;

export class Records {
  private rest = '';
  private ended = false;
  /** Newlines were passed over, and no record has come since. */
  private blank = false;

  constructor(
    private readonly sys: Sys,
    readonly fd: number,
    /** Of a command: whom to wait for. */
    readonly pid?: number,
  ) {}

  /** The next record without what ended it; undefined at the end. */
  *next(separator: Separator): Call<string | undefined> {
    for (;;) {
      if (separator === '' && this.rest.startsWith('\n')) {
        this.rest = this.rest.replace(/^\n+/, '');
        this.blank = true;
      }
      const found = this.find(separator);
      if (found !== undefined) {
        const record = this.rest.slice(0, found.at);
        this.rest = this.rest.slice(found.at + found.length);
        this.blank = false;
        return record;
      }
      if (this.ended) break;
      const bytes = yield* this.sys.read(this.fd);
      if (bytes.length === 0) this.ended = true;
      else this.rest += fromBytes(bytes);
    }
    // At the end an empty RS takes no single newline away, and nothing but newlines is an empty record.
    const last = this.rest !== '' || this.blank ? this.rest : undefined;
    this.rest = '';
    this.blank = false;
    return last;
  }

  private find(separator: Separator): { at: number; length: number } | undefined {
    if (typeof separator === 'string' && separator !== '') {
      const at = this.rest.indexOf(separator);
      return at < 0 ? undefined : { at, length: 1 };
    }
    const match = (separator === '' ? /\n\n+/ : (separator as RegExp)).exec(this.rest);
    if (match === null || match[0] === '') return undefined;
    // What ends where the text ends for now may go on.
    if (!this.ended && match.index + match[0].length === this.rest.length) return undefined;
    return { at: match.index, length: match[0].length };
  }
}

export interface Sink {
  readonly fd: number;
  readonly pid?: number;
  buffer: string;
}

export function* flush(sys: Sys, sink: Sink): Call<void> {
  if (sink.buffer === '') return;
  const bytes = toBytes(sink.buffer);
  sink.buffer = '';
  yield* sys.write(sink.fd, bytes);
}

/** `sh -c COMMAND` with one of its streams on a pipe; gives our end of it. */
export function startCommand(sys: Sys, command: string, stream: 0 | 1): { fd: number; pid: number } {
  const [read, write] = sys.pipe();
  const [ours, theirs] = stream === 0 ? [write, read] : [read, write];
  sys.fdCloexec(ours, true);
  const pid = sys.fork(function* child(own) {
    own.close(ours);
    own.dup2(theirs, stream);
    own.close(theirs);
    return yield* shell(own, command);
  });
  sys.close(theirs);
  return { fd: ours, pid };
}

export function* shell(sys: Sys, command: string): Call<number> {
  return yield* become(sys, ['sh', '-c', textOf(command)], sys.environ, searchPath(sys.environ));
}

/** As close() and system() give it: the exit status, or 256 + the signal. */
export function* statusOf(sys: Sys, pid: number): Call<number> {
  const ended = yield* sys.wait(pid);
  if (ended?.signal !== undefined) return 256 + signalNumber(ended.signal);
  return ended?.code ?? 0;
}
