/** `docker port`: published ports (docker CLI reference, `docker container port`). */
import { containerPorts, findContainer } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { clientRefusal } from './common.ts';

export const port: CommandSpec = {
  name: 'port',
  usage: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
  summary: 'List port mappings or a specific mapping for the container',
  flags: [],
  acts: [],
  args: { rule: 'range', from: 1, to: 2 },
  *run(cli, _flags, [container = '', wanted]): Flow<number> {
    try {
      findContainer(cli.engine, container);
    } catch (error) {
      throw new CliError(clientRefusal(error));
    }
    const lines = containerPorts(cli.engine, container);
    if (wanted === undefined) {
      for (const line of lines) cli.out(`${line}\n`);
      return 0;
    }
    const [number = ''] = (wanted ?? '').split('/');
    if (wanted !== undefined && !/^\d+$/.test(number))
      throw new CliError(`strconv.ParseUint: parsing ${JSON.stringify(number)}: invalid syntax`);
    const private_ = wanted.includes('/') ? wanted : `${wanted}/tcp`;
    const found = lines.filter((line) => line.startsWith(`${private_} -> `));
    if (found.length === 0) throw new CliError(`Error: No public port '${private_}' published for ${container}`);
    for (const line of found) cli.out(`${line.slice(private_.length + 4)}\n`);
    return 0;
  },
};
