/**
 * The simulation as the site uses it: one world that lines are carried out in, and the states inside a command, found by
 * carrying out the same lines again in a second world. Knows nothing of workers.
 *
 * Kept true: the same entries always lead to the same world, so a history is fully described by its entries.
 */
import * as v from 'valibot';
import {
  type CommandOutcome,
  completionTable,
  createSimTarget,
  type Observation,
  observe,
  runSync,
  type Scene,
  type SimTarget,
  toScene,
} from '../../core/index.ts';
import type { Answers, Entry, Given, Moment, Ran, Reply, Request, StepScenes } from './protocol.ts';
import { requestSchema } from './protocol.ts';

export class Engine {
  #target: SimTarget;
  /** What was observed last, and what before the line under way. */
  #now: Observation;
  #before: Observation;
  /** What the line under way has shown so far: in order, and by stream. */
  #shown = '';
  #printed = { stdout: '', stderr: '' };

  constructor() {
    this.#target = world();
    this.#now = this.#target.observeSync();
    this.#before = this.#now;
  }

  /** Answers one message, whatever it is. */
  answer(message: unknown): Reply {
    const parsed = v.safeParse(requestSchema, message);
    const id = numberOf(message);
    if (!parsed.success) return { id, kind: 'error', message: v.summarize(parsed.issues) };
    try {
      return { id, kind: 'answer', value: this.#handle(parsed.output) };
    } catch (error) {
      return { id, kind: 'error', message: error instanceof Error ? error.message : String(error) };
    }
  }

  #handle(request: Request): Answers[keyof Answers] {
    if (request.kind === 'seek') return this.#seek(request.entries);
    if (request.kind === 'table') return completionTable();
    if (request.kind === 'run') return this.#run(request.line);
    if (request.kind === 'give') return this.#give(request.given);
    return stepScenes(request.before, request.entry);
  }

  #seek(entries: readonly Entry[]): Moment {
    this.#target = world();
    for (const entry of entries) carryOut(this.#target, entry);
    this.#now = this.#target.observeSync();
    this.#before = this.#now;
    return { scene: toScene(this.#now), observation: this.#now };
  }

  #run(line: string): Ran {
    this.#before = this.#now;
    this.#shown = '';
    this.#printed = { stdout: '', stderr: '' };
    return this.#ran(
      this.#target.runSync(line, {
        onOutput: (stream, text) => {
          this.#shown += text;
          this.#printed[stream] += text;
        },
      }),
    );
  }

  #give(given: Given): Ran {
    // What is typed at a terminal is seen on it.
    if (given.kind === 'input') this.#shown += given.text;
    const outcome = give(this.#target, given);
    if (outcome === undefined) throw new Error('no command waits for anything');
    return this.#ran(outcome);
  }

  #ran(outcome: CommandOutcome): Ran {
    this.#now = this.#target.observeSync();
    const rest = (['stdout', 'stderr'] as const).map((stream) => notPrinted(outcome[stream], this.#printed[stream]));
    const shown = this.#shown + rest.join('');
    return { outcome, shown, scene: toScene(this.#now, this.#before), observation: this.#now };
  }
}

/** An answer holds all output; this is what was not shown as it came. */
const notPrinted = (all: string, printed: string): string =>
  all.startsWith(printed) ? all.slice(printed.length) : all;

const world = (): SimTarget => createSimTarget({ interactive: true });

function numberOf(message: unknown): number {
  const id = message instanceof Object && 'id' in message ? message.id : undefined;
  return typeof id === 'number' ? id : -1;
}

function carryOut(target: SimTarget, entry: Entry): void {
  target.runSync(entry.line, { steps: false });
  for (const given of entry.given) give(target, given);
  // After each line the page looks at the world, and the engine notices then what has ended: that belongs to the history.
  // Reading everything back does not, and with hundreds of containers it would take minutes.
  runSync(target.session.settle(), target.driver);
}

function give(target: SimTarget, given: Given): CommandOutcome | undefined {
  if (given.kind === 'input') return target.input(given.text, given.end);
  return given.kind === 'resume' ? target.resume() : target.interrupt();
}

/** The scene after each step of `entry`; the last of them is the scene after the command. */
function stepScenes(before: readonly Entry[], entry: Entry): StepScenes {
  const target = world();
  for (const earlier of before) carryOut(target, earlier);
  const states = [target.observeSync()];
  const look = (): void => {
    states.push(glance(target) ?? states.at(-1)!);
  };
  // Each step is announced before it is carried out: what is seen then is what the step before it led to.
  target.runSync(entry.line, { onStep: look });
  for (const given of entry.given) give(target, given);
  states.push(target.observeSync());
  return { scenes: states.slice(2).map((state, i): Scene => toScene(state, states[i + 1])) };
}

/** The state in the midst of a command; nothing while the engine is between two states and cannot be observed. */
function glance(target: SimTarget): Observation | undefined {
  try {
    return runSync(observe(target.session.engine), target.driver);
  } catch {
    return undefined;
  }
}
