/**
 * The load of the machine, kernel/sched/loadavg.c: how many processes use a CPU or wait for one, averaged over 1, 5 and 15 minutes,
 * older moments counting less and less. Looked at every five seconds, as the kernel does.
 */
const EVERY = 5000;
const MINUTES = [1, 5, 15] as const;
const decay = MINUTES.map((minutes) => Math.exp(-EVERY / (minutes * 60_000)));

export class Load {
  /** At the last look, as /proc/loadavg shows them. */
  readonly averages = [0, 0, 0];
  /** When it was looked at, and what has come together since: processes times milliseconds. */
  private seen: number;
  private area = 0;

  constructor(now: number) {
    this.seen = now;
  }

  /** Time passes while `count` processes run. */
  pass(from: number, to: number, count: number): void {
    if (to - this.seen < EVERY) {
      this.area += count * (to - from);
      return;
    }
    const end = this.seen + EVERY;
    this.fold((this.area + count * (end - from)) / EVERY, 1);
    const whole = Math.floor((to - end) / EVERY);
    if (whole > 0) this.fold(count, whole);
    this.seen = end + whole * EVERY;
    this.area = count * (to - this.seen);
  }

  private fold(active: number, times: number): void {
    for (const [i, each] of decay.entries()) {
      const kept = each ** times;
      this.averages[i] = this.averages[i]! * kept + active * (1 - kept);
    }
  }
}
