/**
 * What the verbs share: the client's words around the engine's refusals, and the loop over several names that prints each as
 * it succeeds and collects the errors.
 */
import { DockerError } from '../../engine/index.ts';
import { familiarName } from '../../engine/reference.ts';
import { type Flow, type OutputChunk, perform, StepError } from '../../op.ts';
import { quote } from '../../shell.ts';
import { type Cli, CliError } from '../spec.ts';

/** `Error response from daemon: …`; anything that is not a refusal is thrown on. */
export function refusal(error: unknown): string {
  if (error instanceof DockerError || error instanceof StepError) return `Error response from daemon: ${error.message}`;
  if (error instanceof CliError) return error.message;
  throw error;
}

export const isNotFound = (error: unknown): error is DockerError =>
  error instanceof DockerError && error.kind === 'notFound';

/** As `refusal`, but what was not found is named by the client itself: `Error: No such container: x`. */
export function clientRefusal(error: unknown): string {
  return isNotFound(error) && error.subject !== undefined ? `Error: ${error.message}` : refusal(error);
}

/** Runs a flow; its refusal is worded by `word`. */
export function* wording<R>(flow: Flow<R>, word: (error: unknown) => string): Flow<R> {
  try {
    return yield* flow;
  } catch (error) {
    throw new CliError(word(error));
  }
}

/** Does `act` to each name in turn. Exit code 1 if any was refused; the refusals come last. */
export function* each(
  cli: Cli,
  names: readonly string[],
  act: (name: string) => Flow<string | undefined>,
  word: (error: unknown) => string = refusal,
): Flow<number> {
  const errors: string[] = [];
  for (const name of names) {
    try {
      const line = yield* act(name);
      if (line !== undefined) cli.out(`${line}\n`);
    } catch (error) {
      errors.push(word(error));
    }
  }
  if (errors.length === 0) return 0;
  cli.err(`${errors.join('\n')}\n`);
  return 1;
}

/** Prints output of a container, each stream where it belongs. */
export function show(cli: Cli, output: readonly OutputChunk[]): void {
  for (const { stream, text } of output) (stream === 'stdout' ? cli.out : cli.err)(text);
}

/** Standard input for a process started with `-i`: the text given, end of file, or held open for a person. */
export const inputText = (cli: Cli): string | undefined => cli.stdin ?? (cli.interactive ? undefined : '');

/** `docker exec -it` and `docker run -it` want a terminal (docker/cli streams.In.CheckTty). */
export function checkTty(cli: Cli, stdin: boolean, tty: boolean): void {
  if (stdin && tty && !cli.interactive) throw new CliError('the input device is not a TTY');
}

/** A path as typed, made absolute on the host. */
export function hostPath(cli: Cli, path: string): string {
  if (path.startsWith('/')) return path;
  const trailing = /(^|\/)\.?$/.test(path) ? '/' : '';
  const parts: string[] = [];
  for (const part of `${cli.cwd}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}${parts.length === 0 ? '' : trailing}`;
}

/** Where an archive goes: the file of `-o`, or the one that standard output was redirected to. */
export const outputFile = (cli: Cli, option: string): string | undefined =>
  option === '' ? cli.stdoutFile : hostPath(cli, option);

/** What is wrong with the name of an image, in the client's words (distribution/reference). */
export function referenceProblem(name: string): string | undefined {
  try {
    familiarName(name);
    return undefined;
  } catch (error) {
    if (error instanceof DockerError) return error.message;
    throw error;
  }
}

/** Refuses to write where there is no directory, before the engine is asked (docker/cli command.ValidateOutputPath). */
export function* checkOutput(cli: Cli, path: string, shown = path, what = ''): Flow<void> {
  const directory = (text: string) =>
    text.replace(/\/+$/, '').replace(/(^|\/)[^/]*$/, '') || (text.startsWith('/') ? '/' : '.');
  const where = quote(directory(hostPath(cli, path)));
  const { code } = yield* perform('look for the directory', { op: 'host', line: `[ -e ${where} ]` }, { quiet: true });
  if (code !== 0) throw new CliError(`${what}invalid output path: directory "${directory(shown)}" does not exist`);
}
