/**
 * Docker's json-file log: one `{"log":"…\\n","stream":"stdout","time":"…"}` a line of output (moby
 * daemon/logger/jsonfilelog). A line is written when it is complete, the rest of an unfinished one when its stream ends.
 */
import { appendFileSync } from 'node:fs';
import type { OutputChunk } from '../core/index.ts';

export class JsonLog {
  private readonly partial = { stdout: '', stderr: '' };

  constructor(private readonly path: string) {}

  add(chunk: Pick<OutputChunk, 'stream' | 'text'>): void {
    const text = this.partial[chunk.stream] + chunk.text;
    const end = text.lastIndexOf('\n') + 1;
    this.partial[chunk.stream] = text.slice(end);
    this.write(chunk.stream, text.slice(0, end).match(/[^\n]*\n/g) ?? []);
  }

  end(stream: OutputChunk['stream']): void {
    const rest = this.partial[stream];
    this.partial[stream] = '';
    if (rest !== '') this.write(stream, [rest]);
  }

  private write(stream: OutputChunk['stream'], lines: readonly string[]): void {
    if (lines.length === 0) return;
    const text = lines.map((log) => `${goJson({ log, stream, time: rfc3339Nano() })}\n`).join('');
    try {
      appendFileSync(this.path, text);
    } catch (error) {
      // As dockerd, whose copier only notes that a message could not be logged (moby daemon/logger/copier.go): the disk may be
      // full, the lab may have gone away under the last words of a process, or the container been removed meanwhile.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
}

/** encoding/json of Go also escapes what HTML could trip over. */
const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Now, with as many digits as the clock has, in Go's time.RFC3339Nano. */
function rfc3339Nano(): string {
  const now = performance.timeOrigin + performance.now();
  const whole = Math.floor(now);
  const nanos = String(Math.floor((now - whole) * 1e6)).padStart(6, '0');
  return `${`${new Date(whole).toISOString().slice(0, -1)}${nanos}`.replace(/\.?0+$/, '')}Z`;
}
