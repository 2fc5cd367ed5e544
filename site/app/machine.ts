/**
 * The flow of the app: lines wait in a queue, are carried out one after the other, and become points of the timeline; one can
 * look at any of them, play them, and go on from there.
 *
 * An event is taken by each region that knows it, and by the root only when no region does: so each region names all of its
 * own.
 *
 * Kept true: the engine is asked one thing at a time; nothing typed is lost while it works; `points` is what was carried out,
 * and the engine stands behind the last of them before the next line is run.
 */
import { type ActorRefFrom, assign, fromCallback, fromPromise, raise, setup } from 'xstate';
import { type Lesson, lessonMachine, type Observation, type Scene } from '../../core/index.ts';
import type { Client } from '../engine/client.ts';
import type { Entry, Given, Moment, Ran } from '../engine/protocol.ts';
import type { LessonAbout } from './lessons.ts';
import { type Kept, nothingKept, readKept, writeKept } from './storage.ts';
import {
  back,
  type Cursor,
  type Edits,
  edited,
  forward,
  head,
  nextCommand,
  noEdits,
  type Point,
  previousCommand,
  redone,
  undone,
  within,
} from './timeline.ts';

export type LessonActor = ActorRefFrom<typeof lessonMachine>;

/** Where one is: the playground, or a lesson. */
export interface Place {
  /** A lesson's id, or `playground`. */
  readonly id: string;
  readonly lesson?: Lesson;
  readonly actor?: LessonActor;
}

export const playground: Place = { id: 'playground' };

/** A line on its way. What was typed goes to the program that waits for input when its turn comes; `end` is Ctrl-D. */
export interface Queued extends Entry {
  readonly typed?: 'line' | 'end';
}

export interface AppContext {
  readonly client: Client;
  readonly place: Place;
  /** Carried out before everything, unseen: a lesson's set-up. */
  readonly base: readonly Entry[];
  readonly start: Scene | undefined;
  readonly points: readonly Point[];
  readonly edits: Edits;
  /** Where one looks; absent: at the newest moment. */
  readonly cursor: Cursor | undefined;
  /** Waits to be carried out. */
  readonly queue: readonly Queued[];
  /** Under way, with what it is still to be given. */
  readonly current: { readonly entry: Entry; readonly rest: readonly Given[] } | undefined;
  /** The points that the engine stands behind. */
  readonly engineAt: readonly Point[] | undefined;
  readonly observation: Observation | undefined;
  /** Scenes inside commands, by the id of their point. */
  readonly inside: ReadonlyMap<number, readonly Scene[]>;
  /** Moments a second when playing. */
  readonly speed: number;
  /** Answers given before, and whether the challenge was solved before. */
  readonly answers: Kept['answers'];
  readonly solved: boolean;
  readonly nextId: number;
  readonly error: string | undefined;
}

export type AppEvent =
  | { readonly type: 'line'; readonly line: string }
  | { readonly type: 'end' }
  | { readonly type: 'resume' }
  | { readonly type: 'interrupt' }
  | { readonly type: 'look'; readonly cursor: Cursor }
  | { readonly type: 'back' | 'forward' | 'previous' | 'next' | 'newest' }
  | { readonly type: 'play' | 'pause' }
  | { readonly type: 'speed'; readonly speed: number }
  | { readonly type: 'undo' | 'redo' | 'reset' }
  /** Begins anew with these lines: a link, a file, a lesson, what was kept. */
  | { readonly type: 'load'; readonly base: readonly Entry[]; readonly entries: readonly Entry[] }
  /** Goes to a lesson or to the playground; without `entries`, to where one was there before. */
  | { readonly type: 'open'; readonly about: LessonAbout | undefined; readonly entries?: readonly Entry[] }
  /** A lesson that the reader brought. */
  | { readonly type: 'openLesson'; readonly lesson: Lesson };

export const speeds = [0.5, 1, 2, 4] as const;

type Work = { readonly client: Client };

const seek = fromPromise<Moment, Work & { entries: readonly Entry[] }>(({ input }) =>
  input.client.ask('seek', { entries: [...input.entries] }),
);
const run = fromPromise<Ran, Work & { line: string }>(({ input }) => input.client.ask('run', { line: input.line }));
const give = fromPromise<Ran, Work & { given: Given }>(({ input }) => input.client.ask('give', { given: input.given }));
const lookInside = fromPromise<
  { id: number; scenes: readonly Scene[] },
  Work & { before: readonly Entry[]; point: Point }
