/** diff: two files, or two directories, as busybox compares them: unified form only. */
import type { Call, Sys } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, Usage } from '../lib/applet.ts';
import { fromBytes } from '../lib/bytes.ts';
import type { Options } from '../lib/getopt.ts';
import { readAll, splitLines } from '../lib/io.ts';
import { commonLines } from '../lib/lcs.ts';

/** Exit status: 0 the same, 1 different, 2 trouble. */
export const diff: Applet = {
  usage: '[-abBdiNqrTstw] [-L LABEL] [-S FILE] [-U LINES] FILE1 FILE2',
  *main(ctx) {
    const options = ctx.options('abBdiL:NqrsS:tTU:wu', long);
    const [one, two, more] = options.rest;
    if (one === undefined || two === undefined || more !== undefined) throw new Usage();
    const comparison = new Comparison(ctx, options);
    const code = yield* comparison.operands(one, two);
    return Math.max(code, ctx.status);
  },
};

const long = {
  'ignore-space-change': 'b',
  'ignore-blank-lines': 'B',
  minimal: 'd',
  'ignore-case': 'i',
  'new-file': 'N',
  brief: 'q',
  recursive: 'r',
  'report-identical-files': 's',
  text: 'a',
  'expand-tabs': 't',
  'initial-tab': 'T',
  'ignore-all-space': 'w',
  unified: 'U',
  label: 'L',
  'starting-file': 'S',
};

