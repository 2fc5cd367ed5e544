/**
 * `docker run --rm --network none` on a private engine as a peer of the bench: the client is started for each run, as a person
 * does. Without a bridge there is nothing to leave out, so this is Docker at its fastest.
 */
import { baseArchives } from '../../backend/base.ts';
import { startDockerEngine } from '../../backend/dockerd.ts';
import { type Contender, call } from './measure.ts';

export async function dockerRun(argv: readonly string[]): Promise<Contender & { close(): Promise<void> }> {
  const engine = await startDockerEngine({ archives: await baseArchives() });
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
  const args = ['run', '--rm', '--network', 'none', 'busybox', ...argv];
  return {
    name: 'docker run --rm --network none',
    once: () => call(engine.programs.client, args, { env }),
    close: () => engine.stop(),
  };
}
