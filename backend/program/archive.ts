/**
 * `cutaway archive`: writes the archive of a teaching image, made from this machine's busybox; the very bytes that all three
 * targets are given. `docker load` takes it.
 */
import { writeFile } from 'node:fs/promises';
import { makeBusybox, UsageError } from '../../core/index.ts';
import { machineBusybox } from '../base.ts';
import type { Run } from './env.ts';

export const run: Run = async (call, env) => {
  const [name] = call.args;
  const file = call.values.output!;
  if (name !== 'busybox' && name !== 'busybox:latest') {
    throw new UsageError(`archive: no teaching image "${name}"`, undefined, 'there is: busybox');
  }
  const { bytes, applets } = await machineBusybox();
  const { archive, description } = makeBusybox(bytes, applets);
  await writeFile(file, archive).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`archive: cannot write the file: ${error.message}`, { file });
  });
  env.err(`${file}: ${description.reference}, ${description.id}, ${archive.length} bytes\n`);
  return 0;
};
