/**
 * The simulation as the site uses it: one world that lines are carried out in, and the states inside a command, found by
 * carrying out the same lines again in a second world. Knows nothing of workers.
 *
 * Kept true: the same entries always lead to the same world, so a history is fully described by its entries. That is also how
 * a line goes on that needs a part of the core which is not loaded yet: the part is loaded, the world made again, and the line
 * carried out again. Requests are answered one after the other, but an interrupt at once: it is for one that is under way. One
 * that was to go elsewhere and is interrupted leaves the world where it was.
 */
import * as v from 'valibot';
import {
  type CommandOutcome,
  findingsOf,
  type Lesson,
  loadPart,
  type Observation,
  PartNeeded,
  partsNamed,
  type Scene,
  share,
  toScene,
} from '../../core/index.ts';
import { Carried, carriedOut, glance } from './carried.ts';
import { lastOf, seen } from './output.ts';
import type { Answers, Apart, Entry, Given, Made, Moment, Ran, Reply, Request, StepScenes } from './protocol.ts';
import { limits, requestSchema } from './protocol.ts';
import { Turn } from './slices.ts';

type Asked = Exclude<Request, { kind: 'interrupt' }>;

export class Engine {
  #world = new Carried();
  #made: Made = {};
  /** What was carried out in the world, the line that waits included. */
  #entries: readonly Entry[] = [];
  /** What was observed last, and what before the line under way. */
  #now: Observation;
  #before: Observation;
  /** Whose claims are judged. */
  #lesson: Lesson | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  /** Requests that are not answered yet. */
  readonly #turns = new Map<number, Turn>();

  constructor() {
    this.#now = this.#world.target.observeSync();
    this.#before = this.#now;
  }

  /** Answers one message, whatever it is, when those before it are answered. Never rejected. */
  answer(message: unknown): Promise<Reply> {
    const parsed = v.safeParse(requestSchema, message);
    if (!parsed.success)
      return Promise.resolve({ id: numberOf(message), kind: 'error', message: v.summarize(parsed.issues) });
    const request = parsed.output;
    if (request.kind === 'interrupt') {
      this.#turns.get(request.of)?.interrupt();
      return Promise.resolve({ id: request.id, kind: 'answer', value: {} });
    }
    const turn = new Turn();
    this.#turns.set(request.id, turn);
    const reply = this.#queue.then(() => this.#answer(request, turn));
    this.#queue = reply;
    return reply;
  }

  /** Ends what is under way, and answers nothing more: somebody else takes over. */
  close(): void {
    for (const turn of this.#turns.values()) turn.end();
  }

  async #answer(request: Asked, turn: Turn): Promise<Reply> {
    const { id } = request;
    try {
      return { id, kind: 'answer', value: await this.#handle(request, turn) };
    } catch (error) {
      return { id, kind: 'error', message: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#turns.delete(id);
    }
  }

  async #handle(request: Asked, turn: Turn): Promise<Answers[keyof Answers]> {
    if (request.kind === 'seek') return this.#seek(request, turn);
    if (request.kind === 'observe') return this.#now;
    if (request.kind === 'run') return this.#run(request.line, turn);
    if (request.kind === 'give') return this.#give(request.given, turn);
    if (request.kind === 'compare') return this.#compare(request, turn);
    await loadNamed([...request.before, request.entry]);
    return withParts(() => stepScenes(request, turn));
  }

  async #seek({ made = {}, entries, lesson }: Extract<Request, { kind: 'seek' }>, turn: Turn): Promise<Moment> {
    await loadNamed(entries);
    this.#world = await withParts(() => carriedOut(made, entries, turn));
    this.#made = made;
    this.#entries = entries;
    this.#lesson = lesson;
    this.#now = share(this.#now, await observed(this.#world, turn));
    this.#before = this.#now;
    return { scene: toScene(this.#now), ...this.#found() };
  }

  async #run(line: string, turn: Turn): Promise<Ran> {
    await loadNamed([{ line, given: [] }]);
    const past = this.#entries;
    /** What it was given meanwhile: the same again, if it has to be carried out again. */
    const given: Given[] = [];
    const outcome = await withParts(
      () => this.#world.run({ line, given: [...given] }, turn, { live: given }),
      () => this.#back(past),
    );
    this.#entries = [...past, { line, given }];
    this.#before = this.#now;
    return this.#ran(outcome, given, turn);
  }

  async #give(first: Given, turn: Turn): Promise<Ran> {
    const past = this.#entries;
    const last = past.at(-1) ?? { line: '', given: [] };
    const given: Given[] = [first];
    await loadNamed([{ ...last, given }]);
    const outcome = await withParts(
      () => this.#world.give(given[0]!, turn, given),
      async () => {
        // What came meanwhile is forgotten: it is not known what it would have come to.
        given.splice(1);
        await this.#back(past);
      },
    );
    if (outcome === undefined) throw new Error('no command waits for anything');
    this.#entries = [...past.slice(0, -1), { ...last, given: [...last.given, ...given] }];
    return this.#ran(outcome, given.slice(1), turn);
  }

