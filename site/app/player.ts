/** The regions of time: where one looks, the player that moves along, and what is inside the command that is looked into. */
import { assign } from 'xstate';
import type { Entry } from '../engine/protocol.ts';
import { type AppContext, type AppEvent, cursorOf } from './context.ts';
import { app, entriesOf, unknownInside } from './parts.ts';
import { back, type Cursor, forward, nextCommand, type Point, previousCommand, within } from './timeline.ts';

const move = {
  actions: assign<AppContext, AppEvent, undefined, AppEvent, never>(({ context, event }) => ({
    cursor: moved(context, event),
  })),
  target: '.stopped',
} as const;

export const player = app.createStateConfig({
  initial: 'stopped',
  on: {
    look: move,
    back: move,
    forward: move,
    previous: move,
    next: move,
    newest: move,
    line: '.stopped',
    load: '.stopped',
    host: '.stopped',
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
});

/** So many commands that were looked into are remembered; a scene of each of their steps takes room. */
const KEPT = 20;

/** Finds out what is inside the command that is looked into. */
export const insight = app.createStateConfig({
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
            inside: new Map([...context.inside].slice(1 - KEPT)).set(event.output.id, event.output.scenes),
          })),
        },
        onError: 'unknown',
      },
    },
    /** Cannot be looked into; the picture stays that of the command. */
    unknown: { on: { look: 'known', line: 'known' } },
  },
});

function insightInput(context: AppContext): {
  client: AppContext['client'];
  made: AppContext['made'];
  before: readonly Entry[];
  point: Point;
} {
  const point = unknownInside(context)!;
  const before = context.points.slice(0, context.points.indexOf(point));
  return { client: context.client, made: context.made, before: [...context.base, ...entriesOf(before)], point };
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
