/**
 * The host's own command line, for lessons: `sh -c <line>` as a child of PID 1, run to its end.
 *
 * Kept true: a line that does not come to its end within the budget is answered with Blocked and stays where it is; the same
 * line asked for again goes on from there, another line ends it as Ctrl-C would.
 */
import type { Blocked } from '../driver.ts';
import type { OpResults } from '../op.ts';
import type { Kernel } from './kernel.ts';
import { type Job, startJob } from './launch.ts';
import { familyOf, isOfFamily, type Process } from './process.ts';
import type { Budget } from './scheduler.ts';
import { sendSignal } from './signal.ts';
import type { Change } from './trace.ts';

/** What is left in the background has come so far, ms, before anybody can type the next line. */
const MEANWHILE = 50;

export class HostLines {
  /** Told of what the line changes. */
  onChange: ((change: Change) => void) | undefined;
  private unfinished: { readonly line: string; readonly job: Job } | undefined;

  constructor(
    private readonly kernel: Kernel,
    /** What may pass while these are waited for. */
    private readonly budget: (who: () => Iterable<Process>) => Budget,
  ) {}

  run(line: string, stdin?: string): OpResults['host'] | Blocked {
    const job = this.resume(line) ?? startJob(this.kernel, ['sh', '-c', line], stdin === undefined ? {} : { stdin });
    const { kernel, onChange } = this;
    kernel.trace = onChange && ((by, change) => void (isOfFamily(by, job.process) && onChange(change)));
    const ran = job.run(this.budget(() => familyOf(job.process)));
    kernel.trace = undefined;
    this.unfinished = ran === 'done' ? undefined : { line, job };
    if (ran !== 'done') return { blocked: 'time' };
    this.letBegin(job.process);
    return job.result();
  }

  /** What was left in the background and is not at rest yet goes on for a moment: nobody types faster. */
  private letBegin(shell: Process): void {
    const { processes, scheduler } = this.kernel;
    const isBusy = (each: Process): boolean =>
      each.group === shell && each.state === 'running' && each.busyUntil > scheduler.clock;
    const rests = (): boolean => ![...processes.values()].some(isBusy);
    if (!rests()) scheduler.runUntil(rests, scheduler.clock + MEANWHILE);
  }

  private resume(line: string): Job | undefined {
    const { unfinished } = this;
    if (unfinished === undefined || unfinished.line === line) return unfinished?.job;
    for (const process of [...this.kernel.processes.values()]) {
      if (process.group === unfinished.job.process) sendSignal(this.kernel, process, 'KILL');
    }
    this.unfinished = undefined;
    return undefined;
  }
}
