/**
 * The frame that every applet runs in: buffered output, messages in busybox's form (`name: what: why`), exit status of a
 * failure. An applet is a function of a `Ctx`; `program` makes a `Program` of it.
 */
import { SysError, strerror } from '../../errors.ts';
import type { Call, Program, Sys } from '../../kernel/sys.ts';
import { banner } from './binary.ts';
import { BadOption, getopt, type Options } from './getopt.ts';
import { Out, WriteError } from './io.ts';

export interface Applet {
  /** What follows the name in the `Usage:` line. */
  readonly usage: string;
  /** Exit status of a bad call; 1 unless said otherwise. */
  readonly usageCode?: number;
  readonly main: (ctx: Ctx) => Call<number>;
}

/** Ends the applet with a message. */
export class Die extends Error {
  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

/** The call is wrong: the usage is shown. */
export class Usage extends Error {}

export class Ctx {
  readonly out: Out;
  /** The exit status so far; `warn` sets it. */
  status = 0;

  constructor(
    readonly sys: Sys,
    readonly name: string,
    readonly args: readonly string[],
    /** Options of the real applet that this one reads and does not carry out, as words: `-L --lzma iflag=direct`. */
    private readonly lacks = '',
  ) {
    this.out = new Out(sys);
  }

  options(spec: string, long: Readonly<Record<string, string>> = {}): Options {
    return this.refuse(getopt(this.args, spec, long), long);
  }

  /** Nothing is silently left undone: an option that the simulation does not have says so, and is counted. */
  refuse(options: Options, long: Readonly<Record<string, string>> = {}): Options {
    if (this.lacks === '') return options;
    for (const letter of options.order) {
      const names = Object.keys(long).filter((name) => long[name] === letter);
      for (const word of [`-${letter}`, ...names.map((name) => `--${name}`)]) this.have(word);
    }
    return options;
  }

  /** As `refuse`, for what is not read by getopt: an operand of dd, an action of find, an option of mount -o. */
  have(word: string): void {
    if (!this.lacks.split(' ').includes(word)) return;
    this.lack(word);
  }

  /** As `have`, for a word that is no option by its form: it is counted, too. */
  lack(word: string): never {
    this.sys.lack?.(`${this.name} ${word}`);
    throw new Die(`${word}: busybox has this option, the simulation has not yet`);
  }

  /** A message on standard error; the applet goes on and ends with `status`. */
  *warn(message: string, status = 1): Call<void> {
    this.status = status;
    yield* this.out.flush();
    yield* this.complain(`${this.name}: ${message}\n`);
  }

  /** Writes to standard error; where that is closed or full, nobody hears of it. */
  *complain(text: string): Call<void> {
    try {
      yield* this.sys.write(2, text);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
  }

  /** As `warn`, when a system call said no; `what` stands before the reason. */
  *refused(what: string, error: unknown): Call<void> {
    yield* this.warn(`${what}: ${reason(error)}`);
  }

  /** Opens a file for reading; `-` is standard input. Undefined after a message. */
  *open(path: string, message = `can't open '${path}'`): Call<number | undefined> {
    if (path === '-') return 0;
    try {
      return this.sys.open(path, { read: true });
    } catch (error) {
      yield* this.refused(message, error);
      return undefined;
    }
  }

  close(fd: number): void {
    if (fd !== 0) this.sys.close(fd);
  }
}

/** strerror of a refused call; anything else is a fault of ours and goes on up. */
export function reason(error: unknown): string {
  if (error instanceof SysError) return strerror[error.errno];
  throw error;
}

/** The answer of a system call, or undefined when it is refused. */
export function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof SysError) return undefined;
    throw error;
  }
}

export function program(name: string, applet: Applet, lacks?: string): Program {
  return function* run(sys, argv) {
    const ctx = new Ctx(sys, name, argv.slice(1), lacks);
    try {
      if (argv[1] === '--help' && argv.length === 2 && !raw.has(name)) throw new Usage();
      const code = yield* applet.main(ctx);
      yield* ctx.out.flush();
      return code;
    } catch (error) {
      return yield* explain(ctx, applet, error);
    }
  };
}

/** Options that applets lack, by applet: words with a space between. */
export type Lacking = Readonly<Record<string, string>>;

/** Applets as the programs that they are called by. */
export const programsOf = (
  applets: Readonly<Record<string, Applet>>,
  lacking: Lacking = {},
): Readonly<Record<string, Program>> =>
  Object.fromEntries(Object.entries(applets).map(([name, applet]) => [name, program(name, applet, lacking[name])]));

/** These take `--help` as an ordinary argument. */
const raw = new Set(['echo', 'test', '[', '[[', 'true', 'false', 'printf']);

function* explain(ctx: Ctx, applet: Applet, error: unknown): Call<number> {
  const { name } = ctx;
  if (error instanceof Usage || error instanceof BadOption) {
    if (error instanceof BadOption) yield* ctx.warn(error.message);
    yield* ctx.complain(`${banner}\n\nUsage: ${`${name} ${applet.usage}`.trimEnd()}\n`);
    return ctx.args[0] === '--help' && ctx.args.length === 1 ? 0 : (applet.usageCode ?? 1);
  }
  if (!(error instanceof Die || error instanceof WriteError || error instanceof SysError)) throw error;
  if (!(error instanceof WriteError)) yield* ctx.out.flush();
  if (error instanceof Die && error.message === '') return error.code;
  yield* ctx.complain(`${name}: ${error instanceof SysError ? reason(error) : error.message}\n`);
  return error instanceof Die ? error.code : 1;
}
