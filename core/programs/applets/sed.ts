/** sed: a script run on each line as it comes (busybox editors/sed.c). Options -n -r -E -e -f -i[SUFFIX]. */
import type { Call, Sys } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, attempt, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { byteString, fromBytes, toBytes } from '../lib/bytes.ts';
import { readAll, splitLines } from '../lib/io.ts';
import { temporary } from '../lib/temporary.ts';
import { LineInput } from '../lib/textin.ts';
import { type Command, parseSed } from './sedscript.ts';

export const sed: Applet = {
  usage: '[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...\nor: sed [-i[SFX]] [-nrE] CMD [FILE]...',
  *main(ctx) {
    const options = ctx.options('i::rEne:f:', {
      quiet: 'n',
      silent: 'n',
      expression: 'e',
      'in-place': 'i',
      'regexp-extended': 'r',
    });
    const texts = options.all('e').map(byteString);
    for (const file of options.all('f')) {
      const fd = yield* ctx.open(file, file);
      if (fd === undefined) return 1;
      texts.push(fromBytes(yield* readAll(ctx.sys, fd)).replace(/\n$/, ''));
      ctx.close(fd);
    }
    const rest = [...options.rest];
    if (texts.length === 0) {
      const first = rest.shift();
      if (first === undefined) throw new Usage();
      texts.push(byteString(first));
    }
    const commands = parseSed(texts.join('\n'), options.has('r') || options.has('E'));
    const quiet = options.has('n') || texts[0]!.startsWith('#n\n');
    const files = openFiles(ctx, commands);
    if (!options.has('i')) {
      const run = new Run(ctx, commands, quiet, files);
      for (const group of groupsOf(rest))
        yield* run.all(group === undefined ? undefined : new LineInput(ctx, group), (text) => ctx.out.raw(text));
      return ctx.status;
    }
    if (rest.length === 0) throw new Die('-i requires an argument');
    for (const path of rest) {
      let there: Stat;
      try {
        there = ctx.sys.stat(path);
      } catch (error) {
        yield* ctx.refused(path, error);
        continue;
      }
      const run = new Run(ctx, commands, quiet, files);
      let output = '';
      // A directory has no lines; that it cannot be replaced is said afterwards.
      if (there.type !== 'dir') {
        yield* run.all(new LineInput(ctx, [path]), (text) => {
          output += text;
        });
      }
      yield* rewrite(ctx, path, there, output, options.get('i') ?? '');
    }
    return ctx.status;
  },
};

/** Standard input among the files ends what is gone through at once; after it busybox begins anew, be it with nothing. */
function groupsOf(paths: readonly string[]): (readonly string[] | undefined)[] {
  if (paths.length === 0) return [[]];
  const groups: string[][] = [[]];
  for (const path of paths) {
    groups.at(-1)!.push(path);
    if (path === '-') groups.push([]);
  }
  return groups.map((group) => (group.length === 0 ? undefined : group));
}

/** A new file beside the old one takes its place; the old one is kept with a suffix. */
function* rewrite(ctx: Ctx, path: string, old: Stat, text: string, suffix: string): Call<void> {
  const { sys } = ctx;
  let made = '';
  try {
    made = temporary(sys, path, (name) => sys.close(sys.open(name, { write: true, create: true, excl: true }, 0o600)));
  } catch (error) {
    throw new Die(`can't create temp file '${path}XXXXXX': ${reason(error)}`);
  }
  sys.chmod(made, old.mode);
  sys.chown(made, old.uid, old.gid);
  const fd = sys.open(made, { write: true });
  yield* sys.write(fd, toBytes(text));
  sys.close(fd);
  if (suffix !== '') rename(sys, path, path + suffix);
  rename(sys, made, path, made);
}

/** `made` is taken away when it cannot be done. */
function rename(sys: Sys, from: string, to: string, made?: string): void {
  try {
    sys.rename(from, to);
  } catch (error) {
    if (made !== undefined) sys.unlink(made);
    throw new Die(`can't move '${from}' to '${to}': ${reason(error)}`);
  }
}

/** What `w` writes into, by name: made empty before the first line is read. */
function openFiles(ctx: Ctx, commands: readonly Command[], open = new Map<string, number>()): Map<string, number> {
  for (const { name, text, body, substitution } of commands) {
    if (body !== undefined) openFiles(ctx, body, open);
    const path = name === 'w' ? text : substitution?.file;
    if (path === undefined || open.has(path)) continue;
    if (path === '/dev/stdout') open.set(path, 1);
    else {
      try {
        open.set(path, ctx.sys.open(path, { write: true, create: true, truncate: true }, 0o666));
      } catch (error) {
        throw new Die(`can't open '${path}': ${reason(error)}`);
      }
    }
  }
  return open;
}

