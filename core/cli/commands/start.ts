/** `docker start`: a stopped container runs again, in its old read-write layer (docker CLI reference, `docker container start`). */
import { findContainer, followContainer, isAlive, startContainer } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { type Cli, CliError, type CommandSpec } from '../spec.ts';
import { attachTo, behind, checkTty, clientRefusal, fromNowOn, inputText, readKeys, refusal, show } from './common.ts';

export const start: CommandSpec = {
  name: 'start',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Start one or more stopped containers',
  flags: [
    flag('-a, --attach', 'bool', 'Attach STDOUT/STDERR and forward signals'),
    flag('--detach-keys', 'string', 'Override the key sequence for detaching a container'),
    flag('-i, --interactive', 'bool', "Attach container's STDIN"),
  ],
  acts: ['attach', 'detach-keys', 'interactive'],
  args: { rule: 'atLeast', count: 1 },
  *run(cli, flags, names): Flow<number> {
    const stdin = flags.bool('interactive');
    if (!flags.bool('attach') && !stdin) return yield* startEach(cli, names);
    if (names.length > 1) throw new CliError('you cannot start and attach multiple containers at once');
    return yield* startAttached(cli, names[0] ?? '', stdin, readKeys(flags.text('detach-keys')));
  },
};

function* startEach(cli: Cli, names: readonly string[]): Flow<number> {
  const errors: string[] = [];
  const failed: string[] = [];
  for (const name of names) {
    try {
      yield* startContainer(cli.engine, name);
      cli.out(`${name}\n`);
    } catch (error) {
      errors.push(refusal(error));
      failed.push(name);
    }
  }
  if (failed.length === 0) return 0;
  cli.err(`${errors.join('\n')}\nError: failed to start containers: ${failed.join(', ')}\n`);
  return 1;
}

function* startAttached(cli: Cli, name: string, stdin: boolean, keys: string): Flow<number> {
  let id: string;
  let opened: boolean;
  let tty: boolean;
  let ran: boolean;
  try {
    const container = findContainer(cli.engine, name);
    id = container.id;
    opened = container.config.OpenStdin;
    tty = container.config.Tty;
    ran = isAlive(container);
  } catch (error) {
    throw new CliError(clientRefusal(error));
  }
  checkTty(cli, stdin && opened, tty);
  const input = stdin && opened ? inputText(cli) : undefined;
  yield* startContainer(cli.engine, id, input === undefined ? {} : { stdin: input });
  cli.foreground = id;
  const { pid } = findContainer(cli.engine, id);
  const before = ran ? yield* fromNowOn(cli, pid) : 0;
  yield* attachTo(cli, { pid, tty, stdin: stdin && opened, keys });
  const { code, output } = yield* followContainer(cli.engine, id);
  show(cli, behind(output, before));
  return code;
}
