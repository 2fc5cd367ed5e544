/**
 * Character devices, null(4), full(4), random(4), tty(4), and the terminal object behind /dev/tty and a container's console.
 *
 * Kept true: what a device does depends on its numbers only, wherever the node lies; random bytes come from the kernel's seed.
 */
import { SysError } from '../errors.ts';
import type { Stat } from '../vfs/fs.ts';
import { anonymousStat, block, noBytes, OpenFile } from './file.ts';
import type { Path } from './namei.ts';
import type { Process } from './process.ts';
import type { Call } from './sys.ts';

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

/** A terminal in its plainest form: lines typed by somebody outside, output collected by somebody outside. */
export class Terminal {
  private typed: Uint8Array = noBytes;
  private closed = false;
  readonly waiters = new Set<Process>();

  constructor(
    readonly name: string,
    readonly show: (data: Uint8Array) => void,
  ) {}

  type(data: Uint8Array): void {
    const both = new Uint8Array(this.typed.length + data.length);
    both.set(this.typed);
    both.set(data, this.typed.length);
    this.typed = both;
    this.changed();
  }

  /** Nobody types any more. */
  get ended(): boolean {
    return this.closed;
  }

  end(): void {
    this.closed = true;
    this.changed();
  }

  private changed(): void {
    for (const process of this.waiters) process.kernel.scheduler.wake(process);
    this.waiters.clear();
  }

  get readable(): boolean {
    return this.typed.length > 0 || this.ended;
  }

  take(max: number): Uint8Array {
    const part = this.typed.subarray(0, max);
    this.typed = this.typed.subarray(part.length);
    return part;
  }
}

export class TerminalFile extends OpenFile {
  override isTty = true;

  constructor(
    readonly terminal: Terminal,
    override path: Path | undefined = undefined,
  ) {
    super();
  }

  get label(): string {
    return `/dev/${this.terminal.name}`;
  }

  stat(): Stat {
    return { ...anonymousStat('char', 3, [136, 0]), mode: 0o620 };
  }

  override get readable(): boolean {
    return this.terminal.readable;
  }

  *read(by: Process, max: number): Call<Uint8Array> {
    yield* block(by, 'read', () => this.terminal.readable, this.terminal.waiters);
    return this.terminal.take(max);
  }

  *write(_by: Process, data: Uint8Array): Call<void> {
    this.terminal.show(data);
  }
}

/** Opens the device behind a node. ENXIO when nothing answers to its numbers. */
export function openDevice(by: Process, path: Path, stat: Stat, random: (n: number) => Uint8Array): OpenFile {
  const memory = stat.type === 'char' ? memoryKind(stat.rdev) : undefined;
  if (memory !== undefined) return new MemoryDevice(path, memory, random);
  const isTty = stat.rdev[0] === 5 && (stat.rdev[1] === 0 || stat.rdev[1] === 1);
  if (isTty && by.terminal !== undefined) return new TerminalFile(by.terminal, path);
  throw new SysError('ENXIO');
}
