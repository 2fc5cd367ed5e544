/**
 * Records what a real engine with its bridge and a real kernel answer to the lines of lines.ts. Needs root, docker 20.10, iptables
 * and busybox; all of it happens in network, mount and PID namespaces of its own.
 *
 *   node --import tsx test/suites/network/record.ts
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { baseArchives } from '../../../backend/base.ts';
import { startDockerEngine } from '../../../backend/dockerd.ts';
import { type Answer, fixture, lines, plain } from './lines.ts';

const engine = await startDockerEngine({ archives: await baseArchives(), bridge: true });
const bin = join(engine.directory, 'bin');
mkdirSync(bin);
symlinkSync(engine.programs.client, join(bin, 'docker'));
for (const name of ['cat', 'grep', 'ip', 'nc', 'ping', 'sh', 'usleep', 'wget'])
  symlinkSync('/bin/busybox', join(bin, name));
for (const name of ['iptables']) symlinkSync(`/usr/sbin/${name}`, join(bin, name));
const env = { PATH: bin, HOME: engine.directory, DOCKER_HOST: `unix://${engine.socket}`, LANG: 'C' };
const enter = ['-t', String(engine.pid), '-n', '-m', '-p'];
execFileSync('nsenter', [...enter, 'ip', 'link', 'set', 'lo', 'up']);
const answers = lines.map((line): Answer => {
  const { status, stdout, stderr } = spawnSync('/usr/bin/nsenter', [...enter, join(bin, 'sh'), '-c', line], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { line, exitCode: status ?? -1, stdout: plain(stdout), stderr: plain(stderr) };
});
await engine.stop();
const recordedOn = `Docker 20.10.24, iptables 1.8.9, Linux ${release().replace(/-.*/, '')}`;
writeFileSync(fixture, `${JSON.stringify({ recordedOn, answers }, undefined, 1)}\n`);
console.log(`${answers.length} lines`);
