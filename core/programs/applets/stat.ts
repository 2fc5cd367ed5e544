/** stat [-Lf] [-c FORMAT] FILE... */
import type { NodeType, Stat } from '../../vfs/fs.ts';
import { type Applet, attempt, type Ctx, Usage } from '../lib/applet.ts';
import type { Options } from '../lib/getopt.ts';
import { modeString } from '../lib/mode.ts';
import { strftime } from '../lib/time.ts';
import { type Names, readNames } from '../lib/users.ts';
import { blocksOf } from './ls.ts';

const types: Readonly<Record<NodeType, string>> = {
  file: 'regular file',
  dir: 'directory',
  symlink: 'symbolic link',
  char: 'character special file',
  block: 'block special file',
  fifo: 'fifo',
  socket: 'socket',
};

const typeBits: Readonly<Record<NodeType, number>> = {
  fifo: 0o010000,
  char: 0o020000,
  dir: 0o040000,
  block: 0o060000,
  file: 0o100000,
  symlink: 0o120000,
  socket: 0o140000,
};

export const stat: Applet = {
  usage: '[-ltf] [-c FMT] FILE...',
  *main(ctx) {
    const options = ctx.options('Lftc:');
    if (options.rest.length === 0) throw new Usage();
    const names = yield* readNames(ctx.sys);
    for (const path of options.rest) {
      try {
        const facts = options.has('L') ? ctx.sys.stat(path) : ctx.sys.lstat(path);
        ctx.out.put(`${render(ctx, formatOf(ctx, options, facts), path, facts, names)}\n`);
      } catch (error) {
        yield* ctx.refused(`can't stat '${path}'`, error);
      }
    }
    return ctx.status;
  },
};

function formatOf(ctx: Ctx, options: Options, facts: Stat): string {
  const given = options.get('c');
  for (const [word] of (given ?? '').matchAll(/%[A-Za-z]/g)) ctx.have(word);
  return given ?? (options.has('t') ? '%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %o' : standard(facts));
}

function standard(facts: Stat): string {
  const device = facts.type === 'char' || facts.type === 'block' ? ' Device type: %t,%T' : '';
  const sized = (format: string, width: number): string => `${format}${width}`;
  return (
    `  File: %N\n  Size: ${sized('%<s', 10)}\tBlocks: ${sized('%<b', 10)} IO Block: ${sized('%<o', 6)} %F\n` +
    `Device: %Dh/%dd\tInode: ${sized('%<i', 10)}  Links: ${device === '' ? '%h' : `${sized('%<h', 5)}${device}`}\n` +
    'Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\n' +
    'Access: %x\nModify: %y\nChange: %z'
  );
}

function render(ctx: Ctx, format: string, path: string, facts: Stat, names: Names): string {
  return format.replace(/%(<)?(0?)([A-Za-z])(\d+)|%(0?)(\d*)(?:\.\d+)?([A-Za-z%])/g, (...match) => {
    const [, left, , leftLetter, leftWidth, zero, width, letter] = match as (string | undefined)[];
    if (left !== undefined) return field(ctx, leftLetter!, path, facts, names).padEnd(Number(leftWidth));
    const letterOf = letter ?? leftLetter!;
    const text = field(ctx, letterOf, path, facts, names) + (letter === undefined ? (leftWidth ?? '') : '');
    return width === undefined || width === '' ? text : text.padStart(Number(width), zero === '0' ? '0' : ' ');
  });
}

function time(ms: number): string {
  const whole = Math.floor(ms / 1000) * 1000;
  const nanos = Math.round((ms - whole) * 1e6);
  return `${strftime('%Y-%m-%d %H:%M:%S', whole)}.${String(nanos).padStart(9, '0')} +0000`;
}

function field(ctx: Ctx, letter: string, path: string, facts: Stat, names: Names): string {
  switch (letter) {
    case 'n':
      return path;
    case 'N': {
      const target = facts.type === 'symlink' ? attempt(() => ctx.sys.readlink(path)) : undefined;
      return target === undefined ? path : `'${path}' -> '${target}'`;
    }
    case 's':
      return String(facts.size);
    case 'b':
      return String(blocksOf(facts) * 2);
    case 'B':
      return '512';
    case 'o':
      return '4096';
    case 'a':
      return facts.mode.toString(8);
    case 'A':
      return modeString(facts.type, facts.mode);
    case 'f':
      return (typeBits[facts.type] | facts.mode).toString(16);
    case 'F':
      return facts.type === 'file' && facts.size === 0 ? 'regular empty file' : types[facts.type];
    case 'u':
      return String(facts.uid);
    case 'g':
      return String(facts.gid);
    case 'U':
      return names.user(facts.uid) ?? 'UNKNOWN';
    case 'G':
      return names.group(facts.gid) ?? 'UNKNOWN';
    case 'h':
      return String(facts.nlink);
    case 'i':
      return String(facts.ino);
    case 'd':
      return String(deviceOf(ctx, path, facts));
    case 'D':
      return deviceOf(ctx, path, facts).toString(16);
    case 't':
      return facts.rdev[0].toString(16);
    case 'T':
      return facts.rdev[1].toString(16);
    case 'x':
    case 'y':
      return time(facts.mtime);
    case 'z':
      return time(facts.ctime);
    case 'X':
    case 'Y':
      return String(Math.floor(facts.mtime / 1000));
    case 'Z':
      return String(Math.floor(facts.ctime / 1000));
    case '%':
      return '%';
    default:
      return letter;
  }
}

/** st_dev as the kernel packs it into one number, makedev(3). */
function deviceOf(ctx: Ctx, path: string, { type }: Stat): number {
  const [major, minor] = ctx.sys.device(path, type !== 'symlink');
  return major * 256 + minor;
}