>(async ({ input: { client, before, point } }) => {
  const { scenes } = await client.ask('steps', { before: [...before], entry: point.entry });
  return { id: point.id, scenes };
});

/** A lesson with what was kept of it, or the playground. */
interface Opened {
  readonly lesson?: Lesson;
  readonly kept: Kept;
}

const open = fromPromise<Opened, { about: LessonAbout | undefined; entries: readonly Entry[] | undefined }>(
  async ({ input: { about, entries } }) => {
    const lesson = await about?.load();
    const kept = entries === undefined ? readKept(about?.id ?? playground.id) : { ...nothingKept, entries };
    return { ...(lesson === undefined ? {} : { lesson }), kept };
  },
);

/** Turns a lesson's pages: what is only read needs no click, and answers given before are given again. */
const lead = fromCallback<{ type: 'never' }, { actor: LessonActor | undefined; answers: Kept['answers'] }>(
  ({ input: { actor, answers } }) => {
    const turn = (): void => {
      const now = actor?.getSnapshot();
      if (now?.matches('reading') === true) actor!.send({ type: 'NEXT' });
      const given = now?.matches('asking') === true ? answers[now.context.at] : undefined;
      if (given !== undefined) actor!.send(given < 0 ? { type: 'NEXT' } : { type: 'ANSWER', choice: given });
    };
    const subscription = actor?.subscribe(() => queueMicrotask(turn));
    turn();
    return () => subscription?.unsubscribe();
  },
);

const waitsFor = ({ points }: AppContext): 'input' | 'time' | undefined => points.at(-1)?.outcome.suspended;
const entriesOf = (points: readonly Point[]): Entry[] => points.map(({ entry }) => entry);

/** The point that is looked into but whose inside is not known yet. */
function unknownInside({ cursor, points, inside }: AppContext): Point | undefined {
  if (cursor?.step === undefined) return undefined;
  const point = points[cursor.at - 1];
  return point === undefined || inside.has(point.id) ? undefined : point;
}

