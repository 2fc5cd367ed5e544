/**
 * The simulation as the site uses it: one world that lines are carried out in, and the states inside a command, found by
 * carrying out the same lines again in a second world. Knows nothing of workers.
 *
 * Kept true: the same entries always lead to the same world, so a history is fully described by its entries. That is also how
 * a line goes on that needs a part of the core which is not loaded yet: the part is loaded, the world made again, and the line
 * carried out again. Requests are answered one after the other.
 */
import * as v from 'valibot';
import {
  type CommandOutcome,
  createSimTarget,
  FREE_MS,
  findingsOf,
  type Lesson,
  loadPart,
  MOMENTS,
  type Observation,
  observe,
  PartNeeded,
  partsNamed,
  runSync,
  type Scene,
  type SimTarget,
  share,
  toScene,
} from '../../core/index.ts';
import type { Answers, Apart, Entry, Given, Moment, Ran, Reply, Request, StepScenes } from './protocol.ts';
import { limits, requestSchema } from './protocol.ts';

export class Engine {
  #target: SimTarget;
  /** What was carried out in the world, the line that waits included. */
  #entries: readonly Entry[] = [];
  /** What was observed last, and what before the line under way. */
  #now: Observation;
  #before: Observation;
  /** What the line under way has shown so far: in order, and by stream. */
  #shown = '';
  #printed = { stdout: '', stderr: '' };
  /** Whose claims are judged. */
  #lesson: Lesson | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#target = world();
    this.#now = this.#target.observeSync();
    this.#before = this.#now;
  }

  /** Answers one message, whatever it is, when those before it are answered. Never rejected. */
  answer(message: unknown): Promise<Reply> {
    const reply = this.#turn.then(() => this.#answer(message));
    this.#turn = reply;
    return reply;
  }

  async #answer(message: unknown): Promise<Reply> {
    const parsed = v.safeParse(requestSchema, message);
    const id = numberOf(message);
    if (!parsed.success) return { id, kind: 'error', message: v.summarize(parsed.issues) };
    try {
      return { id, kind: 'answer', value: await this.#handle(parsed.output) };
    } catch (error) {
      return { id, kind: 'error', message: error instanceof Error ? error.message : String(error) };
    }
  }

  async #handle(request: Request): Promise<Answers[keyof Answers]> {
    if (request.kind === 'seek') return this.#seek(request.entries, request.lesson);
    if (request.kind === 'observe') return this.#now;
    if (request.kind === 'run') return this.#run(request.line);
    if (request.kind === 'give') return this.#give(request.given);
    if (request.kind === 'compare') return this.#compare(request);
    const { before, entry } = request;
    await loadNamed([...before, entry]);
    return withParts(() => stepScenes(before, entry));
  }

  async #seek(entries: readonly Entry[], lesson: Lesson | undefined): Promise<Moment> {
    await loadNamed(entries);
    await withParts(() => this.#begin(entries));
    this.#lesson = lesson;
    this.#now = share(this.#now, this.#target.observeSync());
    this.#before = this.#now;
    return { scene: toScene(this.#now), ...this.#found() };
  }

  async #run(line: string): Promise<Ran> {
    const entry: Entry = { line, given: [] };
    await loadNamed([entry]);
    const past = this.#entries;
    const outcome = await withParts(
      () => this.#start(line),
      () => this.#begin(past),
    );
    this.#entries = [...past, entry];
    this.#before = this.#now;
    return this.#ran(outcome);
  }

  async #give(given: Given): Promise<Ran> {
    const past = this.#entries;
    const last = past.at(-1) ?? { line: '', given: [] };
    const entry: Entry = { ...last, given: [...last.given, given] };
    await loadNamed([entry]);
    const outcome = await withParts(
      () => this.#feed(given),
      () => this.#begin(past),
    );
    if (outcome === undefined) throw new Error('no command waits for anything');
    this.#entries = [...past.slice(0, -1), entry];
    return this.#ran(outcome);
  }

  async #compare({ earlier, later, names }: Extract<Request, { kind: 'compare' }>): Promise<Apart> {
    await loadNamed([...earlier, ...later]);
    // Seldom asked for, so that its code is loaded then.
    const { apart } = await import('./compare.ts');
    return withParts(() => apart(after(earlier), after(later), names));
  }

  /** A fresh world in which these were carried out, the last of them so that it can go on. */
  #begin(entries: readonly Entry[]): void {
    this.#target = world();
    this.#entries = entries;
    for (const entry of entries.slice(0, -1)) pass(this.#target, entry);
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#start(last.line);
    settle(this.#target);
    for (const given of last.given) {
      this.#feed(given);
      settle(this.#target);
    }
  }

  #start(line: string): CommandOutcome {
    this.#shown = '';
    this.#printed = { stdout: '', stderr: '' };
    const onOutput = (stream: 'stdout' | 'stderr', text: string): void => {
      this.#shown += text;
      this.#printed[stream] += text;
    };
    return this.#target.runSync(line, { onOutput });
  }

  #feed(given: Given): CommandOutcome | undefined {
    // What is typed at a terminal is seen on it.
    if (given.kind === 'input') this.#shown += given.text;
    if (given.kind === 'interrupt') this.#shown += '^C';
    return give(this.#target, given);
  }

  #ran(outcome: CommandOutcome): Ran {
    const last = this.#now;
    this.#now = share(last, this.#target.observeSync());
    const rest = (['stdout', 'stderr'] as const).map((stream) => notPrinted(outcome[stream], this.#printed[stream]));
    const shown = this.#shown + rest.join('');
    return { outcome, shown, scene: toScene(this.#now, this.#before), ...this.#found(last) };
  }

  /** What the lesson's claims come to now; `last`: what was observed before. */
  #found(last?: Observation): Pick<Moment, 'found'> {
    return this.#lesson === undefined ? {} : { found: findingsOf(this.#lesson, this.#now, last) };
  }
}

/** Does `work`; as long as a part is missing for it, loads that, puts things back to where they were, and does it again. */
async function withParts<T>(work: () => T, back: () => void = () => {}): Promise<T> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof PartNeeded)) throw error;
      await loadPart(error.part);
      back();
    }
  }
}

