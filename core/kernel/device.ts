/**
 * Character devices, null(4), full(4), random(4), tty(4), and the way to terminals, pts(4).
 *
 * Kept true: what a device does depends on its numbers only, wherever the node lies; random bytes come from the kernel's seed.
 */
import { SysError } from '../errors.ts';
import type { Stat } from '../vfs/fs.ts';
import { noBytes, OpenFile } from './file.ts';
import type { Path } from './namei.ts';
import type { Process } from './process.ts';
import type { Call } from './sys.ts';
import { type Terminal, terminals } from './terminals.ts';

/** Major and minor numbers of the memory devices, devices.txt. */
export const deviceNumbers = {
  null: [1, 3],
  zero: [1, 5],
  full: [1, 7],
  random: [1, 8],
  urandom: [1, 9],
  tty: [5, 0],
  console: [5, 1],
  ptmx: [5, 2],
} as const;

/** Major number of pseudo-terminals. */
const PTS = 136;

type Memory = 'null' | 'zero' | 'full' | 'random';

function memoryKind(rdev: readonly [number, number]): Memory | undefined {
  if (rdev[0] !== 1) return undefined;
  if (rdev[1] === 3) return 'null';
  if (rdev[1] === 5) return 'zero';
  if (rdev[1] === 7) return 'full';
  return rdev[1] === 8 || rdev[1] === 9 ? 'random' : undefined;
}

/** Nobody writes into what was read, so endless zeros are the same ones again and again. */
const someZeros = new Uint8Array(65536);
const zeros = (max: number): Uint8Array => (max <= someZeros.length ? someZeros.subarray(0, max) : new Uint8Array(max));

class MemoryDevice extends OpenFile {
  readonly label = 'device';

  constructor(
    override path: Path,
    private readonly kind: Memory,
    private readonly random: (n: number) => Uint8Array,
  ) {
    super();
  }

  stat(): Stat {
    return this.path.mount.fs.stat(this.path.ino);
  }

  *read(by: Process, max: number): Call<Uint8Array> {
    return this.tryRead(by, max);
  }

  override tryRead(_by: Process, max: number): Uint8Array {
    if (this.kind === 'null') return noBytes;
    return this.kind === 'random' ? this.random(max) : zeros(max);
  }

  *write(): Call<void> {
    this.tryWrite();
  }

  override tryWrite(): true {
    if (this.kind === 'full') throw new SysError('ENOSPC');
    return true;
  }

  override seek(): number {
    return 0;
  }
}

/** A descriptor on a terminal. */
export class TerminalFile extends OpenFile {
  override isTty = true;

  constructor(
    override terminal: Terminal,
    override path: Path | undefined = undefined,
  ) {
    super();
    terminal.opened();
  }

  override close(): void {
    this.terminal.closed();
  }

  get label(): string {
    return `/dev/${this.terminal.name}`;
  }

  stat(): Stat {
    return this.path === undefined ? this.terminal.stat() : this.path.mount.fs.stat(this.path.ino);
  }

  override get readable(): boolean {
    return this.terminal.readable;
  }

  read(by: Process, max: number): Call<Uint8Array> {
    return this.terminal.read(by, max);
  }

  write(by: Process, data: Uint8Array): Call<void> {
    return this.terminal.write(by, data);
  }

  override tryWrite(_by: Process, data: Uint8Array): boolean {
    return this.terminal.tryWrite(data);
  }
}

/** Opens the device behind a node. ENXIO when nothing answers to its numbers. */
export function openDevice(by: Process, path: Path, stat: Stat, random: (n: number) => Uint8Array): OpenFile {
  const memory = stat.type === 'char' ? memoryKind(stat.rdev) : undefined;
  if (memory !== undefined) return new MemoryDevice(path, memory, random);
  const [major, minor] = stat.rdev;
  if (stat.type === 'char' && major === 5 && minor === 0 && by.terminal !== undefined)
    return new TerminalFile(by.terminal, path);
  if (stat.type !== 'char' || major !== PTS) throw new SysError('ENXIO');
  const terminal = terminals().at(path, minor);
  if (terminal === undefined) throw new SysError('EIO');
  return new TerminalFile(terminal, path);
}
