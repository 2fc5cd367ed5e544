/**
 * `Sys` as the kernel implements it: one object a process, that binds each system call to its process. The work is done
 * in pathcalls.ts, process.ts, signal.ts, exec.ts and mountcalls.ts; here is what a call checks, and where it blocks.
 *
 * Kept true: a process that has ended, or is stopped, gets no further at its next call that may block.
 */

import { SysError } from '../errors.ts';
import type { Signal } from '../op.ts';
import type { AttrChange, Content, Dirent, Space, Stat } from '../vfs/fs.ts';
import { checkArguments } from './arglimit.ts';
import { BYTE, CALL, EXEC, FORK, FORK_REFUSED } from './cost.ts';
import { loadImage, replaceImage, unwind } from './exec.ts';
import { block, PipeEnd } from './file.ts';
import type { Kernel } from './kernel.ts';
import { limits } from './limits.ts';
import { moreKernel } from './more.ts';
import { mountAt, umountAt } from './mountcalls.ts';
import * as paths from './pathcalls.ts';
import { Pipe } from './pipe.ts';
import { bear, inherit, type Process, reap, terminate, waitable } from './process.ts';
import { checkMemory, type Resource, type Rlimit, rlimitOf, setRlimit } from './rlimits.ts';
import { sendSignal, setDisposition } from './signal.ts';
import type {
  Call,
  Disposition,
  MoreSys,
  OpenFlags,
  Sys,
  TtySys,
  Wait,
  WaitOptions,
  WaitResult,
  WinSize,
  XattrFlags,
} from './sys.ts';
import { terminals } from './terminals.ts';

const encoder = new TextEncoder();
const noSignals: readonly Signal[] = [];
/** Who waits for its children is woken by what happens to them, not out of a set. */
const noSet = { add: () => undefined };

export class SysCalls implements Sys {
  constructor(
    protected readonly kernel: Kernel,
    protected readonly self: Process,
  ) {}

  get pid(): number {
    return this.self.pid;
  }

  get ppid(): number {
    return this.self.parent?.pidIn(this.self.ns.pid) ?? 0;
  }

  get uid(): number {
    return this.self.uid;
  }

  get gid(): number {
    return this.self.gid;
  }

  get groups(): readonly number[] {
    return this.self.groups;
  }

  get environ(): readonly string[] {
    return this.self.environ;
  }

  now(): number {
    return this.kernel.now();
  }

  uname(): ReturnType<Sys['uname']> {
    return { ...this.kernel.release, nodename: this.self.ns.uts.hostname };
  }

  sethostname(name: string): void {
    if (!this.self.can('CAP_SYS_ADMIN', this.self.ns.uts)) throw new SysError('EPERM');
    if (name.length > 64) throw new SysError('EINVAL');
    this.self.ns.uts.hostname = name;
    this.kernel.trace?.(this.self, { call: 'sethostname', name });
  }

  cwd(): string {
    return paths.getcwd(this.self);
  }

  chdir(path: string): void {
    paths.chdir(this.self, path);
  }

  chroot(path: string): void {
    paths.chroot(this.self, path);
    this.kernel.trace?.(this.self, { call: 'chroot', path });
  }

  umask(mask?: number): number {
    const before = this.self.umask;
    if (mask !== undefined) this.self.umask = mask & 0o777;
    return before;
  }

  open(path: string, flags: OpenFlags, mode?: number): number {
    return this.self.install(paths.openFile(this.self, path, flags, mode));
  }

  stat(path: string): Stat {
    return paths.stat(this.self, path, true);
  }

  lstat(path: string): Stat {
    return paths.stat(this.self, path, false);
  }

  device(path: string, follow = true): readonly [major: number, minor: number] {
    return paths.device(this.self, path, follow);
  }

  access(path: string, mode: 'r' | 'w' | 'x'): boolean {
    return paths.access(this.self, path, mode);
  }

  readdir(path: string): readonly Dirent[] {
    return paths.readdir(this.self, path);
  }

  readlink(path: string): string {
    return paths.readlink(this.self, path);
  }

  content(path: string): Content {
    return paths.content(this.self, path);
  }

  mkdir(path: string, mode: number): void {
    paths.mkdir(this.self, path, mode);
  }

  rmdir(path: string): void {
    paths.rmdir(this.self, path);
  }

  unlink(path: string): void {
    paths.unlink(this.self, path);
  }

