/**
 * dd: blocks from one file to another (busybox coreutils/dd.c). Debian builds it without the line that tells the rate, so that
 * `status=noxfer` has nothing to leave out. `fsync` holds of itself.
 */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { concat } from '../lib/bytes.ts';
import { parseSize } from '../lib/size.ts';

const flagNames = {
  conv: ['notrunc', 'sync', 'noerror', 'fsync', 'swab'],
  iflag: ['skip_bytes', 'count_bytes', 'fullblock', 'direct'],
  oflag: ['seek_bytes', 'append', 'direct'],
  status: ['none', 'noxfer'],
} as const;

type FlagKey = keyof typeof flagNames;
const isFlagKey = (key: string): key is FlagKey => Object.hasOwn(flagNames, key);
const numberKeys = ['ibs', 'obs', 'bs', 'count', 'seek', 'skip'];

/** What the operands say. Sizes in bytes. */
class Settings {
  readonly flags = new Set<string>();
  readonly numbers = new Map<string, number>();
  input: string | undefined;
  output: string | undefined;

  constructor(args: readonly string[]) {
    for (const arg of args.filter((each, i) => !(i === 0 && each === '--'))) {
      const at = arg.indexOf('=');
      const [key, value] = [arg.slice(0, Math.max(at, 0)), arg.slice(at + 1)];
      if (key === 'if') this.input = value;
      else if (key === 'of') this.output = value;
      else if (isFlagKey(key)) this.addFlags(key, value);
      else if (numberKeys.includes(key)) this.numbers.set(key, numberOf(key, value));
      else throw new Usage();
    }
    const both = this.numbers.get('bs');
    if (both !== undefined) this.numbers.set('ibs', both).set('obs', both);
  }

  private addFlags(key: FlagKey, value: string): void {
    const known: readonly string[] = flagNames[key];
    for (const flag of value.split(',')) {
      if (!known.includes(flag)) throw new Die(`invalid argument '${flag}' to '${key}'`);
      this.flags.add(`${key}=${flag}`);
    }
  }

  number(key: string, otherwise: number): number {
    return this.numbers.get(key) ?? otherwise;
  }
}

function numberOf(key: string, text: string): number {
  const value = parseSize(text);
  if (value === undefined) throw new Die(`invalid number '${text}'`);
  if (key.endsWith('bs') && value === 0) throw new Die(`number ${text} is not in 1..9223372036854775807 range`);
  return value;
}

/** Whole and partial blocks, and bytes, that went one way. */
interface Count {
  full: number;
  part: number;
  bytes: number;
}

class Copy {
  private readonly read: Count = { full: 0, part: 0, bytes: 0 };
  private readonly written: Count = { full: 0, part: 0, bytes: 0 };
  private readonly ibs: number;
  private readonly obs: number;

  constructor(
    private readonly ctx: Ctx,
    private readonly settings: Settings,
  ) {
    this.ibs = settings.number('ibs', 512);
    this.obs = settings.number('obs', 512);
  }

  *run(): Call<number> {
    const { settings } = this;
    const input = this.open(settings.input, false);
    const output = this.open(settings.output, true);
    yield* this.position(input, output);
    const ok = yield* this.blocks(input, output);
    yield* this.report();
    return ok ? 0 : 1;
  }

  private open(path: string | undefined, writing: boolean): number {
    if (path === undefined) return writing ? 1 : 0;
    const { flags } = this.settings;
    const keep = flags.has('conv=notrunc') || this.settings.number('seek', 0) > 0;
    const append = flags.has('oflag=append');
    try {
      return this.ctx.sys.open(
        path,
        writing
          ? { write: true, create: true, truncate: !keep, append, direct: flags.has('oflag=direct') }
          : { read: true, direct: flags.has('iflag=direct') },
        0o666,
      );
    } catch (error) {
      throw new Die(`can't open '${path}': ${reason(error)}`);
    }
  }

