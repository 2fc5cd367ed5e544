/** A real engine with its bridge, and a shell of the host beside it: what they say to lines. For the recorders. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { baseArchives } from '../../../backend/base.ts';
import { startDockerEngine } from '../../../backend/dockerd.ts';
import type { Answer } from './lines.ts';

/** Programs of the host that the lines may call. */
const applets =
  'cat cut date echo grep head ifconfig ip ls nc ping route sed sh sleep sort timeout tr true usleep wc wget'.split(
    ' ',
  );

/** `tidy`: takes out what differs from run to run. */
export async function answersOf(lines: readonly string[], tidy: (text: string) => string): Promise<readonly Answer[]> {
  const engine = await startDockerEngine({ archives: await baseArchives(), bridge: true });
  const bin = join(engine.directory, 'bin');
  mkdirSync(bin);
  symlinkSync(engine.programs.client, join(bin, 'docker'));
  for (const name of applets) symlinkSync('/bin/busybox', join(bin, name));
  symlinkSync('/usr/sbin/iptables', join(bin, 'iptables'));
  const env = { PATH: bin, HOME: engine.directory, DOCKER_HOST: `unix://${engine.socket}`, LANG: 'C' };
  const enter = ['-t', String(engine.pid), '-n', '-m', '-p'];
  execFileSync('nsenter', [...enter, 'ip', 'link', 'set', 'lo', 'up']);
  const answers = lines.map((line): Answer => {
    const { status, stdout, stderr } = spawnSync('/usr/bin/nsenter', [...enter, join(bin, 'sh'), '-c', line], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { line, exitCode: status ?? -1, stdout: tidy(stdout), stderr: tidy(stderr) };
  });
  await engine.stop();
  return answers;
}

export const recordedOn = `Docker 20.10.24, iptables 1.8.9, Linux ${release().replace(/-.*/, '')}`;
