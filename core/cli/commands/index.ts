/**
 * All commands of the client: those that Cutaway carries out, by the name typed after `docker`, and the names of those that
 * it knows of only. The management forms (`docker container ls`) are the same specs under another name.
 */
import type { Group } from '../help.ts';
import { type CommandSpec, under } from '../spec.ts';
import { attach } from './attach.ts';
import { commit } from './commit.ts';
import { cp } from './cp.ts';
import { createCommand } from './create.ts';
import { diff } from './diff.ts';
import { exec } from './exec.ts';
import { exportCommand } from './export.ts';
import { history } from './history.ts';
import { images } from './images.ts';
import { inspect, inspectContainerCommand, inspectImageCommand } from './inspect.ts';
import { kill } from './kill.ts';
import { logs } from './logs.ts';
import { pause } from './pause.ts';
import { port } from './port.ts';
import { ps } from './ps.ts';
import { rename } from './rename.ts';
import { restart } from './restart.ts';
import { rm } from './rm.ts';
import { rmi } from './rmi.ts';
import { run } from './run.ts';
import { save } from './save.ts';
import { start } from './start.ts';
import { stats } from './stats.ts';
import { stop } from './stop.ts';
import { tag } from './tag.ts';
import { top } from './top.ts';
import { unpause } from './unpause.ts';
import { update } from './update.ts';
import { version } from './version.ts';
import { wait } from './wait.ts';

const ofContainers = [
  ...[attach, commit, cp, createCommand, diff, exec, exportCommand, kill, logs, pause, port, rename, restart, rm, run],
  ...[start, stats, stop, top, unpause, update, wait],
];

const all: readonly CommandSpec[] = [
  ...[...ofContainers, history, images, inspect, ps, rmi, save, tag, version],
  ...ofContainers.map((spec) => under('container', spec)),
  under('container', ps, 'ls', ['ls', 'ps', 'list']),
  inspectContainerCommand,
  ...[history, save, tag].map((spec) => under('image', spec)),
  under('image', images, 'ls', ['ls', 'list']),
  under('image', rmi, 'rm', ['rm', 'rmi', 'remove']),
  inspectImageCommand,
];

/** By what is typed after `docker`, aliases included. */
export const commands: ReadonlyMap<string, CommandSpec> = new Map(
  all.flatMap((spec) => {
    const group = spec.name.includes(' ') ? `${spec.name.split(' ')[0]} ` : '';
    const names = [spec.name, ...(spec.aliases ?? []).map((alias) => group + alias)];
    return names.map((name) => [name, spec] as const);
  }),
);

const summaryOf = (name: string): string => commands.get(name)?.summary ?? '';

/** Commands that the client has and that are not carried out here. */
const known: Readonly<Record<string, string>> = {
  build: 'Build an image from a Dockerfile',
  events: 'Get real time events from the server',
  import: 'Import the contents from a tarball to create a filesystem image',
  info: 'Display system-wide information',
  load: 'Load an image from a tar archive or STDIN',
  login: 'Log in to a Docker registry',
  logout: 'Log out from a Docker registry',
  pull: 'Pull an image or a repository from a registry',
  push: 'Push an image or a repository to a registry',
  search: 'Search the Docker Hub for images',
};

export const topCommands: Group['commands'] = [
  ...all.filter(({ name }) => !name.includes(' ')).map(({ name, summary }) => [name, summary] as const),
  ...Object.entries(known),
].sort(([a], [b]) => (a < b ? -1 : 1));

export const managementCommands: Group['commands'] = [
  ['builder', 'Manage builds'],
  ['completion', 'Generate the autocompletion script for the specified shell'],
  ['config', 'Manage Docker configs'],
  ['container', 'Manage containers'],
  ['context', 'Manage contexts'],
  ['image', 'Manage images'],
  ['manifest', 'Manage Docker image manifests and manifest lists'],
  ['network', 'Manage networks'],
  ['node', 'Manage Swarm nodes'],
  ['plugin', 'Manage plugins'],
  ['secret', 'Manage Docker secrets'],
  ['service', 'Manage services'],
  ['stack', 'Manage Docker stacks'],
  ['swarm', 'Manage Swarm'],
  ['system', 'Manage Docker'],
  ['trust', 'Manage trust on Docker images'],
  ['volume', 'Manage volumes'],
];

const rows = (group: string, others: Readonly<Record<string, string>>): Group['commands'] =>
  [
    ...all
      .filter(({ name }) => name.startsWith(`${group} `))
      .map(({ name, summary }) => [name.slice(group.length + 1), summary] as const),
    ...Object.entries(others),
  ].sort(([a], [b]) => (a < b ? -1 : 1));

export const groups: ReadonlyMap<string, Group> = new Map(
  [
    {
      name: 'container',
      summary: 'Manage containers',
      commands: rows('container', { prune: 'Remove all stopped containers' }),
    },
    {
      name: 'image',
      summary: 'Manage images',
      commands: rows('image', {
        ...Object.fromEntries(
          ['build', 'import', 'load', 'pull', 'push'].map((name) => [name, known[name] ?? summaryOf(name)]),
        ),
        prune: 'Remove unused images',
      }),
    },
  ].map((group) => [group.name, group]),
);
