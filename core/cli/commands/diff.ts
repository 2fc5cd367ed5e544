/** `docker diff`: what the read-write layer adds, changes and deletes (docker CLI reference, `docker container diff`). */
import { containerDiff } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { CliError, type CommandSpec } from '../spec.ts';

export const diff: CommandSpec = {
  name: 'diff',
  usage: 'CONTAINER',
  summary: "Inspect changes to files or directories on a container's filesystem",
  flags: [],
  acts: [],
  args: { rule: 'exactly', count: 1 },
  *run(cli, _flags, [container = '']): Flow<number> {
    if (container === '') throw new CliError('Container name cannot be empty');
    for (const { kind, path } of yield* containerDiff(cli.engine, container)) cli.out(`${kind} ${path}\n`);
    return 0;
  },
};
