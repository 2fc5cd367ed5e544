/**
 * All or nothing: a flow whose steps are taken back when a later one fails.
 *
 * Kept true: when the inner flow throws, whatever it threw, the `undo` ops of its completed steps are carried out in reverse
 * and `engine.world` is again what it was before; then the error goes on its way.
 */
import type { Flow, Op, Outcome, Step } from '../op.ts';
import type { Engine } from './world.ts';

export function* atomically<R>(engine: Engine, make: () => Flow<R>): Flow<R> {
  const before = engine.world;
  const undo: Op[] = [];
  try {
    const flow = make();
    let turn: IteratorResult<Step, R> = flow.next(undefined as never);
    while (turn.done !== true) {
      const step: Step = turn.value;
      const outcome: Outcome = yield step;
      // An inner transaction that failed has taken its steps back already.
      if (step.op === undo.at(-1)) undo.pop();
      else if (outcome.ok && step.undo !== undefined) undo.push(step.undo);
      turn = flow.next(outcome);
    }
    return turn.value;
  } catch (error) {
    yield* takeBack(undo);
    engine.world = before;
    throw error;
  }
}

/** What cannot be undone, nor at the second try, is no reason to leave the rest. */
function* takeBack(undo: readonly Op[]): Flow<void> {
  for (const op of undo.toReversed()) yield* twiceAtMost({ title: 'take it back', op, quiet: true });
}

/** A step that nothing hangs on now but that would leave something behind for good: a refusal is met with one more try. */
export function* twiceAtMost(step: Step): Flow<void> {
  const outcome = yield step;
  if (!outcome.ok && outcome.errno !== 'ENOENT' && outcome.errno !== 'EINVAL' && outcome.errno !== 'ENODEV') yield step;
}
