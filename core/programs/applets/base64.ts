/** base64 (RFC 4648, section 4): piece by piece, so that the input may have no end. */
import type { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { fromBytes } from '../lib/bytes.ts';
import { readSome } from '../lib/io.ts';
import { countOf } from '../lib/size.ts';

export const base64: Applet = {
  usage: '[-d] [-w COL] [FILE]',
  *main(ctx) {
    // -i is taken and changes nothing: what is no digit is always passed over.
    const options = ctx.options('diw:');
    if (options.rest.length > 1) throw new Usage();
    const width = countOf(options.get('w'), 76);
    const fd = yield* ctx.open(options.rest[0] ?? '-', options.rest[0]);
    if (fd === undefined) return 1;
    yield* options.has('d') ? decode(ctx, fd) : encode(ctx, fd, width);
    ctx.close(fd);
    return 0;
  },
};

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const code = (c: string | undefined): number => c?.charCodeAt(0) ?? 0;

/** Three bytes are four digits. */
function toBase64(bytes: string): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = (code(bytes[at]) << 16) | (code(bytes[at + 1]) << 8) | code(bytes[at + 2]);
    const four = [18, 12, 6, 0].map((shift) => digits[(bits >> shift) & 63]).join('');
    text += four.slice(0, Math.min(bytes.length - at, 3) + 1).padEnd(4, '=');
  }
  return text;
}

function* encode(ctx: Ctx, fd: number, width: number): Call<void> {
  let bytes = '';
  let line = '';
  for (let ended = false; !ended; ) {
    const more = fromBytes(yield* readSome(ctx.sys, fd, unreadable));
    ended = more === '';
    bytes += more;
    const whole = ended ? bytes.length : bytes.length - (bytes.length % 3);
    line += toBase64(bytes.slice(0, whole));
    bytes = bytes.slice(whole);
    const full = width === 0 ? line.length : line.length - (line.length % width);
    for (let at = 0; at < full; at += width || full)
      ctx.out.raw(line.slice(at, at + (width || full)) + (width === 0 ? '' : '\n'));
    line = line.slice(full);
    yield* ctx.out.drain();
  }
  if (line !== '') ctx.out.raw(`${line}\n`);
}

function unreadable(error: SysError): never {
  throw new Die(`read error: ${reason(error)}`);
}

/** Bytes that busybox decodes at a time at most. */
const PIECE = 80;

/**
 * Pieces end at white space. Of a group that a piece leaves open, as many of its last characters go into the next piece as the
 * group has digits: what stands between them pushes digits out, and they are lost, as in busybox 1.35.
 */
function* decode(ctx: Ctx, fd: number): Call<void> {
  let piece = '';
  for (;;) {
    const bytes = fromBytes(yield* readSome(ctx.sys, fd, () => undefined));
    for (const c of bytes) {
      const space = /\s/.test(c);
      if (!space) piece += c;
      if (space || piece.length === PIECE) piece = decodePiece(ctx, piece).rest;
    }
    if (bytes === '') break;
    yield* ctx.out.drain();
  }
  const { rest } = decodePiece(ctx, piece);
  if (rest !== '') throw new Die('truncated input');
}

/** Writes what a piece means; gives what is left of it for the next one. */
function decodePiece(ctx: Ctx, piece: string): { rest: string } {
  let bits = 0;
  let held = 0;
  for (let i = 0; i < piece.length; i++) {
    const c = piece[i]!;
    if (c === '=' && (held === 3 || (held === 2 && piece[i + 1] === '='))) {
      const value = bits << (6 * (4 - held));
      ctx.out.raw(
        [16, 8]
          .slice(0, held - 1)
          .map((shift) => String.fromCharCode((value >> shift) & 255))
          .join(''),
      );
      // The group has ended, and with it the piece.
      return { rest: piece.slice(i + (held === 3 ? 1 : 2)) };
    }
    const digit = digits.indexOf(c);
    if (digit < 0) continue;
    bits = (bits << 6) | digit;
    if (++held < 4) continue;
    ctx.out.raw(String.fromCharCode((bits >> 16) & 255, (bits >> 8) & 255, bits & 255));
    [bits, held] = [0, 0];
  }
  return { rest: held === 0 ? '' : piece.slice(-held) };
}
