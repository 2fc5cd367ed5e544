/**
 * `docker volume`: a volume is a directory of the host that belongs to no container and no layer (moby volume/local). Those
 * with options are a mount that is made over that directory while a container with the volume runs.
 */
import { type Flow, type NewEntry, perform, type TreeEntry } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { newId } from '../ids.ts';
import { type Volume, volumeData, volumesDir } from '../volumes.ts';
import type { Container, Engine } from '../world.ts';
import { without } from '../world.ts';
import type { Prunable, Pruned } from './prune.ts';

export interface VolumeWish {
  /** Empty: an anonymous one. */
  readonly name: string;
  readonly driver?: string;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly options: Readonly<Record<string, string>> | null;
}

export const noSuchVolume = (name: string): DockerError =>
  new DockerError(`No such volume: ${name}`, 'notFound', { type: 'volume', name });

export function findVolume(engine: Engine, name: string): Volume {
  const found = engine.world.volumes?.[name];
  if (found === undefined) throw noSuchVolume(name);
  return found;
}

/** By name, as a person counts: v2 before v10. */
export const listVolumes = (engine: Engine): readonly Volume[] =>
  Object.values(engine.world.volumes ?? {}).sort((a, b) => (naturalLess(a.name, b.name) ? -1 : 1));

/** Pieces of digits as numbers, all else letter by letter (fvbommel.com/go/sortorder). */
function naturalLess(a: string, b: string): boolean {
  const [one, other] = [pieces(a), pieces(b)];
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    const [x, y] = [one[at]!, other[at]!];
    if (x === y) continue;
    if (/^\d/.test(x) && /^\d/.test(y)) {
      const [n, m] = [x.replace(/^0+/, ''), y.replace(/^0+/, '')];
      if (n !== m) return n.length === m.length ? n < m : n.length < m.length;
      return x.length < y.length;
    }
    return x < y;
  }
  return one.length < other.length;
}

const pieces = (text: string): readonly string[] => text.match(/\d+|\D/g) ?? [];

/** Containers that it is, or will be, mounted in, oldest first. */
export const usersOf = (engine: Engine, name: string): readonly Container[] =>
  Object.values(engine.world.containers).filter(({ mounts }) => mounts?.some((point) => point.name === name) === true);

const knownOptions = { type: true, device: true, o: true, size: true } as Readonly<Record<string, true>>;
const needed: Readonly<Record<string, readonly string[]>> = {
  device: ['type'],
  type: ['device'],
  o: ['device', 'type'],
};

/** Refuses what volume/local does. */
function check({ name, driver, options }: VolumeWish): void {
  const refuse = (why: string, kind: 'invalid' | 'notFound' = 'invalid'): never => {
    throw new DockerError(`create ${name}: ${why}`, kind);
  };
  if (driver !== undefined && driver !== '' && driver !== 'local')
    refuse(`error looking up volume plugin ${driver}: plugin "${driver}" not found`, 'notFound');
  if (name.length === 1) refuse('volume name is too short, names should be at least two alphanumeric characters');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
    refuse(
      `${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  const given = options ?? {};
  for (const option of Object.keys(given))
    if (!knownOptions[option]) refuse(`invalid option: ${JSON.stringify(option)}`);
  for (const option of Object.keys(given))
    for (const other of needed[option] ?? [])
      if (!(other in given)) refuse(`missing required option: ${JSON.stringify(other)}`);
  if ('size' in given) refuse('quota size requested but no quota support');
}

/** Makes it, or finds the one of that name, which stays as it is. */
export function* createVolume(engine: Engine, wish: VolumeWish): Flow<Volume> {
  const known = engine.world.volumes?.[wish.name];
  if (known !== undefined && ['', 'local', undefined].includes(wish.driver)) return known;
  const { labels, options } = wish;
  const name = wish.name === '' ? newId(engine.host) : wish.name;
  check({ ...wish, name });
  const path = `${volumesDir(engine)}/${name}`;
  yield* perform(
    `make the directory of volume ${shortened(name)}`,
    {
      op: 'writeTree',
      path,
      mode: 0o701,
      entries: [{ path: '/_data', type: 'dir', mode: 0o755 }, ...optionsFile(options)],
    },
    { why: 'It lies beside the layers, not in one: it outlives every container.', undo: { op: 'remove', path } },
  );
  const volume: Volume = { name, created: engine.host.now(), labels, options };
  engine.world = { ...engine.world, volumes: { ...engine.world.volumes, [name]: volume } };
  return volume;
}

/** opts.json, from which the engine knows after a restart what to mount. */
function optionsFile(options: VolumeWish['options']): readonly NewEntry[] {
  if (options === null || Object.keys(options).length === 0) return [];
  const { type = '', o = '', device = '' } = options;
  const data = JSON.stringify({ MountType: type, MountOpts: o, MountDevice: device, Quota: { Size: 0 } });
  return [{ path: '/opts.json', type: 'file', mode: 0o600, data }];
}

/** An anonymous one's name is too long for a title. */
export const shortened = (name: string): string => (/^[0-9a-f]{64}$/.test(name) ? name.slice(0, 12) : name);

/** With `force` one that is not there is no error. */
export function* removeVolume(engine: Engine, name: string, force = false): Flow<void> {
  if (engine.world.volumes?.[name] === undefined && force) return;
  findVolume(engine, name);
  const users = usersOf(engine, name).map(({ id }) => id);
  if (users.length > 0) throw new DockerError(`remove ${name}: volume is in use - [${users.join(', ')}]`, 'conflict');
  yield* perform(
    `remove volume ${shortened(name)} with all that is in it`,
    { op: 'remove', path: `${volumesDir(engine)}/${name}` },
    { why: 'No container has it any more.' },
  );
  engine.world = { ...engine.world, volumes: without(engine.world.volumes ?? {}, name) };
}

/** All that no container has; those with options are kept (daemon/prune.go). */
export function* pruneVolumes(engine: Engine, labels: Prunable['labels']): Flow<Pruned<string>> {
  const removed: string[] = [];
  let reclaimed = 0;
  for (const { name, labels: own, options } of listVolumes(engine)) {
    if (usersOf(engine, name).length > 0 || Object.keys(options ?? {}).length > 0 || !labels(own ?? {})) continue;
    reclaimed += sizeOf(yield* volumeTree(engine, name));
    yield* removeVolume(engine, name);
    removed.push(name);
  }
  return { removed, reclaimed };
}

/** What is in a volume, as the host sees it. */
export const volumeTree = (engine: Engine, name: string): Flow<readonly TreeEntry[]> =>
  perform('look into the volume', { op: 'tree', path: volumeData(engine, name) }, { quiet: true });

/** Bytes of files and of the targets of links. */
const sizeOf = (entries: readonly TreeEntry[]): number =>
  entries.reduce((sum, { size, target }) => sum + size + (target?.length ?? 0), 0);