const machine = setup({
  types: { context: {} as AppContext, events: {} as AppEvent, input: {} as { client: Client } },
  actors: { seek, run, give, lookInside, open, lead, lesson: lessonMachine },
  delays: { beat: ({ context }) => 1000 / context.speed },
  guards: {
    queued: ({ context }) => context.queue.length > 0,
    elsewhere: ({ context }) => context.engineAt !== context.points || isFork(context),
    waiting: ({ context }) => waitsFor(context) !== undefined,
    canForward: ({ context }) => forward(context.points, cursorOf(context)) !== undefined,
    canUndo: ({ context }) => context.edits.past.length > 0,
    canRedo: ({ context }) => context.edits.future.length > 0,
    unknownInside: ({ context }) => unknownInside(context) !== undefined,
    typedForInput: ({ context }) => waitsFor(context) === 'input' && context.queue[0]?.typed !== undefined,
    nothingTyped: ({ context }) => isNothing(context.queue[0]),
    moreToGive: ({ context }) => waitsFor(context) !== undefined && (context.current?.rest.length ?? 0) > 0,
  },
  actions: {
    enqueue: assign(({ context, event }) => {
      if (event.type === 'line') return { queue: [...context.queue, { line: event.line, given: [], typed: 'line' }] };
      return event.type === 'end' ? { queue: [...context.queue, { line: '', given: [], typed: 'end' }] } : {};
    }),
    /** What was typed next is input. */
    takeTyped: assign(({ context }) => {
      const [{ line, typed }, ...queue] = context.queue as readonly [Queued, ...Queued[]];
      const given: Given =
        typed === 'end' ? { kind: 'input', text: '', end: true } : { kind: 'input', text: `${line}\n` };
      return { queue, current: { entry: context.points.at(-1)!.entry, rest: [given] } };
    }),
    dropFirst: assign(({ context }) => ({ queue: context.queue.slice(1) })),
    /** Lines typed where one looks at an earlier moment go on from there. */
    fork: assign(({ context }) => {
      if (!isFork(context)) return { cursor: undefined };
      const points = context.points.slice(0, context.cursor!.at);
      return { points, cursor: undefined, edits: edited(context.edits, context.points) };
    }),
    take: assign(({ context }) => {
      const [{ line, given }, ...queue] = context.queue as readonly [Queued, ...Queued[]];
      return { queue, current: { entry: { line: line.trim(), given }, rest: given }, cursor: undefined };
    }),
    takeGiven: assign(({ context, event }) => {
      const given = givenOf(event) ?? context.current?.rest[0];
      const entry = context.points.at(-1)!.entry;
      return {
        cursor: undefined,
        current: { entry: { ...entry, given: [...entry.given, given!] }, rest: context.current?.rest.slice(1) ?? [] },
      };
    }),
    moveTo: assign(({ context, event }) => ({ cursor: moved(context, event) })),
    setSpeed: assign(({ event }) => (event.type === 'speed' ? { speed: event.speed } : {})),
    fromStart: assign(({ context }) =>
      forward(context.points, cursorOf(context)) === undefined ? { cursor: { at: 0 } } : {},
    ),
    undo: assign(({ context }) => ({ ...undone(context.edits, context.points), cursor: undefined, queue: [] })),
    redo: assign(({ context }) => ({ ...redone(context.edits, context.points), cursor: undefined, queue: [] })),
    reset: assign(({ context }) => ({
      points: [],
      edits: context.points.length === 0 ? context.edits : edited(context.edits, context.points),
      cursor: undefined,
      queue: [],
      current: undefined,
      error: undefined,
    })),
    load: assign(({ event }) =>
      event.type === 'load'
        ? {
            base: event.base,
            points: [],
            edits: noEdits,
            cursor: undefined,
            queue: event.entries,
            current: undefined,
            engineAt: undefined,
            error: undefined,
          }
        : {},
    ),
    dropQueue: assign({ queue: [] }),
    dropTyped: assign(({ context }) => ({ queue: context.queue.filter(({ typed }) => typed === undefined) })),
    enter: assign(({ event, spawn }) =>
      event.type === 'openLesson'
        ? {
            place: placeOf(event.lesson, (input) => spawn('lesson', { input })),
            answers: {},
            solved: false,
          }
        : {},
    ),
    /** The last command has come to its end. */
    tellRan: ({ context: { place, points, observation } }) => {
      const last = points.at(-1);
      if (last === undefined || observation === undefined) return;
      if (last.outcome.suspended !== undefined) place.actor?.send({ type: 'LOOKED', observation });
      else place.actor?.send({ type: 'RAN', command: last.entry.line, observation });
    },
    tellLooked: ({ context: { place, observation, points } }) => {
      if (observation === undefined) return;
      if (points.length === 0 && place.actor?.getSnapshot().context.observation !== undefined)
        place.actor.send({ type: 'GO', at: 0, observation });
      else place.actor?.send({ type: 'LOOKED', observation });
    },
    keep: ({ context }) => keep(context),
  },
}).createMachine({
  id: 'app',
  type: 'parallel',
  context: ({ input }) => ({
    client: input.client,
    place: playground,
    base: [],
    start: undefined,
    points: [],
    edits: noEdits,
    cursor: undefined,
    queue: [],
    current: undefined,
    engineAt: undefined,
    observation: undefined,
    inside: new Map(),
    speed: 2,
    answers: {},
    solved: false,
    nextId: 1,
    error: undefined,
  }),
  on: {
    speed: { actions: 'setSpeed' },
  },
  states: {
    place: {
      initial: 'nowhere',
      on: {
        open: '.opening',
        openLesson: {
          target: '.open',
          actions: ['enter', raise(({ event }) => ({ type: 'load', base: setupOf(event.lesson), entries: [] }))],
        },
      },
      states: {
        nowhere: {},
        opening: {
          invoke: {
            src: 'open',
            input: ({ event }) =>
              event.type === 'open'
                ? { about: event.about, entries: event.entries }
                : { about: undefined, entries: [] },
            onDone: {
              target: 'open',
              actions: [
                assign(({ event, spawn }) => ({
                  place: placeOf(event.output.lesson, (input) => spawn('lesson', { input })),
                  answers: event.output.kept.answers,
                  solved: event.output.kept.solved,
                })),
                raise(({ event: { output } }) => ({
                  type: 'load',
                  base: setupOf(output.lesson),
                  entries: output.kept.entries,
                })),
              ],
            },
            onError: { target: 'open', actions: assign(({ event }) => ({ error: messageOf(event.error) })) },
          },
        },
        open: {
          invoke: { src: 'lead', input: ({ context }) => ({ actor: context.place.actor, answers: context.answers }) },
        },
      },
    },
    work: {
      initial: 'seeking',
      on: { line: { actions: 'enqueue' }, end: { actions: 'enqueue' }, load: { actions: 'load', target: '.seeking' } },
      states: {
        /** A fresh world is brought to where the points are. */
        seeking: {
          entry: 'fork',
          invoke: {
            src: 'seek',
            input: ({ context }) => ({
              client: context.client,
              entries: [...context.base, ...entriesOf(context.points)],
            }),
            onDone: {
              target: 'settled',
              actions: [
                assign(({ context, event }) => ({
                  engineAt: context.points,
                  observation: event.output.observation,
                  ...(context.points.length === 0 ? { start: event.output.scene } : {}),
                })),
                'tellLooked',
                'keep',
              ],
            },
            onError: { target: 'broken', actions: assign(({ event }) => ({ error: messageOf(event.error) })) },
          },
          on: { undo: undo(), redo: redo(), reset: reset() },
        },
        settled: {
          always: [
            { guard: 'moreToGive', target: 'giving' },
            { guard: 'waiting', target: 'waiting' },
            { target: 'idle' },
          ],
        },
        idle: {
          entry: assign({ current: undefined }),
          always: [
            { guard: 'nothingTyped', actions: 'dropFirst' },
            { guard: ({ context }) => context.queue.length > 0 && isElsewhere(context), target: 'seeking' },
            { guard: 'queued', target: 'running', actions: 'take' },
          ],
          on: { undo: undo(), redo: redo(), reset: reset(), interrupt: { actions: 'dropQueue' } },
        },
        running: {
          invoke: {
            src: 'run',
            input: ({ context }) => ({ client: context.client, line: context.current!.entry.line }),
            onDone: {
              target: 'settled',
              actions: [
                assign(({ context, event }) => {
                  const { entry } = context.current!;
                  const point = pointOf(context.nextId, { line: entry.line, given: [] }, event.output);
                  const points = [...context.points, point];
                  return {
                    points,
                    engineAt: points,
                    observation: event.output.observation,
                    edits: edited(context.edits, context.points),
                    nextId: context.nextId + 1,
                  };
                }),
                'tellRan',
                'keep',
              ],
            },
            onError: { target: 'broken', actions: assign(({ event }) => ({ error: messageOf(event.error) })) },
          },
          on: { interrupt: { actions: 'dropQueue' } },
        },
        /** The last line waits for input or time. */
        waiting: {
          always: [
            // Somebody went back and types there: that is a line, not input.
            { guard: ({ context }) => context.queue.length > 0 && isFork(context), target: 'seeking' },
            { guard: 'typedForInput', target: 'giving', actions: 'takeTyped' },
          ],
          on: {
            resume: { target: 'giving' },
            // As a terminal does (ISIG without NOFLSH, termios(3)), what was typed ahead is dropped.
            interrupt: { target: 'giving', actions: 'dropTyped' },
            undo: undo(),
            redo: redo(),
            reset: reset(),
          },
        },
        giving: {
          entry: 'takeGiven',
          invoke: {
            src: 'give',
            input: ({ context }) => ({ client: context.client, given: context.current!.entry.given.at(-1)! }),
            onDone: {
              target: 'settled',
              actions: [
                assign(({ context, event }) => {
                  const point = pointOf(context.nextId, context.current!.entry, event.output);
                  const points = [...context.points.slice(0, -1), point];
                  return {
                    points,
                    engineAt: points,
                    observation: event.output.observation,
                    nextId: context.nextId + 1,
                  };
                }),
                'tellRan',
                'keep',
              ],
            },
            onError: { target: 'broken', actions: assign(({ event }) => ({ error: messageOf(event.error) })) },
          },
        },
        /** The engine failed: a fault of ours. Undo and reset lead out of it. */
        broken: {
          entry: assign({ queue: [], current: undefined, engineAt: undefined }),
          on: { undo: undo(), reset: reset() },
        },
      },
    },
    player: {
      initial: 'stopped',
      on: {
        look: { actions: 'moveTo', target: '.stopped' },
        back: { actions: 'moveTo', target: '.stopped' },
        forward: { actions: 'moveTo', target: '.stopped' },
        previous: { actions: 'moveTo', target: '.stopped' },
        next: { actions: 'moveTo', target: '.stopped' },
        newest: { actions: 'moveTo', target: '.stopped' },
        line: '.stopped',
        load: '.stopped',
      },
      states: {
        stopped: { on: { play: { target: 'playing', actions: 'fromStart' } } },
        playing: {
          initial: 'beat',
          on: { pause: 'stopped' },
          states: {
            beat: { after: { beat: [{ guard: 'canForward', target: 'move' }, { target: '#app.player.stopped' }] } },
            move: {
              entry: assign(({ context }) => ({ cursor: forward(context.points, cursorOf(context)) })),
              always: 'beat',
            },
          },
        },
      },
    },
    /** Finds out what is inside the command that is looked into. */
    insight: {
      initial: 'known',
      states: {
        known: { always: { guard: 'unknownInside', target: 'looking' } },
        looking: {
          invoke: {
            src: 'lookInside',
            input: ({ context }) => insightInput(context),
            onDone: {
              target: 'known',
              actions: assign(({ context, event }) => ({
                inside: new Map(context.inside).set(event.output.id, event.output.scenes),
              })),
            },
            onError: 'unknown',
          },
        },
        /** Cannot be looked into; the picture stays that of the command. */
        unknown: { on: { look: 'known', line: 'known' } },
      },
    },
  },
});