const lineAfter = (text: string, ended: boolean, lacking: boolean): string =>
  `${lacking ? '\n' : ''}${text}${ended ? '\n' : ''}`;

type Next = 'again' | 'end' | { label: string } | undefined;

class Run {
  private input: LineInput | undefined;
  private rest: LineInput | undefined;
  private output = '';
  /** The line after this one, so that the last is known. */
  private ahead: string | undefined;
  /** Number of the line. */
  private at = 0;
  private pattern = '';
  /** Descriptors whose last line has no newline yet: one comes when a further line does. */
  private readonly lacking = new Set<number>();
  /** This line had no newline. */
  private open = false;
  private hold = '';
  private appended: ({ readonly text: string } | { readonly file: string })[] = [];
  private substituted = false;
  private quitting = false;
  private deleted = false;
  /** Ranges that have begun, and at which line. */
  private readonly active = new Map<Command, number>();
  /** Commands whose line has come: it does not come again, whatever is counted anew. */
  private readonly spent = new Set<Command>();

  constructor(
    private readonly ctx: Ctx,
    private readonly commands: readonly Command[],
    private readonly quiet: boolean,
    private readonly files: ReadonlyMap<string, number>,
  ) {}

  /** Lines are counted from 1 for each input; what is held stays. */
  *all(input: LineInput | undefined, put: (text: string) => void): Call<void> {
    // After q the file that was being read goes on, but for the line that was read ahead.
    this.rest = this.quitting ? (this.input ?? this.rest) : undefined;
    this.input = input;
    this.at = 0;
    this.lacking.clear();
    this.quitting = false;
    this.ahead = yield* this.read();
    while (!this.quitting && this.ahead !== undefined) {
      this.pattern = yield* this.take();
      yield* this.cycle();
      put(this.output);
      this.output = '';
      yield* this.ctx.out.drain();
    }
  }

  private *read(): Call<string | undefined> {
    const line = this.rest === undefined ? undefined : yield* this.rest.next();
    if (line !== undefined) return line;
    this.rest = undefined;
    return this.input === undefined ? undefined : yield* this.input.next();
  }

  private *take(): Call<string> {
    const line = this.ahead!;
    this.ahead = yield* this.read();
    this.at++;
    this.open = !line.endsWith('\n');
    return this.open ? line : line.slice(0, -1);
  }

  private get last(): boolean {
    return this.ahead === undefined;
  }

  /** A line. What the line before it lacks at its end comes now. */
  private put(text: string, ended = true): void {
    this.output += lineAfter(text, ended, this.lacking.has(1));
    this.note(1, text, ended);
  }

  private note(fd: number, text: string, ended: boolean): void {
    if (!ended && text !== '') this.lacking.add(fd);
    else this.lacking.delete(fd);
  }

  private print(text: string): void {
    this.put(text, !this.open);
  }

  private *cycle(): Call<void> {
    this.substituted = false;
    for (let rounds = 0; rounds < 100_000; rounds++) {
      this.deleted = false;
      const again = (yield* this.runList(this.commands)) === 'again';
      if (!again) break;
    }
    if (!this.quiet && !this.deleted) this.print(this.pattern);
    yield* this.append();
  }

  private *append(): Call<void> {
    for (const each of this.appended.splice(0)) {
      if ('text' in each) this.put(each.text);
      else {
        const fd = attempt(() => this.ctx.sys.open(each.file, { read: true }));
        if (fd === undefined) continue;
        for (const line of splitLines(fromBytes(yield* readAll(this.ctx.sys, fd)))) this.put(line);
        this.ctx.sys.close(fd);
      }
    }
  }

  /** `again`: start over with what is left (D); a label: jump there. */
  private *runList(commands: readonly Command[]): Call<Next> {
    for (let i = 0; i < commands.length; i++) {
      const command = commands[i]!;
      if (!this.selected(command)) {
        if (command.closed === false) throw new Die('unterminated {');
        continue;
      }
      const next: Next = yield* this.execute(command);
      if (next === undefined) continue;
      if (next === 'again' || next === 'end') return next;
      const target = commands.findIndex((each) => each.name === ':' && each.text === next.label);
      // Out of a block, the label is looked for around it.
      if (target < 0) return next.label === '' || commands === this.commands ? 'end' : next;
      i = target;
      yield* this.ctx.sys.burn(0.0001);
    }
    return undefined;
  }

  private selected(command: Command): boolean {
    return this.inRange(command) !== command.negated;
  }

