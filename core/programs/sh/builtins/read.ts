/** `read`: one line into variables (POSIX.1-2017 XCU read, with busybox's -p -n -d -s -t -u). */
import { SysError } from '../../../errors.ts';
import type { Call, Sys } from '../../../kernel/sys.ts';
import { withFlags } from '../../../kernel/tty/termios.ts';
import { textOf } from '../../lib/bytes.ts';
import { getopt } from '../../lib/getopt.ts';
import { signalNumber } from '../../lib/signals.ts';
import type { Shell } from '../shell.ts';
import type { Soon } from '../soon.ts';

/** What was read: a byte string without its escapes, and which of its characters had one. */
interface Line {
  readonly text: string;
  readonly escaped: ReadonlySet<number>;
  readonly ended: boolean;
}

export function read(shell: Shell, args: readonly string[]): Soon {
  const options = getopt(args, '+rp:n:d:st:u:');
  const prompt = options.get('p');
  const fd = Number(options.get('u') ?? '0');
  const names = options.rest;
  const tty = (options.has('s') || options.has('n') || options.has('t')) && shell.sys.isatty(fd);
  const within = options.get('t');
  const reader = new LineReader(fd, options.has('r'), delimiterOf(options.get('d')), Number(options.get('n') ?? '0'));
  const simple = !tty && within === undefined && prompt === undefined && names.every((name) => isName.test(name));
  const line = simple ? reader.now(shell.sys) : undefined;
  return line === undefined
    ? readLater(shell, names, prompt, reader, { silent: options.has('s'), keys: options.has('n'), within })
    : finish(shell, names, line);
}

const isName = /^[A-Za-z_]\w*$/;

function* readLater(
  shell: Shell,
  names: readonly string[],
  prompt: string | undefined,
  reader: LineReader,
  how: How,
): Call<number> {
  if (prompt !== undefined && shell.sys.isatty(reader.fd)) yield* shell.complain(prompt);
  const bad = names.find((name) => !isName.test(name));
  if (bad !== undefined) {
    yield* shell.complain(`${shell.arg0}: read: '${bad}': bad variable name\n`);
    return 1;
  }
  try {
    return finish(shell, names, yield* atTerminal(shell, reader, how));
  } catch (error) {
    if (!(error instanceof SysError) || error.errno !== 'EINTR') throw error;
    const came = shell.sys.takeSignals();
    shell.pendingTraps.push(...came);
    return came[0] === undefined ? 1 : 128 + signalNumber(came[0]);
  }
}

interface How {
  /** -s: what is typed is not shown. */
  readonly silent: boolean;
  /** -n: no line has to be complete. */
  readonly keys: boolean;
  /** -t: seconds. */
  readonly within: string | undefined;
}

/** The terminal in another mode, for as long as it is read. */
function* atTerminal(shell: Shell, reader: LineReader, { silent, keys, within }: How): Call<Line> {
  const { sys } = shell;
  const isTty = sys.isatty(reader.fd);
  const modes = isTty && (silent || keys) ? sys.tty.attributes(reader.fd) : undefined;
  const until = within === undefined ? Number.POSITIVE_INFINITY : sys.now() + Number(within) * 1000;
  if (modes !== undefined) {
    const changes = {
      ...(silent ? { echo: false, echok: false, echonl: false } : {}),
      ...(keys ? { icanon: false } : {}),
    };
    yield* sys.tty.setAttributes(reader.fd, withFlags(modes, changes));
  }
  try {
    return yield* reader.rest(sys, isTty && within !== undefined ? until : undefined);
  } finally {
    if (modes !== undefined) yield* sys.tty.setAttributes(reader.fd, modes);
  }
}

function finish(shell: Shell, names: readonly string[], line: Line): number {
  if (names.length === 0) shell.set('REPLY', textOf(line.text));
  else assign(shell, names, line);
  return line.ended ? 0 : 1;
}

/** An empty one is the NUL byte. */
const delimiterOf = (text: string | undefined): string => (text === undefined ? '\n' : (text[0] ?? '\0'));

/** Takes a line byte by byte, since what comes after it is for the next who reads. */
class LineReader {
  private text = '';
  private readonly escaped = new Set<number>();
  private isEscape = false;
  /** Bytes of `-n`: backslashes count as well. */
  private taken = 0;

  constructor(
    readonly fd: number,
    private readonly raw: boolean,
    private readonly delimiter: string,
    private readonly max: number,
  ) {}

  /** The line, if it is there already; otherwise what there is of it is kept for `rest`. */
  now(sys: Sys): Line | undefined {
    while (!sys.use(0)) {
      if (this.isFull) return this.line(true);
      const bytes = sys.tryRead(this.fd, 1);
      if (bytes === undefined) return undefined;
      if (bytes.length === 0) return this.line(false);
      if (this.take(bytes[0]!)) return this.line(true);
    }
    return undefined;
  }

  /** `until`: milliseconds since the epoch, after which what there is is all. */
  *rest(sys: Sys, until?: number): Call<Line> {
    for (;;) {
      if (this.isFull) return this.line(true);
      if (until !== undefined && !(yield* sys.tty.poll(this.fd, until))) return this.line(false);
      const bytes = yield* sys.read(this.fd, 1);
      if (bytes.length === 0) return this.line(false);
      if (this.take(bytes[0]!)) return this.line(true);
      const line = this.now(sys);
      if (line !== undefined) return line;
    }
  }

  private get isFull(): boolean {
    return this.max > 0 && this.taken >= this.max;
  }

  private line(ended: boolean): Line {
    return { text: this.text, escaped: this.escaped, ended };
  }

  /** True: it was the last one. */
  private take(byte: number): boolean {
    const c = String.fromCharCode(byte);
    this.taken++;
    if (byte === 0) return this.delimiter === c;
    if (!this.isEscape && c === '\\' && !this.raw) {
      this.isEscape = true;
      return false;
    }
    if (this.isEscape && c === '\n') {
      this.isEscape = false;
      return false;
    }
    if (c === this.delimiter && !this.isEscape) return true;
    if (this.isEscape) this.escaped.add(this.text.length);
    this.isEscape = false;
    this.text += c;
    return false;
  }
}

/** Splits at IFS; the last name gets what is left. */
function assign(shell: Shell, names: readonly string[], line: Line): void {
  const { ifs } = shell;
  const isIfs = (i: number): boolean => ifs.includes(line.text[i]!) && !line.escaped.has(i);
  const isSpace = (i: number): boolean => ' \t\n'.includes(line.text[i]!) && isIfs(i);
  let at = 0;
  let end = line.text.length;
  while (at < end && isSpace(at)) at++;
  while (end > at && isSpace(end - 1)) end--;
  for (const [i, name] of names.entries()) {
    const start = at;
    if (i === names.length - 1) {
      shell.set(name, textOf(line.text.slice(start, lastEnd(start, end, isIfs, isSpace))));
      return;
    }
    while (at < end && !isIfs(at)) at++;
    shell.set(name, textOf(line.text.slice(start, at)));
    while (at < end && isSpace(at)) at++;
    if (at < end && isIfs(at) && !isSpace(at)) {
      at++;
      while (at < end && isSpace(at)) at++;
    }
  }
}

/** One field with a single separator after it loses that one. */
function lastEnd(start: number, end: number, isIfs: (i: number) => boolean, isSpace: (i: number) => boolean): number {
  let separators = 0;
  for (let i = start; i < end; i++) if (isIfs(i) && !isSpace(i)) separators++;
  return separators === 1 && end > start && isIfs(end - 1) ? end - 1 : end;
}