/** Lines that are replaced: `from` up to but not including `to` of one file, likewise of the other. Counted from 0. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly from2: number;
  readonly to2: number;
}

class Comparison {
  private readonly context: number;
  private readonly labels: readonly string[];

  constructor(
    private readonly ctx: Ctx,
    private readonly options: Options,
  ) {
    this.context = Number(options.get('U') ?? 3);
    this.labels = options.all('L');
  }

  *operands(one: string, two: string): Call<number> {
    const { sys } = this.ctx;
    const types = [one, two].map((path) => (path === '-' ? 'file' : typeOf(sys, path)));
    for (const [i, path] of [one, two].entries()) {
      if (types[i] === undefined && !this.options.has('N')) {
        yield* this.ctx.warn(`can't stat '${path}': No such file or directory`, 2);
        return 2;
      }
    }
    if (types[0] === 'dir' && types[1] === 'dir') return yield* this.directories(one, two);
    const isDir = (path: string): boolean =>
      (path === '-' ? attempt(() => sys.fstat(0))?.type : typeOf(sys, path)) === 'dir';
    if ((one === '-' || two === '-') && (isDir(one) || isDir(two)))
      throw new Die("can't compare stdin to a directory", 1);
    const inside = (dir: string, other: string): string => {
      const path = `${dir}/${other.slice(other.lastIndexOf('/') + 1)}`;
      if (typeOf(sys, path) === undefined) throw new Die(`can't stat '${path}': No such file or directory`, 1);
      return path;
    };
    if (types[0] === 'dir') return yield* this.files(inside(one, two), two);
    if (types[1] === 'dir') return yield* this.files(one, inside(two, one));
    return yield* this.files(one, two);
  }

  private *files(one: string, two: string): Call<number> {
    if (this.same(one, two)) return 0;
    const before = yield* this.text(one);
    const after = yield* this.text(two);
    if (before === undefined || after === undefined) return 2;
    if (before === after || this.alike(before, after)) {
      if (this.options.has('s')) this.ctx.out.put(`Files ${one} and ${two} are identical\n`);
      return 0;
    }
    const binary = !this.options.has('a') && (before.includes('\0') || after.includes('\0'));
    if (this.options.has('q') || binary) this.ctx.out.put(`Files ${one} and ${two} differ\n`);
    else return this.unified(one, two, before, after);
    return 1;
  }

  /** One file by two names: nobody looks into it. */
  private same(one: string, two: string): boolean {
    const [a, b] = [one, two].map((path) => attempt(() => this.ctx.sys.stat(path)));
    return a !== undefined && b !== undefined && a.ino === b.ino && a.size === b.size && a.mtime === b.mtime;
  }

  /** What differs is what the options say does not count. */
  private alike(before: string, after: string): boolean {
    return this.changes(before, after).length === 0;
  }

  private *text(path: string): Call<string | undefined> {
    if (path === absentFile) return '';
    const type = path === '-' ? 'file' : typeOf(this.ctx.sys, path);
    if (type === 'dir' || (type === undefined && this.options.has('N'))) return '';
    const fd = yield* this.ctx.open(path, path);
    if (fd === undefined) {
      this.ctx.status = 2;
      return undefined;
    }
    const text = fromBytes(yield* readAll(this.ctx.sys, fd));
    this.ctx.close(fd);
    return text;
  }

  private changes(before: string, after: string): Change[] {
    const a = this.keys(before);
    const b = this.keys(after);
    const partner = commonLines(a, b);
    const changes: Change[] = [];
    let [i, j] = [0, 0];
    while (i < a.length || j < b.length) {
      if (i < a.length && partner[i] === j) {
        i++;
        j++;
        continue;
      }
      const [from, from2] = [i, j];
      while (i < a.length && partner[i] === -1) i++;
      j = i < a.length ? partner[i]! : b.length;
      changes.push({ from, to: i, from2, to2: j });
    }
    if (!this.options.has('B')) return changes;
    const blank = (lines: readonly string[]): boolean => lines.every((line) => /^\n?$/.test(line));
    return changes.filter(
      ({ from, to, from2, to2 }) => !blank(linesOf(before).slice(from, to)) || !blank(linesOf(after).slice(from2, to2)),
    );
  }

  /** Lines as they are compared. */
  private keys(text: string): string[] {
    const { options } = this;
    return linesOf(text).map((line) => {
      let key = line;
      if (options.has('w')) key = key.replace(/\s+/g, '');
      else if (options.has('b')) key = key.replace(/\s+$/, '').replace(/\s+/g, ' ');
      return options.has('i') ? key.toLowerCase() : key;
    });
  }

  private unified(one: string, two: string, before: string, after: string): number {
    const { out } = this.ctx;
    const [a, b] = [linesOf(before), linesOf(after)];
    out.put(`--- ${this.labels[0] ?? one}\n+++ ${this.labels[1] ?? two}\n`);
    let hunk: Change[] = [];
    for (const change of this.changes(before, after)) {
      const last = hunk.at(-1);
      if (last !== undefined && change.from - last.to > 2 * this.context) {
        this.hunk(hunk, a, b);
        hunk = [];
      }
      hunk.push(change);
    }
    this.hunk(hunk, a, b);
    return 1;
  }

  private hunk(changes: readonly Change[], a: readonly string[], b: readonly string[]): void {
    const [first, last] = [changes[0]!, changes.at(-1)!];
    const start = Math.max(0, first.from - this.context);
    const end = Math.min(a.length, last.to + this.context);
    const start2 = Math.max(0, first.from2 - this.context);
    const end2 = Math.min(b.length, last.to2 + this.context);
    this.ctx.out.put(`@@ -${range(start, end)} +${range(start2, end2)} @@\n`);
    let at = start;
    for (const { from, to, from2, to2 } of changes) {
      this.put(' ', a.slice(at, from));
      this.put('-', a.slice(from, to));
      this.put('+', b.slice(from2, to2));
      at = to;
    }
    this.put(' ', a.slice(at, end));
  }

  private put(sign: string, lines: readonly string[]): void {
    const lead = this.options.has('T') ? `${sign}\t` : sign;
    for (const line of lines) {
      const shown = this.options.has('t') ? expanded(line) : line;
      this.ctx.out.raw(shown.endsWith('\n') ? lead + shown : `${lead}${shown}\n\\ No newline at end of file\n`);
    }
  }

  private *directories(one: string, two: string): Call<number> {
    const { sys, out } = this.ctx;
    const deep = this.options.has('r');
    let code = 0;
    const listed = (dir: string, other: string): ReadonlySet<string> => {
      if (!deep) return new Set(names(sys, dir));
      const enters = (path: string): boolean => {
        if (this.options.has('N') || typeOf(sys, joined(other, path)) === 'dir') return true;
        // What stands below a directory that the other side does not have is not told.
        code = 1;
        return false;
      };
      return new Set(filesBelow(sys, dir, '', enters));
    };
    const [a, b] = [listed(one, two), listed(two, one)];
    const start = this.options.get('S');
    const all = [...new Set([...a, ...b])].filter((name) => start === undefined || name >= start);
    for (const name of all.sort()) {
      const paths = [a.has(name) ? joined(one, name) : absentFile, b.has(name) ? joined(two, name) : absentFile];
      const [path, path2] = paths as [string, string];
      const types = paths.map((each) => (each === absentFile ? undefined : typeOf(sys, each)));
      const there = path === absentFile ? path2 : path;
      if (paths.includes(absentFile) && typeOf(sys, there) === undefined) {
        yield* this.ctx.complain(`diff: ${there}: No such file or directory\n`);
        continue;
      }
      if (paths.includes(absentFile) && !this.options.has('N')) {
        out.put(`Only in ${path === absentFile ? two : one}: ${name}\n`);
        code = Math.max(code, 1);
      } else if (types[0] === 'dir' && types[1] === 'dir') out.put(`Common subdirectories: ${path} and ${path2}\n`);
      else if (types.every((type) => type !== undefined) && types.includes('dir')) {
        out.put(`File ${path} is a ${worded(types[0])} while file ${path2} is a ${worded(types[1])}\n`);
        code = Math.max(code, 1);
      } else code = Math.max(code, yield* this.files(path, path2));
    }
    return code;
  }
}

