/** `docker info`: what the engine says of itself (docker CLI reference, `docker system info`; cli/command/system/info.go). */
import { engineInfo, type Info } from '../../engine/info.ts';
import type { Flow } from '../../op.ts';
import { flag } from '../flags.ts';
import type { CommandSpec } from '../spec.ts';
import { compile, render } from '../template.ts';
import { bytesSize } from '../units.ts';

export const info: CommandSpec = {
  name: 'info',
  usage: '[OPTIONS]',
  summary: 'Display system-wide information',
  flags: [flag('-f, --format', 'string', 'Format the output using the given Go template')],
  acts: ['format'],
  args: { rule: 'none' },
  *run(cli, flags): Flow<number> {
    const found = yield* engineInfo(cli.engine);
    const format = flags.text('format');
    if (format === '') cli.out(text(found));
    else cli.out(`${render(compile(format), { ...found, ClientInfo: client }, { type: 'system.info' })}\n`);
    return 0;
  },
};

const client = { Debug: false, Context: 'default', Plugins: [], Warnings: null };

function text(found: Info): string {
  const say = (key: string): string => String(found[key]);
  const commit = (key: string): string => (found[key] as { ID: string }).ID;
  const { Plugins, DriverStatus, Runtimes, SecurityOptions } = found as {
    Plugins: { Volume: string[]; Network: string[]; Log: string[] };
    DriverStatus: [string, string][] | null;
    Runtimes: Record<string, unknown>;
    SecurityOptions: string[];
  };
  const lines = [
    `Containers: ${say('Containers')}`,
    ` Running: ${say('ContainersRunning')}`,
    ` Paused: ${say('ContainersPaused')}`,
    ` Stopped: ${say('ContainersStopped')}`,
    `Images: ${say('Images')}`,
    `Server Version: ${say('ServerVersion')}`,
    `Storage Driver: ${say('Driver')}`,
    ...(DriverStatus ?? []).map(([key, value]) => ` ${key}: ${value}`),
    `Logging Driver: ${say('LoggingDriver')}`,
    `Cgroup Driver: ${say('CgroupDriver')}`,
    `Cgroup Version: ${say('CgroupVersion')}`,
    'Plugins:',
    ` Volume: ${Plugins.Volume.join(' ')}`,
    ` Network: ${Plugins.Network.join(' ')}`,
    ` Log: ${Plugins.Log.join(' ')}`,
    'Swarm: inactive',
    `Runtimes: ${Object.keys(Runtimes).join(' ')}`,
    `Default Runtime: ${say('DefaultRuntime')}`,
    `Init Binary: ${say('InitBinary')}`,
    `containerd version: ${commit('ContainerdCommit')}`,
    `runc version: ${commit('RuncCommit')}`,
    `init version: ${commit('InitCommit')}`,
    'Security Options:',
    ...SecurityOptions.flatMap(securityLines),
    `Kernel Version: ${say('KernelVersion')}`,
    `Operating System: ${say('OperatingSystem')}`,
    `OSType: ${say('OSType')}`,
    `Architecture: ${say('Architecture')}`,
    `CPUs: ${say('NCPU')}`,
    `Total Memory: ${bytesSize(Number(found.MemTotal))}`,
    `Name: ${say('Name')}`,
    `ID: ${say('ID')}`,
    `Docker Root Dir: ${say('DockerRootDir')}`,
    `Debug Mode: ${say('Debug')}`,
    `Registry: ${say('IndexServerAddress')}`,
    'Labels:',
    `Experimental: ${say('ExperimentalBuild')}`,
    'Insecure Registries:',
    ' 127.0.0.0/8',
    `Live Restore Enabled: ${say('LiveRestoreEnabled')}`,
  ];
  const server = lines.map((line) => ` ${line}\n`).join('');
  return `Client:\n Context:    default\n Debug Mode: false\n\nServer:\n${server}\n`;
}

/** `name=seccomp,profile=default` */
function securityLines(option: string): string[] {
  const [name, ...more] = option.split(',').map((pair) => pair.split('='));
  return [` ${name?.[1]}`, ...more.map(([, value]) => `  Profile: ${value}`)];
}
