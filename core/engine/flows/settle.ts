/**
 * Housekeeping before and after every command: which containers have ended meanwhile? Which does their restart policy start
 * again? Docker learns such things from events; here one looks, so that a command's effects are all in its own steps.
 */
import type { Flow } from '../../op.ts';
import { living } from '../living.ts';
import type { Engine } from '../world.ts';

export function* settle(engine: Engine): Flow<void> {
  for (const id of Object.keys(engine.world.containers)) yield* living().settle(engine, id);
}
