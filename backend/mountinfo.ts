/** Reads /proc/<pid>/mountinfo, proc(5). Octal escapes of blanks are undone. */

export interface MountLine {
  readonly at: string;
  readonly type: string;
  readonly source: string;
  /** Of this mount: rw, nosuid … */
  readonly options: readonly string[];
  /** Of the file system: lowerdir=… */
  readonly superOptions: readonly string[];
}

export function parseMountinfo(text: string): readonly MountLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine);
}

/** Whether a line's mount point is `path` with one of these characters after it: a blank, for a mount point that is the path. */
export function hasPoint(text: string, path: string, after: string): boolean {
  const literal = escaped(path, /[ \t\n\\]/g).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  // Identity, parent, device and root stand before the mount point.
  return new RegExp(`^(?:\\S+ ){4}${literal}${after}`, 'm').test(text);
}

function parseLine(line: string): MountLine {
  const words = line.split(' ');
  const dash = words.indexOf('-', 6);
  const word = (n: number): string => plainText(words[n] ?? '');
  return {
    at: word(4),
    options: word(5).split(','),
    type: word(dash + 1),
    source: word(dash + 2),
    superOptions: word(dash + 3).split(','),
  };
}

const plainText = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** A word as fstab(5) wants it. */
export const fstabWord = (text: string): string => escaped(text, /[ \t\n\\#]/g);

const escaped = (text: string, what: RegExp): string =>
  text.replace(what, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
