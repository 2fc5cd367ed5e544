/**
 * Lines as they are typed: kept in order until somebody asks for the next one, or handed on at once while they are diverted
 * to a running process.
 */
import type { Interface } from 'node:readline/promises';

/** What Ctrl-D is taken for while a process reads what is typed. */
export const END = ':eof';

export class Typed {
  readonly #kept: string[] = [];
  #lines: Interface;
  #closed = false;
  #asked: ((line: string | undefined) => void) | undefined;
  #divert: ((line: string) => void) | undefined;

  constructor(
    private readonly open: () => Interface,
    /** Ctrl-C. */
    private readonly onInterrupt: () => void,
    /** Is the end of input for a process only? Then it is handed on as `END`, and reading goes on. */
    private readonly endIsForProcess: () => boolean,
  ) {
    this.#lines = this.#listen();
  }

  close(): void {
    this.#closed = true;
    this.#lines.close();
  }

  /** The next line, after a prompt if one is given; undefined at the end. */
  async next(prompt?: string): Promise<string | undefined> {
    const kept = this.#kept.shift();
    if (kept !== undefined) return kept;
    if (this.#closed) return undefined;
    if (prompt !== undefined) {
      this.#lines.setPrompt(prompt);
      this.#lines.prompt();
    }
    return new Promise((resolve) => {
      this.#asked = resolve;
    });
  }

  /** Something was printed below the prompt while a line is waited for. */
  promptAgain(prompt: string): void {
    if (this.#asked === undefined) return;
    this.#lines.setPrompt(prompt);
    this.#lines.prompt();
  }

  /** Takes a line as if it had been typed. */
  take(line: string): void {
    this.#take(line);
  }

  /** What is typed and not yet sent. */
  get unsent(): string {
    return this.#lines.line ?? '';
  }

  /** Drops what is typed and not yet sent, as Ctrl-C does in a shell. */
  clear(): void {
    if (!this.#lines.terminal) return;
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
  }

  /** From now on lines go there; `undefined`: they are kept again. */
  divert(to: ((line: string) => void) | undefined): void {
    this.#divert = to;
  }

  #listen(): Interface {
    const lines = this.open();
    lines.on('line', (line) => this.#take(line));
    lines.on('SIGINT', this.onInterrupt);
    lines.on('close', () => {
      if (!this.#closed && this.endIsForProcess()) {
        this.#lines = this.#listen();
        this.#take(END);
        return;
      }
      this.#closed = true;
      this.#answer(undefined);
    });
    return lines;
  }

  #take(line: string): void {
    if (this.#divert !== undefined) this.#divert(line);
    else if (this.#asked !== undefined) this.#answer(line);
    else this.#kept.push(line);
  }

  #answer(line: string | undefined): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.(line);
  }
}