/** What stands for a file that is not there (`-N`). */
const absentFile = '/dev/null';

function names(sys: Sys, dir: string): string[] {
  return (attempt(() => sys.readdir(dir)) ?? [])
    .map(({ name }) => name)
    .filter((name) => name !== '.' && name !== '..');
}

/** The paths of all files below a directory, and of no directories; `enters` says into which of these to go. */
function filesBelow(sys: Sys, dir: string, prefix: string, enters: (path: string) => boolean): string[] {
  return names(sys, joined(dir, prefix)).flatMap((name) => {
    const path = `${prefix}${name}`;
    if (attempt(() => sys.lstat(joined(dir, path)))?.type !== 'dir') return [path];
    return enters(path) ? filesBelow(sys, dir, `${path}/`, enters) : [];
  });
}

const joined = (dir: string, name: string): string => `${dir.replace(/\/+$/, '')}/${name}`;
const worded = (type: string | undefined): string => (type === 'dir' ? 'directory' : 'regular file');

function typeOf(sys: Sys, path: string): string | undefined {
  return attempt(() => sys.stat(path))?.type;
}

/** Lines with their newlines; the last one may have none. */
function linesOf(text: string): string[] {
  const lines = splitLines(text).map((line) => `${line}\n`);
  if (lines.length > 0 && !text.endsWith('\n')) lines[lines.length - 1] = lines.at(-1)!.slice(0, -1);
  return lines;
}

/** As the head of a hunk counts: from 1; of no lines the one before. */
function range(start: number, end: number): string {
  if (end === start) return `${start},0`;
  return end - start === 1 ? String(end) : `${start + 1},${end - start}`;
}

function expanded(line: string): string {
  let column = 0;
  return line.replace(/[^\t]+|\t/g, (piece) => {
    const shown = piece === '\t' ? ' '.repeat(8 - (column % 8)) : piece;
    column += shown.length;
    return shown;
  });
}
