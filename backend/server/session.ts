/**
 * One page's world: a real target that belongs to it alone, and the lines that the page asks for, one at a time.
 *
 * Kept true: a line is answered by `done`, again when it was suspended and has gone on; when its output is too much it is
 * interrupted; `ended` resolves once, after which nothing is sent. Whoever made the session closes the target.
 */
import type { CommandOutcome, Continued, RealityEvent, Target } from '../../core/index.ts';

interface Limits {
  readonly idleMs: number;
  readonly output: number;
}

export class PageSession {
  readonly ended: Promise<void>;
  #finish: () => void = () => undefined;
  #over = false;
  #idle: NodeJS.Timeout | undefined;
  /** A line is being carried out and has not said whether it waits. */
  #busy = false;
  /** It has said that it waits. */
  #waits = false;
  /** The line under way, or the last. */
  #n = 0;
  /** Characters of its output that were handed on. */
  #written = 0;

  constructor(
    private readonly target: Target,
    private readonly emit: (event: RealityEvent) => void,
    private readonly limits: Limits,
  ) {
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Says what is there before the first line. */
  async begin(session: string): Promise<void> {
    this.#stir();
    const observation = await this.target.observe();
    this.#send({ event: 'ready', session, notes: this.target.notes ?? [], observation });
  }

  /** False: a line is under way. */
  run(n: number, line: string): boolean {
    if (this.#busy) return false;
    this.#stir();
    this.#busy = true;
    this.#n = n;
    this.#written = 0;
    const onStep = (title: string, shell: string): void => this.#send({ event: 'step', n, title, shell });
    const onOutput = (stream: 'stdout' | 'stderr', text: string): void => this.#output(n, stream, text);
    this.#answer(this.target.run(line, { onStep, onOutput }));
    return true;
  }

  /** False: there is no line that could be given anything. */
  input(text: string, end: boolean): boolean {
    if (!this.#busy && !this.#waits) return false;
    this.#stir();
    this.#continue(this.target.input?.(text, end));
    return true;
  }

  resize(rows: number, columns: number): void {
    this.#stir();
    this.#continue(this.target.resize?.(rows, columns));
  }

  /** False: there is no line that waits. */
  meanwhile(line: string): boolean {
    if (!this.#waits) return false;
    this.#stir();
    this.#continue(this.target.meanwhile?.(line));
    return true;
  }

  /** Ctrl-C; at the prompt it does nothing. */
  interrupt(): void {
    this.#stir();
    if (!this.#busy && !this.#waits) return;
    this.#continue(this.target.interrupt?.());
  }

  end(why: string): void {
    if (this.#over) return;
    this.#send({ event: 'closed', why });
    this.#over = true;
    clearTimeout(this.#idle);
    this.#finish();
  }

  #send(event: RealityEvent): void {
    if (!this.#over) this.emit(event);
  }

  /** Something was asked for: the time after which a session is idle begins anew. */
  #stir(): void {
    clearTimeout(this.#idle);
    if (this.#over) return;
    this.#idle = setTimeout(() => this.end('nothing was asked for a long time'), this.limits.idleMs);
  }

  #output(n: number, stream: 'stdout' | 'stderr', text: string): void {
    const room = this.limits.output - this.#written;
    if (room <= 0) return;
    this.#written += text.length;
    this.#send({ event: 'output', n, stream, text: text.slice(0, room) });
    if (text.length >= room) this.interrupt();
  }

  /** A suspended line goes on by its own promise; one that runs still answers by the promise of its `run`. */
  #continue(continued: Continued): void {
    void Promise.resolve(continued).then(
      (outcome) => (outcome === undefined ? undefined : this.#answer(Promise.resolve(outcome))),
      (error: unknown) => this.#fault(error),
    );
  }

  #answer(pending: Promise<CommandOutcome>): void {
    const n = this.#n;
    this.#busy = true;
    pending
      .then(async (outcome) => {
        const observation = await this.target.observe();
        this.#busy = false;
        this.#waits = outcome.suspended !== undefined;
        this.#send({ event: 'done', n, outcome: this.#cut(outcome), observation });
      })
      .catch((error: unknown) => this.#fault(error));
  }

  #cut(outcome: CommandOutcome): CommandOutcome {
    const most = this.limits.output;
    return { ...outcome, stdout: outcome.stdout.slice(0, most), stderr: outcome.stderr.slice(0, most) };
  }

  /** A target does not throw for what a learner typed: this is a fault of ours, or the target was closed meanwhile. */
  #fault(error: unknown): void {
    if (this.#over) return;
    process.emitWarning(error instanceof Error ? error : String(error));
    this.end('the real target failed; the terminal of the program says more');
  }
}
