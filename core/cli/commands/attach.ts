/** `docker attach`: joins the output of a running container (docker CLI reference, `docker container attach`). */
import { attachContainer, findContainer } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { clientRefusal, show } from './common.ts';

export const attach: CommandSpec = {
  name: 'attach',
  usage: '[OPTIONS] CONTAINER',
  summary: 'Attach local standard input, output, and error streams to a running container',
  flags: [
    flag('--detach-keys', 'string', 'Override the key sequence for detaching a container'),
    flag('--no-stdin', 'bool', 'Do not attach STDIN'),
    flag('--sig-proxy', 'bool', 'Proxy all received signals to the process', { default: 'true' }),
  ],
  acts: ['no-stdin', 'sig-proxy'],
  args: { rule: 'exactly', count: 1 },
  *run(cli, flags, [name = '']): Flow<number> {
    try {
      if (flags.bool('sig-proxy')) cli.foreground = findContainer(cli.engine, name).id;
      const { code, output } = yield* attachContainer(cli.engine, name);
      show(cli, output);
      return code;
    } catch (error) {
      // The state is checked by the client, not by the daemon.
      const said = clientRefusal(error);
      throw new CliError(said.replace(/^Error response from daemon: (?=You cannot attach)/, ''));
    }
  },
};
