/** System calls on terminals: termios(3), ioctl_tty(2), tcsetpgrp(3), poll(2). */
import { SysError } from '../../errors.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../process.ts';
import type { Call, TtySys, WinSize } from '../sys.ts';
import { membersOf } from './groups.ts';
import { PseudoTerminal } from './terminal.ts';
import type { Termios } from './termios.ts';

export class TtyCalls implements TtySys {
  constructor(
    private readonly kernel: Kernel,
    private readonly self: Process,
  ) {}

  private terminal(fd: number): PseudoTerminal {
    const { terminal } = this.self.file(fd);
    if (!(terminal instanceof PseudoTerminal)) throw new SysError('ENOTTY');
    if (terminal.hungUp) throw new SysError('EIO');
    return terminal;
  }

  /** The terminal of the caller's session. */
  private own(fd: number): PseudoTerminal {
    const terminal = this.terminal(fd);
    if (this.self.terminal !== terminal) throw new SysError('ENOTTY');
    return terminal;
  }

  attributes(fd: number): Termios {
    return this.terminal(fd).termios;
  }

  *setAttributes(fd: number, termios: Termios, flush = false): Call<void> {
    const terminal = this.terminal(fd);
    yield* terminal.demand(this.self, 'TTOU');
    terminal.termios = termios;
    if (flush) terminal.dropInput();
  }

  size(fd: number): WinSize {
    return this.terminal(fd).size;
  }

  setSize(fd: number, size: WinSize): void {
    this.terminal(fd).resize(size);
  }

  foreground(fd: number): number {
    return this.own(fd).foreground?.pidIn(this.self.ns.pid) ?? 0;
  }

  *setForeground(fd: number, pgid: number): Call<void> {
    const terminal = this.own(fd);
    const { ns, session } = this.self;
    const found = [...this.kernel.processes.values()].find(
      (process) => process.session === session && process.group.pidIn(ns.pid) === pgid,
    );
    if (found === undefined || membersOf(this.kernel, found.group).length === 0) throw new SysError('EPERM');
    yield* terminal.demand(this.self, 'TTOU');
    terminal.foreground = found.group;
  }

  name(fd: number): string {
    return `/dev/${this.terminal(fd).name}`;
  }

  *poll(fd: number, until: number): Call<boolean> {
    const file = this.self.file(fd);
    const { self, kernel } = this;
    const { terminal } = file;
    if (!(terminal instanceof PseudoTerminal)) return file.readable;
    while (!file.readable && kernel.now() < until) {
      if (self.caught.length > 0) throw new SysError('EINTR');
      terminal.waiters.add(self);
      const ready = (): boolean => self.caught.length > 0 || file.readable;
      yield until < Number.POSITIVE_INFINITY
        ? { why: 'read', ready, until, told: true }
        : { why: 'read', ready, told: true };
    }
    return file.readable;
  }
}
