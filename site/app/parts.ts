/** What the regions of the app's machine are made of: its types, the work it invokes, its guards and actions. */
import { assign, fromPromise, setup } from 'xstate';
import { type Lesson, MOMENTS, type Scene } from '../../core/index.ts';
import type { Client } from '../engine/client.ts';
import { type Entry, type Given, type Made, type Moment, type Ran, STOPPED } from '../engine/protocol.ts';
import { type AppContext, type AppEvent, cursorOf, isFork, isNothing, messageOf, type Queued } from './context.ts';
import { keep, saidNow } from './lesson.ts';
import { open } from './place.ts';
import { edited, forward, noEdits, type Point, redone, undone } from './timeline.ts';

type Work = { readonly client: Client };

const seek = fromPromise<Moment, Work & { made: Made; entries: readonly Entry[]; lesson: Lesson | undefined }>(
  ({ input: { client, made, entries, lesson } }) =>
    client.ask('seek', { made, entries: [...entries], ...(lesson === undefined ? {} : { lesson }) }),
);
const run = fromPromise<Ran, Work & { line: string }>(({ input }) => input.client.ask('run', { line: input.line }));
const give = fromPromise<Ran, Work & { given: Given }>(({ input }) => input.client.ask('give', { given: input.given }));
const lookInside = fromPromise<
  { id: number; scenes: readonly Scene[] },
  Work & { made: Made; before: readonly Entry[]; point: Point }
>(async ({ input: { client, made, before, point } }) => {
  const { scenes } = await client.ask('steps', { made, before: [...before], entry: point.entry });
  return { id: point.id, scenes };
});

/** What the last command waits for. */
const waitsFor = ({ points }: AppContext): 'input' | 'time' | undefined => points.at(-1)?.outcome.suspended;
export const entriesOf = (points: readonly Point[]): Entry[] => points.map(({ entry }) => entry);

/** The point that is looked into but whose inside is not known yet. */
export function unknownInside({ cursor, points, inside }: AppContext): Point | undefined {
  if (cursor?.step === undefined) return undefined;
  const point = points[cursor.at - 1];
  return point === undefined || inside.has(point.id) ? undefined : point;
}

const isElsewhere = (context: AppContext): boolean => context.engineAt !== context.points || isFork(context);

function givenOf(event: AppEvent): Given | undefined {
  if (event.type === 'resize') return { kind: 'resize', rows: event.rows, columns: event.columns };
  return event.type === 'resume' || event.type === 'interrupt' ? { kind: event.type } : undefined;
}

/** Nothing was done yet, in a world that is still to be made. */
const anew = {
  start: undefined,
  startFound: undefined,
  points: [],
  edits: noEdits,
  cursor: undefined,
  current: undefined,
  engineAt: undefined,
  error: undefined,
} satisfies Partial<AppContext>;

/** The program that waits has a terminal: keys go there whatever it does. */
const hasTerminal = ({ points }: AppContext): boolean => points.at(-1)?.outcome.tty !== undefined;

function givenFor(typed: Queued['typed'], line: string): Given {
  if (typed === 'end') return { kind: 'input', text: '', end: true };
  if (typed === 'other') return { kind: 'meanwhile', line };
  return { kind: 'input', text: typed === 'key' ? line : `${line}\n` };
}

