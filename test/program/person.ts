/** A person at the terminal program: types, presses Ctrl-C, and waits for what is to be seen. */
import { readFile } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline/promises';
import { PassThrough } from 'node:stream';
import type { Env, Keys } from '../../backend/program/env.ts';
import { runProgram } from '../../backend/program/program.ts';
import { createSimTarget } from '../../core/index.ts';

/** A person at a terminal, who types when the program asks. */
export class Person {
  out = '';
  err = '';
  #lines: Interface | undefined;
  #keys: Keys | undefined;
  readonly #input = new PassThrough();
  readonly #code: Promise<number>;

  constructor(state: string, argv: readonly string[]) {
    const env: Env = {
      out: (text) => {
        this.out += text;
      },
      err: (text) => {
        this.err += text;
      },
      readText: (file) => readFile(file, 'utf8'),
      openTarget: async (_, { freeMs, interactive = false }) =>
        createSimTarget({ interactive, ...(freeMs === undefined ? {} : { freeMs }) }),
      lines: (keys) => {
        this.#keys = keys;
        const output = new PassThrough();
        output.on('data', (text) => {
          this.out += String(text);
        });
        this.#lines = createInterface({ input: this.#input, output, terminal: false });
        return this.#lines;
      },
      interactive: true,
      columns: 100,
      colour: false,
      ascii: false,
      vars: { XDG_STATE_HOME: state },
    };
    this.#code = runProgram(argv, env);
  }

  /** Waits until something new is on the screen. */
  async sees(what: RegExp): Promise<void> {
    for (let i = 0; i < 12_000; i += 1) {
      if (what.test(this.out)) {
        this.out = this.out.slice(this.out.search(what) + 1);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`${what} was not seen in:\n${this.out}\n${this.err}`);
  }

  type(line: string): void {
    this.#input.write(`${line}\n`);
  }

  /** A key with Ctrl that is for a program's terminal. */
  press(key: string): void {
    if (this.#keys?.wanted() === true) this.#keys.press(key);
  }

  /** As readline says it when Ctrl-C is pressed at a terminal. */
  interrupt(): void {
    this.#lines!.emit('SIGINT');
  }

  left(): Promise<number> {
    return this.#code;
  }
}
