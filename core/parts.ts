/**
 * The parts of the core that a page loads when a line needs them: applets and docker's verbs. In Node they are all there from
 * the start (parts-all.ts), and loading one does nothing.
 *
 * Kept true: a line carried out with parts loaded on the way gives what it gives with all of them there, because it begins
 * again from the same world: see PartNeeded.
 */
import { registerHandLooker } from './byhand/door.ts';
import { commandPartOf, registerCommands } from './cli/commands/catalogue.ts';
import { registerLimitFlags } from './cli/limit-door.ts';
import { plainDocker, registerClient, registerMixed } from './cli/line.ts';
import { registerMountFlags } from './cli/mount-door.ts';
import { registerNetworkFlags } from './cli/network-door.ts';
import { registerLiving } from './engine/living.ts';
import { registerNetworking } from './engine/networking.ts';
import { registerResources } from './engine/resources.ts';
import { registerMounts } from './engine/volumes.ts';
import type { PartName } from './errors.ts';
import { askedBy, registerExplainer } from './explain/line.ts';
import { registerReading } from './image/reading.ts';
import { registerCopies } from './kernel/copies.ts';
import { registerLimits } from './kernel/limits.ts';
import { registerKernel } from './kernel/more.ts';
import { registerTerminals } from './kernel/terminals.ts';
import { registerTelling } from './kernel/trace.ts';
import { register } from './programs/lib/registry.ts';
import { partOf } from './programs/parts/names.ts';
import { registerShell } from './shell-door.ts';
import { registerSnapshotters } from './snapshot/index.ts';
import { registerTrees } from './vfs/others.ts';

const loaders: Readonly<Record<PartName, () => Promise<void>>> = {
  archives: async () => registerReading((await import('./image/reading-all.ts')).archiveReading),
  explain: async () => registerExplainer((await import('./explain/answer.ts')).answer),
  files: async () => {
    const [{ filesPrograms }, { handMade }] = await Promise.all([
      import('./programs/parts/files.ts'),
      import('./byhand/look.ts'),
    ]);
    register(filesPrograms);
    registerHandLooker(handMade);
  },
  first: async () => {
    const [{ docker }, { firstCommands }, { allLiving }, { allLimits, allTerminals }, { firstPrograms }, { toShell }] =
      await Promise.all([
        import('./cli/docker.ts'),
        import('./cli/commands/parts/first.ts'),
        import('./engine/living-all.ts'),
        import('./kernel/limits-all.ts'),
        import('./programs/parts/first.ts'),
        import('./shell.ts'),
      ]);
    registerShell(toShell);
    registerClient(docker);
    registerCommands(firstCommands);
    registerLiving(allLiving);
    registerLimits(allLimits);
    registerTerminals(allTerminals);
    register(firstPrograms);
  },
  limits: async () => {
    const [{ limitValues }, { allResources }] = await Promise.all([
      import('./cli/limit-values.ts'),
      import('./engine/flows/resources.ts'),
    ]);
    registerLimitFlags(limitValues);
    registerResources(allResources);
  },
  host: async () => register((await import('./programs/parts/host.ts')).hostPrograms),
  shell: async () => {
    const [{ shellPrograms }, { runMixed }, { tell }] = await Promise.all([
      import('./programs/parts/shell.ts'),
      import('./cli/line/mixed.ts'),
      import('./kernel/telling.ts'),
    ]);
    registerTelling(tell);
    register(shellPrograms);
    registerMixed(runMixed);
  },
  storage: async () => {
    const [{ otherSnapshotters }, { allTrees }] = await Promise.all([
      import('./snapshot/others.ts'),
      import('./vfs/others-all.ts'),
    ]);
    registerSnapshotters(otherSnapshotters);
    registerTrees(allTrees);
  },
  networks: async () => {
    const [{ networksCommands }, { networkAsked }, networks] = await Promise.all([
      import('./cli/commands/parts/networks.ts'),
      import('./cli/network-values.ts'),
      import('./engine/networks/index.ts'),
    ]);
    registerCommands(networksCommands);
    registerNetworkFlags(networkAsked);
    registerNetworking(networks);
  },
  more: async () => register((await import('./programs/parts/more.ts')).morePrograms),
  spaces: async () => {
    const [{ spaces }, { spacesPrograms }, { handMade }] = await Promise.all([
      import('./kernel/spaces/index.ts'),
      import('./programs/parts/spaces.ts'),
      import('./byhand/look.ts'),
    ]);
    registerHandLooker(handMade);
    registerKernel(spaces);
    register(spacesPrograms);
  },
  text: async () => register((await import('./programs/parts/text.ts')).textPrograms),
  tables: async () => registerCommands((await import('./cli/commands/parts/tables.ts')).tablesCommands),
  volumes: async () => {
    const [{ volumesCommands }, { mountValues }, { allMounts }] = await Promise.all([
      import('./cli/commands/parts/volumes.ts'),
      import('./cli/mount-values.ts'),
      import('./engine/flows/mountpoints.ts'),
    ]);
    registerCommands(volumesCommands);
    registerMountFlags(mountValues);
    registerMounts(allMounts);
  },
  verbs: async () => {
    const [{ verbsCommands }, copies] = await Promise.all([
      import('./cli/commands/parts/verbs.ts'),
      import('./kernel/ops/copies.ts'),
    ]);
    registerCommands(verbsCommands);
    registerCopies(copies);
  },
};

export const partNames = Object.keys(loaders) as readonly PartName[];

const loading = new Map<PartName, Promise<void>>();

/** Loads a part, once; rejected when it cannot be had (no network), and tried again then at the next call. */
export function loadPart(part: PartName): Promise<void> {
  const known = loading.get(part);
  if (known !== undefined) return known;
  const fresh = loaders[part]();
  loading.set(part, fresh);
  fresh.catch(() => loading.delete(part));
  return fresh;
}

/**
 * The parts that a line names, so that they can be loaded before it is carried out. A guess that saves carrying it out twice:
 * scripts may need more, and then say so by PartNeeded.
 */
export function partsNamed(line: string): ReadonlySet<PartName> {
  if (askedBy(line) !== undefined) return new Set<PartName>(['explain']);
  const found = new Set<PartName>(['first']);
  const add = (part: PartName | undefined): void => void (part !== undefined && found.add(part));
  if (plainDocker(line) === undefined) found.add('shell');
  for (const [, call = ''] of line.matchAll(/\bdocker\s+((?:(?:container|image|network|volume)\s+)?[a-z]+)/g))
    add(commandPartOf.get(call.replace(/\s+/, ' ')));
  for (const [word] of line.replace(/\bdocker\s+\S+/g, '').matchAll(/[a-z0-9]+/g)) add(partOf.get(word));
  return found;
}
