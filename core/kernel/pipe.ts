/**
 * Pipes and FIFOs, pipe(7): a bounded queue of bytes between those that hold its ends open.
 *
 * Kept true: a reader sees end of file exactly when the queue is empty and no writer is left; a writer without readers gets
 * EPIPE. A FIFO's open does not block here (open is not a blocking call of `Sys`); instead its first read waits for the
 * first writer, and the first write for the first reader, which programs cannot tell apart from a blocking open.
 */
import type { Process } from './process.ts';

/** Bytes that fit before a writer blocks, pipe(7) "Pipe capacity". */
export const PIPE_CAPACITY = 65536;

export class Pipe {
  readers = 0;
  writers = 0;
  /** Who waits for anything here to change. */
  readonly waiters = new Set<Process>();
  private hadReader: boolean;
  private hadWriter: boolean;
  private readonly chunks: Uint8Array[] = [];
  private size = 0;
  /** So much of the first chunk was taken. */
  private taken = 0;

  constructor(readonly named = false) {
    this.hadReader = !named;
    this.hadWriter = !named;
  }

  addReader(): void {
    this.readers += 1;
    this.hadReader = true;
    this.changed();
  }

  addWriter(): void {
    this.writers += 1;
    this.hadWriter = true;
    this.changed();
  }

  leave(reads: boolean, writes: boolean): void {
    if (reads) this.readers -= 1;
    if (writes) this.writers -= 1;
    this.changed();
  }

  private changed(): void {
    if (this.waiters.size === 0) return;
    for (const process of this.waiters) process.kernel.scheduler.wake(process);
    this.waiters.clear();
  }

  /** Bytes that nobody has read. */
  get length(): number {
    return this.size;
  }

  get canRead(): boolean {
    return this.size > 0 || (this.writers === 0 && this.hadWriter);
  }

  get canWrite(): boolean {
    return this.broken || (this.size < PIPE_CAPACITY && this.readers > 0);
  }

  /** Would a write of so many bytes be over at once? */
  hasRoom(bytes: number): boolean {
    return this.readers > 0 && this.size + bytes <= PIPE_CAPACITY;
  }

  /** Nobody reads, or ever will again. */
  get broken(): boolean {
    return this.readers === 0 && this.hadReader;
  }

  /** Takes up to `max` bytes that are there; empty when there are none. */
  take(max: number): Uint8Array {
    const first = this.chunks[0];
    if (first === undefined) return new Uint8Array(0);
    const start = this.taken;
    const part = first.subarray(start, start + max);
    this.taken += part.length;
    this.size -= part.length;
    if (this.taken === first.length) {
      this.chunks.shift();
      this.taken = 0;
    }
    this.changed();
    return part;
  }

  /** Puts in as much as fits and says how much that was. `capacity` may be raised, as fcntl(2) F_SETPIPE_SZ does. */
  put(data: Uint8Array, capacity = PIPE_CAPACITY): number {
    const count = Math.min(data.length, capacity - this.size);
    if (count > 0) {
      this.chunks.push(data.slice(0, count));
      this.size += count;
      this.changed();
    }
    return count;
  }
}