  private inRange(command: Command): boolean {
    const { from, to } = command;
    if (from === undefined) return true;
    if (this.spent.has(command) && !this.active.has(command)) return false;
    if (to === undefined) return this.once(command, this.hits(from, true));
    if (this.active.has(command)) {
      const line =
        to.kind === 'line' ? to.line : to.kind === 'after' ? this.active.get(command)! + to.lines : undefined;
      const ends = line === undefined ? this.hits(to) : this.at >= line;
      if (ends) this.active.delete(command);
      return line === undefined || this.at <= line;
    }
    if (!this.once(command, this.hits(from))) return false;
    const single = (to.kind === 'line' && to.line <= this.at) || (to.kind === 'after' && to.lines === 0);
    if (!single) this.active.set(command, this.at);
    return true;
  }

  private once(command: Command, hit: boolean): boolean {
    if (hit && command.from?.kind === 'line' && command.from.line > 0) this.spent.add(command);
    return hit;
  }

  private hits(address: NonNullable<Command['from']>, alone = false): boolean {
    if (address.kind === 'last') return this.last;
    if (address.kind === 'line') return this.at === address.line || (address.line === 0 && alone);
    if (address.kind === 'after') return false;
    address.regex.lastIndex = 0;
    return address.regex.test(this.pattern);
  }

  private *execute(command: Command): Call<Next> {
    switch (command.name) {
      case '{':
        return yield* this.runList(command.body!);
      case 's':
        return yield* this.substitute(command);
      case 'n':
      case 'N':
        return yield* this.next(command.name);
      case 'w':
        yield* this.write(command.text);
        return undefined;
      case 'd':
        this.deleted = true;
        return 'end';
      case 'D': {
        const cut = this.pattern.indexOf('\n');
        this.deleted = true;
        if (cut < 0) return 'end';
        this.pattern = this.pattern.slice(cut + 1);
        return 'again';
      }
      case 'q':
        this.quitting = true;
        return 'end';
      case 'b':
        return { label: command.text };
      case 't':
      case 'T': {
        const jumps = this.substituted === (command.name === 't');
        this.substituted = false;
        return jumps ? { label: command.text } : undefined;
      }
      default:
        return this.buffers(command);
    }
  }

  private *next(name: 'n' | 'N'): Call<Next> {
    if (this.last) {
      this.quitting = true;
      return 'end';
    }
    if (name === 'N') this.pattern += `\n${yield* this.take()}`;
    else {
      if (!this.quiet) this.print(this.pattern);
      yield* this.append();
      this.pattern = yield* this.take();
    }
    return undefined;
  }

  /** Into a file at once; what goes to standard output keeps its place. A last line without newline stays so. */
  private *write(path: string): Call<void> {
    const fd = this.files.get(path)!;
    if (fd === 1) {
      this.print(this.pattern);
      return;
    }
    yield* this.ctx.sys.write(fd, toBytes(lineAfter(this.pattern, !this.open, this.lacking.has(fd))));
    this.note(fd, this.pattern, !this.open);
  }

  private buffers(command: Command): 'end' | undefined {
    switch (command.name) {
      case 'y':
        this.pattern = [...this.pattern].map((c) => command.map!.get(c) ?? c).join('');
        break;
      case 'p':
        this.put(this.pattern);
        break;
      case 'P':
        this.put(this.pattern.split('\n')[0]!);
        break;
      case 'g':
        this.pattern = this.hold;
        break;
      case 'G':
        this.pattern += `\n${this.hold}`;
        this.open = false;
        break;
      case 'h':
        this.hold = this.pattern;
        break;
      case 'H':
        this.hold += `\n${this.pattern}`;
        break;
      case 'x':
        [this.pattern, this.hold] = [this.hold, this.pattern];
        this.open = false;
        break;
      case '=':
        this.output += `${this.at}\n`;
        break;
      case 'a':
        this.appended.push({ text: command.text });
        break;
      case 'r':
        this.appended.push({ file: command.text });
        break;
      case 'i':
        this.put(command.text);
        break;
      case 'c':
        this.deleted = true;
        if (command.to === undefined || !this.active.has(command)) this.put(command.text);
        return 'end';
      default:
        break;
    }
    return undefined;
  }

  private *substitute(command: Command): Call<undefined> {
    const { regex, replace, flags, file } = command.substitution!;
    let count = 0;
    let changed = false;
    let ended = -1;
    const which = Number(/\d+/.exec(flags)?.[0] ?? '1') || 1;
    const result = this.pattern.replace(regex, (...args) => {
      const hit = args[0] as string;
      const at = args.find((each, i) => i > 0 && typeof each === 'number') as number;
      // Nothing, right behind a match, is none.
      if (hit === '' && at === ended) return hit;
      ended = at + hit.length;
      count++;
      if (count < which || (count > which && !flags.includes('g'))) return hit;
      changed = true;
      return replace(args as string[]);
    });
    if (!changed) return undefined;
    this.pattern = result;
    this.substituted = true;
    if (flags.includes('p')) this.print(this.pattern);
    if (file !== undefined) yield* this.write(file);
    return undefined;
  }
}
