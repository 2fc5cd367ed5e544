/**
 * Archives that a command reads: a file that is named, the one that standard input was redirected from, or standard input as
 * text. The engine gets a file of the host, so bytes never pass through text.
 */
import { DockerError } from '../../engine/index.ts';
import { goErrno } from '../../image/archive-error.ts';
import { type Flow, perform, StepError } from '../../op.ts';
import { type Cli, CliError } from '../spec.ts';
import { hostPath, refusal } from './common.ts';

/** Gives `use` the host path of the archive. `given`: as it was typed; '' for standard input. */
export function* withInput<R>(cli: Cli, given: string, use: (file: string) => Flow<R>): Flow<R> {
  if (given === '' && cli.stdinFile === undefined) return yield* withText(cli, use);
  const path = given === '' ? cli.stdinFile! : hostPath(cli, given);
  yield* checkReadable(path, given === '' ? path : given);
  return yield* use(path);
}

/** Refuses what cannot be opened before the engine is asked. */
function* checkReadable(path: string, shown: string): Flow<void> {
  try {
    yield* perform('look for the file', { op: 'readFile', path, max: 0 }, { quiet: true });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    // EFBIG: it is there, and has content.
    if (error.errno === 'EFBIG') return;
    const call = error.errno === 'EISDIR' ? 'read' : 'open';
    throw new CliError(`${call} ${shown}: ${goErrno(error.errno)}`);
  }
}

/** Text that came with the line, and nothing when none did, is put into a file for as long as it is needed. */
function* withText<R>(cli: Cli, use: (file: string) => Flow<R>): Flow<R> {
  const path = `${cli.engine.facts.dataRoot}/tmp/stdin`;
  yield* perform('keep standard input', { op: 'writeFile', path, data: cli.stdin ?? '', mode: 0o600 }, { quiet: true });
  try {
    return yield* use(path);
  } finally {
    yield { title: 'forget it', op: { op: 'remove', path }, quiet: true };
  }
}

/** What goes wrong after the daemon has begun to answer comes without "Error response from daemon". */
export const streamRefusal = (error: unknown): string =>
  error instanceof DockerError ? error.message : refusal(error);
