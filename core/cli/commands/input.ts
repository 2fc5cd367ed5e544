/**
 * Archives that a command reads: a file that is named, the one that standard input was redirected from, or standard input as
 * text. The engine gets a file of the host, so bytes never pass through text.
 */
import { DockerError } from '../../engine/index.ts';
import { goErrno } from '../../image/archive-error.ts';
import { type Flow, perform, StepError } from '../../op.ts';
import { type Cli, CliError } from '../spec.ts';
import { hostPath, refusal } from './common.ts';

/**
 * Gives `use` the host path of the archive. `given`: as it was typed; undefined for standard input. `request`: what the
 * client posts to the engine, for its words when reading fails on the way.
 */
export function* withInput<R>(
  cli: Cli,
  given: string | undefined,
  request: string,
  use: (file: string) => Flow<R>,
): Flow<R> {
  if (given === '') throw new CliError('open : no such file or directory');
  const redirected = cli.stdinFile === '/dev/null' ? undefined : cli.stdinFile;
  if (given === undefined && redirected === undefined) return yield* withText(cli, use);
  const path = given === undefined ? redirected! : hostPath(cli, given);
  yield* checkReadable(path, given ?? path, request);
  return yield* use(path);
}

/** Refuses what cannot be opened before the engine is asked; a directory can be opened, and fails while it is sent. */
function* checkReadable(path: string, shown: string, request: string): Flow<void> {
  try {
    yield* perform('look for the file', { op: 'readFile', path, max: 0 }, { quiet: true });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    // EFBIG: it is there, and has content.
    if (error.errno === 'EFBIG') return;
    const said = goErrno(error.errno);
    if (error.errno !== 'EISDIR') throw new CliError(`open ${shown}: ${said}`);
    throw new CliError(
      `error during connect: Post "http://%2Fvar%2Frun%2Fdocker.sock/v1.41${request}": read ${shown}: ${said}`,
    );
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