/** Loads what the lines name, so that few of them have to be carried out twice. */
async function loadNamed(entries: readonly Entry[]): Promise<void> {
  const texts = entries.flatMap(({ line, given }) => [line, ...given.map(textOf)]);
  await Promise.all([...new Set(texts.flatMap((text) => [...partsNamed(text)]))].map(loadPart));
}

const textOf = (given: Given): string => (given.kind === 'input' ? given.text : '');

/** An answer holds all output; this is what was not shown as it came. */
const notPrinted = (all: string, printed: string): string =>
  all.startsWith(printed) ? all.slice(printed.length) : all;

const world = (): SimTarget => createSimTarget({ interactive: true, freeMs: FREE_MS });

function numberOf(message: unknown): number {
  const id = message instanceof Object && 'id' in message ? message.id : undefined;
  return typeof id === 'number' ? id : -1;
}

/** What is there after these, in a world of its own. */
function after(entries: readonly Entry[]): Observation {
  const target = world();
  for (const entry of entries.slice(0, -1)) pass(target, entry);
  for (const entry of entries.slice(-1)) carryOut(target, entry);
  return target.observeSync();
}

function carryOut(target: SimTarget, entry: Entry): CommandOutcome | undefined {
  let outcome: CommandOutcome | undefined = target.runSync(entry.line, { steps: false });
  settle(target);
  for (const given of entry.given) {
    outcome = give(target, given);
    settle(target);
  }
  return outcome;
}

/** An entry that others follow: nobody stopped to look how it runs (a link, a lesson's set-up), so time passes at once. */
function pass(target: SimTarget, entry: Entry): void {
  let outcome = carryOut(target, entry);
  for (let n = 0; n < MOMENTS && outcome?.suspended === 'time'; n++) {
    outcome = target.resume();
    settle(target);
  }
}

/**
 * After each line the page looks at the world, and the engine notices then what has ended: that belongs to the history.
 * Reading everything back does not, and with hundreds of containers it would take minutes.
 */
function settle(target: SimTarget): void {
  runSync(target.session.settle(), target.driver);
}

function give(target: SimTarget, given: Given): CommandOutcome | undefined {
  if (given.kind === 'input') return target.input(given.text, given.end);
  return given.kind === 'resume' ? target.resume() : target.interrupt();
}

/** The scene after each step of `entry`, of very many after the first; the last of them is the scene after the command. */
function stepScenes(before: readonly Entry[], entry: Entry): StepScenes {
  const target = world();
  for (const earlier of before) pass(target, earlier);
  const states = [target.observeSync()];
  const look = (): void => {
    if (states.length < limits.inside + 2) states.push(glance(target) ?? states.at(-1)!);
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
