/**
 * The one way to move a machine: ask whether the event is legal, then make the pure transition. XState v5 silently ignores
 * events that a state does not know, hence the question first.
 *
 * Kept true: a `MachineState` is plain data (`{ value, context }`, JSON); advance() has no effects; results for the same
 * state and event are remembered, because one XState transition costs some 60 µs and the same few happen all the time.
 */
import { type AnyStateMachine, initialTransition, transition } from 'xstate';

/** A machine's snapshot as persisted data. */
export interface MachineState<C = unknown> {
  readonly value: unknown;
  readonly context: C;
}

/** One thing to do, by name; core/engine has the flow. */
export interface Action {
  readonly type: string;
  readonly params?: unknown;
}

export interface Advance<C> {
  readonly next: MachineState<C>;
  readonly actions: readonly Action[];
}

const remembered = new WeakMap<AnyStateMachine, Map<string, Advance<unknown> | null>>();
/** The text of a state, which is half of the key; states that were remembered come again as the same objects. */
const texts = new WeakMap<MachineState, string>();

function textOf(state: MachineState): string {
  let text = texts.get(state);
  if (text === undefined) {
    text = JSON.stringify([state.value, state.context]);
    texts.set(state, text);
  }
  return text;
}
const MAX_REMEMBERED = 1000;

/** The state in which a life begins, and the work that brings it there. */
export function begin<C>(machine: AnyStateMachine): Advance<C> {
  return remember(machine, 'begin', () => {
    const [snapshot, actions] = initialTransition(machine);
    return pack(snapshot, actions);
  }) as Advance<C>;
}

/** Next state and the work to do, or undefined when the machine refuses the event in this state. */
export function advance<C, E extends { readonly type: string }>(
  machine: AnyStateMachine,
  state: MachineState<C>,
  event: E,
): Advance<C> | undefined {
  const key = textOf(state) + JSON.stringify(event);
  const result = remember(machine, key, () => {
    const snapshot = machine.resolveState({ value: state.value as never, context: state.context });
    if (!snapshot.can(event)) return null;
    const [next, actions] = transition(machine, snapshot, event);
    return pack(next, actions);
  });
  return (result ?? undefined) as Advance<C> | undefined;
}

/** Whether the event is legal in this state. */
export function can<C, E extends { readonly type: string }>(
  machine: AnyStateMachine,
  state: MachineState<C>,
  event: E,
): boolean {
  return advance(machine, state, event) !== undefined;
}

/** `present.tagged` for `{ present: 'tagged' }`. */
export function stateName(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value as Record<string, unknown>)
    .map(([name, inner]) => `${name}.${stateName(inner)}`)
    .join(' ');
}

function pack(
  snapshot: { readonly value: unknown; readonly context: unknown },
  actions: readonly { readonly type: string; readonly params?: unknown }[],
): Advance<unknown> {
  return {
    next: { value: snapshot.value, context: snapshot.context },
    actions: actions.map(({ type, params }) => (params === undefined ? { type } : { type, params })),
  };
}

function remember(machine: AnyStateMachine, key: string, make: () => Advance<unknown> | null): Advance<unknown> | null {
  let results = remembered.get(machine);
  if (results === undefined) {
    results = new Map();
    remembered.set(machine, results);
  }
  const known = results.get(key);
  if (known !== undefined) return known;
  const result = make();
  if (results.size >= MAX_REMEMBERED) results.clear();
  results.set(key, result);
  return result;
}
