/**
 * Open file descriptions, open(2): what a descriptor refers to. Descriptors that were duplicated or inherited share one, and
 * with it the offset; it is closed with the last of them.
 *
 * Kept true: `refs` counts descriptors in all processes; `close` runs once. Reading and writing never touch a path again.
 */
import { SysError } from '../errors.ts';
import { contentBytes, contentSize, DISK_SIZE, emptyContent, written } from '../vfs/content.ts';
import type { Content, Fs, Ino, Stat } from '../vfs/fs.ts';
import { limits } from './limits.ts';
import type { NewMount } from './mount.ts';
import { type Path, pathString } from './namei.ts';
import type { Pipe } from './pipe.ts';
import { dropPrivileges } from './privileges.ts';
import type { Process } from './process.ts';
import { fullOf, rlimitOf } from './rlimits.ts';
import type { Call, OpenFlags, Wait } from './sys.ts';
import type { Terminal } from './terminals.ts';

export abstract class OpenFile {
  refs = 0;
  /** What it was opened by, for /proc/<pid>/fd and for the question whether a mount is busy. */
  path: Path | undefined;
  isTty = false;
  /** What it is open on, if that is a terminal. */
  terminal: Terminal | undefined;
  /** Opened for writing: the file system cannot become read-only. */
  forWriting = false;

  /** Where the next byte is read or written, and how it was opened (fcntl(2) F_GETFL): for /proc/<pid>/fdinfo. */
  get position(): number {
    return 0;
  }

  get statusFlags(): number {
    return RDWR;
  }

  /** Tells /proc/<pid>/fd what to show when there is no path. */
  abstract readonly label: string;
  abstract stat(): Stat;
  abstract read(by: Process, max: number): Call<Uint8Array>;
  abstract write(by: Process, data: Uint8Array): Call<void>;

  /** As `read` and `write`, when that is possible at once; undefined or false: it is not, and nothing was done. */
  tryRead(_by: Process, _max: number): Uint8Array | undefined {
    return undefined;
  }

  tryWrite(_by: Process, _data: Uint8Array): boolean {
    return false;
  }

  seek(_offset: number, _whence: 'set' | 'cur' | 'end'): number {
    throw new SysError('ESPIPE');
  }

  /** What a bind mount of it shows, where it can be mounted. */
  shown?(): NewMount;

  /** read(2) would not block: poll(2). */
  get readable(): boolean {
    return true;
  }

  /** The last descriptor is gone. */
  close(): void {}
}

const PAGE = 4096;
/** O_LARGEFILE, which every program of 64 bits opens with. */
const LARGEFILE = 0o100000;
const WRONLY = 1;
const RDWR = 2;
const nothing = new Uint8Array(0);

/** Waits until `ready`, or fails with EINTR when a handled signal is there first. */
export function* block(
  by: Process,
  why: Wait['why'],
  ready: () => boolean,
  /** Who changes what `ready` looks at wakes these. Absent: it is asked again and again. */
  waiters?: { add(process: Process): unknown },
): Call<void> {
  while (!ready()) {
    if (by.caught.length > 0) throw new SysError('EINTR');
    const either = () => by.caught.length > 0 || ready();
    waiters?.add(by);
    yield waiters === undefined ? { why, ready: either } : { why, ready: either, told: true };
  }
}

/** Stat of things that are in no file system. */
export function anonymousStat(type: Stat['type'], ino: number, rdev: readonly [number, number] = [0, 0]): Stat {
  return { ino, type, mode: 0o600, uid: 0, gid: 0, nlink: 1, size: 0, mtime: 0, ctime: 0, rdev };
}

/** File systems whose files are made when they are read and act when they are written: proc, cgroup, sysfs. */
export interface PseudoFs extends Fs {
  readonly pseudo: true;
}

function isPseudo(fs: Fs): fs is PseudoFs {
  return 'pseudo' in fs;
}

/** A buffer that was given out in part: bytes after the part may be filled later without disturbing who holds it. */
const filled = new WeakMap<object, number>();

/** `content` with bytes added; cheap when the same file is appended to again and again. */
export function appended(content: Content, data: Uint8Array): Content {
  const old = contentBytes(content);
  const size = old.length + data.length;
  if (old.byteOffset === 0 && filled.get(old.buffer) === old.length && old.buffer.byteLength >= size) {
    const whole = new Uint8Array(old.buffer);
    whole.set(data, old.length);
    filled.set(old.buffer, size);
    return written(whole.subarray(0, size));
  }
  const whole = new Uint8Array(Math.max(256, Math.min(size * 2, DISK_SIZE), size));
  whole.set(old);
  whole.set(data, old.length);
  filled.set(whole.buffer, size);
  return written(whole.subarray(0, size));
}

/** `content` with bytes written at an offset; a gap is filled with zeros. */
export function writtenAt(content: Content, offset: number, data: Uint8Array): Content {
  const size = contentSize(content);
  if (offset === size) return appended(content, data);
  if (offset === 0 && data.length >= size) return written(data.slice());
  const whole = new Uint8Array(Math.max(size, offset + data.length));
  whole.set(contentBytes(content));
  whole.set(data, offset);
  return written(whole);
}

