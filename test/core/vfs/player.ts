/**
 * Plays operations (ops.ts) by the system calls of the simulated kernel, and tells what stat(2) and its like show as one line
 * of text, as test/linux/overlay-player.pl does for a real kernel.
 */
import { SysError } from '../../../core/errors.ts';
import { Kernel } from '../../../core/kernel/kernel.ts';
import { bear, type Process } from '../../../core/kernel/process.ts';
import type { Call, OpenFlags, Sys } from '../../../core/kernel/sys.ts';
import { contentBytes } from '../../../core/vfs/content.ts';
import type { Fs, Ino, Stat } from '../../../core/vfs/fs.ts';
import { type FileOp, RECENT, type Result } from './ops.ts';

const encoder = new TextEncoder();

const letters: Readonly<Record<string, keyof OpenFlags>> = {
  ...{ r: 'read', w: 'write', c: 'create', x: 'excl' },
  ...{ t: 'truncate', a: 'append', d: 'directory', n: 'nofollow' },
};

export function openFlags(flags: string): OpenFlags {
  return Object.fromEntries([...flags].map((letter) => [letters[letter], true]));
}

/** Bytes as characters U+0000 to U+00FF. */
export function byteString(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

const utf8 = (text: string): string => byteString(encoder.encode(text));

/** Times that were set, as they are; others as `now`. */
function timeText(mtime: number): string {
  return mtime < RECENT ? String(mtime) : 'now';
}

/** The size of a directory is its file system's own affair. */
export function statText({ type, mode, uid, gid, nlink, size, rdev, mtime }: Stat): string {
  const bytes = type === 'dir' ? '-' : size;
  return [type, mode.toString(8), uid, gid, nlink, bytes, rdev.join(':'), timeText(mtime)].join(' ');
}

/** Runs a call that does not block. */
function finish<T>(call: Call<T>): T {
  const step = call.next();
  if (step.done !== true) throw new Error('the call blocks');
  return step.value;
}

export class Player {
  readonly kernel: Kernel;
  readonly host: Process;
  #process: Process | undefined;
  #sys: Sys;
  #slots = new Map<number, number>();

  constructor(root: Fs, now = RECENT, fault: { readonly ignoreWhiteouts?: boolean } = {}) {
    this.kernel = new Kernel({ root, startTime: now, fault });
    this.host = this.kernel.daemon;
    this.#sys = this.host.sys;
    this.enter('/');
  }

  /** Goes on in another root directory. */
  enter(root: string): void {
    if (this.#process !== undefined) this.kernel.terminate(this.#process, { code: 0 });
    const child = bear(this.kernel, { parent: this.kernel.init });
    this.#process = child;
    child.umask = 0;
    this.kernel.equip(child);
    child.sys.chroot(root);
    child.sys.chdir('/');
    this.#sys = child.sys;
  }

  /** Closes what is held open, and is back in the host's root directory. */
  leave(): void {
    this.#slots.clear();
    this.enter('/');
  }

  play(op: FileOp, now?: number): Result {
    if (now !== undefined) this.kernel.scheduler.clock = now;
    try {
      const value = this.#perform(op);
      return value === '' || value === undefined ? {} : { value };
    } catch (error) {
      if (error instanceof SysError) return { errno: error.errno };
      throw error;
    }
  }

  #perform(op: FileOp): string | undefined {
    const sys = this.#sys;
    switch (op.do) {
      case 'open':
        return this.#open(op.path, op.flags, op.mode, (fd) => this.#writeAt(fd, op.text, op.at, op.flags));
      case 'truncate':
        return this.#unlessFifo(op.path, () => sys.truncate(op.path, op.size));
      case 'mkdir':
        return void sys.mkdir(op.path, op.mode);
      case 'mknod':
        return void sys.mknod(op.path, op.type, op.mode, [op.major, op.minor]);
      case 'symlink':
        return void sys.symlink(op.target, op.path);
      case 'unlink':
        return void sys.unlink(op.path);
      case 'rmdir':
        return void sys.rmdir(op.path);
      case 'rename':
        return void sys.rename(op.path, op.to, { noreplace: op.noreplace });
      case 'link':
        return void sys.link(op.path, op.to);
      case 'chmod':
        return void sys.chmod(op.path, op.mode);
      case 'chown':
        return void sys.chown(op.path, op.uid, op.gid, op.follow);
      case 'utimes':
        return void sys.setattr(op.path, { mtime: op.mtime }, op.follow);
      default:
        return this.#ask(op);
    }
  }

  #ask(op: FileOp): string | undefined {
    const sys = this.#sys;
    switch (op.do) {
      case 'stat':
        return statText(sys.stat(op.path));
      case 'lstat':
        return statText(sys.lstat(op.path));
      case 'readdir':
        return utf8(
          sys
            .readdir(op.path)
            .map(({ name }) => name)
            .join('/'),
        );
      case 'readlink':
        return utf8(sys.readlink(op.path));
      case 'read':
        return this.#open(op.path, 'r', 0, (fd) => this.#read(fd));
      default:
        return this.#attributes(op);
    }
  }

  #attributes(op: FileOp): string | undefined {
    const sys = this.#sys;
    switch (op.do) {
      case 'setxattr': {
        const flags = { follow: op.follow, ...(op.how === 'any' ? {} : { only: op.how }) };
        return void sys.setxattr(op.path, op.name, op.value, flags);
      }
      case 'getxattr':
        return sys.getxattr(op.path, op.name, op.follow);
      case 'removexattr':
        return void sys.removexattr(op.path, op.name, op.follow);
      case 'listxattr':
        return sys.listxattr(op.path, op.follow).join(' ');
      default:
        return this.#descriptors(op);
    }
  }

  #descriptors(op: FileOp): string | undefined {
    const sys = this.#sys;
    if (op.do === 'hold') {
      this.#drop(op.slot);
      return this.#unlessFifo(op.path, () => {
        this.#slots.set(op.slot, sys.open(op.path, openFlags(op.flags), 0o644));
      });
    }
    const fd = 'slot' in op ? this.#slots.get(op.slot) : undefined;
    if (fd === undefined) throw new SysError('EBADF');
    if (op.do === 'pwrite') this.#writeAt(fd, op.text, op.at, 'w');
    if (op.do === 'pread') return this.#read(fd);
    if (op.do === 'fstat') return statText(sys.fstat(fd));
    if (op.do === 'drop') this.#drop(op.slot);
    return undefined;
  }

  #drop(slot: number): void {
    const fd = this.#slots.get(slot);
    if (fd === undefined) return;
    this.#slots.delete(slot);
    this.#sys.close(fd);
  }

  /** A FIFO is not opened: who would be at its other end? */
  #unlessFifo(path: string, work: () => unknown): string | undefined {
    let isFifo = false;
    try {
      isFifo = this.#sys.stat(path).type === 'fifo';
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
    return isFifo ? 'fifo' : String(work() ?? '');
  }

  #open(path: string, flags: string, mode: number, use: (fd: number) => string | undefined): string | undefined {
    return this.#unlessFifo(path, () => {
      const fd = this.#sys.open(path, openFlags(flags), mode);
      try {
        return use(fd);
      } finally {
        this.#sys.close(fd);
      }
    });
  }

  #writeAt(fd: number, text: string, at: number, flags: string): undefined {
    if (!flags.includes('w')) return undefined;
    if (!flags.includes('a')) this.#sys.lseek(fd, at, 'set');
    finish(this.#sys.write(fd, encoder.encode(text)));
    return undefined;
  }

  #read(fd: number): string {
    this.#sys.lseek(fd, 0, 'set');
    return byteString(finish(this.#sys.read(fd, 8192)));
  }
}