function undo() {
  return { guard: 'canUndo', target: 'seeking', actions: 'undo' } as const;
}
function redo() {
  return { guard: 'canRedo', target: 'seeking', actions: 'redo' } as const;
}
function reset() {
  return { target: 'seeking', actions: 'reset' } as const;
}

export const appMachine = machine;

function placeOf(lesson: Lesson | undefined, spawn: (input: { lesson: Lesson }) => LessonActor): Place {
  return lesson === undefined ? playground : { id: lesson.id, lesson, actor: spawn({ lesson }) };
}

const setupOf = (lesson: Lesson | undefined): readonly Entry[] =>
  (lesson?.setup ?? []).map(({ command }) => ({ line: command, given: [] }));

/** Writes down how far one came. */
function keep({ place, points, queue, solved }: AppContext): void {
  // While lines from before are run again, what is kept is more than what was done so far.
  if (queue.length > 0) return;
  const lesson = place.actor?.getSnapshot();
  const answers = Object.entries(lesson?.context.answers ?? {}).map(([at, { choice }]) => [at, choice ?? -1]);
  writeKept(place.id, {
    entries: entriesOf(points),
    answers: Object.fromEntries(answers),
    solved: solved || (lesson !== undefined && (lesson.matches('solved') || lesson.matches('finished'))),
  });
}

