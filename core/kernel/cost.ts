/**
 * What things cost in CPU time, milliseconds: measured with busybox 1.35 on a machine of this decade (user and system time of
 * loops of 10^5 and more), so that `time`, quotas and the counts of control groups look as they do there.
 */
import type { Process } from './process.ts';

/** A system call that does little, and each turn that a process gets. */
export const CALL = 0.0005;
/** A byte that is read or written: 3 GB/s. */
export const BYTE = 3e-7;
export const FORK = 0.1;
/** A fork that a limit refuses: most of the new process is not even begun. */
export const FORK_REFUSED = 0.003;
export const EXEC = 0.5;

/** A process goes on until so much has come together, and time passes for it all at once. */
export const SLICE = 1;
/** Less than this is kept until more comes together. */
export const GRAIN = 0.1;

/** CPU time that processes use at their own price while others wait for the clock. */
export const PATIENCE = 2000;
/** At a higher price than 1, what one turn costs at most. */
const DEAREST = 300;
/** So much of work at one price; then it doubles. */
const STEP = 10;

/** Time goes faster for who computes on and on while others wait for the clock: what it does costs more and more. */
export function raisePrice(process: Process): void {
  if (process.work < process.dearer || process.price * CALL > DEAREST) return;
  process.price *= 2;
  process.dearer = process.work + STEP / process.price;
}

/** What a debt comes to at the price of now. */
export function priced(process: Process, ms: number): number {
  return process.price === 1 ? ms : Math.max(ms, Math.min(ms * process.price, DEAREST));
}