  rename(from: string, to: string, flags: { readonly noreplace?: boolean } = {}): void {
    paths.rename(this.self, from, to, flags.noreplace);
  }

  link(target: string, path: string): void {
    paths.link(this.self, target, path);
  }

  symlink(target: string, path: string): void {
    paths.symlink(this.self, target, path);
  }

  mknod(
    path: string,
    type: 'char' | 'block' | 'fifo' | 'socket',
    mode: number,
    rdev?: readonly [number, number],
  ): void {
    paths.mknod(this.self, path, type, mode, rdev);
  }

  chmod(path: string, mode: number): void {
    paths.setattr(this.self, path, { mode: mode & 0o7777 });
  }

  chown(path: string, uid: number, gid: number, follow = true): void {
    paths.setattr(this.self, path, { uid, gid }, follow);
  }

  touch(path: string, follow = true): void {
    paths.touch(this.self, path, follow);
  }

  setattr(path: string, change: AttrChange, follow = true): void {
    paths.setattr(this.self, path, change, follow);
  }

  setxattr(path: string, name: string, value: string, flags: XattrFlags = {}): void {
    moreKernel().xattrs.setxattr(this.self, path, name, value, flags);
  }

  getxattr(path: string, name: string, follow = true): string {
    return moreKernel().xattrs.getxattr(this.self, path, name, follow);
  }

  listxattr(path: string, follow = true): readonly string[] {
    return moreKernel().xattrs.listxattr(this.self, path, follow);
  }

  removexattr(path: string, name: string, follow = true): void {
    moreKernel().xattrs.removexattr(this.self, path, name, follow);
  }

  truncate(path: string, size: number): void {
    paths.truncate(this.self, path, size);
  }

  putContent(path: string, content: Content, mode: number): void {
    paths.putContent(this.self, path, content, mode);
  }

  close(fd: number): void {
    if (!this.self.closeFd(fd)) throw new SysError('EBADF');
  }

  dup(fd: number, from = 0): number {
    return this.self.install(this.self.file(fd), this.self.freeFd(from));
  }

  dup2(from: number, to: number): void {
    const file = this.self.file(from);
    if (from !== to) this.self.install(file, to);
  }

  pipe(): [read: number, write: number] {
    const pipe = new Pipe();
    const number = this.kernel.anonymousIno();
    const read = this.self.install(new PipeEnd(pipe, true, false, number));
    return [read, this.self.install(new PipeEnd(pipe, false, true, number))];
  }

  fstat(fd: number): Stat {
    return this.self.file(fd).stat();
  }

  isatty(fd: number): boolean {
    return this.self.fds.get(fd)?.file.isTty ?? false;
  }

  winsize(fd: number): WinSize | undefined {
    return this.isatty(fd) ? this.tty.size(fd) : undefined;
  }

  fdCloexec(fd: number, on: boolean): void {
    this.self.descriptor(fd).cloexec = on;
  }

  *read(fd: number, max = 65536): Call<Uint8Array> {
    yield* this.gate();
    const file = this.self.file(fd);
    const bytes = file.tryRead(this.self, max) ?? (yield* file.read(this.self, max));
    this.self.reads += 1;
    this.self.bytesRead += bytes.length;
    if (this.use(CALL + bytes.length * BYTE)) yield { why: 'cpu' };
    return bytes;
  }

  *write(fd: number, data: Uint8Array | string): Call<void> {
    yield* this.gate();
    const bytes = typeof data === 'string' ? encoder.encode(data) : data;
    if (this.use(CALL + bytes.length * BYTE)) yield { why: 'cpu' };
    const file = this.self.file(fd);
    this.self.writes += 1;
    this.self.bytesWritten += bytes.length;
    if (!file.tryWrite(this.self, bytes)) yield* file.write(this.self, bytes);
  }

  tryRead(fd: number, max: number): Uint8Array | undefined {
    const { self } = this;
    self.checkAlive();
    const bytes = self.state === 'stopped' ? undefined : self.file(fd).tryRead(self, max);
    if (bytes === undefined) return undefined;
    self.debt += CALL + bytes.length * BYTE;
    self.reads += 1;
    self.bytesRead += bytes.length;
    return bytes;
  }

