/**
 * Carries out on the real target, and on a model of its own, what was carried out in the page, and compares them command by
 * command. The page may go back and fork at any time; a real world cannot, so then a new one is opened and the commands are
 * run again.
 *
 * Kept true: the real world has always run a prefix of the page's commands, each with the same input; a comparison is made of
 * what both sides showed after just these commands.
 */
import type { CommandOutcome, Difference, Observation, RealityEvent } from '../../core/index.ts';
import type { Entry, Given } from '../engine/protocol.ts';
import { type Answer, type Compared, Comparison } from './comparison.ts';
import { Link, type Server } from './link.ts';

/** A simulation that belongs to the follower alone. */
export interface Model {
  restart(): Promise<Observation>;
  run(line: string): Promise<Answer>;
  give(given: Given): Promise<Answer>;
}

/** A command on the real target. */
export interface RealRun {
  readonly entry: Entry;
  /** Output as it came. */
  readonly soFar: string;
  /** The step that was begun last. */
  readonly step?: string;
  readonly outcome?: CommandOutcome;
  /** Absent: one of both has not finished. */
  readonly compared?: Compared;
}

export interface RealState {
  readonly phase: 'opening' | 'running' | 'idle' | 'closed';
  /** Why it is closed. */
  readonly why?: string;
  readonly notes: readonly string[];
  /** What differed before the first command. */
  readonly start: readonly Difference[];
  readonly runs: readonly RealRun[];
}

const fresh: RealState = { phase: 'opening', notes: [], start: [], runs: [] };

/** How often Ctrl-C is tried for a process that may not have started yet, and how far apart. */
const interrupts = { times: 5, apartMs: 300 };

