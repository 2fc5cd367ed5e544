/**
 * Starting a process from outside the simulation: what fork and execve do for one that is inside. Used by the driver's
 * `spawn` and `host` Ops and, as `runProgram`, by tests of programs.
 *
 * Kept true: nothing is left behind when the program cannot be executed; output is collected in the order it was written.
 */
import { SysError } from '../errors.ts';
import type { OutputChunk } from '../op.ts';
import { TerminalFile } from './device.ts';
import { findInPath, type Image, loadImage, replaceImage } from './exec.ts';
import { type OpenFile, PipeEnd, SinkFile } from './file.ts';
import type { Kernel } from './kernel.ts';
import { resolve } from './namei.ts';
import { openFile } from './pathcalls.ts';
import { Pipe } from './pipe.ts';
import { type Birth, bear, type Process, type ProcessEnd } from './process.ts';
import type { Budget, RunEnd } from './scheduler.ts';
import { signalNumber } from './signal.ts';
import type { Terminal } from './terminals.ts';

/** What a shell shows as `$?`. */
export function exitCode(end: ProcessEnd): number {
  return 'code' in end ? end.code : 128 + signalNumber[end.signal];
}

/** What is kept of one program's output: characters, and what each piece of it costs beside them. */
const MOST_OUTPUT = 2 ** 26;
const CHUNK = 64;

/** Collects output as text, until it is more than anybody reads (ENOSPC); characters that are cut in the middle wait for their rest. */
export class OutputLog {
  readonly chunks: OutputChunk[] = [];
  private readonly decoders: { stdout?: TextDecoder; stderr?: TextDecoder } = {};
  private size = 0;

  constructor(
    private readonly now: () => number,
    private readonly also?: (chunk: OutputChunk) => void,
  ) {}

  add(stream: 'stdout' | 'stderr', data: Uint8Array): void {
    this.decoders[stream] ??= new TextDecoder();
    const text = this.decoders[stream].decode(data, { stream: true });
    if (text === '') return;
    if (this.size > MOST_OUTPUT) throw new SysError('ENOSPC');
    this.size += text.length + CHUNK;
    const chunk = { stream, text, time: this.now() };
    this.chunks.push(chunk);
    this.also?.(chunk);
  }

  text(stream: 'stdout' | 'stderr'): string {
    return this.chunks.map((chunk) => (chunk.stream === stream ? chunk.text : '')).join('');
  }
}

/** Standard input, output and error of a process to be. */
export interface Stdio {
  readonly stdin: OpenFile;
  readonly stdout: OpenFile;
  readonly stderr: OpenFile;
}

/** A pipe with text in it and nobody writing any more. */
export function textInput(kernel: Kernel, text: string): OpenFile {
  const pipe = new Pipe();
  const end = new PipeEnd(pipe, true, false, kernel.anonymousIno());
  pipe.put(new TextEncoder().encode(text), Number.POSITIVE_INFINITY);
  return end;
}

/** Two pipes whose far ends feed a log. */
export function collectors(kernel: Kernel, log: OutputLog): Pick<Stdio, 'stdout' | 'stderr'> {
  return {
    stdout: new SinkFile(kernel.anonymousIno(), (data) => log.add('stdout', data)),
    stderr: new SinkFile(kernel.anonymousIno(), (data) => log.add('stderr', data)),
  };
}

/** All three streams on one terminal. */
export function terminalStdio(terminal: Terminal): Stdio {
  const file = new TerminalFile(terminal);
  return { stdin: file, stdout: file, stderr: file };
}

export interface Launch extends Birth {
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
  readonly stdio: Stdio;
}

/** Value of a variable in an environment. */
export function envValue(env: readonly string[], name: string): string | undefined {
  return env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Finds argv[0] along PATH and what it would run. Throws what execve(2) would. */
export function findImage(kernel: Kernel, launch: Pick<Launch, 'argv' | 'env'>, who: ImageSeeker): Image {
  const path = findInPath(who, launch.argv[0] ?? '', envValue(launch.env, 'PATH') ?? '');
  return loadImage(kernel, who, path, launch.argv);
}

export type ImageSeeker = Parameters<typeof loadImage>[1];

/** Starts a process; it runs at the next turn of the scheduler. */
export function launch(kernel: Kernel, spec: Launch): Process {
  const who = {
    root: spec.root ?? spec.parent.root,
    cwd: spec.cwd ?? spec.parent.cwd,
    uid: spec.uid ?? 0,
    gid: spec.gid ?? 0,
    groups: spec.groups ?? [],
  };
  const image = findImage(kernel, spec, who);
  const process = bear(kernel, spec);
  process.uid = who.uid;
  process.gid = who.gid;
  process.groups = who.groups;
  kernel.equip(process);
  process.install(spec.stdio.stdin, 0);
  process.install(spec.stdio.stdout, 1);
  process.install(spec.stdio.stderr, 2);
  replaceImage(process, image, spec.env);
  return process;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** It never ended by itself: `stuck` when it waits for something that nobody does, `budget` when it took too long. */
  readonly unfinished?: 'stuck' | 'budget';
}

export const HOST_ENV = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'];

/** A program under way on the host. */
export interface Job {
  readonly process: Process;
  /** Lets time pass until it ends, or until it is clear that it does not end now. */
  run(budget?: Budget): RunEnd;
  result(): { code: number; stdout: string; stderr: string };
}

/** Starts a program on the host in a session of its own; `parent` is the process whose child it is. */
export function startJob(kernel: Kernel, argv: readonly string[], options: RunOptions = {}, parent = kernel.init): Job {
  const log = new OutputLog(() => kernel.now());
  const env = options.env ?? HOST_ENV;
  const ids = { uid: options.uid ?? 0, gid: options.gid ?? 0 };
  const cwd = resolve(parent, options.cwd ?? '/root');
  const { stdin: text } = options;
  const stdin = text === undefined ? openFile(parent, '/dev/null', { read: true }) : textInput(kernel, text);
  const process = launch(kernel, { parent, cwd, argv, env, ...ids, stdio: { stdin, ...collectors(kernel, log) } });
  process.group = process;
  process.session = process;
  let end: ProcessEnd | undefined;
  process.onEnd = (result) => {
    end = result;
  };
  return {
    process,
    run: (budget) => kernel.scheduler.runUntil(() => end !== undefined, Number.POSITIVE_INFINITY, undefined, budget),
    result: () => ({
      code: end === undefined ? 137 : exitCode(end),
      stdout: log.text('stdout'),
      stderr: log.text('stderr'),
    }),
  };
}

/**
 * Runs a program on the host to its end, letting simulated time pass. Whatever it left running in the background goes on.
 * One that never ends is killed.
 */
export function runProgram(
  kernel: Kernel,
  argv: readonly string[],
  options: RunOptions = {},
  parent = kernel.init,
): RunResult {
  const job = startJob(kernel, argv, options, parent);
  const ran = job.run();
  if (ran !== 'done') kernel.terminate(job.process, { signal: 'KILL' });
  return ran === 'stuck' || ran === 'budget' ? { ...job.result(), unfinished: ran } : job.result();
}
