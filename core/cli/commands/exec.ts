/** `docker exec`: one more process in a running container (docker CLI reference, `docker container exec`). */
import { execContainer } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { attachTo, checkTty, clientRefusal, escaped, inputText, readKeys, show } from './common.ts';
import { checkEnv, demandUnguarded, environment } from './container-flags.ts';

export const exec: CommandSpec = {
  name: 'exec',
  usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
  summary: 'Run a command in a running container',
  flags: [
    flag('-d, --detach', 'bool', 'Detached mode: run command in the background'),
    flag('--detach-keys', 'string', 'Override the key sequence for detaching a container'),
    flag('-e, --env', 'list', 'Set environment variables', { check: checkEnv }),
    flag('--env-file', 'list', 'Read in a file of environment variables'),
    flag('-i, --interactive', 'bool', 'Keep STDIN open even if not attached'),
    flag('--privileged', 'bool', 'Give extended privileges to the command'),
    flag('-t, --tty', 'bool', 'Allocate a pseudo-TTY'),
    flag('-u, --user', 'string', 'Username or UID (format: <name|uid>[:<group|gid>])'),
    flag('-w, --workdir', 'string', 'Working directory inside the container'),
  ],
  acts: ['detach', 'detach-keys', 'env', 'interactive', 'privileged', 'tty', 'user', 'workdir'],
  args: { rule: 'atLeast', count: 2 },
  flagsFirst: true,
  *run(cli, flags, [container = '', ...command]): Flow<number> {
    const detach = flags.bool('detach');
    if (flags.bool('privileged')) demandUnguarded(cli.engine, 'exec --privileged');
    const interactive = flags.bool('interactive') && !detach;
    if (!detach) checkTty(cli, interactive, flags.bool('tty'));
    const tty = flags.bool('tty');
    const keys = readKeys(flags.text('detach-keys'));
    const text = interactive ? inputText(cli) : undefined;
    try {
      const { code, output } = yield* execContainer(cli.engine, container, {
        command,
        detach,
        tty,
        privileged: flags.bool('privileged'),
        started: (pid) => attachTo(cli, { pid, tty, stdin: interactive, keys, left: escaped }),
        env: environment(cli, flags.list('env')),
        ...(flags.text('workdir') === '' ? {} : { workdir: flags.text('workdir') }),
        ...(flags.text('user') === '' ? {} : { user: flags.text('user') }),
        stdin: !interactive ? 'none' : text === undefined ? 'open' : { text },
      });
      show(cli, output);
      return code;
    } catch (error) {
      const said = clientRefusal(error);
      // The program could not be started: the daemon says so on the stream that was to carry its output.
      const late = /^Error response from daemon: (OCI runtime exec failed: .*|unable to find (?:user|group) .*)$/.exec(
        said,
      )?.[1];
      if (late === undefined || detach) throw new CliError(said);
      cli.out(`${late}\r\n`);
      return 126;
    }
  },
};
