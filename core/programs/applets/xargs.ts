/** xargs: a program run on the words of standard input (busybox findutils/xargs.c). */
import { SysError } from '../../errors.ts';
import type { Call, WaitResult } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Die, reason } from '../lib/applet.ts';
import { answeredYes } from '../lib/ask.ts';
import { textOf } from '../lib/bytes.ts';
import type { Options } from '../lib/getopt.ts';
import { Lines } from '../lib/io.ts';
import { signalNumber } from '../lib/signals.ts';
import { startProgram } from '../lib/spawn.ts';

export const xargs: Applet = {
  usage: '[OPTIONS] [PROG ARGS]',
  *main(ctx) {
    const options = ctx.options('+0rta:pn:s:I:E:e::xP:', { 'no-run-if-empty': 'r' });
    const command = options.rest.length === 0 ? ['echo'] : options.rest;
    const limits = limitsOf(options);
    const file = options.get('a') ?? '-';
    const fd = yield* ctx.open(file);
    if (fd === undefined) return 1;
    const lines = new Lines(ctx.sys, fd, options.has('0') ? '\0' : '\n');
    const calls = new Calls(lines, command, options, limits);
    const runs = new Runs(ctx, options, limits.processes);
    for (let argv = yield* calls.next(); argv !== undefined && !runs.over; argv = yield* calls.next())
      yield* runs.start(argv);
    ctx.close(fd);
    return yield* runs.end();
  },
};

interface Limits {
  readonly words: number;
  /** Bytes of a command line, each word with the byte that ends it. */
  readonly bytes: number;
  readonly processes: number;
}

function limitsOf(options: Options): Limits {
  const number = (letter: string, least: number, otherwise: number): number => {
    const text = options.get(letter);
    if (text === undefined) return otherwise;
    if (!/^\d+$/.test(text)) throw new Die(`invalid number '${text}'`);
    if (Number(text) < least) throw new Die(`number ${text} is not in ${least}..2147483647 range`);
    return Number(text);
  };
  // Of no processes at all: as many as may be.
  const processes = number('P', 0, 1) || 100;
  return { words: number('n', 1, Number.POSITIVE_INFINITY), bytes: number('s', 1, 32 * 1024), processes };
}

const sizeOf = (list: readonly string[]): number => list.reduce((sum, word) => sum + word.length + 1, 0);

/** The command lines, one after the other; what is wrong further on is found only when it is come to. */
class Calls {
  /** Words that were read and are not used yet. */
  private waiting: (() => string)[] = [];
  private ended = false;
  private any = false;
  private readonly room: number;
  private readonly endWord: string;

  constructor(
    private readonly lines: Lines,
    private readonly command: readonly string[],
    private readonly options: Options,
    private readonly limits: Limits,
  ) {
    this.room = limits.bytes - sizeOf(command);
    this.endWord = options.get('E') ?? options.get('e') ?? '';
  }

  *next(): Call<string[] | undefined> {
    const replace = this.options.get('I');
    return replace === undefined ? yield* this.group() : yield* this.replaced(replace);
  }

  private *replaced(what: string): Call<string[] | undefined> {
    for (;;) {
      const line = yield* this.lines.next();
      if (line === undefined) return undefined;
      const text = textOf(line.replace(/\n$/, '').trimStart());
      if (text !== '') return this.command.map((word) => word.replaceAll(what, () => text));
    }
  }

  private *group(): Call<string[] | undefined> {
    const group: string[] = [];
    while (group.length < this.limits.words) {
      const word = yield* this.peek();
      if (word === undefined) break;
      if (group.length > 0 && sizeOf(group) + word.length + 1 > this.room) break;
      if (word.length + 1 > this.room) throw new Die('argument line too long');
      group.push(word);
      this.waiting.shift();
    }
    const nothing = group.length === 0 && (this.any || this.options.has('r'));
    this.any = true;
    return nothing ? undefined : [...this.command, ...group];
  }

