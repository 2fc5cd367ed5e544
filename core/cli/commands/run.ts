/**
 * `docker run`: create, then start, then (unless detached) follow the first process to its end; the exit code is that
 * process's (docker CLI reference, `docker container run`, "Exit status").
 */
import { findContainer, followContainer, startContainer } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { type FlagValues, flag } from '../flags.ts';
import { type Cli, CliError, type CommandSpec } from '../spec.ts';
import { attachTo, checkTty, inputText, readKeys, refusal, show } from './common.ts';
import { containerActs, containerFlags, create, createSpec } from './container-flags.ts';

export const run: CommandSpec = {
  name: 'run',
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Run a command in a new container',
  flags: [
    ...containerFlags,
    flag('-d, --detach', 'bool', 'Run container in background and print container ID'),
    flag('--detach-keys', 'string', 'Override the key sequence for detaching a container'),
    flag('--pull', 'string', 'Pull image before running ("always"|"missing"|"never")', { default: 'missing' }),
    flag('--sig-proxy', 'bool', 'Proxy received signals to the process', { default: 'true' }),
  ],
  acts: [...containerActs, 'detach', 'detach-keys', 'sig-proxy'],
  args: { rule: 'atLeast', count: 1 },
  flagsFirst: true,
  *run(cli, flags, args): Flow<number> {
    const detach = flags.bool('detach');
    const keys = readKeys(flags.text('detach-keys'));
    const spec = yield* complaining(prepare(cli, flags, args, detach), true);
    const attached = spec.attach ?? {};
    const follows = !detach && (attached.stdout === true || attached.stderr === true || attached.stdin === true);
    // The client knows the ID already, whatever becomes of the start.
    if (!follows) cli.out(`${spec.id}\n`);
    else if (flags.bool('sig-proxy')) cli.foreground = spec.id;
    const input = attached.stdin ? inputText(cli) : undefined;
    yield* complaining(startContainer(cli.engine, spec.id, input === undefined ? {} : { stdin: input }), false);
    if (!follows) return 0;
    const { pid, config } = findContainer(cli.engine, spec.id);
    yield* attachTo(cli, { pid, tty: config.Tty, stdin: attached.stdin === true, keys });
    const { code, output } = yield* followContainer(cli.engine, spec.id);
    show(
      cli,
      output.filter(({ stream }) => attached[stream]),
    );
    return code;
  },
};

type Prepared = { readonly id: string } & Pick<ReturnType<typeof createSpec>, 'attach'>;

function* prepare(cli: Cli, flags: FlagValues, args: readonly string[], detach: boolean): Flow<Prepared> {
  const spec = createSpec(cli, flags, args, detach);
  if (detach && flags.list('attach').length > 0) throw new PlainError('Conflicting options: -a and -d');
  if (!detach) checkTtyPlain(cli, flags.bool('interactive'), flags.bool('tty'));
  const id = yield* create(cli, flags, spec);
  return { id, attach: spec.attach ?? {} };
}

/** Said without `docker: ` in front, exit code 1. */
class PlainError extends CliError {}

function checkTtyPlain(cli: Cli, stdin: boolean, tty: boolean): void {
  try {
    checkTty(cli, stdin, tty);
  } catch (error) {
    throw new PlainError((error as Error).message);
  }
}

/** `docker: …` and, when nothing was made, where to read on; 126 and 127 as the shell has them. */
function* complaining<R>(flow: Flow<R>, withHelp: boolean): Flow<R> {
  try {
    return yield* flow;
  } catch (error) {
    if (error instanceof PlainError || (error instanceof CliError && error.exitCode !== 1)) throw error;
    const said = refusal(error);
    const help = withHelp ? "\nSee 'docker run --help'." : '';
    throw new CliError(`docker: ${said.replace(/\.$/, '')}.${help}`, exitCode(said));
  }
}

/** docker/cli runStartContainerErr. */
function exitCode(message: string): number {
  if (/executable file not found|no such file or directory|system cannot find the file specified/.test(message))
    return 127;
  return /permission denied/.test(message) ? 126 : 125;
}
