/**
 * Starts programs of this machine: the only import of execa. Programs get an argument array and an environment made here;
 * no command line is ever put together from text that a person typed.
 */
import { Duplex, type Readable, type Writable } from 'node:stream';
import { execa, type Options } from 'execa';

/** What a program that ran to its end left behind. `code` is what `$?` shows; 127: it could not be started. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array | Readable | Iterable<Uint8Array>;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

const plainEnv = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** Runs a program to its end and keeps its output. Never throws for what the program did. */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const ran = await runBytes(file, args, options);
  return { ...ran, stdout: Buffer.from(ran.stdout).toString() };
}

/** As `run`, with the output as it came. */
export async function runBytes(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Omit<Ran, 'stdout'> & { readonly stdout: Uint8Array }> {
  const input = options.input;
  const result = await execa(file, args, {
    ...(input === undefined ? { stdin: 'ignore' as const } : inputOption(input)),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    env: { ...(options.env ?? plainEnv) },
    extendEnv: false,
    reject: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: 1 << 30,
  });
  const started = result.exitCode !== undefined || result.signal !== undefined;
  return {
    code: result.exitCode ?? (started ? 128 : 127),
    stdout: result.stdout instanceof Uint8Array ? result.stdout : new Uint8Array(),
    stderr: started
      ? Buffer.from(result.stderr as Uint8Array).toString()
      : (result.originalMessage ?? 'cannot be started'),
  };
}

function inputOption(input: NonNullable<RunOptions['input']>) {
  return typeof input === 'string' || input instanceof Uint8Array ? { input } : { stdin: input };
}

type Stdio = number | 'pipe' | 'ignore';

export interface StartOptions {
  /** One per descriptor: a descriptor of ours to hand over, a stream to us, or /dev/null. */
  readonly stdio: readonly [Stdio, Stdio, Stdio, ...Stdio[]];
  readonly cwd?: string;
  /** In a session of its own: a terminal's Ctrl-C does not reach it. */
  readonly detached?: boolean;
  /** Instead of the plain one. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
}

/** A program under way. */
export interface Started {
  /** undefined when it could not be started; `exited` then answers code 127. */
  readonly pid: number | undefined;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Our ends of the descriptors that are `pipe`. */
  readonly stdio: readonly (Readable | Writable | null)[];
}

/** Starts a program and does not wait for it. It outlives an exit of ours unless it sees its pipes close. */
export function start(file: string, args: readonly string[], options: StartOptions): Started {
  const child = execa(file, args, {
    stdio: options.stdio as Options['stdio'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    detached: options.detached ?? false,
    env: options.env ?? plainEnv,
    extendEnv: false,
    buffer: false,
    reject: false,
    cleanup: false,
  });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: 127, signal: null }));
  });
  // execa's type follows from literal options, which these are not; Node's own documentation of `stdio` says what is there.
  return { pid: child.pid, exited, stdio: child.stdio as unknown as (Readable | Writable | null)[] };
}

/** Our end of a descriptor that is a `pipe` beyond the first three: Node makes it a socket, for both directions. */
export function duplexOf({ stdio }: Started, at: number): Duplex {
  const stream = stdio[at];
  if (stream instanceof Duplex) return stream;
  throw new Error(`descriptor ${at} is no pipe of ours`);
}
