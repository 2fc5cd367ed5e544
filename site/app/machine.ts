/**
 * The flow of the app: lines are carried out and become points of the timeline; one can look at any of them, play them, and go
 * on from there; and one is in a lesson or in the playground.
 *
 * An event is taken by each region that knows it, and by the root only when no region does: so each region names all of its
 * own.
 *
 * Kept true: all that can be gone back to is in `points` and `said`; everything else follows from them.
 */
import { assign, raise } from 'xstate';
import { playground } from './context.ts';
import { app } from './parts.ts';
import { loadOf } from './place.ts';
import { insight, player } from './player.ts';
import { noEdits } from './timeline.ts';
import { work } from './work.ts';

export { type AppContext, type AppEvent, cursorOf, sceneAt, speeds } from './context.ts';

export const appMachine = app.createMachine({
  id: 'app',
  type: 'parallel',
  context: ({ input }) => ({
    client: input.client,
    place: playground,
    made: {},
    base: [],
    start: undefined,
    startFound: undefined,
    points: [],
    said: new Map(),
    edits: noEdits,
    cursor: undefined,
    queue: [],
    current: undefined,
    engineAt: undefined,
    inside: new Map(),
    speed: 2,
    solved: false,
    nextId: 1,
    error: undefined,
  }),
  on: {
    speed: { actions: 'setSpeed' },
    say: { actions: ['say', 'keep'] },
  },
  states: {
    place: {
      initial: 'nowhere',
      on: { open: '.opening' },
      states: {
        nowhere: {},
        opening: {
          invoke: {
            src: 'open',
            input: ({ event }) =>
              event.type === 'open'
                ? { about: event.about, entries: event.entries, made: event.made }
                : { about: undefined, entries: [], made: undefined },
            onDone: {
              target: 'open',
              actions: [
                assign(({ event: { output } }) => ({ place: output.place, solved: output.kept.solved })),
                raise(({ event: { output } }) => loadOf(output)),
              ],
            },
            onError: { target: 'open', actions: ['fail', raise({ type: 'stay' })] },
          },
        },
        open: {},
      },
    },
    work,
    player,
    insight,
  },
});
