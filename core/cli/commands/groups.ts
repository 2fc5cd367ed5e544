/**
 * The lists of commands in the client's help: those that Cutaway carries out, and the names of those that it knows of only.
 * A list is made when it is asked for, because the summaries stand with the commands, in their parts.
 */
import type { Group } from '../help.ts';
import { allCommands } from './catalogue.ts';

/** Commands that the client has and that are not carried out here. */
const known: Readonly<Record<string, string>> = {
  build: 'Build an image from a Dockerfile',
  events: 'Get real time events from the server',
  login: 'Log in to a Docker registry',
  logout: 'Log out from a Docker registry',
  pull: 'Pull an image or a repository from a registry',
  push: 'Push an image or a repository to a registry',
  search: 'Search the Docker Hub for images',
};

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

/** The client has such a command, or such a group, and it is not carried out here. */
export const isKnownOnly = (name: string): boolean =>
  Object.hasOwn(known, name) || managementCommands.some(([group]) => group === name);

/** What `docker` alone lists under "Commands". Throws PartNeeded. */
export const topCommands = (): Group['commands'] => rows('', known);

/** Groups of which commands are carried out, each with those that are not. */
const groups: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  container: {},
  network: {},
  image: Object.fromEntries(['build', 'pull', 'push'].map((name) => [name, known[name]!])),
  volume: {},
};

export const isGroup = (name: string): boolean => Object.hasOwn(groups, name);

/** A group with its list. Throws PartNeeded. */
export function groupNamed(name: string): Group {
  const summary = managementCommands.find(([group]) => group === name)?.[1] ?? '';
  return { name, summary, commands: rows(`${name} `, groups[name] ?? {}) };
}

function rows(prefix: string, others: Readonly<Record<string, string>>): Group['commands'] {
  const specs = new Set(allCommands().values());
  const ours = [...specs].filter(({ name }) => name.startsWith(prefix) && name.includes(' ') === (prefix !== ''));
  return [
    ...ours.map(({ name, summary }) => [name.slice(prefix.length), summary] as const),
    ...Object.entries(others),
  ].sort(([a], [b]) => (a < b ? -1 : 1));
}
