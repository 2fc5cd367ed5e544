/**
 * The reference for tests that speak to it directly: a private Docker Engine for one test file, with its real client. Started
 * before the first test that needs it, stopped after the last; nothing of the user's own engine is used.
 */
import { execFileSync } from 'node:child_process';
import { baseArchives } from '../../backend/base.ts';
import { type DockerEngine, startDockerEngine } from '../../backend/dockerd.ts';

export interface TestEngine {
  /** Calls the client; what it prints. Throws when it fails. */
  docker(args: readonly string[], input?: Uint8Array): Buffer;
  /** A path of the engine's (its data root is in a mount namespace of its own) as this process can read it. */
  inside(path: string): string;
  stop(): Promise<void>;
}

export async function startTestEngine(): Promise<TestEngine> {
  const engine: DockerEngine = await startDockerEngine({ archives: await baseArchives() });
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
  return {
    docker: (args, input) =>
      execFileSync(engine.programs.client, args, {
        env,
        maxBuffer: 1 << 28,
        ...(input === undefined ? {} : { input }),
      }),
    inside: (path) => engine.inside(path),
    stop: () => engine.stop(),
  };
}
