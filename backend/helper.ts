/**
 * The helper process of a lab (scripts.ts, `helper`): a shell inside that runs one small command after the other for us.
 *
 * Kept true: commands are answered in the order they were asked; when the helper is gone (the lab has ended), every command
 * fails with that, and none waits for ever.
 */
import type { Readable, Writable } from 'node:stream';
import { type Started, start } from './exec.ts';

export interface Helped {
  readonly code: number;
  readonly stderr: string;
}

export class Helper {
  private readonly waiting: ((answer: Helped) => void)[] = [];
  private process: Started | undefined;
  private heard = '';
  private gone = false;

  start(file: string, args: readonly string[]): void {
    this.process = start(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const [input, output] = this.process.stdio as [Writable, Readable];
    input.on('error', () => this.end());
    output.on('data', (data: Buffer) => this.hear(data.toString()));
    output.on('close', () => this.end());
  }

  run(words: readonly string[]): Promise<Helped> {
    return new Promise((resolve) => {
      if (this.gone || this.process === undefined) {
        resolve({ code: 255, stderr: 'the lab has ended' });
        return;
      }
      this.waiting.push(resolve);
      (this.process.stdio[0] as Writable).write([String(words.length), ...words].map((word) => `${word}\0`).join(''));
    });
  }

  private hear(text: string): void {
    this.heard += text;
    for (let end = this.heard.indexOf('\0'); end >= 0; end = this.heard.indexOf('\0')) {
      const answer = this.heard.slice(0, end);
      this.heard = this.heard.slice(end + 1);
      const blank = answer.indexOf(' ');
      this.waiting.shift()?.({ code: Number(answer.slice(0, blank)), stderr: answer.slice(blank + 1).trim() });
    }
  }

  private end(): void {
    this.gone = true;
    for (const resolve of this.waiting.splice(0)) resolve({ code: 255, stderr: 'the lab has ended' });
  }
}