/** Who begins with a file is read ahead for, bytes. */
const AHEAD = 131_072;
const ahead = (end: number, { length }: Uint8Array): number => Math.max(end, Math.min(length, AHEAD));

/** Regular files and directories of a file system. */
export class FsFile extends OpenFile {
  readonly label = 'file';
  private offset = 0;
  private readonly fs: Fs;
  private readonly ino: Ino;
  /** It lies on the disk, so that its pages are cached; so far they are for this file. */
  private readonly onDisk: boolean;
  private cached = 0;

  constructor(
    override path: Path,
    private readonly flags: OpenFlags,
    by: Process,
  ) {
    super();
    this.fs = path.mount.fs;
    this.ino = path.ino;
    this.fs.hold?.(this.ino);
    this.forWriting = flags.write === true;
    this.onDisk = this.fs.type === 'ext4' || this.fs.type === 'overlay' || this.fs.type === 'aufs';
    if (flags.write !== true || isPseudo(this.fs)) return;
    if (flags.truncate === true) this.truncate(by);
    else this.fs.openWrite?.(this.ino);
  }

  override get position(): number {
    return this.offset;
  }

  override get statusFlags(): number {
    const { read, write, append, direct, directory } = this.flags;
    const access = write !== true ? 0 : read === true ? RDWR : WRONLY;
    const more = (append === true ? 0o2000 : 0) | (direct === true ? 0o40000 : 0) | (directory === true ? 0o200000 : 0);
    return access | more | LARGEFILE;
  }

  private truncate(by: Process): void {
    dropPrivileges(by, this.fs, this.ino);
    this.fs.write(this.ino, emptyContent, by.kernel.now());
  }

  stat(): Stat {
    return this.fs.stat(this.ino);
  }

  *read(by: Process, max: number): Call<Uint8Array> {
    const bytes = this.bytes();
    const end = Math.min(bytes.length, this.offset + max);
    const missing = this.flags.direct === true ? end - this.offset : this.missing(by, ahead(end, bytes));
    if (missing > 0) yield* limits().disk(by, 'read', missing);
    return this.take(by, bytes, end);
  }

  /** Not at once where a disk may be used only so fast. */
  override tryRead(by: Process, max: number): Uint8Array | undefined {
    const bytes = this.bytes();
    const end = Math.min(bytes.length, this.offset + max);
    if (this.onDisk && end > this.cached && end > this.offset) {
      const missing = this.flags.direct === true ? end - this.offset : this.missing(by, ahead(end, bytes));
      if (missing > 0 && by.kernel.cgroups.ioLimited) return undefined;
      if (missing > 0) limits().transferred(by, 'read', missing);
    }
    return this.take(by, bytes, end);
  }

  private missing(by: Process, end: number): number {
    return this.onDisk && end > this.cached
      ? limits().uncached(by.kernel, this.fs, this.ino, Math.max(this.offset, this.cached), end)
      : 0;
  }

  private bytes(): Uint8Array {
    if (this.flags.read !== true) throw new SysError('EBADF');
    if (this.stat().type === 'dir') throw new SysError('EISDIR');
    return contentBytes(this.fs.read(this.ino));
  }

  private take(by: Process, bytes: Uint8Array, end: number): Uint8Array {
    const part = bytes.subarray(this.offset, end);
    this.offset += part.length;
    if (this.onDisk && end > this.cached && part.length > 0 && this.flags.direct !== true)
      this.cached = limits().usedPages(by, this.fs, this.ino, ahead(end, bytes));
    return part;
  }

  *write(by: Process, data: Uint8Array): Call<void> {
    if (!this.tryWrite(by, data)) yield* this.writePages(by, data);
  }

  /** Files in memory, where memory is limited, may have to wait for room. */
  override tryWrite(by: Process, data: Uint8Array): boolean {
    if (this.flags.write !== true) throw new SysError('EBADF');
    const { memoryLimited, ioLimited, version } = by.kernel.cgroups;
    if (memoryLimited && this.fs.type === 'tmpfs') return false;
    if (ioLimited && this.onDisk && (version === 'v2' || this.flags.direct === true)) return false;
    const now = by.kernel.now();
    if (isPseudo(this.fs)) {
      this.fs.write(this.ino, { bytes: data }, now);
      by.kernel.trace?.(by, {
        call: 'write',
        path: pathString(this.path, by.root),
        text: new TextDecoder().decode(data),
      });
      return true;
    }
    const part = this.fitting(by, data);
    if (part.length > 0 || data.length === 0) this.put(by, part, now);
    if (this.onDisk && part.length > 0) limits().transferred(by, 'write', part.length);
    if (part.length < data.length) throw fullOf(by, this.offset);
    return true;
  }