export const cursorOf = ({ cursor, points }: Pick<AppContext, 'cursor' | 'points'>): Cursor => cursor ?? head(points);

/** A blank line, or Ctrl-D where nothing waits for input. */
const isNothing = (next: Queued | undefined): boolean => next?.typed !== undefined && next.line.trim() === '';
const isFork = ({ cursor, points }: AppContext): boolean => cursor !== undefined && cursor.at < points.length;
const isElsewhere = (context: AppContext): boolean => context.engineAt !== context.points || isFork(context);

function insightInput(context: AppContext): Work & { before: readonly Entry[]; point: Point } {
  const point = unknownInside(context)!;
  const before = context.points.slice(0, context.points.indexOf(point));
  return { client: context.client, before: [...context.base, ...entriesOf(before)], point };
}

const pointOf = (id: number, entry: Entry, { outcome, shown, scene }: Ran): Point => ({
  id,
  entry,
  outcome,
  shown,
  scene,
});

function givenOf(event: AppEvent): Given | undefined {
  return event.type === 'resume' || event.type === 'interrupt' ? { kind: event.type } : undefined;
}

function moved(context: AppContext, event: AppEvent): Cursor | undefined {
  const cursor = cursorOf(context);
  const to = ((): Cursor | undefined => {
    if (event.type === 'look') return within(context.points, event.cursor);
    if (event.type === 'back') return back(context.points, cursor) ?? cursor;
    if (event.type === 'forward') return forward(context.points, cursor) ?? cursor;
    if (event.type === 'previous') return previousCommand(cursor) ?? cursor;
    if (event.type === 'next') return nextCommand(context.points, cursor) ?? cursor;
    return undefined;
  })();
  return to === undefined || (to.at === context.points.length && to.step === undefined) ? undefined : to;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The scene of the moment that is looked at. */
export function sceneAt(context: AppContext): Scene | undefined {
  const { at, step } = cursorOf(context);
  const point = context.points[at - 1];
  if (point === undefined) return context.start;
  return (step === undefined ? undefined : context.inside.get(point.id)?.[step]) ?? point.scene;
}
