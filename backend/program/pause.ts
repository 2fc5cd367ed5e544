/**
 * Waits for a person to press Enter: between the commands of a lesson, before each step of a command.
 *
 * Kept true: nobody waits for ever. When the input ends (Ctrl-D) the rest goes on without stopping; Ctrl-C ends the program
 * as it would without us.
 */
import type { Interface } from 'node:readline/promises';
import type { Env } from './env.ts';
import { dim } from './show.ts';

export class Pause {
  readonly #lines: Interface;
  #over = false;
  #answer: (() => void) | undefined;

  constructor(private readonly env: Env) {
    this.#lines = env.lines();
    this.#lines.on('line', () => this.#go());
    this.#lines.on('close', () => {
      this.#over = true;
      this.#go();
    });
    // readline takes Ctrl-C for itself while it holds the terminal.
    this.#lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  }

  async enter(indent: number): Promise<void> {
    if (this.#over) return;
    this.#lines.setPrompt(`${' '.repeat(indent)}${dim(this.env, '[Enter]')} `);
    this.#lines.prompt();
    await new Promise<void>((resolve) => {
      this.#answer = resolve;
    });
    // The question goes when it was answered: what stays on the screen is the lesson.
    if (this.env.colour) this.env.out(this.#over ? '\r\x1b[2K' : '\x1b[1A\x1b[2K');
    else if (this.#over) this.env.out('\n');
  }

  close(): void {
    this.#lines.close();
  }

  #go(): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.();
  }
}