  /** The world again as it was; nobody interrupts that. */
  async #back(entries: readonly Entry[]): Promise<void> {
    this.#world = await carriedOut(this.#made, entries, new Turn());
  }

  async #compare(
    { made = {}, earlier, later, names }: Extract<Request, { kind: 'compare' }>,
    turn: Turn,
  ): Promise<Apart> {
    await loadNamed([...earlier, ...later]);
    // Seldom asked for, so that its code is loaded then.
    const { apart } = await import('./compare.ts');
    const after = async (entries: readonly Entry[]): Promise<Observation> =>
      observed(await carriedOut(made, entries, turn), turn);
    return withParts(async () => apart(await after(earlier), await after(later), names));
  }

  async #ran(outcome: CommandOutcome, given: readonly Given[], turn: Turn): Promise<Ran> {
    const last = this.#now;
    const { shown, printed } = this.#world;
    this.#now = share(last, await observed(this.#world, turn));
    const rest = (['stdout', 'stderr'] as const).map((stream) => notPrinted(outcome[stream], printed[stream]));
    return {
      outcome: { ...outcome, stdout: lastOf(outcome.stdout), stderr: lastOf(outcome.stderr) },
      shown: lastOf(seen(shown + rest.join(''))),
      given,
      scene: toScene(this.#now, this.#before),
      ...this.#found(last),
    };
  }

  /** What the lesson's claims come to now; `last`: what was observed before. */
  #found(last?: Observation): Pick<Moment, 'found'> {
    return this.#lesson === undefined ? {} : { found: findingsOf(this.#lesson, this.#now, last) };
  }
}

/** What is observed now; reading large files back takes slices too. */
async function observed({ target }: Carried, turn: Turn): Promise<Observation> {
  for (const _ of target.readAhead()) await turn.pause();
  return target.observeSync();
}

/** Does `work`; as long as a part is missing for it, loads that, puts things back to where they were, and does it again. */
async function withParts<T>(work: () => T | Promise<T>, back: () => unknown = () => {}): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PartNeeded)) throw error;
      await loadPart(error.part);
      await back();
    }
  }
}

/** Loads what the lines name, so that few of them have to be carried out twice. */
async function loadNamed(entries: readonly Entry[]): Promise<void> {
  const texts = entries.flatMap(({ line, given }) => [line, ...given.map(textOf)]);
  await Promise.all([...new Set(texts.flatMap((text) => [...partsNamed(text)]))].map(loadPart));
}

const textOf = (given: Given): string =>
  given.kind === 'input' ? given.text : given.kind === 'meanwhile' ? given.line : '';

/** An answer holds all output; this is what was not shown as it came. */
const notPrinted = (all: string, printed: string): string =>
  all.startsWith(printed) ? all.slice(printed.length) : all;

function numberOf(message: unknown): number {
  const id = message instanceof Object && 'id' in message ? message.id : undefined;
  return typeof id === 'number' ? id : -1;
}

/** The scene after each step of `entry`, of very many after the first; the last of them is the scene after the command. */
async function stepScenes(
  { made, before, entry }: Extract<Request, { kind: 'steps' }>,
  turn: Turn,
): Promise<StepScenes> {
  const world = new Carried(made);
  for (const earlier of before) await world.pass(earlier, turn);
  const { target } = world;
  const states = [target.observeSync()];
  /** After the last call inside of a step: before it, the step itself has its moment, which leaves all as it was. */
  let last = states[0]!;
  const look = (): void => {
    if (states.length >= limits.inside + 2) return;
    last = glance(target) ?? states.at(-1)!;
    states.push(last);
  };
  const lookInside = (): void => {
    if (states.length >= limits.inside + 2) return;
    states.push(last);
    last = glance(target) ?? last;
  };
  // Each step is announced before it is carried out: what is seen then is what the step before it led to.
  await world.run(entry, turn, { steps: { onStep: look, onCall: lookInside } });
  states.push(await observed(world, turn));
  return { scenes: states.slice(2).map((state, i): Scene => toScene(state, states[i + 1])) };
}
