/** find [PATH]... [EXPRESSION] with what Debian's busybox has of it (no -delete), and xargs. */
import { SysError } from '../../errors.ts';
import type { Call } from '../../kernel/sys.ts';
import type { Stat } from '../../vfs/fs.ts';
import { type Applet, attempt, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { byteString, fromBytes, textOf } from '../lib/bytes.ts';
import { readAll, splitLines } from '../lib/io.ts';
import { parseMode } from '../lib/mode.ts';
import { posixRegex } from '../lib/regex.ts';
import { spawnAndWait } from '../lib/spawn.ts';
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
    const parser = new Expression(ctx, start < 0 ? [] : args.slice(start));
    const plan = parser.plan();
    if (parser.unknown !== undefined) {
      yield* ctx.warn(`unrecognized: ${parser.unknown}`);
      throw new Usage();
    }
    const follow = ctx.args[0] === '-L';
    try {
      for (const root of roots.length === 0 ? ['.'] : roots) yield* walk(ctx, plan, root, 0, follow);
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

function* walk(ctx: Ctx, plan: Plan, path: string, depth: number, follow: boolean): Call<void> {
  const { sys } = ctx;
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
  if (stat.type === 'dir' && depth < plan.maxDepth && !visit.prune) {
    try {
      for (const entry of sys.readdir(path)) {
        yield* walk(ctx, plan, path.endsWith('/') ? path + entry.name : `${path}/${entry.name}`, depth + 1, follow);
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
  private printing = true;
  unknown: string | undefined;
  private readonly settings = { maxDepth: Number.POSITIVE_INFINITY, minDepth: 0, depthFirst: false, xdev: false };
  private readonly batches: Plan['batches'] = [];

  constructor(
    private readonly ctx: Ctx,
    private readonly words: readonly string[],
  ) {}

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

  private and(): Test {
    let left = this.not();
    for (;;) {
      const word = this.words[this.at];
      if (word === undefined || word === '-o' || word === '-or' || word === ')') return left;
      if (word === '-a' || word === '-and') this.at++;
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
      const inner = this.not();
      return function* inverted(visit) {
        return !(yield* inner(visit));
      };
    }
    if (word === '(') {
      this.at++;
      const inner = this.or();
      this.at++;
      return inner;
    }
    return this.primary();
  }

  private value(name: string): string {
    const value = this.words[this.at++];
    if (value === undefined) throw new Die(`option requires an argument -- '${name.slice(1)}'`);
    return value;
  }

  private number(name: string): number {
    const text = this.value(name);
    if (!/^\d+$/.test(text)) throw new Die(`invalid number '${text}'`);
    return Number(text);
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
      case '-follow':
        return always;
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
        const id = Number(this.value(name).replace(/^root$/, '0'));
        return pure(({ stat }) => (name === '-user' ? stat.uid : stat.gid) === id);
      }
      case '-perm':
        return pure(permitted(this.value(name)));
      case '-samefile': {
        const { ino, type } = ctx.sys.stat(this.value(name));
        return pure(({ stat }) => stat.ino === ino && stat.type === type);
      }
      case '-regex': {
        const regex = posixRegex(byteString(this.value(name)), false, '');
        return pure(({ path }) => regex.exec(byteString(path))?.[0].length === byteString(path).length);
      }
      case '-newer': {
        const { mtime } = ctx.sys.stat(this.value(name));
        return pure(({ stat }) => stat.mtime > mtime);
      }
      case '-mtime':
      case '-mmin': {
        const unit = name === '-mtime' ? 86_400_000 : 60_000;
        const compare = signed(this.value(name));
        return pure(({ stat }) => compare(Math.floor((ctx.sys.now() - stat.mtime) / unit)));
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
      case '-ok':
        return this.exec();
      default:
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

function sized(text: string): (visit: Visit) => boolean {
  const units: Readonly<Record<string, number>> = { c: 1, b: 512, k: 1024, w: 2, M: 2 ** 20, G: 2 ** 30 };
  const match = /^([-+]?)(\d+)([cbkwMG]?)$/.exec(text);
  if (match === null) throw new Die(`invalid number '${text}'`);
  const unit = units[match[3] === '' ? 'b' : match[3]!]!;
  const compare = signed(`${match[1]}${match[2]}`);
  return ({ stat }) => compare(Math.ceil(stat.size / unit));
}

function permitted(text: string): (visit: Visit) => boolean {
  const mode = parseMode(text.replace(/^[-+/]/, ''), 0, false, 0);
  if (mode === undefined) throw new Die(`invalid mode '${text}'`);
  if (text.startsWith('-')) return ({ stat }) => (stat.mode & mode) === mode;
  if (/^[+/]/.test(text)) return ({ stat }) => (stat.mode & mode) !== 0;
  return ({ stat }) => (stat.mode & 0o7777) === mode;
}

export const xargs: Applet = {
  usage: '[OPTIONS] [PROG ARGS]',
  *main(ctx) {
    const options = ctx.options('+0rta:opn:s:I:E:e::xL:P:', { 'no-run-if-empty': 'r' });
    const command = options.rest.length === 0 ? ['echo'] : options.rest;
    const file = options.get('a') ?? '-';
    const fd = yield* ctx.open(file, file);
    if (fd === undefined) return 1;
    const text = fromBytes(yield* readAll(ctx.sys, fd));
    ctx.close(fd);
    const replace = options.get('I');
    const items = (
      replace !== undefined
        ? splitLines(text)
            .map((line) => line.trimStart())
            .filter((line) => line !== '')
        : words(text, options.has('0'))
    ).map(textOf);
    const end = options.get('E') ?? options.get('e') ?? '';
    if (end !== '' && items.includes(end)) items.splice(items.indexOf(end));
    const groups: string[][] = [];
    const size = Number(options.get('n') ?? Number.POSITIVE_INFINITY);
    if (replace !== undefined)
      groups.push(...items.map((item) => command.map((word) => word.replaceAll(replace, item))));
    else if (items.length > 0) {
      for (let at = 0; at < items.length; at += size === Number.POSITIVE_INFINITY ? items.length : size) {
        groups.push([...command, ...items.slice(at, at + size)]);
      }
    } else if (!options.has('r')) groups.push([...command]);
    let status = 0;
    for (const argv of groups) {
      if (options.has('t')) yield* ctx.sys.write(2, `${argv.join(' ')}\n`);
      let code: number;
      try {
        code = yield* spawnAndWait(ctx, argv, true);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        yield* ctx.warn(`${argv[0]}: ${reason(error)}`);
        return error.errno === 'ENOENT' ? 127 : 126;
      }
      if (code === 255) {
        yield* ctx.warn(`${argv[0]}: exited with status 255; aborting`);
        return 124;
      }
      if (code !== 0) status = 123;
    }
    return status;
  },
};

/** Words with quotes and backslashes, as xargs(1) reads them. */
function words(text: string, nul: boolean): string[] {
  if (nul) return text.split('\0').filter((word) => word !== '');
  const found: string[] = [];
  for (const match of text.matchAll(/(?:"[^"\n]*"|'[^'\n]*'|\\[\s\S]|[^\s"'\\])+/g)) {
    found.push(
      match[0].replace(
        /"([^"\n]*)"|'([^'\n]*)'|\\([\s\S])/g,
        (_, a?: string, b?: string, c?: string) => a ?? b ?? c ?? '',
      ),
    );
  }
  return found;
}
