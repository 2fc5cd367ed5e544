/** `docker update`: changes limits of a container, also while it runs (docker CLI reference, `docker container update`). */
import { updateContainer } from '../../engine/index.ts';
import type { Flow } from '../../op.ts';
import { flag, swapBytes } from '../flags.ts';
import { limitFlag, limitsAsked, updateLimits } from '../limit-flags.ts';
import { CliError, type CommandSpec } from '../spec.ts';
import { each } from './common.ts';
import { restartPolicy } from './container-flags.ts';

export const update: CommandSpec = {
  name: 'update',
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Update configuration of one or more containers',
  flags: [
    flag('--blkio-weight', 'uint16', 'Block IO (relative weight), between 10 and 1000, or 0 to disable', {
      default: '0',
    }),
    flag('--cpu-period', 'int', 'Limit CPU CFS (Completely Fair Scheduler) period'),
    flag('--cpu-quota', 'int', 'Limit CPU CFS (Completely Fair Scheduler) quota'),
    flag('--cpu-rt-period', 'int', 'Limit the CPU real-time period in microseconds'),
    flag('--cpu-rt-runtime', 'int', 'Limit the CPU real-time runtime in microseconds'),
    flag('-c, --cpu-shares', 'int', 'CPU shares (relative weight)'),
    limitFlag('cpus', 'decimal', 'Number of CPUs'),
    flag('--cpuset-cpus', 'string', 'CPUs in which to allow execution (0-3, 0,1)'),
    flag('--cpuset-mems', 'string', 'MEMs in which to allow execution (0-3, 0,1)'),
    flag('--kernel-memory', 'bytes', 'Kernel memory limit'),
    flag('-m, --memory', 'bytes', 'Memory limit'),
    flag('--memory-reservation', 'bytes', 'Memory soft limit'),
    flag('--memory-swap', 'bytes', "Swap limit equal to memory plus swap: '-1' to enable unlimited swap", {
      check: swapBytes,
    }),
    flag('--pids-limit', 'int', 'Tune container pids limit (set -1 for unlimited)'),
    flag('--restart', 'string', 'Restart policy to apply when a container exits'),
  ],
  acts: ['memory', 'memory-swap', 'pids-limit', 'restart', ...updateLimits],
  args: { rule: 'atLeast', count: 1 },
  *run(cli, flags, names): Flow<number> {
    if (flags.count === 0) throw new CliError('you must provide one or more flags when using this command');
    const resources = limitsAsked(flags, updateLimits);
    const change = {
      ...(flags.has('memory') ? { memory: flags.int('memory') } : {}),
      ...(flags.has('memory-swap') ? { memorySwap: flags.int('memory-swap') } : {}),
      ...(flags.has('pids-limit') ? { pidsLimit: flags.int('pids-limit') } : {}),
      ...(resources === undefined ? {} : { resources }),
      ...(flags.text('restart') === '' ? {} : { restart: restartPolicy(flags.text('restart')) }),
    };
    const warnings: string[] = [];
    const code = yield* each(cli, names, function* (name) {
      warnings.push(...(yield* updateContainer(cli.engine, name, change)).warnings);
      return name;
    });
    // The client prints the warnings where the names go.
    if (warnings.length > 0) cli.out(`${warnings.join('\n')}\n`);
    return code;
  },
};
