/** sed: addresses, and the commands s y p d D n N g G h H x a i c q = { } b t : r w, -n -r -E -e -f -i -s. */
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, Usage } from '../lib/applet.ts';
import { byteString, fromBytes, toBytes } from '../lib/bytes.ts';
import { readAll, splitLines } from '../lib/io.ts';
import { eachFile } from '../lib/textin.ts';
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
    if (options.has('i')) {
      yield* eachFile(ctx, rest, function* edit({ path, text }): Call<void> {
        const run = new Run(commands, quiet, text);
        run.all();
        if (path !== '-') yield* rewrite(ctx, path, run.output);
      });
      return ctx.status;
    }
    let input = '';
    yield* eachFile(ctx, rest, function* add({ text }): Call<void> {
      if (input !== '' && !input.endsWith('\n')) input += '\n';
      input += text;
    });
    const run = new Run(commands, quiet, input);
    run.all();
    ctx.out.raw(run.output);
    return run.code || ctx.status;
  },
};

function* rewrite(ctx: Ctx, path: string, text: string): Call<void> {
  const fd = ctx.sys.open(path, { write: true, truncate: true });
  yield* ctx.sys.write(fd, toBytes(text));
  ctx.sys.close(fd);
}

class Run {
  output = '';
  code = 0;
  private readonly lines: string[];
  /** The last line of the input had no newline. */
  private readonly open: boolean;
  private at = 0;
  private pattern = '';
  private hold = '';
  private appended: string[] = [];
  private substituted = false;
  private quitting = false;
  private deleted = false;
  private readonly active = new Set<Command>();

  constructor(
    private readonly commands: readonly Command[],
    private readonly quiet: boolean,
    input: string,
  ) {
    this.lines = splitLines(input);
    this.open = input !== '' && !input.endsWith('\n');
  }

  all(): void {
    while (!this.quitting && this.at < this.lines.length) {
      this.pattern = this.lines[this.at++]!;
      this.cycle();
    }
  }

  private get last(): boolean {
    return this.at >= this.lines.length;
  }

  private print(text: string): void {
    this.output += text + (this.open && this.last ? '' : '\n');
  }

  private cycle(): void {
    this.substituted = false;
    for (let rounds = 0; rounds < 100_000; rounds++) {
      this.deleted = false;
      const again = this.runList(this.commands) === 'again';
      if (!again) break;
    }
    if (!this.quiet && !this.deleted) this.print(this.pattern);
    for (const text of this.appended.splice(0)) this.output += text;
  }

  /** `again`: start over with what is left (D); a label: jump there. */
  private runList(commands: readonly Command[]): 'again' | 'end' | undefined {
    for (let i = 0; i < commands.length; i++) {
      const command = commands[i]!;
      if (!this.selected(command)) continue;
      const next = this.execute(command);
      if (next === undefined) continue;
      if (next === 'again' || next === 'end') return next;
      const target =
        next.label === '' ? -1 : commands.findIndex((each) => each.name === ':' && each.text === next.label);
      if (target < 0) return 'end';
      i = target;
    }
    return undefined;
  }

  private selected(command: Command): boolean {
    return this.inRange(command) !== command.negated;
  }

  private inRange(command: Command): boolean {
    const { from, to } = command;
    if (from === undefined) return true;
    if (to === undefined) return this.hits(from);
    if (this.active.has(command)) {
      const ends = to.kind === 'line' ? this.at >= to.line : this.hits(to);
      if (ends) this.active.delete(command);
      return !(to.kind === 'line' && this.at > to.line);
    }
    if (!this.hits(from)) return false;
    const single = to.kind === 'line' && to.line <= this.at;
    if (!single) this.active.add(command);
    return true;
  }

  private hits(address: NonNullable<Command['from']>): boolean {
    if (address.kind === 'last') return this.last;
    if (address.kind === 'line') return this.at === address.line;
    if (address.kind === 'step') return this.at >= address.line && (this.at - address.line) % address.step === 0;
    address.regex.lastIndex = 0;
    return address.regex.test(this.pattern);
  }

  private execute(command: Command): 'again' | 'end' | { label: string } | undefined {
    switch (command.name) {
      case '{':
        return this.runList(command.body!);
      case 's':
        this.substitute(command);
        return undefined;
      case 'y':
        this.pattern = [...this.pattern].map((c) => command.map!.get(c) ?? c).join('');
        return undefined;
      case 'p':
        this.output += `${this.pattern}\n`;
        return undefined;
      case 'P':
        this.output += `${this.pattern.split('\n')[0]}\n`;
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
      case 'n':
        if (this.last) {
          this.quitting = true;
          return 'end';
        }
        if (!this.quiet) this.print(this.pattern);
        this.pattern = this.lines[this.at++]!;
        return undefined;
      case 'N':
        if (this.last) {
          this.quitting = true;
          return 'end';
        }
        this.pattern += `\n${this.lines[this.at++]!}`;
        return undefined;
      case 'q':
        this.quitting = true;
        this.code = Number(command.text === '' ? '0' : command.text);
        return 'end';
      case 'b':
        return { label: command.text };
      case 't':
        if (!this.substituted) return undefined;
        this.substituted = false;
        return { label: command.text };
      default:
        return this.buffers(command);
    }
  }

  private buffers(command: Command): 'end' | undefined {
    switch (command.name) {
      case 'g':
        this.pattern = this.hold;
        break;
      case 'G':
        this.pattern += `\n${this.hold}`;
        break;
      case 'h':
        this.hold = this.pattern;
        break;
      case 'H':
        this.hold += `\n${this.pattern}`;
        break;
      case 'x':
        [this.pattern, this.hold] = [this.hold, this.pattern];
        break;
      case '=':
        this.output += `${this.at}\n`;
        break;
      case 'a':
        this.appended.push(`${command.text}\n`);
        break;
      case 'i':
        this.output += `${command.text}\n`;
        break;
      case 'c':
        this.deleted = true;
        if (command.to === undefined || !this.active.has(command)) this.output += `${command.text}\n`;
        return 'end';
      default:
        break;
    }
    return undefined;
  }

  private substitute(command: Command): void {
    const { regex, replace, flags } = command.substitution!;
    let count = 0;
    let changed = false;
    const which = Number(/\d+/.exec(flags)?.[0] ?? '1');
    const result = this.pattern.replace(regex, (...args) => {
      count++;
      const hit = args[0] as string;
      if (count < which || (count > which && !flags.includes('g'))) return hit;
      changed = true;
      return replace(args as string[]);
    });
    if (!changed) return;
    this.pattern = result;
    this.substituted = true;
    if (flags.includes('p')) this.output += `${this.pattern}\n`;
  }
}
