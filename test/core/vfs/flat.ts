/**
 * The oracle of the file systems: the dumbest correct thing, one flat table from path to file. It knows nothing of inodes by
 * number, of layers or of sharing; a path walk is a search for prefixes, a rename goes over all paths.
 */
import { type Errno, SysError } from '../../../core/errors.ts';
import type { NodeType } from '../../../core/vfs/fs.ts';
import { CAPABILITY_XATTR } from '../../../core/vfs/fs.ts';
import { type FileOp, RECENT, type Result } from './ops.ts';

/** Text and targets are strings of bytes. */
interface FlatFile {
  readonly type: NodeType;
  mode: number;
  uid: number;
  gid: number;
  mtime: number;
  text: string;
  readonly target: string;
  readonly rdev: string;
  readonly xattrs: Map<string, string>;
}

type Made = Pick<FlatFile, 'type' | 'mode'> & Partial<FlatFile>;

interface Spot {
  /** Without links and dots; empty for the root. */
  readonly path: string;
  readonly file: FlatFile | undefined;
  /** `.`, `..` or `/` for what is no name. */
  readonly name: string;
  readonly slash: boolean;
}

const bytes = (text: string): string => Buffer.from(text).toString('latin1');
const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');
const no = (errno: Errno): never => {
  throw new SysError(errno);
};
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

interface Open {
  readonly file: FlatFile;
  readonly flags: string;
}

export interface Rules {
  /** Overlay refuses to rename such a directory. */
  readonly isMixed?: (dir: object) => boolean;
  /** Overlay refuses to make a device that looks like a whiteout. */
  readonly isUnion?: boolean;
}

export class FlatTree {
  readonly files = new Map<string, FlatFile>();
  rules: Rules = {};
  #slots = new Map<number, Open>();
  #now = 0;

  constructor() {
    this.files.set('', this.#new({ type: 'dir', mode: 0o755 }));
  }

  play(op: FileOp, now: number): Result {
    this.#now = now;
    try {
      const value = this.#perform(op);
      return value === undefined || value === '' ? {} : { value };
    } catch (error) {
      if (error instanceof SysError) return { errno: error.errno };
      throw error;
    }
  }

  /** A remount: nothing is held any more. */
  leave(): void {
    this.#slots.clear();
  }

  /**
   * What a new upper layer does: it brings a root directory of its own, and of a hard link each name becomes a file of its own
   * once it is written to.
   */
  newLayer(): void {
    this.files.set('', this.#new({ type: 'dir', mode: 0o755, mtime: this.files.get('')!.mtime }));
    for (const [path, file] of this.files) {
      if (file.type !== 'dir') this.files.set(path, { ...file, xattrs: new Map(file.xattrs) });
    }
  }

  #new(made: Made): FlatFile {
    const empty = { uid: 0, gid: 0, mtime: this.#now, text: '', target: '', rdev: '0:0', xattrs: new Map() };
    return { ...empty, ...made };
  }

  // Path walk.

  /** Where a path leads. `end`: what to do with the last name. */
  #walk(text: string, end: 'follow' | 'stay' | 'create'): Spot {
    if (text === '') no('ENOENT');
    if (bytes(text).length >= 4096) no('ENAMETOOLONG');
    const queue = text.split('/').filter((part) => part !== '');
    let slash = text.endsWith('/');
    let path = '';
    let name = '/';
    for (let links = 0; queue.length > 0; ) {
      name = queue.shift()!;
      this.#dirAt(path);
      const isLast = queue.length === 0;
      if (isLast && slash && end === 'create' && name !== '.' && name !== '..') no('EISDIR');
      if (name === '.' || name === '..') {
        if (name === '..') path = parentOf(path);
        continue;
      }
      if (bytes(name).length > 255) no('ENAMETOOLONG');
      const file = this.files.get(`${path}/${name}`);
      if (file?.type === 'symlink' && (!isLast || end !== 'stay' || slash)) {
        if (++links > 40) no('ELOOP');
        const target = utf8(file.target);
        if (target.startsWith('/')) path = '';
        if (isLast) slash ||= target.endsWith('/');
        queue.unshift(...target.split('/').filter((part) => part !== ''));
        if (queue.length === 0) name = '/';
      } else path = `${path}/${name}`;
    }
    const file = this.files.get(path);
    if (slash && file !== undefined && file.type !== 'dir') no('ENOTDIR');
    return { path, file, name, slash };
  }

  /** ENOENT, ENOTDIR. */
  #dirAt(path: string): void {
    const file = this.files.get(path) ?? no('ENOENT');
    if (file.type !== 'dir') no('ENOTDIR');
  }