export const app = setup({
  types: { context: {} as AppContext, events: {} as AppEvent, input: {} as { client: Client } },
  actors: { seek, run, give, lookInside, open },
  delays: { beat: ({ context }) => 1000 / context.speed },
  guards: {
    queued: ({ context }) => context.queue.length > 0,
    queuedElsewhere: ({ context }) => context.queue.length > 0 && isElsewhere(context),
    queuedFork: ({ context }) => context.queue.length > 0 && isFork(context),
    waiting: ({ context }) => waitsFor(context) !== undefined,
    stopped: ({ context, event }) =>
      context.engineAt !== undefined && messageOf((event as { readonly error?: unknown }).error) === STOPPED,
    canStay: ({ context }) => context.engineAt !== undefined,
    canForward: ({ context }) => forward(context.points, cursorOf(context)) !== undefined,
    canUndo: ({ context }) => context.edits.past.length > 0,
    canRedo: ({ context }) => context.edits.future.length > 0,
    unknownInside: ({ context }) => unknownInside(context) !== undefined,
    typedForInput: ({ context }) => {
      const typed = context.queue[0]?.typed;
      if (waitsFor(context) === undefined || typed === undefined) return false;
      return waitsFor(context) === 'input' || typed === 'other' || hasTerminal(context);
    },
    hasTerminal: ({ context }) => hasTerminal(context),
    /** What comes next was loaded, or pasted with this line: nobody stops here to let it go on. */
    passesAtOnce: ({ context: { points, queue } }) =>
      points.at(-1)?.outcome.suspended === 'time' &&
      queue[0] !== undefined &&
      (queue[0].typed === undefined || queue[0].ahead === true) &&
      points.at(-1)!.entry.given.length < MOMENTS,
    nothingTyped: ({ context }) => isNothing(context.queue[0]),
    moreToGive: ({ context }) => waitsFor(context) !== undefined && (context.current?.rest.length ?? 0) > 0,
  },
  actions: {
    enqueue: assign(({ context, event }) => {
      if (event.type === 'line') {
        const ahead = waitsFor(context) === undefined;
        return { queue: [...context.queue, { line: event.line, given: [], typed: 'line', ahead }] };
      }
      if (event.type === 'key' || event.type === 'other')
        return { queue: [...context.queue, { line: event.line, given: [], typed: event.type }] };
      return event.type === 'end' ? { queue: [...context.queue, { line: '', given: [], typed: 'end' }] } : {};
    }),
    /** What was typed next is input. */
    takeTyped: assign(({ context }) => {
      const [{ line, typed }, ...queue] = context.queue as readonly [Queued, ...Queued[]];
      return { queue, current: { entry: context.points.at(-1)!.entry, rest: [givenFor(typed, line)] } };
    }),
    letPass: assign(({ context }) => ({
      current: { entry: context.points.at(-1)!.entry, rest: [{ kind: 'resume' }] },
    })),
    dropFirst: assign(({ context }) => ({ queue: context.queue.slice(1) })),
    /** Lines typed where one looks at an earlier moment go on from there. */
    fork: assign(({ context }) => {
      if (!isFork(context)) return { cursor: undefined };
      const points = context.points.slice(0, context.cursor!.at);
      return { points, cursor: undefined, edits: edited(context.edits, context.points) };
    }),
    take: assign(({ context }) => {
      const [{ line, given, said }, ...queue] = context.queue as readonly [Queued, ...Queued[]];
      const current = { entry: { line: line.trim(), given }, rest: given, ...(said === undefined ? {} : { said }) };
      return { queue, current, cursor: undefined };
    }),
    takeGiven: assign(({ context, event }) => {
      const given = givenOf(event) ?? context.current?.rest[0];
      const entry = context.points.at(-1)!.entry;
      return {
        cursor: undefined,
        current: { entry: { ...entry, given: [...entry.given, given!] }, rest: context.current?.rest.slice(1) ?? [] },
      };
    }),
    interruptEngine: ({ context }) => context.client.interrupt(),
    /** The world under way is given up; the engine is nowhere until it has gone somewhere. */
    restart: assign(({ context }) => {
      context.client.restart();
      return { engineAt: undefined };
    }),
    /** Going elsewhere was given up: the engine is still where it was, and so are we. */
    stayThere: assign(({ context }) => ({
      points: context.engineAt!,
      edits: edited(context.edits, context.points),
      cursor: undefined,
      queue: [],
    })),
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
    load: assign(({ context, event }) =>
      event.type === 'load'
        ? {
            ...anew,
            made: event.made,
            base: event.base,
            said: new Map([[0, event.begun]]),
            // First what was done here before, then what was typed while the place was opened.
            queue: [...event.queue, ...context.queue],
          }
        : {},
    ),
    newHost: assign(({ context, event }) => {
      if (event.type !== 'host') return {};
      const { points, said } = context;
      const queue = points.map(({ id, entry }): Queued => {
        const after = said.get(id);
        return after === undefined ? entry : { ...entry, said: after };
      });
      if (event.again) return { ...anew, made: event.made, said: new Map([[0, said.get(0) ?? []]]), queue };
      return { ...anew, made: event.made, said: new Map(), queue: [] };
    }),
    leave: assign({ queue: [], current: undefined }),
    lookAtNewest: assign({ cursor: undefined }),
    say: assign(({ context, event }) => (event.type === 'say' ? { said: saidNow(context, event.said) } : {})),
    dropQueue: assign({ queue: [] }),
    dropTyped: assign(({ context }) => ({ queue: context.queue.filter(({ typed }) => typed === undefined) })),
    fail: assign(({ event }) => ({ error: messageOf((event as { readonly error?: unknown }).error) })),
    keep: ({ context }) => keep(context),
  },
});