  private *peek(): Call<string | undefined> {
    while (this.waiting.length === 0 && !this.ended) {
      let line = yield* this.lines.next();
      // An escaped newline is part of its word, and the next line goes on with it.
      while (line !== undefined && /(?:^|[^\\])(?:\\\\)*\\\n$/.test(line) && !this.options.has('0')) {
        const next: string | undefined = yield* this.lines.next();
        if (next === undefined) break;
        line += next;
      }
      if (line === undefined) this.ended = true;
      else this.waiting.push(...wordsOf(line, this.options.has('0')));
    }
    const word = this.waiting[0]?.();
    if (word === undefined || (this.endWord !== '' && word === this.endWord)) {
      this.ended = true;
      this.waiting = [];
      return undefined;
    }
    return word;
  }
}

/** Words of a line with quotes and backslashes, as xargs(1) reads them; or what a NUL ends. */
function wordsOf(line: string, nul: boolean): (() => string)[] {
  if (nul) return line === '\0' ? [] : [() => textOf(line.replace(/\0$/, ''))];
  return [...line.matchAll(/(?:"[^"\n]*"|'[^'\n]*'|\\[\s\S]|["'][\s\S]*|[^\s"'\\])+/g)].map(([whole]) => () => {
    const open = /["']/.exec(whole.replace(/"[^"\n]*"|'[^'\n]*'|\\[\s\S]/g, ''))?.[0];
    if (open !== undefined) throw new Die(`unmatched ${open === '"' ? 'double' : 'single'} quote`);
    return textOf(
      whole.replace(
        /"([^"\n]*)"|'([^'\n]*)'|\\([\s\S])/g,
        (_, a?: string, b?: string, c?: string) => a ?? b ?? c ?? '',
      ),
    );
  });
}

/** The programs that run, up to so many at a time. */
class Runs {
  private readonly names = new Map<number, string>();
  private status = 0;

  constructor(
    private readonly ctx: Ctx,
    private readonly options: Options,
    private readonly most: number,
  ) {}

  /** Nothing more is to be started. */
  get over(): boolean {
    return this.status > 0 && this.status !== 123;
  }

  *start(argv: readonly string[]): Call<void> {
    const { ctx, options } = this;
    if (options.has('t') || options.has('p'))
      yield* ctx.sys.write(2, `${argv.join(' ')}${options.has('p') ? '' : '\n'}`);
    if (options.has('p') && !(yield* this.confirmed())) return;
    try {
      this.names.set(startProgram(ctx, argv), argv[0]!);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      yield* ctx.warn(`${argv[0]}: ${reason(error)}`);
      this.status = error.errno === 'ENOENT' ? 127 : 126;
    }
    while (this.names.size >= this.most) yield* this.wait();
  }

  /** Standard input is for the words, so the terminal itself is asked. */
  private *confirmed(): Call<boolean> {
    const { sys } = this.ctx;
    const fd = yield* this.ctx.open('/dev/tty');
    if (fd === undefined) {
      this.status = 1;
      return false;
    }
    yield* sys.write(2, ' ?...');
    const yes = yield* answeredYes(sys, fd);
    sys.close(fd);
    return yes;
  }

  *end(): Call<number> {
    while (this.names.size > 0) yield* this.wait();
    return this.status;
  }

  private *wait(): Call<void> {
    const result = yield* this.ctx.sys.wait(-1);
    if (result === undefined) return;
    const name = this.names.get(result.pid);
    if (name === undefined) return;
    this.names.delete(result.pid);
    yield* this.judge(name, result);
  }

  private *judge(name: string, { code = 0, signal }: WaitResult): Call<void> {
    if (signal !== undefined) {
      yield* this.ctx.warn(`'${name}' terminated by signal ${signalNumber(signal)}`);
      this.status = 125;
    } else if (code === 255) {
      yield* this.ctx.warn(`${name}: exited with status 255; aborting`);
      this.status = 124;
    } else if (code !== 0 && !this.over) this.status = 123;
  }
}