  /** The file that a path leads to. */
  #at(text: string, follow = true): FlatFile {
    return this.#walk(text, follow ? 'follow' : 'stay').file ?? no('ENOENT');
  }

  /** The last name of a path in its directory, which is looked up only by `#look`. */
  #name(text: string): Omit<Spot, 'file'> {
    if (text === '') no('ENOENT');
    if (bytes(text).length >= 4096) no('ENAMETOOLONG');
    const bare = text.replace(/\/+$/, '');
    if (bare === '') return { path: '', name: '/', slash: true };
    const at = bare.lastIndexOf('/');
    const head = bare.slice(0, at + 1);
    const dir = head === '' ? '' : this.#walk(head, 'follow').path;
    this.#dirAt(dir);
    const name = bare.slice(at + 1);
    return { path: `${dir}/${name}`, name, slash: bare !== text };
  }

  #look(spot: Omit<Spot, 'file'>): FlatFile | undefined {
    if (isDots(spot)) return this.files.get('');
    if (bytes(spot.name).length > 255) no('ENAMETOOLONG');
    return this.files.get(spot.path);
  }

  // What the calls do.

  #perform(op: FileOp): string | undefined {
    switch (op.do) {
      case 'open':
        return this.#with(op.path, op.flags, op.mode, (file) => this.#write(file, op.flags, op.text, op.at));
      case 'truncate':
        return this.#unlessFifo(op.path, () => this.#truncate(this.#at(op.path), op.size));
      case 'mkdir':
        return this.#make(op.path, { type: 'dir', mode: op.mode & 0o1777 });
      case 'mknod':
        return this.#make(op.path, { type: op.type, mode: op.mode, rdev: `${op.major}:${op.minor}` });
      case 'symlink': {
        if (op.target === '') no('ENOENT');
        if (bytes(op.target).length >= 4096) no('ENAMETOOLONG');
        return this.#make(op.path, { type: 'symlink', mode: 0o777, target: bytes(op.target) });
      }
      case 'unlink':
        return this.#unlink(op.path);
      case 'rmdir':
        return this.#rmdir(op.path);
      case 'rename':
        return this.#rename(op.path, op.to, op.noreplace);
      case 'link':
        return this.#link(op.path, op.to);
      case 'chmod':
        this.#at(op.path).mode = op.mode;
        return undefined;
      case 'chown':
        return this.#chown(this.#at(op.path, op.follow), op.uid, op.gid);
      case 'utimes':
        this.#at(op.path, op.follow).mtime = op.mtime;
        return undefined;
      default:
        return this.#ask(op);
    }
  }

  #ask(op: FileOp): string | undefined {
    switch (op.do) {
      case 'stat':
        return this.#stat(this.#at(op.path));
      case 'lstat':
        return this.#stat(this.#at(op.path, false));
      case 'readdir': {
        const { path, file } = this.#walk(op.path, 'follow');
        if ((file ?? no('ENOENT')).type !== 'dir') no('ENOTDIR');
        const names = this.#children(path).map((child) => bytes(child.slice(path.length + 1)));
        return names.sort().join('/');
      }
      case 'readlink': {
        const file = this.#at(op.path, false);
        return file.type === 'symlink' ? file.target : no('EINVAL');
      }
      case 'read':
        return this.#with(op.path, 'r', 0, (file) => this.#read(file));
      case 'setxattr':
        return this.#setxattr(op);
      case 'getxattr':
      case 'removexattr': {
        checkLength(op.name);
        const file = this.#at(op.path, op.follow);
        if (op.name.startsWith('user.') && !hasUserXattrs(file)) no(op.do === 'getxattr' ? 'ENODATA' : 'EPERM');
        checkClass(op.name);
        const value = file.xattrs.get(op.name) ?? no('ENODATA');
        if (op.do === 'getxattr') return value;
        file.xattrs.delete(op.name);
        return undefined;
      }
      case 'listxattr':
        return [...this.#at(op.path, op.follow).xattrs.keys()].sort().join(' ');
      default:
        return this.#held(op);
    }
  }

  #held(op: FileOp): string | undefined {
    if (op.do === 'hold') {
      this.#slots.delete(op.slot);
      return this.#unlessFifo(op.path, () => {
        this.#slots.set(op.slot, { file: this.#open(op.path, op.flags, 0o644), flags: op.flags });
      });
    }
    const { file, flags } = ('slot' in op ? this.#slots.get(op.slot) : undefined) ?? no('EBADF');
    if (op.do === 'pwrite') {
      if (!flags.includes('w')) no('EBADF');
      this.#write(file, flags, op.text, op.at);
    }
    if (op.do === 'pread') return flags.includes('r') ? this.#read(file) : no('EBADF');
    if (op.do === 'fstat') return this.#stat(file);
    if (op.do === 'drop') this.#slots.delete(op.slot);
    return undefined;
  }

  #unlessFifo(path: string, work: () => unknown): string | undefined {
    let type: NodeType | undefined;
    try {
      type = this.#at(path).type;
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
    return type === 'fifo' ? 'fifo' : String(work() ?? '');
  }

  #with(path: string, flags: string, mode: number, use: (file: FlatFile) => string | undefined): string | undefined {
    return this.#unlessFifo(path, () => use(this.#open(path, flags, mode)));
  }

  #open(path: string, flags: string, mode: number): FlatFile {
    const has = (flag: string): boolean => flags.includes(flag);
    const follows = !has('n') && !(has('c') && has('x'));
    const spot = this.#openSpot(path, follows, has('c'));
    const { file } = spot;
    if (file === undefined) {
      if (!has('c')) no('ENOENT');
      return this.#add(spot.path, { type: 'file', mode });
    }
    if (has('c') && has('x')) no('EEXIST');
    if (file.type === 'symlink') no(has('d') ? 'ENOTDIR' : 'ELOOP');
    if (has('d') && file.type !== 'dir') no('ENOTDIR');
    if (file.type === 'dir' && (has('w') || has('c'))) no('EISDIR');
    if (file.type !== 'dir' && file.type !== 'file') no('ENXIO');
    if (has('t') && has('w')) this.#truncate(file, 0);
    return file;
  }

  /** With O_CREAT a slash at the end is refused before anything is looked up. */
  #openSpot(path: string, follows: boolean, creates: boolean): Spot {
    if (!creates) return this.#walk(path, follows ? 'follow' : 'stay');
    const name = this.#name(path);
    if (name.slash && !isDots(name)) no('EISDIR');
    return this.#walk(path, follows ? 'create' : 'stay');
  }

  #read(file: FlatFile): string {
    return file.type === 'dir' ? no('EISDIR') : file.text.slice(0, 8192);
  }

  #write(file: FlatFile, flags: string, text: string, at: number): undefined {
    if (!flags.includes('w')) return undefined;
    const old = file.text;
    const from = flags.includes('a') ? old.length : at;
    file.text = old.padEnd(from, '\0').slice(0, from) + text + old.slice(from + text.length);
    this.#changed(file);
    return undefined;
  }

  #truncate(file: FlatFile, size: number): undefined {
    if (file.type === 'dir') no('EISDIR');
    if (file.type !== 'file') no('EINVAL');
    file.text = file.text.padEnd(size, '\0').slice(0, size);
    this.#changed(file);
    return undefined;
  }

  #changed(file: FlatFile): void {
    file.mtime = this.#now;
    file.xattrs.delete(CAPABILITY_XATTR);
  }

  #chown(file: FlatFile, uid: number, gid: number): undefined {
    Object.assign(file, { uid, gid });
    if (file.type === 'dir') return undefined;
    file.xattrs.delete(CAPABILITY_XATTR);
    file.mode &= (file.mode & 0o010) === 0 ? ~0o4000 : ~0o6000;
    return undefined;
  }

  #setxattr({ path, name, value, how, follow }: FileOp & { do: 'setxattr' }): undefined {
    checkLength(name);
    const file = this.#at(path, follow);
    if (name.startsWith('user.') && !hasUserXattrs(file)) no('EPERM');
    if (name === CAPABILITY_XATTR && value === 'bad') no('EINVAL');
    checkClass(name);
    if (how === 'create' && file.xattrs.has(name)) no('EEXIST');
    if (how === 'replace' && !file.xattrs.has(name)) no('ENODATA');
    file.xattrs.set(name, value);
    return undefined;
  }

  #make(text: string, made: Made): undefined {
    const spot = this.#name(text);
    if (this.#look(spot) !== undefined) no('EEXIST');
    if (spot.slash && made.type !== 'dir') no('ENOENT');
    if (this.rules.isUnion === true && made.type === 'char' && made.rdev === '0:0') no('EPERM');
    this.#add(spot.path, made);
    return undefined;
  }

  #add(path: string, made: Made): FlatFile {
    const dir = this.files.get(parentOf(path))!;
    const inherits = (dir.mode & 0o2000) !== 0;
    const mode = made.type === 'dir' && inherits ? made.mode | 0o2000 : made.mode;
    const file = this.#new({ ...made, mode, gid: inherits ? dir.gid : 0 });
    this.files.set(path, file);
    this.#touchParent(path);
    return file;
  }

  #touchParent(path: string): void {
    this.files.get(parentOf(path))!.mtime = this.#now;
  }

  #unlink(text: string): undefined {
    const spot = this.#name(text);
    if (isDots(spot)) no('EISDIR');
    const file = this.#look(spot) ?? no('ENOENT');
    if (file.type === 'dir') no('EISDIR');
    if (spot.slash) no('ENOTDIR');
    this.files.delete(spot.path);
    this.#touchParent(spot.path);
    return undefined;
  }

  #rmdir(text: string): undefined {
    const spot = this.#name(text);
    if (isDots(spot)) no(spot.name === '.' ? 'EINVAL' : spot.name === '..' ? 'ENOTEMPTY' : 'EBUSY');
    const file = this.#look(spot) ?? no('ENOENT');
    if (file.type !== 'dir') no('ENOTDIR');
    if (this.#below(spot.path).length > 0) no('ENOTEMPTY');
    this.files.delete(spot.path);
    this.#touchParent(spot.path);
    return undefined;
  }

  #link(text: string, to: string): undefined {
    const file = this.#at(text, false);
    const spot = this.#name(to);
    if (this.#look(spot) !== undefined) no('EEXIST');
    if (spot.slash) no('ENOENT');
    if (file.type === 'dir') no('EPERM');
    this.files.set(spot.path, file);
    this.#touchParent(spot.path);
    return undefined;
  }

  #rename(text: string, toText: string, noreplace: boolean): undefined {
    const from = this.#name(text);
    const to = this.#name(toText);
    if (isDots(from)) no('EBUSY');
    if (isDots(to)) no(noreplace ? 'EEXIST' : 'EBUSY');
    const file = this.#look(from) ?? no('ENOENT');
    const replaced = this.#look(to);
    if (noreplace && replaced !== undefined) no('EEXIST');
    if (file.type !== 'dir' && (from.slash || to.slash)) no('ENOTDIR');
    if (to.path.startsWith(`${from.path}/`)) no('EINVAL');
    if (from.path.startsWith(`${to.path}/`)) no('ENOTEMPTY');
    if (replaced === file) return undefined;
    this.#checkReplace(file, replaced, to.path);
    const moved = this.#below(from.path).map(
      (path) => [to.path + path.slice(from.path.length), this.files.get(path)!] as const,
    );
    for (const path of [from.path, ...this.#below(from.path)]) this.files.delete(path);
    this.files.set(to.path, file);
    for (const [path, its] of moved) this.files.set(path, its);
    this.#touchParent(from.path);
    this.#touchParent(to.path);
    return undefined;
  }

  #checkReplace(file: FlatFile, replaced: FlatFile | undefined, to: string): void {
    if (replaced !== undefined && file.type === 'dir' && replaced.type !== 'dir') no('ENOTDIR');
    if (replaced !== undefined && file.type !== 'dir' && replaced.type === 'dir') no('EISDIR');
    if (file.type === 'dir' && this.rules.isMixed?.(file) === true) no('EXDEV');
    if (this.#below(to).length > 0) no('ENOTEMPTY');
  }

  #below(path: string): string[] {
    return [...this.files.keys()].filter((other) => other.startsWith(`${path}/`));
  }

  #children(path: string): string[] {
    return this.#below(path).filter((other) => !other.includes('/', path.length + 1));
  }

  // What it looks like.

  #stat(file: FlatFile): string {
    const { type, mode, uid, gid, rdev, mtime, text, target } = file;
    const names = [...this.files].filter(([, other]) => other === file).map(([path]) => path);
    const subdirs = names
      .flatMap((path) => this.#children(path))
      .filter((path) => this.files.get(path)!.type === 'dir');
    const nlink = type === 'dir' && names.length > 0 ? 2 + subdirs.length : names.length;
    const size = type === 'dir' ? '-' : text.length + target.length;
    const time = mtime < RECENT ? String(mtime) : 'now';
    return [type, mode.toString(8), uid, gid, nlink, size, rdev, time].join(' ');
  }

  /** As `look` of player.ts gives it. */
  look(): Map<string, string> {
    const seen = new Map<string, string>();
    const first = new Map<FlatFile, string>();
    for (const path of [...this.files.keys()].sort(byParts)) {
      const file = this.files.get(path)!;
      if (!first.has(file)) first.set(file, path);
      const same = first.get(file) === path ? '' : `same as ${first.get(file)}`;
      const xattrs = [...file.xattrs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
      seen.set(path, [this.#stat(file), same, file.text, utf8(file.target), ...xattrs].join('|'));
    }
    return seen;
  }
}

const isDots = ({ name }: { name: string }): boolean => name === '.' || name === '..' || name === '/';

const hasUserXattrs = ({ type }: FlatFile): boolean => type === 'file' || type === 'dir';

function checkLength(name: string): void {
  if (name === '' || name.length > 255) no('ERANGE');
}

function checkClass(name: string): void {
  const [prefix, ...rest] = name.split('.');
  if (rest.length === 0 || !['user', 'trusted', 'security'].includes(prefix!)) no('EOPNOTSUPP');
  if (rest.join('.') === '') no('EINVAL');
}

/** Depth first, siblings in byte order. */
function byParts(a: string, b: string): number {
  const x = a.split('/');
  const y = b.split('/');
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const order = Buffer.compare(Buffer.from(x[i]!), Buffer.from(y[i]!));
    if (order !== 0) return order;
  }
  return x.length - y.length;
}

/** A line or a stat without link counts: overlay shows 1 for merged directories, and breaks hard links at its own time. */
export function withoutLinks(text: string): string {
  return text
    .replace(/^((?:file|dir|symlink|char|block|fifo|socket) \S+ \d+ \d+) \d+ /, '$1 ')
    .replace(/\|same as [^|]*\|/, '||');
}
