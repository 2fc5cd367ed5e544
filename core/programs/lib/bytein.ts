/**
 * The operands of a tool that shows bytes (od, hexdump, xxd) as one stream: only what is asked for is read, so that the input
 * may have no end.
 */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Ctx, Die, reason } from './applet.ts';
import { fromBytes } from './bytes.ts';

/** CPU time that it takes to show a byte, milliseconds: hexdump and xxd of busybox, measured (od -c is faster). */
const SHOWN_BYTE = 8e-5;

/** Where a dump begins. */
export interface Start {
  /** Offset that is shown for the first row, and for the second one. */
  readonly at: number;
  readonly next: number;
}

export class ByteInput {
  /** One operand was opened at least. */
  opened = false;
  private at = 0;
  private fd: number | undefined;
  private held = '';

  constructor(
    private readonly ctx: Ctx,
    private readonly paths: readonly string[],
    /** Says that a file cannot be read; the stream goes on with the next one. */
    private readonly failed: (path: string, error: SysError) => Call<void>,
  ) {
    if (paths.length === 0) this.paths = ['-'];
  }

  /** So many bytes as a byte string; fewer at the end only. */
  *take(count: number): Call<string> {
    while (this.held.length < count) {
      const more = yield* this.read();
      if (more === undefined) break;
      this.held += more;
    }
    const taken = this.held.slice(0, count);
    this.held = this.held.slice(count);
    return taken;
  }

  /** Whether one operand was opened at least. */
  *begun(): Call<boolean> {
    return this.opened || (yield* this.open());
  }

  /** Passes over bytes; gives how many there were. */
  *skip(count: number): Call<number> {
    let left = count;
    while (left > 0) {
      const { length } = yield* this.take(Math.min(left, 65_536));
      if (length === 0) break;
      left -= length;
    }
    return count - left;
  }

  /**
   * Passes over the beginning (`-s` of hexdump and xxd): files that are no longer than what is left to pass over are left
   * out whole. One that ends just there is read from its start after all, as busybox 1.35 does.
   */
  *seek(count: number, row = 16): Call<Start> {
    let left = count;
    let at = 0;
    while (left > 0 && (yield* this.open())) {
      const { sys } = this.ctx;
      const stat = sys.fstat(this.fd!);
      if (stat.type === 'file' && stat.size <= left) {
        left -= stat.size;
        at += stat.size;
        if (left === 0) return { at, next: row };
        this.ctx.close(this.fd!);
        this.fd = undefined;
        continue;
      }
      try {
        sys.lseek(this.fd!, left, 'set');
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        throw new Die(`${this.fd === 0 ? 'stdin' : this.paths[this.at - 1]}: ${reason(error)}`);
      }
      at += left;
      left = 0;
    }
    return { at, next: at + row };
  }

  private *read(): Call<string | undefined> {
    for (;;) {
      if (this.fd === undefined && !(yield* this.open())) return undefined;
      const fd = this.fd!;
      try {
        const bytes = yield* this.ctx.sys.read(fd);
        this.ctx.sys.use(bytes.length * SHOWN_BYTE);
        if (bytes.length > 0) return fromBytes(bytes);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        yield* this.failed(this.paths[this.at - 1]!, error);
      }
      this.ctx.close(fd);
      this.fd = undefined;
    }
  }

  private *open(): Call<boolean> {
    while (this.at < this.paths.length) {
      const path = this.paths[this.at++]!;
      this.fd = yield* this.ctx.open(path, path);
      if (this.fd === undefined) continue;
      this.opened = true;
      return true;
    }
    return false;
  }
}
