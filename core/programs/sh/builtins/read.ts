/** `read`: one line into variables (POSIX.1-2017 XCU read, with busybox's -p -n -d -s -t -u). */
import { SysError } from '../../../errors.ts';
import type { Call } from '../../../kernel/sys.ts';
import { fromUtf8, toBytes } from '../../lib/bytes.ts';
import { getopt } from '../../lib/getopt.ts';
import { signalNumber } from '../../lib/signals.ts';
import type { Shell } from '../shell.ts';

interface Line {
  readonly chars: readonly { readonly c: string; readonly escaped: boolean }[];
  readonly ended: boolean;
}

export function* read(shell: Shell, args: readonly string[]): Call<number> {
  const options = getopt(args, '+rp:n:d:st:u:');
  const prompt = options.get('p');
  const fd = Number(options.get('u') ?? '0');
  if (prompt !== undefined && shell.sys.isatty(fd)) yield* shell.sys.write(2, prompt);
  const names = options.rest;
  const bad = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (bad !== undefined) {
    yield* shell.sys.write(2, `${shell.arg0}: read: '${bad}': bad variable name\n`);
    return 1;
  }
  let line: Line;
  try {
    line = yield* readLine(shell, fd, options.has('r'), options.get('d')?.[0] ?? '\n', Number(options.get('n') ?? '0'));
  } catch (error) {
    if (!(error instanceof SysError) || error.errno !== 'EINTR') throw error;
    const came = shell.sys.takeSignals();
    shell.pendingTraps.push(...came);
    return came[0] === undefined ? 1 : 128 + signalNumber(came[0]);
  }
  if (names.length === 0) shell.set('REPLY', text(line.chars));
  else assign(shell, names, line);
  return line.ended ? 0 : 1;
}

function* readLine(shell: Shell, fd: number, raw: boolean, delimiter: string, max: number): Call<Line> {
  const chars: { c: string; escaped: boolean }[] = [];
  let escaped = false;
  for (;;) {
    if (max > 0 && chars.length >= max) return { chars, ended: true };
    const bytes = yield* shell.sys.read(fd, 1);
    if (bytes.length === 0) return { chars, ended: false };
    const c = String.fromCharCode(bytes[0]!);
    if (c === '\0') continue;
    if (!escaped && c === '\\' && !raw) {
      escaped = true;
      continue;
    }
    if (escaped && c === '\n') {
      escaped = false;
      continue;
    }
    if (c === delimiter && !escaped) return { chars, ended: true };
    chars.push({ c, escaped });
    escaped = false;
  }
}

function text(chars: Line['chars']): string {
  return fromUtf8(toBytes(chars.map((each) => each.c).join('')));
}

/** Splits at IFS; the last name gets what is left. */
function assign(shell: Shell, names: readonly string[], line: Line): void {
  const { ifs } = shell;
  const isIfs = (i: number): boolean => !line.chars[i]!.escaped && ifs.includes(line.chars[i]!.c);
  const isSpace = (i: number): boolean => isIfs(i) && ' \t\n'.includes(line.chars[i]!.c);
  let at = 0;
  let end = line.chars.length;
  while (at < end && isSpace(at)) at++;
  while (end > at && isSpace(end - 1)) end--;
  for (const [i, name] of names.entries()) {
    const start = at;
    if (i === names.length - 1) {
      shell.set(name, text(line.chars.slice(start, lastEnd(line, start, end, isIfs, isSpace))));
      return;
    }
    while (at < end && !isIfs(at)) at++;
    shell.set(name, text(line.chars.slice(start, at)));
    while (at < end && isSpace(at)) at++;
    if (at < end && isIfs(at) && !isSpace(at)) {
      at++;
      while (at < end && isSpace(at)) at++;
    }
  }
}

/** One field with a single separator after it loses that one. */
function lastEnd(
  line: Line,
  start: number,
  end: number,
  isIfs: (i: number) => boolean,
  isSpace: (i: number) => boolean,
): number {
  const separators = line.chars.slice(start, end).filter((_, i) => isIfs(start + i) && !isSpace(start + i)).length;
  return separators === 1 && end > start && isIfs(end - 1) ? end - 1 : end;
}