  /** What is skipped of a pipe is read; where the output is to begin, a file is cut off first. */
  private *position(input: number, output: number): Call<void> {
    const { flags } = this.settings;
    const { sys } = this.ctx;
    const skip = this.settings.number('skip', 0) * (flags.has('iflag=skip_bytes') ? 1 : this.ibs);
    if (skip > 0 && !seeks(() => sys.lseek(input, skip, 'cur'))) {
      for (let left = skip; left > 0; ) {
        const bytes = yield* sys.read(input, Math.min(left, this.ibs));
        if (bytes.length === 0) break;
        left -= bytes.length;
      }
    }
    const seek = this.settings.number('seek', 0) * (flags.has('oflag=seek_bytes') ? 1 : this.obs);
    if (seek === 0) return;
    const path = this.settings.output;
    if (path !== undefined && !flags.has('conv=notrunc') && sys.fstat(output).type === 'file') sys.truncate(path, seek);
    try {
      sys.lseek(output, seek, 'cur');
    } catch (error) {
      throw new Die(`${path ?? 'standard output'}: ${reason(error)}`);
    }
  }

  private *blocks(input: number, output: number): Call<boolean> {
    const { flags } = this.settings;
    const count = this.settings.number('count', Number.POSITIVE_INFINITY);
    const byBytes = flags.has('iflag=count_bytes');
    const twoBuffers = this.ibs !== this.obs;
    let held: Uint8Array = new Uint8Array(0);
    for (;;) {
      const left = byBytes ? count - this.read.bytes : count - this.read.full - this.read.part;
      if (left <= 0) break;
      const block = yield* this.block(input, byBytes ? Math.min(this.ibs, left) : this.ibs);
      if (block === undefined) break;
      if (!twoBuffers) {
        if (!(yield* this.put(output, block))) return false;
        continue;
      }
      held = concat([held, block]);
      for (; held.length >= this.obs; held = held.slice(this.obs))
        if (!(yield* this.put(output, held.slice(0, this.obs)))) return false;
    }
    return held.length === 0 || (yield* this.put(output, held));
  }

  /** The next block as it is to be written; undefined at the end. */
  private *block(input: number, size: number): Call<Uint8Array | undefined> {
    const { flags } = this.settings;
    let bytes = yield* this.readSome(input, size);
    while (flags.has('iflag=fullblock') && bytes.length > 0 && bytes.length < size) {
      const more = yield* this.readSome(input, size - bytes.length);
      if (more.length === 0) break;
      bytes = concat([bytes, more]);
    }
    if (bytes.length === 0) return undefined;
    this.read.bytes += bytes.length;
    if (bytes.length === this.ibs) this.read.full++;
    else this.read.part++;
    if (flags.has('conv=swab')) bytes = swapped(bytes);
    if (!flags.has('conv=sync') || bytes.length === this.ibs) return bytes;
    const padded = new Uint8Array(this.ibs);
    padded.set(bytes);
    return padded;
  }

  /** With conv=noerror a block that cannot be read is passed over. */
  private *readSome(input: number, size: number): Call<Uint8Array> {
    for (;;) {
      try {
        return yield* this.ctx.sys.read(input, size);
      } catch (error) {
        const name = this.settings.input ?? 'standard input';
        if (!this.settings.flags.has('conv=noerror')) throw new Die(`${name}: ${reason(error)}`);
        yield* this.ctx.warn(`${name}: ${reason(error)}`, 0);
        this.ctx.sys.lseek(input, this.ibs, 'cur');
        yield* this.ctx.sys.burn(1);
      }
    }
  }

  private *put(output: number, block: Uint8Array): Call<boolean> {
    try {
      yield* this.ctx.sys.write(output, block);
    } catch (error) {
      yield* this.ctx.warn(`error writing '${this.settings.output ?? 'standard output'}': ${reason(error)}`);
      return false;
    }
    this.written.bytes += block.length;
    if (block.length === this.obs) this.written.full++;
    else this.written.part++;
    return true;
  }

  private *report(): Call<void> {
    const { flags } = this.settings;
    if (flags.has('status=none')) return;
    const { read, written, ctx } = this;
    yield* ctx.sys.write(2, `${read.full}+${read.part} records in\n${written.full}+${written.part} records out\n`);
  }
}

function seeks(seek: () => number): boolean {
  try {
    seek();
    return true;
  } catch (error) {
    if (error instanceof SysError) return false;
    throw error;
  }
}

/** Pairs of bytes the other way round; an odd one at the end stays. */
function swapped(bytes: Uint8Array): Uint8Array {
  const result = bytes.slice();
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    result[i] = bytes[i + 1]!;
    result[i + 1] = bytes[i]!;
  }
  return result;
}

export const dd: Applet = {
  usage: '[if=FILE] [of=FILE] [ibs=N obs=N/bs=N] [count=N] [skip=N] [seek=N]',
  *main(ctx) {
    return yield* new Copy(ctx, new Settings(ctx.args)).run();
  },
};
