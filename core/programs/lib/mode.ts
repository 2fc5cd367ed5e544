/** File modes: as `chmod` reads them (POSIX.1-2017 XCU chmod) and as `ls -l` writes them. */
import type { NodeType } from '../../vfs/fs.ts';

/** `755` or `u+x,go=`, applied to `mode`; undefined when it is none. */
export function parseMode(text: string, mode: number, isDir: boolean, umask: number): number | undefined {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8);
  let result = mode;
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause);
    if (match === null) return undefined;
    for (const [, op, perms] of match[2]!.matchAll(/([-+=])([rwxXstugo]*)/g)) {
      result = change(result, match[1]!, op!, perms!, isDir, umask);
    }
  }
  return result;
}

function change(mode: number, who: string, op: string, perms: string, isDir: boolean, umask: number): number {
  const everyone = who === '' || who.includes('a');
  const mask =
    (everyone || who.includes('u') ? 0o4700 : 0) |
    (everyone || who.includes('g') ? 0o2070 : 0) |
    (everyone || who.includes('o') ? 0o7 : 0) |
    (everyone ? 0o1000 : 0);
  let bits = 0;
  for (const c of perms) bits |= bitsOf(c, mode, isDir);
  bits &= who === '' ? mask & ~umask : mask;
  if (op === '+') return mode | bits;
  if (op === '-') return mode & ~bits;
  return (mode & ~(mask & (isDir ? 0o777 : 0o7777))) | bits;
}

function bitsOf(c: string, mode: number, isDir: boolean): number {
  const spread = (three: number): number => three * 0o111;
  switch (c) {
    case 'r':
      return 0o444;
    case 'w':
      return 0o222;
    case 'x':
      return 0o111;
    case 'X':
      return isDir || (mode & 0o111) !== 0 ? 0o111 : 0;
    case 's':
      return 0o6000;
    case 't':
      return 0o1000;
    case 'u':
      return spread((mode >> 6) & 7);
    case 'g':
      return spread((mode >> 3) & 7);
    default:
      return spread(mode & 7);
  }
}

const letters: Readonly<Record<NodeType, string>> = {
  file: '-',
  dir: 'd',
  symlink: 'l',
  char: 'c',
  block: 'b',
  fifo: 'p',
  socket: 's',
};

/** `drwxr-xr-x`. */
export function modeString(type: NodeType, mode: number): string {
  const triple = (bits: number, special: boolean, letter: string): string => {
    const x = (bits & 1) !== 0;
    const last = special ? (x ? letter : letter.toUpperCase()) : x ? 'x' : '-';
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${last}`;
  };
  return (
    letters[type] +
    triple(mode >> 6, (mode & 0o4000) !== 0, 's') +
    triple(mode >> 3, (mode & 0o2000) !== 0, 's') +
    triple(mode, (mode & 0o1000) !== 0, 't')
  );
}
