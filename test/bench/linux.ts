/**
 * Our linux target as a contender of the bench: one line from start to exit in a program that is already running, as a lesson
 * or the terminal program does it.
 */
import { createLinuxTarget } from '../../backend/linux-target.ts';
import type { Contender } from './measure.ts';

export interface LinuxRun extends Contender {
  close(): Promise<void>;
}

/** Opens a lab; `once` carries the line out in it. Rejects when the line fails. */
export async function linuxRun(line = 'docker run --rm busybox true'): Promise<LinuxRun> {
  const target = await createLinuxTarget();
  return {
    name: `cutaway, linux: ${line}`,
    once: async () => {
      const { exitCode, stderr } = await target.run(line);
      if (exitCode !== 0) throw new Error(`${line}: exit ${exitCode}: ${stderr}`);
    },
    close: () => target.close(),
  };
}
