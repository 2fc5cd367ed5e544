/**
 * What the verbs share: the client's words around the engine's refusals, and the loop over several names that prints each as
 * it succeeds and collects the errors.
 */
import { DockerError } from '../../engine/index.ts';
import { familiarName } from '../../engine/reference.ts';
import { type Flow, type OutputChunk, perform, StepError } from '../../op.ts';
import { quote } from '../../shell.ts';
import { type Attached, detachKeys, type Window } from '../attached.ts';
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
  if (stdin && tty && !hasKeyboard(cli)) throw new CliError('the input device is not a TTY');
}

/** Its standard input is a terminal. */
export const hasKeyboard = ({ interactive, stdin, stdinFile }: Cli): boolean =>
  interactive && stdin === undefined && stdinFile === undefined;

export interface Attachment {
  readonly pid: number;
  /** The process has a terminal. */
  readonly tty: boolean;
  /** The client's standard input is connected to it. */
  readonly stdin: boolean;
  readonly keys: string;
  /** What is said, and the exit code, when one detaches; by default nothing, and 0. */
  readonly left?: Attached['left'];
  /** The process ran before. */
  readonly joins?: boolean;
}

/** The client's keyboard and screen are those of a process from now on. */
export function* attachTo(cli: Cli, { pid, tty, stdin, keys, left, joins }: Attachment): Flow<void> {
  if (stdin) cli.attached = { pid, tty: tty && hasKeyboard(cli), keys, left: left ?? { said: '', code: 0 }, held: 0 };
  if (!tty || !cli.interactive) return;
  // A program that runs already shows its prompt again when the size changes, and so it does, for a moment.
  if (joins === true) yield* resizeTo(pid, { ...cli.window, rows: cli.window.rows + 1 });
  yield* resizeTo(pid, cli.window);
}

function* resizeTo(pid: number, { rows, columns }: Window): Flow<void> {
  yield { title: 'give its terminal the size of the client’s', op: { op: 'resize', pid, rows, columns }, quiet: true };
}

/** Who joins a process sees what it writes from now on: how many characters of its output were there before. */
export function* fromNowOn(cli: Cli, pid: number): Flow<number> {
  const before = (yield* outputOf(pid)).reduce((sum, { text }) => sum + text.length, 0);
  cli.view = function* later() {
    return behind(yield* outputOf(pid), before);
  };
  return before;
}

/** Output without so many characters at its beginning, in whatever pieces it comes. */
export function behind(output: readonly OutputChunk[], characters: number): OutputChunk[] {
  let skip = characters;
  return output.flatMap((chunk) => {
    const rest = chunk.text.slice(skip);
    skip = Math.max(0, skip - chunk.text.length);
    return rest === '' ? [] : [{ ...chunk, text: rest }];
  });
}

function* outputOf(pid: number): Flow<readonly OutputChunk[]> {
  const outcome = yield { title: 'read what it wrote', op: { op: 'output', pid }, quiet: true };
  return outcome.ok ? (outcome.value as readonly OutputChunk[]) : [];
}

export const escaped: Attached['left'] = { said: 'read escape sequence\n', code: 1 };

/** The value of `--detach-keys`. */
export function readKeys(text: string): string {
  const read = detachKeys(text);
  if ('keys' in read) return read.keys;
  throw new CliError(
    `invalid detach escape keys, using default: Unknown character: '${read.bad}'\nInvalid detach keys (${text}) provided`,
  );
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
