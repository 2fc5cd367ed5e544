/** Lines of a stream's head, and dates, as wget and httpd need them: RFC 9112. */
import type { Call, Sys } from '../../kernel/sys.ts';
import { fromBytes } from './bytes.ts';
import { strftime } from './time.ts';

export const httpDate = (ms: number): string => strftime('%a, %d %b %Y %H:%M:%S GMT', ms);

/** Reads a stream line by line, then the rest in pieces. */
export class Stream {
  private held = '';
  ended = false;

  constructor(
    private readonly sys: Sys,
    private readonly fd: number,
  ) {}

  private *fill(): Call<void> {
    const bytes = yield* this.sys.read(this.fd);
    if (bytes.length === 0) this.ended = true;
    this.held += fromBytes(bytes);
  }

  /** Without its end of line; undefined where the stream ended before it. */
  *line(): Call<string | undefined> {
    for (;;) {
      const at = this.held.indexOf('\n');
      if (at >= 0) {
        const line = this.held.slice(0, at).replace(/\r$/, '');
        this.held = this.held.slice(at + 1);
        return line;
      }
      if (this.ended) return undefined;
      yield* this.fill();
    }
  }

  /** The next bytes, `max` at most; empty at the end. */
  *some(max = Number.POSITIVE_INFINITY): Call<string> {
    if (this.held === '' && !this.ended) yield* this.fill();
    const part = this.held.slice(0, max);
    this.held = this.held.slice(part.length);
    return part;
  }
}
