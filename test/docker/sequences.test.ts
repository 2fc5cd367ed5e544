/** Sequences of lines that nobody wrote, on the real Docker Engine beside the simulation. */

import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { startDockerEngine } from '../../backend/dockerd.ts';
import { run } from '../../backend/exec.ts';
import type { Target } from '../../core/index.ts';
import { sequencesSuite } from '../suites/sequences.ts';
import { needs } from '../support/needs.ts';

/** An engine that has its bridge, on a host whose loopback is up. */
async function withBridge(): Promise<Target> {
  const archives = await baseArchives();
  const engine = await startDockerEngine({ archives, bridge: true });
  await run('nsenter', ['-t', String(engine.pid), '-n', 'ip', 'link', 'set', 'lo', 'up']);
  const target = await createDockerTarget({ archives, engine });
  const close = async (): Promise<void> => {
    await target.close();
    await engine.stop();
  };
  return { name: target.name, run: target.run.bind(target), observe: target.observe.bind(target), close };
}

// In the sequence of 2054 a link is copied out that leads out.
sequencesSuite('docker', await needs('root', 'docker'), {
  seeds: [101, 202, 303, 2054],
  ridding: [5, 6, 7],
  mounting: [3, 14, 25, 36],
  networking: { seeds: [1, 7, 12], open: withBridge },
  length: 30,
});
