/**
 * A program on a real pseudo-terminal of 24 rows and 80 columns, made by script(1): what is typed goes in, what a person would
 * see comes out.
 *
 * Kept true: nothing is waited for by the clock but quiet, and that only where a fixture is recorded.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export class Pty {
  /** Everything that came out so far. */
  output = '';
  exitCode: number | undefined;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;
  #last = Date.now();

  constructor(command: string, env: NodeJS.ProcessEnv) {
    const line = `stty rows 24 cols 80; exec ${command}`;
    this.#child = spawn('script', ['-qec', line, '/dev/null'], { env: { ...env, SHELL: '/bin/sh' } });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      this.#last = Date.now();
    });
    this.#child.on('exit', (code) => {
      this.exitCode = code ?? 128;
      this.#last = Date.now();
    });
    this.#ended = once(this.#child, 'close');
    this.#child.stdin.on('error', () => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  type(text: string): void {
    this.#child.stdin.write(text);
    this.#last = Date.now();
  }

  /** Until nothing has come for so long, milliseconds. */
  async quiet(ms: number): Promise<void> {
    this.#last = Date.now();
    while (Date.now() - this.#last < ms) await sleep(20);
  }

  /** Until something holds; false when it does not within two minutes, which only a failure takes. */
  async until(holds: () => boolean, limitMs = 120_000): Promise<boolean> {
    const end = Date.now() + limitMs;
    while (!holds()) {
      if (Date.now() > end) return false;
      await sleep(20);
    }
    return true;
  }

  async close(): Promise<void> {
    if (this.exitCode === undefined) this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
