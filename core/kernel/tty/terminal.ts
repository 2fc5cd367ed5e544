/**
 * A pseudo-terminal with its session (tty_ioctl(4), credentials(7) "Session ID"): who is in the foreground, who may read, and what
 * happens when it goes.
 *
 * Kept true: a terminal belongs to one session at most, a session has one terminal at most; when its leader ends, or nobody looks at
 * it any more, all of the session have lost it.
 */
import { SysError } from '../../errors.ts';
import type { Signal } from '../../op.ts';
import type { Fs, Ino, Stat } from '../../vfs/fs.ts';
import type { Kernel } from '../kernel.ts';
import type { Path } from '../namei.ts';
import type { Process } from '../process.ts';
import type { Call, WinSize } from '../sys.ts';
import type { Terminal } from '../terminals.ts';
import { Discipline } from './discipline.ts';
import { isOrphaned, membersOf } from './groups.ts';

/** Terminals by the file system that their nodes lie in. */
const nodes = new WeakMap<Fs, Map<number, PseudoTerminal>>();

export function openTerminal(
  kernel: Kernel,
  pts: Fs | undefined,
  uid: number,
  show: (data: Uint8Array) => void,
): PseudoTerminal {
  const here = (pts === undefined ? undefined : nodes.get(pts)) ?? new Map<number, PseudoTerminal>();
  if (pts !== undefined) nodes.set(pts, here);
  let number = 0;
  while (here.has(number)) number += 1;
  const terminal = new PseudoTerminal(kernel, number, show);
  here.set(number, terminal);
  if (pts === undefined) return terminal;
  terminal.node = {
    fs: pts,
    ino: pts.create(pts.root, String(number), {
      type: 'char',
      mode: 0o620,
      uid,
      gid: 5,
      mtime: kernel.now(),
      rdev: [136, number],
    }),
  };
  return terminal;
}

export function terminalAt({ mount: { fs } }: Path, number: number): PseudoTerminal | undefined {
  const found = nodes.get(fs)?.get(number);
  return found?.hungUp === true ? undefined : found;
}

export class PseudoTerminal extends Discipline implements Terminal {
  readonly isTerminal = true;
  readonly name: string;
  size: WinSize = { rows: 0, columns: 0 };
  /** Leader of the session whose terminal it is. */
  session: Process | undefined;
  /** Leader of the group in the foreground. */
  foreground: Process | undefined;
  hungUp = false;
  node: { readonly fs: Fs; readonly ino: Ino } | undefined;
  readonly waiters = new Set<Process>();
  /** So many descriptions of open files are its. */
  private uses = 0;

  constructor(
    readonly kernel: Kernel,
    readonly number: number,
    private readonly show: (data: Uint8Array) => void,
  ) {
    super();
    this.name = `pts/${number}`;
  }

  get isSilent(): boolean {
    const { flags } = this.termios;
    return flags.has('icanon') && !flags.has('echo');
  }

  opened(): void {
    this.uses += 1;
  }

  closed(): void {
    this.uses -= 1;
    if (this.hungUp && this.uses === 0) this.giveNumberBack();
  }

  private giveNumberBack(): void {
    if (this.node !== undefined) nodes.get(this.node.fs)?.delete(this.number);
  }

  type(data: Uint8Array): void {
    if (!this.hungUp) this.receive(data);
  }

  typeEnd(): void {
    const { eof } = this.termios.chars;
    this.type(Uint8Array.of(this.termios.flags.has('icanon') && eof !== 0 ? eof : 4));
  }

  resize(size: WinSize): void {
    if (size.rows === this.size.rows && size.columns === this.size.columns) return;
    this.size = size;
    this.signal('WINCH');
  }

  adopt(leader: Process): void {
    this.session = leader;
    this.foreground = leader.group;
    leader.terminal = this;
  }

  hangUp(): void {
    if (this.hungUp) return;
    this.hungUp = true;
    const { session } = this;
    if (session !== undefined) this.leave(session);
    this.changed();
    if (this.node === undefined) return;
    const { fs } = this.node;
    if (fs.lookup(fs.root, String(this.number)) !== undefined)
      fs.unlink(fs.root, String(this.number), this.kernel.now());
    if (this.uses === 0) this.giveNumberBack();
  }

