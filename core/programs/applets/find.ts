/** find [PATH]... [EXPRESSION] with what Debian's busybox has of it (no -delete). */
import type { Call } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, attempt, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { byteString } from '../lib/bytes.ts';
import { parseMode } from '../lib/mode.ts';
import { posixRegex } from '../lib/regex.ts';
import { spawnAndWait } from '../lib/spawn.ts';
import { type Names, readNames } from '../lib/users.ts';
import { compileText } from '../sh/pattern.ts';

interface Visit {
  readonly path: string;
  readonly stat: Stat;
  prune: boolean;
}

type Test = (visit: Visit) => Call<boolean>;

interface Plan {
  readonly test: Test;
  readonly printing: boolean;
  maxDepth: number;
  minDepth: number;
  depthFirst: boolean;
  /** Links are followed: the operands only, or all. */
  follow: 'none' | 'operands' | 'all';
  /** What lies in other file systems than the operand is left out. */
  xdev: boolean;
  /** -exec … + : run once at the end. */
  readonly batches: { command: readonly string[]; paths: string[] }[];
}

/** `-quit`. */
class Quit extends Error {}

export const find: Applet = {
  usage: '[-HL] [PATH]... [OPTIONS] [ACTIONS]',
  *main(ctx) {
    const args = ctx.args.filter((arg, i) => !(i === 0 && /^-[HLP]$/.test(arg)));
    const start = args.findIndex((arg) => /^[-(!]/.test(arg));
    const roots = start < 0 ? [...args] : args.slice(0, start);
    const lead = ctx.args[0];
    const follow = lead === '-L' ? 'all' : lead === '-H' ? 'operands' : 'none';
    const parser = new Expression(ctx, start < 0 ? [] : args.slice(start), follow, yield* readNames(ctx.sys));
    const plan = parser.plan();
    if (parser.unknown !== undefined) {
      yield* ctx.warn(`unrecognized: ${parser.unknown}`);
      throw new Usage();
    }
    try {
      for (const root of roots.length === 0 ? ['.'] : roots) yield* walk(ctx, plan, root, 0);
    } catch (error) {
      if (!(error instanceof Quit)) throw error;
    }
    for (const batch of plan.batches) {
      if (batch.paths.length === 0) continue;
      yield* ctx.out.flush();
      const at = batch.command.indexOf('{}');
      const argv = [...batch.command.slice(0, at), ...batch.paths, ...batch.command.slice(at + 1)];
      if ((yield* spawnAndWait(ctx, argv)) !== 0) ctx.status = 1;
    }
    return ctx.status;
  },
};

function* walk(ctx: Ctx, plan: Plan, path: string, depth: number, device?: string): Call<void> {
  const { sys } = ctx;
  const follow = plan.follow === 'all' || (plan.follow === 'operands' && depth === 0);
  let stat: Stat;
  try {
    stat = (follow ? attempt(() => sys.stat(path)) : undefined) ?? sys.lstat(path);
  } catch (error) {
    yield* ctx.refused(path, error);
    return;
  }
  const visit: Visit = { path, stat, prune: false };
  const act = function* (): Call<void> {
    if (depth < plan.minDepth) return;
    if ((yield* plan.test(visit)) && plan.printing) ctx.out.put(`${path}\n`);
    yield* ctx.out.drain();
  };
  if (!plan.depthFirst) yield* act();
  const own = plan.xdev && stat.type === 'dir' ? sys.device(path, follow).join(':') : undefined;
  const stays = device === undefined || own === device;
  if (stat.type === 'dir' && depth < plan.maxDepth && !visit.prune && stays) {
    try {
      for (const entry of sys.readdir(path)) {
        yield* walk(ctx, plan, path.endsWith('/') ? path + entry.name : `${path}/${entry.name}`, depth + 1, own);
      }
    } catch (error) {
      yield* ctx.refused(path, error);
    }
  }
  if (plan.depthFirst) yield* act();
}

/** The expression: -o binds loosest, then -a (or nothing), then !. */
class Expression {
  private at = 0;
  /** Parentheses that are open. */
  private depth = 0;
  private printing = true;
  unknown: string | undefined;
  private readonly settings;
  private readonly batches: Plan['batches'] = [];

  constructor(
    private readonly ctx: Ctx,
    private readonly words: readonly string[],
    follow: Plan['follow'],
    private readonly names: Names,
  ) {
    this.settings = { maxDepth: Number.POSITIVE_INFINITY, minDepth: 0, depthFirst: false, xdev: false, follow };
  }

  plan(): Plan {
    const test: Test = this.words.length === 0 ? always : this.or();
    return { test, printing: this.printing, batches: this.batches, ...this.settings };
  }

  private or(): Test {
    let left = this.and();
    while (this.words[this.at] === '-o' || this.words[this.at] === '-or') {
      this.at++;
      const [a, b] = [left, this.and()];
      left = function* either(visit) {
        return (yield* a(visit)) || (yield* b(visit));
      };
    }
    return left;
  }

  /** Of nothing at all it is true. */
  private and(): Test {
    let left = always;
    for (;;) {
      const word = this.words[this.at];
      if (word === undefined || word === '-o' || word === '-or' || (word === ')' && this.depth > 0)) return left;
      if (word === '-a' || word === '-and') {
        this.at++;
        continue;
      }
      const [a, b] = [left, this.not()];
      left = function* both(visit) {
        return (yield* a(visit)) && (yield* b(visit));
      };
    }
  }

  private not(): Test {
    const word = this.words[this.at];
    if (word === '!' || word === '-not') {
      this.at++;
      if (this.words[this.at] === undefined) return always;
      const inner = this.not();
      return function* inverted(visit) {
        return !(yield* inner(visit));
      };
    }
    if (word === '(') {
      this.at++;
      this.depth++;
      const inner = this.or();
      this.depth--;
      if (this.words[this.at++] !== ')') throw new Die("unpaired '('");
      return inner;
    }
    return word === undefined ? always : this.primary();
  }

  private value(name: string): string {
    const value = this.words[this.at++];
    if (value === undefined) throw new Die(`${name} requires an argument`);
    return value;
  }

  private number(name: string): number {
    const text = this.value(name);
    if (!/^\d+$/.test(text)) throw new Die(`invalid number '${text}'`);
    return Number(text);
  }

  /** A name, or else the number itself. */
  private owner(kind: string, text: string): number {
    const id = kind === 'user' ? this.names.uid(text) : this.names.gid(text);
    if (id !== undefined) return id;
    if (!/^\d+$/.test(text)) throw new Die(`unknown ${kind} ${text}`);
    return Number(text);
  }

  private reference(path: string): Stat {
    try {
      return this.ctx.sys.stat(path);
    } catch (error) {
      throw new Die(`can't stat '${path}': ${reason(error)}`);
    }
  }

  private primary(): Test {
    const name = this.words[this.at++]!;
    const { ctx } = this;
    const pure = (test: (visit: Visit) => boolean): Test =>
      function* tested(visit) {
        return test(visit);
      };
    switch (name) {
      case '-maxdepth':
        this.settings.maxDepth = this.number(name);
        return always;
      case '-mindepth':
        this.settings.minDepth = this.number(name);
        return always;
      case '-depth':
        this.settings.depthFirst = true;
        return always;
      case '-xdev':
        this.settings.xdev = true;
        return always;
      case '-follow':
        this.settings.follow = 'all';
        return always;
      case '-executable':
        return pure(({ path }) => ctx.sys.access(path, 'x'));
      case '-name':
      case '-iname': {
        const regex = named(this.value(name), name === '-iname');
        return pure(({ path }) => regex.test(path.replace(/(?!^)\/+$/, '').replace(/^.*\/(?=.)/, '')));
      }
      case '-path':
      case '-ipath': {
        const regex = named(this.value(name), name === '-ipath');
        return pure(({ path }) => regex.test(path));
      }
      case '-type': {
        const letter = this.value(name);
        const types: Readonly<Record<string, string>> = {
          f: 'file',
          d: 'dir',
          l: 'symlink',
          c: 'char',
          b: 'block',
          p: 'fifo',
          s: 'socket',
        };
        if (types[letter] === undefined) throw new Die(`invalid argument '${letter}' to '-type'`);
        return pure(({ stat }) => stat.type === types[letter]);
      }
      case '-empty':
        return pure(({ path, stat }) =>
          stat.type === 'dir' ? ctx.sys.readdir(path).length === 0 : stat.type === 'file' && stat.size === 0,
        );
      case '-size':
        return pure(sized(this.value(name)));
      case '-user':
      case '-group': {
        const id = this.owner(name.slice(1), this.value(name));
        return pure(({ stat }) => (name === '-user' ? stat.uid : stat.gid) === id);
      }
      case '-perm':
        return pure(permitted(this.value(name)));
      case '-samefile': {
        const file = this.value(name);
        const { ino, type } = this.reference(file);
        const device = ctx.sys.device(file).join(':');
        return pure(
          ({ path, stat }) =>
            stat.ino === ino && stat.type === type && ctx.sys.device(path, false).join(':') === device,
        );
      }
      case '-regex': {
        const regex = posixRegex(byteString(this.value(name)), false, '');
        return pure(({ path }) => regex.exec(byteString(path))?.[0].length === byteString(path).length);
      }
      case '-newer': {
        const { mtime } = this.reference(this.value(name));
        return pure(({ stat }) => stat.mtime > mtime);
      }
      case '-mtime':
      case '-mmin':
      case '-ctime':
      case '-cmin': {
        const unit = name.endsWith('time') ? 86_400_000 : 60_000;
        const compare = signed(this.value(name));
        const time = name.startsWith('-m') ? 'mtime' : 'ctime';
        return pure(({ stat }) => compare(Math.floor((ctx.sys.now() - stat[time]) / unit)));
      }
      case '-inum': {
        const ino = this.number(name);
        return pure(({ stat }) => stat.ino === ino);
      }
      case '-links': {
        const compare = signed(this.value(name));
        return pure(({ stat }) => compare(stat.nlink));
      }
      default:
        return this.action(name);
    }
  }

  private action(name: string): Test {
    const { ctx } = this;
    switch (name) {
      case '-print':
      case '-print0':
        this.printing = false;
        return function* print({ path }) {
          ctx.out.put(path + (name === '-print' ? '\n' : '\0'));
          return true;
        };
      case '-prune':
        return function* prune(visit) {
          visit.prune = true;
          return true;
        };
      case '-quit':
        this.printing = false;
        return function* quit() {
          throw new Quit();
        };
      case '-exec':
        return this.exec();
      default:
        ctx.have(name);
        this.unknown ??= name;
        this.at = this.words.length;
        return always;
    }
  }

  private exec(): Test {
    this.printing = false;
    const { ctx } = this;
    const rest = this.words.slice(this.at);
    const end = rest.findIndex((word, i) => word === ';' || (word === '+' && rest[i - 1] === '{}'));
    if (end < 0) throw new Die('-exec requires an argument');
    this.at += end + 1;
    const command = rest.slice(0, end);
    if (rest[end] === '+') {
      const batch = { command, paths: [] as string[] };
      this.batches.push(batch);
      return function* collect({ path }) {
        batch.paths.push(path);
        return true;
      };
    }
    return function* run({ path }) {
      yield* ctx.out.flush();
      return (
        (yield* spawnAndWait(
          ctx,
          command.map((word) => word.replaceAll('{}', path)),
        )) === 0
      );
    };
  }
}

const always: Test = function* yes() {
  return true;
};

function named(pattern: string, ignoreCase: boolean): RegExp {
  const regex = compileText(pattern);
  return ignoreCase ? new RegExp(regex.source, 'i') : regex;
}

function signed(text: string): (value: number) => boolean {
  const amount = Number(text.replace(/^[-+]/, ''));
  if (text.startsWith('+')) return (value) => value > amount;
  return text.startsWith('-') ? (value) => value < amount : (value) => value === amount;
}

/** Bytes are compared, not blocks: `-size 1` is 512 bytes and no other. */
function sized(text: string): (visit: Visit) => boolean {
  const units: Readonly<Record<string, number>> = { '': 512, c: 1, w: 2, b: 512, k: 1024 };
  const match = /^([-+]?)(\d+)([cwbk]?)$/.exec(text);
  if (match === null) throw new Die(`invalid number '${text.replace(/^[-+]/, '')}'`);
  const compare = signed(`${match[1]}${Number(match[2]) * units[match[3]!]!}`);
  return ({ stat }) => compare(stat.size);
}

function permitted(text: string): (visit: Visit) => boolean {
  const mode = parseMode(text.replace(/^[-+/]/, ''), 0, false, 0);
  if (mode === undefined) throw new Die(`invalid mode '${text}'`);
  if (text.startsWith('-')) return ({ stat }) => (stat.mode & mode) === mode;
  if (/^[+/]/.test(text)) return ({ stat }) => (stat.mode & mode) !== 0;
  return ({ stat }) => (stat.mode & 0o7777) === mode;
}
