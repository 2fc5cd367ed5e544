/**
 * Standard input and output of an applet: a buffered writer and a reader of lines, over descriptors. Output is kept back
 * until the buffer is full or the applet ends, as stdio does; messages on standard error push it out first, as busybox does.
 */
import { SysError, strerror } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';
import { byteString, concat, fromBytes, toBytes } from './bytes.ts';

const full = 4096;

export class Out {
  private buffer = '';

  constructor(
    private readonly sys: Sys,
    private readonly fd = 1,
  ) {}

  /** Text (UTF-16). */
  put(text: string): void {
    this.buffer += byteString(text);
  }

  /** A byte string. */
  raw(bytes: string): void {
    this.buffer += bytes;
  }

  /** Writes when there is much. */
  *drain(): Call<void> {
    if (this.buffer.length >= full) yield* this.flush();
  }

  *flush(): Call<void> {
    if (this.buffer === '') return;
    const bytes = toBytes(this.buffer);
    this.buffer = '';
    yield* this.write(bytes);
  }

  /** Much at once, with what is kept back before it. */
  *bytes(bytes: Uint8Array): Call<void> {
    if (bytes.length < full) {
      this.raw(fromBytes(bytes));
      yield* this.drain();
      return;
    }
    yield* this.flush();
    yield* this.write(bytes);
  }

  private *write(bytes: Uint8Array): Call<void> {
    try {
      yield* this.sys.write(this.fd, bytes);
    } catch (error) {
      if (error instanceof SysError) throw new WriteError(error);
      throw error;
    }
  }
}

/** Standard output could not be written. */
export class WriteError extends Error {
  constructor(override readonly cause: SysError) {
    super(`write error: ${strerror[cause.errno]}`);
  }
}

/** CPU time that a byte takes who goes through a file line by line, milliseconds: busybox's sed, measured. */
const LINE_BYTE = 2e-5;

/** Lines of a descriptor as byte strings. As stdio does it, what cannot be read ends there; `failed` tells who asks. */
export class Lines {
  failed: SysError | undefined;
  private rest = '';
  private ended = false;

  constructor(
    private readonly sys: Sys,
    readonly fd: number,
    private readonly separator = '\n',
  ) {}

  /** The next line with its newline (the last one may have none); undefined at the end. */
  *next(): Call<string | undefined> {
    for (;;) {
      const at = this.rest.indexOf(this.separator);
      if (at >= 0) {
        const line = this.rest.slice(0, at + 1);
        this.rest = this.rest.slice(at + 1);
        return line;
      }
      if (this.ended) break;
      const bytes = yield* readSome(this.sys, this.fd, (error) => {
        this.failed = error;
      });
      if (bytes.length === 0) this.ended = true;
      else this.rest += fromBytes(bytes);
      this.sys.use(bytes.length * LINE_BYTE);
    }
    const last = this.rest;
    this.rest = '';
    return last === '' ? undefined : last;
  }
}

/** Everything up to the end of file; with `failed`, as stdio has it: what cannot be read ends there, and `failed` hears why. */
export function* readAll(sys: Sys, fd: number, failed?: (error: SysError) => void): Call<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let held = 0;
  for (;;) {
    const bytes = yield* readSome(sys, fd, failed);
    if (bytes.length === 0) {
      if (held > 0) yield* sys.hold!(-held);
      return chunks.length === 0 ? bytes : concat(chunks);
    }
    // What fits into one buffer is not worth counting.
    if (chunks.length > 0 && sys.hold !== undefined) {
      held += bytes.length;
      yield* sys.hold(bytes.length);
    }
    chunks.push(bytes);
  }
}

/** One piece; nothing at the end, and with `failed` also where it cannot be read. */
export function* readSome(sys: Sys, fd: number, failed?: (error: SysError) => void, most?: number): Call<Uint8Array> {
  try {
    return yield* sys.read(fd, most);
  } catch (error) {
    if (failed === undefined || !(error instanceof SysError)) throw error;
    failed(error);
    return new Uint8Array(0);
  }
}

/** All lines without their newlines, as byte strings. */
export function splitLines(text: string): string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** The text of a small file such as /etc/passwd or one of /proc; undefined when it cannot be read. */
export function* slurp(sys: Sys, path: string): Call<string | undefined> {
  let fd: number;
  try {
    fd = sys.open(path, { read: true });
  } catch (error) {
    if (error instanceof SysError) return undefined;
    throw error;
  }
  try {
    return fromBytes(yield* readAll(sys, fd));
  } catch (error) {
    if (error instanceof SysError) return undefined;
    throw error;
  } finally {
    sys.close(fd);
  }
}