  /** What there is room for, which is written before the rest is refused. */
  private fitting(by: Process, data: Uint8Array): Uint8Array {
    dropPrivileges(by, this.fs, this.ino);
    if (this.flags.append === true) this.offset = contentSize(this.fs.read(this.ino));
    const limit = by.rlimits === undefined ? DISK_SIZE : rlimitOf(by, 'FSIZE').soft;
    const most = Math.min(DISK_SIZE, limit, this.fs.most?.(this.ino) ?? DISK_SIZE);
    return data.subarray(0, Math.max(0, most - this.offset));
  }

  private put(by: Process, data: Uint8Array, now: number): void {
    const content = writtenAt(this.fs.read(this.ino), this.offset, data);
    this.fs.write(this.ino, content, now);
    this.offset += data.length;
    if (this.onDisk && data.length > 0 && this.flags.direct !== true)
      this.cached = limits().usedPages(by, this.fs, this.ino, contentSize(content));
  }

  /** Files in memory are memory of the writer's control group: as far as that has room, and then whoever holds most has to go. */
  private *writePages(by: Process, data: Uint8Array): Call<void> {
    const part = this.fitting(by, data);
    if (this.onDisk) {
      if (part.length > 0) yield* limits().disk(by, 'write', part.length);
      this.put(by, part, by.kernel.now());
    }
    for (let rest = this.onDisk ? nothing : part; rest.length > 0; ) {
      const slack = (PAGE - (this.stat().size % PAGE)) % PAGE;
      const end = this.stat().size + slack + limits().memoryRoom(by);
      const fits = rest.subarray(0, Math.max(0, Math.floor(end / PAGE) * PAGE - this.offset));
      if (fits.length > 0) this.put(by, fits, by.kernel.now());
      else yield* limits().chargeFile(by.kernel, by, PAGE);
      rest = rest.subarray(fits.length);
    }
    if (part.length < data.length) throw fullOf(by, this.offset);
  }

  override seek(offset: number, whence: 'set' | 'cur' | 'end'): number {
    const base = whence === 'set' ? 0 : whence === 'cur' ? this.offset : this.stat().size;
    if (base + offset < 0) throw new SysError('EINVAL');
    this.offset = base + offset;
    return this.offset;
  }

  override close(): void {
    this.fs.release?.(this.ino);
  }
}

/** One end of a pipe or FIFO. */
export class PipeEnd extends OpenFile {
  readonly label: string;

  constructor(
    private readonly pipe: Pipe,
    private readonly reads: boolean,
    private readonly writes: boolean,
    private readonly number: number,
    override path: Path | undefined = undefined,
  ) {
    super();
    this.label = `pipe:[${number}]`;
    if (reads) pipe.addReader();
    if (writes) pipe.addWriter();
  }

  override get statusFlags(): number {
    return this.writes ? (this.reads ? RDWR : WRONLY) : 0;
  }

  stat(): Stat {
    return this.path === undefined ? anonymousStat('fifo', this.number) : this.path.mount.fs.stat(this.path.ino);
  }

  *read(by: Process, max: number): Call<Uint8Array> {
    if (!this.reads) throw new SysError('EBADF');
    yield* block(by, 'read', () => this.pipe.canRead, this.pipe.waiters);
    return this.pipe.take(max);
  }

  override tryRead(_by: Process, max: number): Uint8Array | undefined {
    return this.reads && this.pipe.canRead ? this.pipe.take(max) : undefined;
  }

  override tryWrite(_by: Process, data: Uint8Array): boolean {
    return this.writes && this.pipe.hasRoom(data.length) && this.pipe.put(data) === data.length;
  }

  *write(by: Process, data: Uint8Array): Call<void> {
    if (!this.writes) throw new SysError('EBADF');
    for (let rest = data; rest.length > 0; ) {
      yield* block(by, 'write', () => this.pipe.canWrite, this.pipe.waiters);
      if (this.pipe.broken) {
        by.raise('PIPE');
        throw new SysError('EPIPE');
      }
      rest = rest.subarray(this.pipe.put(rest));
    }
  }

  override get readable(): boolean {
    return this.pipe.canRead;
  }

  override close(): void {
    this.pipe.leave(this.reads, this.writes);
  }
}

/** The far end of a standard stream whose near end is outside the simulation: the output that a driver collects. */
export class SinkFile extends OpenFile {
  constructor(
    private readonly number: number,
    private readonly collect: (data: Uint8Array) => void,
  ) {
    super();
  }

  get label(): string {
    return `pipe:[${this.number}]`;
  }

  override get statusFlags(): number {
    return WRONLY;
  }

  stat(): Stat {
    return anonymousStat('fifo', this.number);
  }

  *read(): Call<Uint8Array> {
    throw new SysError('EBADF');
  }

  *write(by: Process, data: Uint8Array): Call<void> {
    this.tryWrite(by, data);
  }

  override tryWrite(_by: Process, data: Uint8Array): true {
    this.collect(data);
    return true;
  }
}

/** A directory that a program holds open only to list it is an FsFile too; reading it gives EISDIR. */
export { nothing as noBytes };
