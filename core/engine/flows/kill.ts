/**
 * `docker kill`: a signal for PID 1. After one that a paused container is woken by, it runs again; after SIGKILL the engine
 * waits for the end (daemon/kill.go).
 */
import type { Flow, Signal } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { findContainer } from '../lookup.ts';
import { signalByNumber, signalNumbers } from '../signals.ts';
import { transit } from '../transit.ts';
import { type Engine, patchContainer } from '../world.ts';
import { finish, look, lookAfterKill } from './end.ts';

/** Milliseconds that a signalled process gets to show what it makes of it. */
const MOMENT = 10;

export function* killContainer(engine: Engine, container: string, signal = 'KILL'): Flow<void> {
  const name = parseSignal(signal === '' ? 'KILL' : signal);
  const found = findForKill(engine, container);
  if (name === undefined) {
    throw new DockerError(
      `Cannot kill container: ${container}: The linux daemon does not support signal ${signal}`,
      'system',
    );
  }
  const { id, config } = found;
  const stopSignal = config.StopSignal === undefined ? undefined : parseSignal(config.StopSignal);
  const wakes = stopSignal === undefined || name === 'KILL' || name === stopSignal;
  yield* transit(engine, id, { type: 'KILL', signal: name, wakes }, container);
  if (wakes) patchContainer(engine, id, { manuallyStopped: true });
  const end =
    name === 'KILL'
      ? yield* lookAfterKill(engine, id, `Cannot kill container: ${container}: `)
      : yield* look(engine, id, MOMENT);
  if (end !== undefined) yield* finish(engine, id, end);
}

function findForKill(engine: Engine, container: string) {
  try {
    return findContainer(engine, container);
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    throw new DockerError(`Cannot kill container: ${container}: ${error.message}`, error.kind, error.subject);
  }
}

/** `TERM`, `SIGTERM`, `sigterm` or `15`; undefined for a number that is no signal's. */
export function parseSignal(text: string): Signal | undefined {
  if (/^\d+$/.test(text)) {
    if (Number(text) === 0) throw new DockerError(`Invalid signal: ${text}`, 'invalid');
    return signalByNumber(Number(text));
  }
  const name = text.toUpperCase().replace(/^SIG/, '');
  if (!(name in signalNumbers)) throw new DockerError(`Invalid signal: ${text}`, 'invalid');
  return name as Signal;
}
