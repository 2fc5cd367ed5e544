/**
 * All commands of the client by what is typed after `docker`, management forms (`docker container ls`) and aliases included,
 * and the part that each is in, with which it is loaded (core/parts.ts).
 *
 * Kept true: a command whose part is not there yet is asked for by PartNeeded, never taken for one that does not exist.
 */
import { type PartName, PartNeeded } from '../../errors.ts';
import type { CommandSpec } from '../spec.ts';

type CommandPart = Extract<PartName, 'first' | 'networks' | 'tables' | 'verbs' | 'volumes'>;

/** Verbs of containers are typed with `container` before them as well. */
const ofContainers: Readonly<Partial<Record<CommandPart, string>>> = {
  first: 'create kill pause rm run start stop unpause',
  tables: 'inspect list ls ps stats top',
  verbs: 'attach commit cp diff exec export logs port prune rename restart update wait',
};
const ofImages: Readonly<Partial<Record<CommandPart, string>>> = {
  tables: 'history inspect list ls',
  verbs: 'import load prune remove rm rmi save tag',
};
const ofVolumes: Readonly<Partial<Record<CommandPart, string>>> = {
  volumes: 'create inspect list ls prune remove rm',
};
const ofNetworks: Readonly<Partial<Record<CommandPart, string>>> = {
  networks: 'connect create disconnect inspect list ls prune remove rm',
};
const alone: Readonly<Partial<Record<CommandPart, string>>> = {
  first: 'create kill pause rm run start stop unpause',
  tables: 'history images info inspect ps stats top version',
  verbs: 'attach commit cp diff exec export import load logs port rename restart rmi save tag update wait',
};

const groups = {
  'container ': ofContainers,
  'image ': ofImages,
  'network ': ofNetworks,
  'volume ': ofVolumes,
  '': alone,
} as const;

const namesIn = (part: CommandPart): readonly string[] =>
  Object.entries(groups).flatMap(([prefix, names]) => names[part]?.split(' ').map((name) => prefix + name) ?? []);

const parts: readonly CommandPart[] = ['first', 'networks', 'tables', 'verbs', 'volumes'];

/** The part that has to be loaded for a command. */
export const commandPartOf: ReadonlyMap<string, PartName> = new Map(
  parts.flatMap((part) => namesIn(part).map((name) => [name, part] as const)),
);

const loaded = new Map<string, CommandSpec>();

export function registerCommands(specs: readonly CommandSpec[]): void {
  for (const spec of specs) for (const name of namesOf(spec)) loaded.set(name, spec);
}

/** What is typed for a command: its name, and its aliases in the same group. */
function namesOf(spec: CommandSpec): string[] {
  const group = spec.name.includes(' ') ? `${spec.name.split(' ')[0]} ` : '';
  return [spec.name, ...(spec.aliases ?? []).map((alias) => group + alias)];
}

/** The command of a name; undefined: there is none, or it is not carried out here. Throws PartNeeded. */
export function commandNamed(name: string): CommandSpec | undefined {
  const found = loaded.get(name);
  const part = found === undefined ? commandPartOf.get(name) : undefined;
  if (part !== undefined) throw new PartNeeded(part);
  return found;
}

/** All of them by what is typed, aliases included, in the order of the names. Throws PartNeeded until every part is there. */
export function allCommands(): ReadonlyMap<string, CommandSpec> {
  for (const name of commandPartOf.keys()) commandNamed(name);
  return new Map([...loaded].sort(([a], [b]) => (a < b ? -1 : 1)));
}