  tryWrite(fd: number, data: Uint8Array): boolean {
    const { self } = this;
    self.checkAlive();
    if (self.state === 'stopped' || !self.file(fd).tryWrite(self, data)) return false;
    self.debt += CALL + data.length * BYTE;
    self.writes += 1;
    self.bytesWritten += data.length;
    return true;
  }

  lseek(fd: number, offset: number, whence: 'set' | 'cur' | 'end'): number {
    return this.self.file(fd).seek(offset, whence);
  }

  fork(child: (sys: Sys) => Call<number>): number {
    this.self.checkAlive();
    const { pidForChildren: pid, ns } = this.self;
    const process = this.bear(pid === undefined ? {} : { ns: { ...ns, pid } });
    inherit(process, this.self);
    this.kernel.equip(process);
    process.program = child(process.sys);
    this.kernel.scheduler.wake(process);
    this.use(FORK);
    if (pid !== undefined) this.kernel.trace?.(this.self, { call: 'clone', pid: process.hostPid, inside: process.pid });
    return process.pidIn(this.self.ns.pid);
  }

  /** Refused too it costs time: who tries again and again uses his up. */
  private bear(ns: { ns?: Process['ns'] }): Process {
    try {
      return bear(this.kernel, { parent: this.self, ...ns });
    } catch (error) {
      this.use(FORK_REFUSED);
      throw error;
    }
  }

  *execve(path: string, argv: readonly string[], env: readonly string[]): Call<never> {
    yield* this.gate();
    checkArguments(argv, env);
    replaceImage(this.self, loadImage(this.kernel, this.self, path, argv), env);
    this.use(EXEC);
    yield { why: 'cpu' };
    return unwind(this.self);
  }

  exit(code: number): never {
    terminate(this.kernel, this.self, { code: code & 0xff });
    return unwind(this.self);
  }

  *wait(pid: number, options: WaitOptions = {}): Call<WaitResult | undefined> {
    yield* this.gate();
    const { self } = this;
    const untraced = options.untraced === true;
    const ready = (): boolean => waitable(self, pid, untraced) !== 'none yet';
    if (!ready()) {
      if (options.nohang === true) return undefined;
      if (options.interruptible === true) yield* block(self, 'child', ready, noSet);
      else while (!ready()) yield { why: 'child', ready, told: true };
    }
    return this.collect(waitable(self, pid, untraced));
  }

  private collect(child: ReturnType<typeof waitable>): WaitResult {
    if (child === undefined || child === 'none yet') throw new SysError('ECHILD');
    if (child.stoppedBy !== undefined && child.state === 'stopped') {
      const stopped = child.stoppedBy;
      child.stoppedBy = undefined;
      return { pid: child.pidIn(this.self.ns.pid), stopped };
    }
    const result = { pid: child.pidIn(this.self.ns.pid), ...child.end! };
    this.self.childrenMs += child.cpuMs + child.childrenMs;
    reap(this.kernel, child);
    return result;
  }

  kill(pid: number, signal: Signal | 0): void {
    const targets = this.targets(pid);
    if (targets.length === 0) throw new SysError('ESRCH');
    const { self } = this;
    const allowed = targets.filter(({ uid, ns }) => uid === self.uid || self.can('CAP_KILL', ns.user));
    if (allowed.length === 0) throw new SysError('EPERM');
    if (signal === 0) return;
    // The caller comes last: a signal that ends it must not keep the others from getting theirs.
    const others = allowed.filter((target) => target !== this.self);
    for (const target of others) sendSignal(this.kernel, target, signal, this.self);
    if (others.length < allowed.length) this.self.raise(signal);
  }

  /** kill(2): one process, the own group, everybody but PID 1 and oneself, another group. */
  private targets(pid: number): Process[] {
    const ns = this.self.ns.pid;
    if (pid > 0) {
      const target = ns.table.get(pid);
      return target === undefined ? [] : [target];
    }
    const all = [...ns.table.values()];
    if (pid === -1) return all.filter((target) => target !== ns.init && target !== this.self);
    const group = pid === 0 ? this.self.group : all.find((target) => target.group.pidIn(ns) === -pid)?.group;
    // Also those of the group who are not in this PID namespace.
    return [...this.kernel.processes.values()].filter((target) => target.group === group);
  }

  sigaction(signal: Signal, disposition: Disposition): Disposition {
    return setDisposition(this.self, signal, disposition);
  }

  takeSignals(): readonly Signal[] {
    const { caught } = this.self;
    return caught.length === 0 ? noSignals : caught.splice(0);
  }

