/**
 * The union view of a container that does not run: the engine has it mounted only while it is needed. A read-only overlay of
 * the same directories is mounted inside the engine's mount namespace, read, and unmounted at once.
 */
import type { DockerEngine } from '../dockerd.ts';
import { runProgram } from './process.ts';

const at = '/run/cutaway-view';

/** `dirs`: top first. `read` gets the mounted directory as we reach it. */
export async function withView<T>(
  engine: DockerEngine,
  dirs: readonly string[],
  read: (dir: string) => Promise<T>,
): Promise<T> {
  const store = `${engine.directory}/data/overlay2`;
  // Relative to the store: all mount options together must fit into one page, mount(2).
  const lower = dirs.map((dir) => dir.slice(store.length + 1)).join(':');
  await inEngine(engine, `mkdir -p ${at} && cd "$1" && mount -t overlay overlay -o "ro,lowerdir=$2" ${at}`, [
    store,
    lower,
  ]);
  try {
    return await read(engine.inside(at));
  } finally {
    await inEngine(engine, `umount ${at}`, []);
  }
}

async function inEngine(engine: DockerEngine, script: string, args: readonly string[]): Promise<void> {
  const enter = ['--target', String(engine.pid), '--mount', '--pid', 'sh', '-c', script, 'sh', ...args];
  const done = await runProgram('nsenter', enter);
  if (done.code !== 0) throw new Error(`a union could not be looked at: ${done.stderr.trim()}`);
}
