/** `docker logs`: what the container's processes wrote so far (docker CLI reference, `docker container logs`). */
import { containerLogs, findContainer, isAlive, waitContainer } from '../../engine/index.ts';
import type { Flow, OutputChunk } from '../../op.ts';
import { flag } from '../flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { clientRefusal, show } from './common.ts';
import { moment } from './moment.ts';

const when = '(e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)';

export const logs: CommandSpec = {
  name: 'logs',
  usage: '[OPTIONS] CONTAINER',
  summary: 'Fetch the logs of a container',
  flags: [
    flag('--details', 'bool', 'Show extra details provided to logs'),
    flag('-f, --follow', 'bool', 'Follow log output'),
    flag('--since', 'string', `Show logs since timestamp ${when}`),
    flag('-n, --tail', 'string', 'Number of lines to show from the end of the logs', { default: 'all' }),
    flag('-t, --timestamps', 'bool', 'Show timestamps'),
    flag('--until', 'string', `Show logs before a timestamp ${when}`),
  ],
  acts: ['follow', 'since', 'tail', 'timestamps', 'until'],
  args: { rule: 'exactly', count: 1 },
  *run(cli, flags, [name = '']): Flow<number> {
    const now = cli.engine.host.now();
    const since = time('since', flags.text('since'), now);
    const until = time('until', flags.text('until'), now);
    const tail = /^\d+$/.test(flags.text('tail')) ? { tail: flags.int('tail') } : {};
    try {
      const container = findContainer(cli.engine, name);
      const read = (more: Parameters<typeof containerLogs>[2]): Flow<readonly OutputChunk[]> =>
        containerLogs(cli.engine, container.id, { ...(since === undefined ? {} : { since }), ...more });
      const chosen = (chunks: readonly OutputChunk[]): readonly OutputChunk[] => {
        const wanted = chunks.filter((chunk) => until === undefined || chunk.time <= until);
        return flags.bool('timestamps') ? wanted.map(stamp) : wanted;
      };
      const first = yield* read(tail);
      if (!flags.bool('follow') || !isAlive(container)) {
        show(cli, chosen(first));
        return 0;
      }
      // What was there before `--tail` counts stays out of sight, whatever is added.
      const hidden = (yield* read({})).length - first.length;
      const followed = function* (): Flow<readonly OutputChunk[]> {
        return chosen((yield* read({})).slice(hidden));
      };
      cli.view = followed;
      yield* waitContainer(cli.engine, container.id);
      cli.view = undefined;
      const gone = cli.engine.world.containers[container.id] === undefined;
      show(cli, gone ? chosen(first) : yield* followed());
      return 0;
    } catch (error) {
      throw new CliError(clientRefusal(error));
    }
  },
};

/** RFC 3339 with nine digits behind the point, before each line. */
function stamp(chunk: OutputChunk): OutputChunk {
  const time = new Date(chunk.time).toISOString().replace('Z', '000000Z');
  return { ...chunk, text: chunk.text.replace(/^(?=[\s\S])/gm, `${time} `) };
}

function time(name: string, text: string, now: number): number | undefined {
  if (text === '') return undefined;
  try {
    return moment(text, now);
  } catch (error) {
    if (error instanceof RangeError) throw new CliError(`invalid value for "${name}": ${error.message}`);
    throw error;
  }
}
