/**
 * Runs one program of the reference target to its end: the docker client, and the utilities that set the private engine up.
 * Stands below everything else in backend/docker. Output is collected and, if wished, handed on as it appears; a program that
 * has not ended when `patienceMs` are over is killed and reported as unfinished, never waited for without end.
 */
import { spawn } from 'node:child_process';

export interface RunningOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whole standard input; absent: /dev/null. */
  readonly stdin?: string | Uint8Array;
  readonly patienceMs?: number;
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** It was killed because it did not end in time. */
  readonly unfinished: boolean;
}

/** Exit status as a shell's `$?` shows it when the program could not be started at all. */
const notFound = 127;

export function runProgram(file: string, args: readonly string[], options: RunningOptions = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(file, [...args], {
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: { ...options.env } }),
    });
    const output = { stdout: '', stderr: '' };
    let unfinished = false;
    const timer =
      options.patienceMs === undefined
        ? undefined
        : setTimeout(() => {
            unfinished = true;
            child.kill('SIGKILL');
          }, options.patienceMs);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text;
        options.onOutput?.(stream, text);
      });
    }
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: notFound, stdout: '', stderr: error.message, unfinished: false });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 137, ...output, unfinished });
    });
    // A program that ends without reading its input breaks the pipe: its own business, shown by its exit status.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.stdin);
  });
}
