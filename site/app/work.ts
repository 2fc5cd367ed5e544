/**
 * The region that asks the engine: lines wait in a queue and are carried out one after the other.
 *
 * Kept true: the engine is asked one thing at a time; nothing typed is lost while it works or while a place is opened; the engine
 * stands behind the last point before the next line is run.
 */
import { assign } from 'xstate';
import type { Entry, Ran } from '../engine/protocol.ts';
import type { AppContext } from './context.ts';
import { app, entriesOf } from './parts.ts';
import { edited, type Point } from './timeline.ts';

/** Also while the engine still goes to another point: it is asked anew then, for `reenter` starts the state's work again. */
const undo = { guard: 'canUndo', target: 'seeking', actions: 'undo', reenter: true } as const;
const redo = { guard: 'canRedo', target: 'seeking', actions: 'redo', reenter: true } as const;
const reset = { target: 'seeking', actions: 'reset', reenter: true } as const;

/** While a line runs: it is given up, wherever it is, and the world made again as it was before it. */
const giveUp = { target: 'seeking', actions: ['restart', 'leave'] } as const;
const goElsewhere = { target: 'leaving', actions: ['restart', 'leave'] } as const;
const hostNow = { target: 'seeking', actions: ['restart', 'newHost'] } as const;
const resetNow = { target: 'seeking', actions: ['restart', 'reset'] } as const;
/** While a line that waited goes on: with the line, as if it had waited still. */
const undoNow = { guard: 'canUndo', target: 'seeking', actions: ['restart', 'undo', 'leave'] } as const;
const redoNow = { guard: 'canRedo', target: 'seeking', actions: ['restart', 'redo', 'leave'] } as const;

export const work = app.createStateConfig({
  initial: 'seeking',
  on: {
    line: { actions: 'enqueue' },
    end: { actions: 'enqueue' },
    key: { actions: 'enqueue' },
    other: { actions: 'enqueue' },
    open: { actions: 'leave', target: '.leaving' },
    load: { actions: 'load', target: '.seeking' },
    host: { actions: 'newHost', target: '.seeking' },
    stay: { actions: 'lookAtNewest', target: '.seeking' },
  },
  states: {
    /** Another place is being opened: what is typed from now on is for that one, and waits until it is there. */
    leaving: { on: { host: {} } },
    /** A fresh world is brought to where the points are. */
    seeking: {
      entry: 'fork',
      invoke: {
        src: 'seek',
        input: ({ context }) => ({
          client: context.client,
          made: context.made,
          entries: [...context.base, ...entriesOf(context.points)],
          lesson: context.place.lesson,
        }),
        onDone: {
          target: 'settled',
          actions: [
            assign(({ context, event: { output } }) => ({
              engineAt: context.points,
              ...(context.points.length > 0 ? {} : { start: output.scene, startFound: output.found }),
            })),
            'keep',
          ],
        },
        onError: [
          { guard: 'stopped', target: 'settled', actions: 'stayThere' },
          { target: 'broken', actions: 'fail' },
        ],
      },
      on: { undo, redo, reset, interrupt: { guard: 'canStay', actions: 'interruptEngine' } },
    },
    settled: {
      always: [{ guard: 'moreToGive', target: 'giving' }, { guard: 'waiting', target: 'waiting' }, { target: 'idle' }],
    },
    idle: {
      entry: assign({ current: undefined }),
      always: [
        { guard: 'nothingTyped', actions: 'dropFirst' },
        { guard: 'queuedElsewhere', target: 'seeking' },
        { guard: 'queued', target: 'running', actions: 'take' },
      ],
      on: { undo, redo, reset, interrupt: { actions: 'dropQueue' } },
    },
    running: {
      invoke: {
        src: 'run',
        input: ({ context }) => ({ client: context.client, line: context.current!.entry.line }),
        onDone: { target: 'settled', actions: [assign(({ context, event }) => ran(context, event.output)), 'keep'] },
        onError: { target: 'broken', actions: 'fail' },
      },
      on: {
        interrupt: { actions: ['dropQueue', 'interruptEngine'] },
        undo: giveUp,
        reset: resetNow,
        host: hostNow,
        open: goElsewhere,
      },
    },
    /** The last line waits for input or time. */
    waiting: {
      always: [
        // Somebody went back and types there: that is a line, not input.
        { guard: 'queuedFork', target: 'seeking' },
        { guard: 'typedForInput', target: 'giving', actions: 'takeTyped' },
        { guard: 'passesAtOnce', target: 'giving', actions: 'letPass' },
      ],
      on: {
        resume: { target: 'giving' },
        resize: { guard: 'hasTerminal', target: 'giving' },
        // As a terminal does (ISIG without NOFLSH, termios(3)), what was typed ahead is dropped.
        interrupt: { target: 'giving', actions: 'dropTyped' },
        undo,
        redo,
        reset,
      },
    },
    giving: {
      entry: 'takeGiven',
      invoke: {
        src: 'give',
        input: ({ context }) => ({ client: context.client, given: context.current!.entry.given.at(-1)! }),
        onDone: { target: 'settled', actions: [assign(({ context, event }) => gave(context, event.output)), 'keep'] },
        onError: { target: 'broken', actions: 'fail' },
      },
      on: {
        interrupt: { actions: ['dropTyped', 'interruptEngine'] },
        undo: undoNow,
        redo: redoNow,
        reset: resetNow,
        host: hostNow,
        open: goElsewhere,
      },
    },
    /** The engine failed: a fault of ours. Undo and reset lead out of it. */
    broken: {
      entry: assign({ queue: [], current: undefined, engineAt: undefined }),
      on: { undo, reset },
    },
  },
});

/** A new point for a line that was carried out. */
function ran(context: AppContext, output: Ran): Partial<AppContext> {
  const { current, nextId: id } = context;
  const point = pointOf(id, { line: current!.entry.line, given: [...output.given] }, output);
  const points = [...context.points, point];
  return {
    points,
    engineAt: points,
    edits: edited(context.edits, context.points),
    nextId: id + 1,
    said: current!.said === undefined ? context.said : new Map(context.said).set(id, current!.said),
  };
}

/** The last point anew, after what was given to its line. */
function gave(context: AppContext, output: Ran): Partial<AppContext> {
  const { nextId: id, said } = context;
  const last = context.points.at(-1)!;
  const { line, given } = context.current!.entry;
  const fresh = pointOf(id, { line, given: [...given, ...output.given] }, output);
  // What it changed before it waited counts as well.
  const changed = last.found?.changed === true && fresh.found !== undefined;
  const point = changed ? { ...fresh, found: { ...fresh.found!, changed } } : fresh;
  const points = [...context.points.slice(0, -1), point];
  return {
    points,
    engineAt: points,
    nextId: id + 1,
    said: said.has(last.id) ? new Map(said).set(id, said.get(last.id)!) : said,
  };
}

function pointOf(id: number, entry: Entry, { outcome, shown, scene, found }: Ran): Point {
  return { id, entry, outcome, shown, scene, ...(found === undefined ? {} : { found }) };
}
