/** `docker rename`. */
import type { Flow } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { findContainer } from '../lookup.ts';
import { networking } from '../networking.ts';
import { writeState } from '../records.ts';
import { transit } from '../transit.ts';
import { atomically } from '../undo.ts';
import { type Engine, patchContainer } from '../world.ts';
import { checkName } from './create.ts';

export function* renameContainer(engine: Engine, container: string, name: string): Flow<void> {
  const found = findContainer(engine, container);
  const wanted = name.replace(/^\//, '');
  if (wanted === found.name) {
    throw new DockerError('Renaming a container with the same name as its current name', 'invalid');
  }
  try {
    checkName(engine, wanted, `/${wanted}`);
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    throw new DockerError(`Error when allocating new name: ${error.message}`, error.kind);
  }
  yield* atomically(engine, function* () {
    yield* transit(engine, found.id, { type: 'RENAME' }, container);
    patchContainer(engine, found.id, { name: wanted, nameless: false });
    if (found.places !== undefined) yield* networking().callAnew(engine, found.id);
    yield* writeState(engine, found.id);
  });
}