  /** The session loses it: SIGHUP and SIGCONT to its leader and to those in the foreground (tty_io.c disassociate_ctty). */
  leave(leader: Process): void {
    const { foreground } = this;
    this.session = undefined;
    this.foreground = undefined;
    for (const process of this.kernel.processes.values()) {
      if (process.session === leader && process.terminal === this) process.terminal = undefined;
    }
    const told = new Set(foreground === undefined ? [] : membersOf(this.kernel, foreground));
    if (leader.alive) told.add(leader);
    for (const process of told) {
      process.kernel.signal(process, 'HUP');
      process.kernel.signal(process, 'CONT');
    }
  }

  protected send(bytes: Uint8Array): void {
    if (!this.hungUp) this.show(bytes);
  }

  protected signal(signal: Signal): void {
    if (this.foreground === undefined) return;
    for (const process of membersOf(this.kernel, this.foreground)) process.kernel.signal(process, signal);
  }

  protected changed(): void {
    for (const process of this.waiters) {
      // Who waits for something else yet is to be told the next time too.
      if (process.waiting?.ready?.() === false) continue;
      this.waiters.delete(process);
      this.kernel.scheduler.rested(process);
      this.kernel.scheduler.wake(process);
    }
  }

  get readable(): boolean {
    return this.hungUp || this.hasInput;
  }

  /** EINTR when a handled signal is there first. */
  private *until(by: Process, why: 'read' | 'write', ready: () => boolean): Call<void> {
    while (!ready()) {
      if (by.caught.length > 0) throw new SysError('EINTR');
      this.waiters.add(by);
      yield { why, ready: () => by.caught.length > 0 || ready(), told: true };
    }
  }

  *read(by: Process, max: number): Call<Uint8Array> {
    yield* this.toForeground(by);
    const { min, flags } = { ...this.termios };
    if (!flags.has('icanon') && min === 0 && !this.readable) return new Uint8Array(0);
    yield* this.until(by, 'read', () => this.readable);
    return this.hungUp ? new Uint8Array(0) : this.take(max);
  }

  *write(by: Process, data: Uint8Array): Call<void> {
    if (this.termios.flags.has('tostop')) yield* this.demand(by, 'TTOU');
    while (this.held && !this.hungUp) yield* this.until(by, 'write', () => !this.held || this.hungUp);
    if (this.hungUp) throw new SysError('EIO');
    this.output(data);
  }

  /** Output that need not wait for anything. */
  tryWrite(data: Uint8Array): boolean {
    if (this.held || this.hungUp || this.termios.flags.has('tostop')) return false;
    this.output(data);
    return true;
  }

  /** Only those in the foreground may read. */
  private *toForeground(by: Process): Call<void> {
    if (this.hungUp) return;
    yield* this.demand(by, 'TTIN');
  }

  /**
   * Those in the background are stopped by SIGTTIN or SIGTTOU until they are in the foreground. EIO where that could not help:
   * the signal is ignored, or nobody is there who could continue them.
   */
  *demand(by: Process, signal: 'TTIN' | 'TTOU'): Call<void> {
    const { kernel } = this;
    while (by.terminal === this && this.foreground !== undefined && by.group !== this.foreground) {
      if (by.dispositions.get(signal) === 'ignore') {
        if (signal === 'TTOU') return;
        throw new SysError('EIO');
      }
      if (isOrphaned(kernel, by.group)) throw new SysError('EIO');
      for (const process of membersOf(kernel, by.group)) kernel.signal(process, signal, by);
      by.checkAlive();
      if (by.caught.length > 0) throw new SysError('EINTR');
      while (by.state === 'stopped') yield { why: 'signal' };
    }
  }

  stat(): Stat {
    const { node, number } = this;
    if (node !== undefined && node.fs.lookup(node.fs.root, String(number)) !== undefined) return node.fs.stat(node.ino);
    const gone = { ino: 3, nlink: 1, size: 0, mtime: 0, ctime: 0 };
    return { ...gone, type: 'char', mode: 0o620, uid: 0, gid: 5, rdev: [136, number] };
  }
}
