/** `docker attach`: joins the output of a running container (docker CLI reference, `docker container attach`). */
import { demandAttachable, findContainer, followContainer } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { attachTo, behind, checkTty, clientRefusal, escaped, fromNowOn, inputText, readKeys, show } from './common.ts';

export const attach: CommandSpec = {
  name: 'attach',
  usage: '[OPTIONS] CONTAINER',
  summary: 'Attach local standard input, output, and error streams to a running container',
  flags: [
    flag('--detach-keys', 'string', 'Override the key sequence for detaching a container'),
    flag('--no-stdin', 'bool', 'Do not attach STDIN'),
    flag('--sig-proxy', 'bool', 'Proxy all received signals to the process', { default: 'true' }),
  ],
  acts: ['detach-keys', 'no-stdin', 'sig-proxy'],
  args: { rule: 'exactly', count: 1 },
  *run(cli, flags, [name = '']): Flow<number> {
    try {
      const keys = readKeys(flags.text('detach-keys'));
      const container = findContainer(cli.engine, name);
      const { id, pid, config } = container;
      demandAttachable(cli.engine, name);
      const stdin = !flags.bool('no-stdin') && config.OpenStdin;
      checkTty(cli, !flags.bool('no-stdin'), config.Tty);
      if (flags.bool('sig-proxy')) cli.foreground = id;
      const before = yield* fromNowOn(cli, pid);
      const text = stdin ? inputText(cli) : undefined;
      if (text !== undefined) yield { title: 'pass standard input on', op: { op: 'input', pid, text, end: true } };
      yield* attachTo(cli, { pid, tty: config.Tty, stdin, keys, left: escaped, joins: true });
      const { code, output } = yield* followContainer(cli.engine, name);
      show(cli, behind(output, before));
      return code;
    } catch (error) {
      // The state is checked by the client, not by the daemon.
      const said = clientRefusal(error);
      throw new CliError(said.replace(/^Error response from daemon: (?=You cannot attach)/, ''));
    }
  },
};
