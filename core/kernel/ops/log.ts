/**
 * The json-file log, docs.docker.com "JSON File logging driver": one line of JSON for each line of output.
 *
 * Kept true: a line is written when it is complete, or when the stream ends; appending costs the same however long the file
 * has become.
 */
import type { OutputChunk } from '../../op.ts';
import { appended } from '../file.ts';
import type { Kernel } from '../kernel.ts';
import { lookupPlace } from '../namei.ts';
import * as paths from '../pathcalls.ts';
import type { Process } from '../process.ts';

const encoder = new TextEncoder();

/** The longest line before it is cut in two, daemon/logger/copier.go. */
const MAX_LINE = 16 * 1024;

/** CPU time for a byte of the log, milliseconds. */
const LOGGED = 1e-5;

export class JsonLog {
  private readonly open = { stdout: '', stderr: '' };
  /** The last line, for who says the same again and again. */
  private last = { log: '', stream: '', time: Number.NaN, record: '' };

  constructor(
    private readonly kernel: Kernel,
    private readonly daemon: Process,
    private readonly path: string,
  ) {}

  /** Takes output in; complete lines go to the file. */
  add({ stream, text, time }: OutputChunk): void {
    let rest = this.open[stream] + text;
    let lines = '';
    for (;;) {
      const end = rest.indexOf('\n');
      const cut = end >= 0 && end < MAX_LINE ? end + 1 : rest.length > MAX_LINE ? MAX_LINE : 0;
      if (cut === 0) break;
      lines += this.record(rest.slice(0, cut), stream, time);
      rest = rest.slice(cut);
    }
    this.open[stream] = rest;
    this.append(lines);
    // Who writes waits for who logs: the pipe between them is short.
    if (this.kernel.current !== undefined) this.kernel.current.debt += lines.length * LOGGED;
  }

  private record(log: string, stream: string, time: number): string {
    const { last } = this;
    if (log !== last.log || stream !== last.stream || time !== last.time)
      this.last = { log, stream, time, record: record(log, stream, time) };
    return this.last.record;
  }

  /** The streams have ended: what has no newline is written as it is. */
  end(time: number): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.open[stream] !== '') this.append(record(this.open[stream], stream, time));
      this.open[stream] = '';
    }
  }

  private append(lines: string): void {
    if (lines === '') return;
    const data = encoder.encode(lines);
    const { found } = lookupPlace(this.daemon, this.path, true);
    if (found === undefined) {
      paths.putContent(this.daemon, this.path, { bytes: data }, 0o640);
      return;
    }
    const { fs } = found.mount;
    fs.write(found.ino, appended(fs.read(found.ino), data), this.kernel.now());
  }
}

/** One line as Go's encoding/json writes it, which escapes `<`, `>`, `&` and the line separators. */
function record(log: string, stream: string, time: number): string {
  const text = JSON.stringify(log).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `{"log":${text},"stream":"${stream}","time":"${rfc3339(time)}"}\n`;
}

/** As Go's time.RFC3339Nano: fractions without trailing zeros. */
export function rfc3339(time: number): string {
  return new Date(time).toISOString().replace(/\.?0*Z$/, 'Z');
}