  *pause(): Call<void> {
    const { caught } = this.self;
    while (caught.length === 0) yield { why: 'signal', ready: () => caught.length > 0, told: true };
  }

  *sleep(ms: number): Call<number> {
    const { caught } = this.self;
    const until = this.now() + ms;
    do {
      yield { why: 'sleep', until, ready: () => caught.length > 0, told: true };
    } while (caught.length === 0 && this.now() < until);
    return Math.max(0, until - this.now());
  }

  *burn(ms: number): Call<void> {
    yield { why: 'cpu', cpuMs: ms };
  }

  use(ms: number): boolean {
    const { self } = this;
    self.debt += ms;
    return self.debt * self.price >= this.kernel.scheduler.slice;
  }

  *within<T>(call: () => Call<T>): Call<T> {
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
    function* inside(): Generator<Wait, number, void> {
      try {
        outcome = { value: yield* call() };
      } catch (error) {
        outcome = { error };
      }
      return 0;
    }
    yield { why: 'cpu', call: inside() };
    if (outcome === undefined || 'error' in outcome) throw outcome?.error;
    return outcome.value;
  }

  times(): { own: number; children: number } {
    return { own: this.self.cpuMs + this.self.debt, children: this.self.childrenMs };
  }

  *hold(bytes: number): Call<void> {
    if (bytes > 0 && this.self.rlimits !== undefined) checkMemory(this.self, bytes);
    yield* limits().hold(this.kernel, this.self, bytes);
  }

  getrlimit(resource: Resource): Rlimit {
    return rlimitOf(this.self, resource);
  }

  setrlimit(resource: Resource, limit: Rlimit): void {
    setRlimit(this.self, resource, limit);
  }

  statfs(path: string): Space | undefined {
    return paths.statfs(this.self, path);
  }

  setComm(name: string): void {
    this.self.comm = name.slice(0, 15);
  }

  lack(what: string): void {
    this.kernel.lacking.set(what, (this.kernel.lacking.get(what) ?? 0) + 1);
  }

  setsid(): void {
    if (this.self.group === this.self) throw new SysError('EPERM');
    this.self.group = this.self;
    this.self.session = this.self;
    this.self.terminal = undefined;
  }

  get pgrp(): number {
    return this.self.group.pidIn(this.self.ns.pid);
  }

  setpgid(pid: number, pgid: number): void {
    const ns = this.self.ns.pid;
    const target = pid === 0 ? this.self : ns.table.get(pid);
    if (target === undefined || (target !== this.self && target.parent !== this.self)) throw new SysError('ESRCH');
    const leader = pgid === 0 || pgid === target.pidIn(ns) ? target : this.groupCalled(pgid);
    if (leader === undefined || target.session === target || target.session !== this.self.session)
      throw new SysError('EPERM');
    target.group = leader;
    if (target.parent !== undefined) this.kernel.scheduler.wake(target.parent);
  }

  mount(source: string, target: string, type: string, options: readonly string[]): void {
    // MS_BIND takes no other flags, mount(2): they need a second call with `remount`. Without it no type is called so.
    const binds = options.includes('bind') || options.includes('rbind');
    const bare = binds && !options.includes('remount') ? options.filter((option) => option !== 'ro') : options;
    mountAt(this.kernel, this.self, { source, target, type: binds || type !== 'bind' ? type : 'none', options: bare });
    this.kernel.trace?.(this.self, { call: 'mount', source, target, type, options });
  }

  umount(target: string, lazy = false): void {
    umountAt(this.kernel, this.self, target, lazy);
    this.kernel.trace?.(this.self, { call: 'umount', target, lazy });
  }

  /** The leader of a group of the own session, which may be gone by now. */
  private groupCalled(pgid: number): Process | undefined {
    const { ns, session } = this.self;
    for (const process of this.kernel.processes.values()) {
      if (process.session === session && process.group.pidIn(ns.pid) === pgid) return process.group;
    }
    return undefined;
  }

  get tty(): TtySys {
    return terminals().calls(this.kernel, this.self);
  }

  get more(): MoreSys {
    return moreKernel().calls(this.kernel, this.self);
  }

  /** The way into a call that may block: the dead and the stopped get no further. */
  private *gate(): Call<void> {
    const { self } = this;
    self.checkAlive();
    while (self.state === 'stopped') yield { why: 'signal' };
  }
}
