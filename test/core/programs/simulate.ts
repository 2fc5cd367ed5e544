/** One script in the simulation, as sh-cases.txt says it is run: what it wrote, its exit status, and what it made of /w. */
import '../../../core/parts-all.ts';
import { bootHost } from '../../../core/kernel/host.ts';
import type { Kernel } from '../../../core/kernel/kernel.ts';
import { runProgram } from '../../../core/kernel/launch.ts';
import { content, mkdir, readdir, readlink, stat } from '../../../core/kernel/pathcalls.ts';
import { programs } from '../../../core/programs/index.ts';
import { contentBytes } from '../../../core/vfs/content.ts';
import { environment, outerShell } from './cases.ts';
import { type Entry, treeChanges } from './tree.ts';

export interface Simulated {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  readonly tree: readonly string[];
  readonly unfinished?: 'stuck' | 'budget';
}

export function simulate(script: string): Simulated {
  const kernel = bootHost({ programs, startTime: Date.UTC(2026, 10, 20, 12) });
  mkdir(kernel.init, '/w', 0o755);
  const result = runProgram(kernel, ['sh', '-c', outerShell, 'outer', script], { env: environment, cwd: '/' });
  return { ...result, tree: treeChanges(entries(kernel, '/w', '')) };
}

function entries(kernel: Kernel, dir: string, prefix: string): Entry[] {
  const { init } = kernel;
  return readdir(init, dir)
    .filter(({ name }) => name !== '.' && name !== '..')
    .flatMap(({ name }) => {
      const at = `${dir}/${name}`;
      const { type, mode, uid, gid } = stat(init, at, false);
      const path = `${prefix}${name}`;
      const entry: Entry = { path, type, mode, uid, gid };
      if (type === 'dir') return [entry, ...entries(kernel, at, `${path}/`)];
      if (type === 'symlink') return [{ ...entry, target: readlink(init, at) }];
      return [type === 'file' ? { ...entry, bytes: contentBytes(content(init, at)) } : entry];
    });
}