/** Everything below a directory, by path: its stat, content or target, and extended attributes. */
export function look(
  fs: Fs,
  root: Ino = fs.root,
  shownXattr: (name: string) => boolean = () => true,
): Map<string, string> {
  const seen = new Map<string, string>();
  const groups = new Map<Ino, string>();
  const visit = (ino: Ino, path: string): void => {
    const stat = fs.stat(ino);
    const more = stat.type === 'file' ? byteString(contentBytes(fs.read(ino))) : '';
    const target = stat.type === 'symlink' ? fs.readlink(ino) : '';
    const first = stat.type === 'dir' ? path : (groups.get(stat.ino) ?? path);
    groups.set(stat.ino, first);
    const attributes = Object.entries(fs.xattrs(ino)).filter(([name]) => shownXattr(name));
    const xattrs = attributes.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
    seen.set(path, [statText(stat), first === path ? '' : `same as ${first}`, more, target, ...xattrs].join('|'));
    if (stat.type !== 'dir') return;
    for (const entry of fs.readdir(ino)) visit(entry.ino, `${path}/${entry.name}`);
    for (const name of fs.unfound?.(ino) ?? []) seen.set(`${path}/${name}`, 'listed, but not found');
  };
  visit(root, '');
  return seen;
}

/** Plays operations on a file system that is the root of a host, one every `step` milliseconds, and lets go of what they hold. */
export function playAll(fs: Fs, ops: readonly FileOp[], from = 0, step = 1): Result[] {
  const player = new Player(fs);
  const results = ops.map((op, n) => player.play(op, from + n * step));
  player.leave();
  return results;
}