export class Follower {
  #state: RealState = fresh;
  #link: Link | undefined;
  #comparison = new Comparison();
  /** The model's answer to the command under way. */
  #answer: Promise<Answer> | undefined;
  /** The real target's answer to the last command that it has answered. */
  #real: Answer | undefined;
  #wanted: readonly Entry[] = [];
  /** How much of the last run's `given` was given. */
  #given = 0;
  /** Something was asked of the real target that it has not answered by `done`. */
  #waiting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly server: Server,
    private readonly model: Model,
    private readonly changed: (state: RealState) => void,
  ) {}

  get state(): RealState {
    return this.#state;
  }

  /** These were carried out in the page; the same world goes on when it can. */
  follow(entries: readonly Entry[]): void {
    this.#wanted = entries;
    const forked = this.#state.runs.some(({ entry }, i) => !continues(entry, entries[i]));
    if (this.#link === undefined || forked) this.reopen();
    else this.#goOn();
  }

  /** A fresh real world, in which all is run again. */
  reopen(): void {
    this.close();
    this.#comparison = new Comparison();
    this.#set(fresh);
    const link = new Link(this.server, (event) => {
      if (link === this.#link) this.#hear(event);
    });
    this.#link = link;
  }

  /** Ctrl-C on the real target alone: what took no time in the model may take long there. */
  interrupt(): void {
    if (this.#waiting) this.#ask('interrupt', {});
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#link?.close();
    this.#link = undefined;
    this.#answer = undefined;
    this.#real = undefined;
    this.#waiting = false;
    this.#given = 0;
  }

  #set(change: Partial<RealState>): void {
    this.#state = { ...this.#state, ...change };
    this.changed(this.#state);
  }

  #setLast(change: Partial<RealRun>, rest: Partial<RealState> = {}): void {
    const last = this.#state.runs.at(-1);
    if (last !== undefined) this.#set({ ...rest, runs: [...this.#state.runs.slice(0, -1), { ...last, ...change }] });
  }

  #hear(event: RealityEvent): void {
    if (event.event === 'ready') void this.#begin(event.notes, event.observation);
    else if (event.event === 'closed') this.#end(event.why);
    else if (event.n !== this.#state.runs.length) return;
    else if (event.event === 'step') this.#setLast({ step: event.title });
    else if (event.event === 'output') this.#setLast({ soFar: (this.#state.runs.at(-1)?.soFar ?? '') + event.text });
    else this.#compare({ outcome: event.outcome, observation: event.observation });
  }

  #end(why: string): void {
    clearTimeout(this.#timer);
    this.#waiting = false;
    this.#set({ phase: 'closed', why });
  }

  async #begin(notes: readonly string[], real: Observation): Promise<void> {
    const link = this.#link;
    const model = await this.model.restart();
    if (link !== this.#link) return;
    this.#set({ phase: 'idle', notes, start: this.#comparison.begin(model, real) });
    this.#goOn();
  }

  /** The real target has answered: waits for the model, compares, and goes on. */
  #compare(real: Answer): void {
    clearTimeout(this.#timer);
    const link = this.#link;
    const line = this.#state.runs.at(-1)?.entry.line ?? '';
    this.#real = real;
    this.#answer?.then(
      (model) => {
        if (link !== this.#link) return;
        this.#waiting = false;
        const compared = this.#comparison.after(line, model, real);
        this.#setLast({ outcome: real.outcome, compared }, { phase: 'idle' });
        this.#goOn();
      },
      (error: unknown) => {
        if (link === this.#link) this.#end(messageOf(error));
      },
    );
  }

  /** Asks for what comes next, if anything does. */
  #goOn(): void {
    const { phase, runs } = this.#state;
    if (phase === 'opening' || phase === 'closed') return;
    const entry = this.#wanted[runs.length - 1];
    const given = entry?.given[this.#given];
    if (entry !== undefined && given !== undefined) this.#give(entry, given);
    else if (!this.#waiting && this.#wanted.length > runs.length) this.#run(this.#wanted[runs.length]!);
  }

  #run(entry: Entry): void {
    this.#given = 0;
    this.#set({ phase: 'running', runs: [...this.#state.runs, { entry: { ...entry, given: [] }, soFar: '' }] });
    this.#real = undefined;
    this.#answer = this.model.run(entry.line);
    this.#ask('run', { n: this.#state.runs.length, line: entry.line });
    // What was given to it may have to reach it before it answers.
    this.#goOn();
  }

  #give(entry: Entry, given: Given): void {
    // Input is given when the process waits for it, and so is what needs a line that waits.
    if (given.kind !== 'resume' && given.kind !== 'interrupt' && this.#waiting) return;
    const { compared: _compared, ...last } = this.#state.runs.at(-1)!;
    const over = !this.#waiting && last.outcome?.suspended === undefined;
    this.#given++;
    this.#answer = this.model.give(given);
    const run = { ...last, entry: { ...last.entry, given: entry.given.slice(0, this.#given) } };
    const runs = [...this.#state.runs.slice(0, -1), run];
    // Time passes by itself where it is real; and what is over there already can be given nothing.
    if (over || given.kind === 'resume') {
      this.#set({ runs });
      if (this.#waiting || this.#real === undefined) this.#goOn();
      else this.#compare(this.#real);
      return;
    }
    this.#set({ phase: 'running', runs });
    if (given.kind === 'input') this.#ask('input', { text: given.text, end: given.end === true });
    else if (given.kind === 'resize') this.#ask('resize', { rows: given.rows, columns: given.columns });
    else if (given.kind === 'meanwhile') this.#ask('meanwhile', { line: given.line });
    else this.#interrupt(interrupts.times);
  }

  #interrupt(times: number): void {
    this.#ask('interrupt', {});
    if (times === 1) return;
    this.#timer = setTimeout(() => {
      if (this.#waiting) this.#interrupt(times - 1);
    }, interrupts.apartMs);
  }

  #ask(...[name, body]: Parameters<Link['ask']>): void {
    const link = this.#link;
    this.#waiting = true;
    link?.ask(name, body).catch((error: unknown) => {
      // A link that was closed meanwhile has nothing to say any more.
      if (link === this.#link) this.#end(messageOf(error));
    });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether `wanted` begins with what `done` was. */
function continues(done: Entry, wanted: Entry | undefined): boolean {
  if (wanted === undefined || wanted.line !== done.line) return false;
  return done.given.every((given, i) => JSON.stringify(given) === JSON.stringify(wanted.given[i]));
}
