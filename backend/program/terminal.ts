/**
 * The real outside of the terminal program: standard streams, files, targets.
 */
import { readFile } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline/promises';
import { Transform, type TransformCallback, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UsageError } from '../../core/index.ts';
import type { Env, Keys } from './env.ts';

export function realEnv(): Env {
  const { stdin, stdout, stderr, env } = process;
  const interactive = stdin.isTTY === true && stdout.isTTY === true;
  return {
    out: (part) => void stdout.write(part),
    err: (part) => void stderr.write(part),
    readText: (file) => (file === '-' ? text(stdin) : readTextFile(file)),
    openTarget: async (name, options) => (await import('../targets.ts')).openTarget(name, options),
    ...(process.getuid?.() === 0 || process.platform !== 'linux'
      ? {}
      : { withNamespace: async (argv: readonly string[]) => (await import('../rootless.ts')).again(argv) }),
    lines: (keys) => (interactive && keys !== undefined ? linesWithKeys(keys) : plainLines(interactive)),
    interactive,
    columns: stdout.columns ?? (Number(env.COLUMNS) || 100),
    ...(interactive ? { window: () => ({ rows: stdout.rows, columns: stdout.columns }) } : {}),
    // no-color.org, and nothing but text into files and pipes.
    colour: stdout.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
    ascii: !/utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || 'UTF-8') || env.TERM === 'linux',
    vars: env,
  };
}

const plainLines = (terminal: boolean): Interface =>
  createInterface({ input: process.stdin, output: process.stdout, terminal, historySize: 1000 });

/** As `plainLines`, but that keys with Ctrl which mean nothing to a line being typed are passed on. */
function linesWithKeys(keys: Keys): Interface {
  const { stdin, stdout } = process;
  const input = new KeyFilter(keys);
  const output = new Screen(keys);
  stdin.pipe(input);
  const lines = createInterface({ input, output, terminal: true, historySize: 1000 });
  const resized = (): void => keys.resized(stdout.rows, stdout.columns);
  stdout.on('resize', resized);
  lines.on('close', () => {
    stdin.unpipe(input);
    stdout.off('resize', resized);
  });
  return lines;
}

/** Ctrl with G, O, P, Q, S, T, V, X, Z and the signs: what readline makes nothing or something else of. */
const passed = /[\x07\x0f-\x11\x13\x14\x16\x18\x1a\x1c-\x1f]/;

/** Tab, and keys that take something away: whose they are depends on what is typed. */
const whole = /[\t\b\x7f\x15\x17]/;

/** Keys on their way to the line. */
class KeyFilter extends Transform {
  readonly isTTY = true;

  constructor(private readonly keys: Keys) {
    super();
  }

  setRawMode(on: boolean): this {
    process.stdin.setRawMode(on);
    return this;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    void this.#pass(chunk.toString('latin1')).then(() => done());
  }

  async #pass(text: string): Promise<void> {
    let rest = '';
    for (const key of text) {
      if (!this.keys.wanted() || !(passed.test(key) || whole.test(key))) {
        rest += key;
        continue;
      }
      // The line has to know what was typed before.
      this.push(Buffer.from(rest, 'latin1'));
      rest = '';
      if (whole.test(key)) await nextTurn();
      if (key === '\t') this.keys.tab();
      else if (passed.test(key) || this.keys.isEmpty()) this.keys.press(key);
      else rest = key;
    }
    this.push(Buffer.from(rest, 'latin1'));
  }
}

/** Where the line is shown as it is typed, unless it is to be hidden. */
class Screen extends Writable {
  constructor(private readonly keys: Keys) {
    super();
  }

  get columns(): number {
    return process.stdout.columns;
  }

  get rows(): number {
    return process.stdout.rows;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    if (!this.keys.hidden() || chunk.includes(10)) process.stdout.write(chunk);
    done();
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'this is a directory',
  EACCES: 'permission denied',
};

async function readTextFile(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const reason = reasons[code] ?? (error instanceof TypeError ? 'not a text file (UTF-8)' : String(error));
    throw new UsageError(reason, { file });
  }
}
