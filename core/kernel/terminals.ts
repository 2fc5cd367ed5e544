/**
 * Terminals, as far as the rest of the kernel knows them. The work is done in tty/, a part of the core that a page loads with
 * the first docker command (core/parts.ts).
 */
import { PartNeeded } from '../errors.ts';
import type { Fs, Stat } from '../vfs/fs.ts';
import type { Kernel } from './kernel.ts';
import type { Path } from './namei.ts';
import type { Process } from './process.ts';
import type { Call, TtySys, WinSize } from './sys.ts';

/** A pseudo-terminal: somebody outside types and looks, programs inside read and write. */
export interface Terminal {
  readonly isTerminal: true;
  /** `pts/0`. */
  readonly name: string;
  readonly number: number;
  /** Leader of the group in the foreground. */
  readonly foreground: Process | undefined;
  /** Those that wait until it can be read or written. */
  readonly waiters: ReadonlySet<Process>;
  /** Nobody looks at it any more. */
  readonly hungUp: boolean;
  /** Lines are read, and what is typed is not echoed. */
  readonly isSilent: boolean;
  /** What is typed. */
  type(data: Uint8Array): void;
  /** Ctrl-D, whatever the terminal's key for it is. */
  typeEnd(): void;
  /** SIGWINCH to those in the foreground. */
  resize(size: WinSize): void;
  /** Somebody inside has it open; as long as somebody has, no other terminal gets its number. */
  opened(): void;
  closed(): void;
  /** Whoever looked at it is gone: SIGHUP to the session, nothing to read any more. */
  hangUp(): void;
  /** The process becomes the leader of the terminal's session. */
  adopt(leader: Process): void;
  readonly readable: boolean;
  stat(): Stat;
  read(by: Process, max: number): Call<Uint8Array>;
  write(by: Process, data: Uint8Array): Call<void>;
  /** Output that need not wait for anything; false: it has to. */
  tryWrite(data: Uint8Array): boolean;
}

export interface TerminalWork {
  /** A new one in a devpts file system; `pts` undefined: in none. `show` gets what is written to it. */
  open(kernel: Kernel, pts: Fs | undefined, uid: number, show: (data: Uint8Array) => void): Terminal;
  /** The terminal that a node in a devpts stands for. */
  at(path: Path, number: number): Terminal | undefined;
  calls(kernel: Kernel, self: Process): TtySys;
  /** A process ended: its session loses its terminal; stopped children that nobody can continue are hung up on. */
  ended(kernel: Kernel, process: Process, stopped: readonly Process[]): void;
  /** Is there nobody in its session who could continue it, were its group stopped? */
  isOrphaned(kernel: Kernel, group: Process): boolean;
}

let known: TerminalWork | undefined;

export function registerTerminals(work: TerminalWork): void {
  known = work;
}

/** Throws PartNeeded. */
export function terminals(): TerminalWork {
  if (known === undefined) throw new PartNeeded('first');
  return known;
}

export const isTerminal = (input: object | undefined): input is Terminal =>
  input !== undefined && 'isTerminal' in input;
