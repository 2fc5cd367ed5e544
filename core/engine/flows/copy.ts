/**
 * `docker cp` in both directions: what the client looks at and refuses (moby pkg/archive/copy.go, docker/cli container/cp.go),
 * then what the daemon does (daemon/archive.go). The container's own mounts and the files of its network are seen, those
 * that only its processes have (tmpfs, /proc, /dev) are not, whether it runs or not.
 */
import type { Errno } from '../../errors.ts';
import type { ContainerMount, Flow, Looked, Step } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { findContainer } from '../lookup.ts';
import { containerDir } from '../records.ts';
import { transit } from '../transit.ts';
import { hasMounts, mountWork } from '../volumes.ts';
import { type Container, type Engine, isAlive } from '../world.ts';
import { withView } from './process.ts';
import { userOf } from './user.ts';

/** What the client refuses by itself (pkg/archive/copy.go). */
export class CopyRefused extends DockerError {}

const refuse = (message: string): never => {
  throw new CopyRefused(message, 'invalid');
};

/** A root to copy from or into. */
interface View {
  readonly root: string;
  readonly mounts?: readonly ContainerMount[];
}

/** Lets `use` look into a container, with what is mounted there. */
function* withMounts<R>(engine: Engine, container: Container, use: (view: View) => Flow<R>): Flow<R> {
  return yield* withView(engine, container, function* (root) {
    const own = hasMounts(container) ? yield* mountWork().viewMounts(engine, container) : [];
    const mounts = [...own, ...filesOf(engine, container, own)];
    try {
      return yield* use(mounts.length === 0 ? { root } : { root, mounts });
    } finally {
      if (hasMounts(container) && !isAlive(container)) yield* mountWork().unmountVolumes(engine, container);
    }
  });
}

/** The files of its network, once it was started, where it has no others. */
function filesOf(engine: Engine, { id, hasBeenStarted }: Container, own: readonly ContainerMount[]): ContainerMount[] {
  if (!hasBeenStarted) return [];
  const records = containerDir(engine, id);
  return ['resolv.conf', 'hostname', 'hosts']
    .filter((file) => own.every(({ at }) => at !== `/etc/${file}`))
    .map((file) => ({ type: 'bind', source: `${records}/${file}`, at: `/etc/${file}`, options: ['rbind'] }));
}

const refusals: Readonly<Partial<Record<Errno, (to: string) => string>>> = {
  EISDIR: () => 'cannot copy directory',
  EINVAL: () => 'no such directory',
  EEXIST: (to) => `stat ${to}: not a directory`,
};

export interface CopyOutOptions {
  readonly followLink?: boolean;
  /** `to` becomes a tar. */
  readonly archive?: boolean;
}

/** `to` is a path of the host. */
export function* copyOut(
  engine: Engine,
  container: string,
  path: string,
  to: string,
  options: CopyOutOptions = {},
): Flow<void> {
  const found = findContainer(engine, container);
  yield* transit(engine, found.id, { type: 'EXPORT' }, container);
  yield* withMounts(engine, found, function* (view) {
    const { root, mounts = [] } = view;
    const outcome = yield {
      title: `copy ${path} out of the union view`,
      op: { op: 'copyOut', ...view, path, to, ...options },
    };
    if (outcome.ok) return;
    const mounting = hasMounts(found) ? mountWork().refusedView(outcome.message, root, mounts) : undefined;
    if (mounting !== undefined) throw new DockerError(mounting, 'system');
    // What the client unpacks into is its own: a conflict is said in the same words that the daemon has for one.
    if (outcome.message.startsWith('cannot overwrite')) refuse(outcome.message);
    const refused = refusals[outcome.errno];
    if (refused !== undefined) refuse(refused(to));
    // A link that leads out: the whole sentence is said where it was found.
    if (outcome.errno === 'EXDEV') refuse(outcome.message);
    if (outcome.errno === 'ENOTDIR')
      throw new DockerError(`lstat ${root}${yield* withoutLinks(view, path)}: not a directory`, 'system');
    if (outcome.errno === 'ENOENT') {
      const seen = options.followLink === true ? yield* lookIn(view, path) : undefined;
      throw new DockerError(`No such container:path: ${container}:${seen?.path ?? path}`, 'notFound');
    }
    throw new DockerError(outcome.message, 'system');
  });
}

/** All but the last name of a path by where its links lead (container.ResolvePath). */
function* withoutLinks(view: View, path: string): Flow<string> {
  const [, dir = '', name = ''] = /^(.*)\/([^/]*)$/.exec(path.startsWith('/') ? path : `/${path}`) ?? [];
  return dir === '' ? `/${name}` : `${(yield* lookIn(view, dir))?.path ?? dir}/${name}`;
}

export interface CopyInOptions {
  readonly followLink?: boolean;
  /** What is copied is an archive, to be unpacked. */
  readonly archive?: boolean;
  /** What is copied belongs to the container's user, where that is set. */
  readonly archiveMode?: boolean;
}

/** `from` is an absolute path of the host; `path` as it was typed. */
export function* copyIn(
  engine: Engine,
  container: string,
  from: string,
  path: string,
  options: CopyInOptions = {},
): Flow<void> {
  const target = yield* targetOf(engine, container, path);
  if (target.type === 'char' || target.type === 'block')
    refuse(`destination "${container}:${path}" must be a directory or a regular file: got a device`);
  if (options.archive === true) {
    if (target.type !== 'dir') refuse(`destination "${container}:${path}" must be a directory`);
    return yield* extract(engine, container, { from, into: target.path, archive: true }, options);
  }
  const source = yield* sourceOf(from, options.followLink === true);
  const place = placeFor(source, target);
  yield* extract(engine, container, { from: source.path, ...place }, options);
}

interface Target {
  /** Absent: nothing is there, or it cannot be looked at. */
  readonly type?: Looked['type'];
  readonly path: string;
}

/** What the copy is to go to; a link is followed once, by where it leads to in the end. */
function* targetOf(engine: Engine, container: string, path: string): Flow<Target> {
  const found = engine.world.containers[idOf(engine, container) ?? ''];
  if (found === undefined || path === '') return { path };
  return yield* withMounts(engine, found, function* (view): Flow<Target> {
    const seen = yield* lookIn(view, path);
    if (seen === undefined) return { path };
    if (seen.type !== 'symlink') return { type: seen.type, path };
    const led = yield* lookIn(view, seen.path);
    return led === undefined ? { path: seen.path } : { type: led.type, path: seen.path };
  });
}

function idOf(engine: Engine, container: string): string | undefined {
  try {
    return findContainer(engine, container).id;
  } catch (error) {
    if (error instanceof DockerError) return undefined;
    throw error;
  }
}

/** Undefined: nothing is there, or it cannot be looked at. What ends in a slash is followed, and must be a directory. */
function* lookIn(view: View, path: string): Flow<Looked | undefined> {
  const whole = path.startsWith('/') ? path : `/${path}`;
  const step: Step = { title: `look at ${path}`, op: { op: 'lookIn', ...view, path: whole }, quiet: true };
  const outcome = yield step;
  return outcome.ok ? (outcome.value as Looked) : undefined;
}

interface Source {
  readonly path: string;
  readonly isDir: boolean;
  /** What the copy is called in a directory; '' for the contents of one. */
  readonly name: string;
}

const host: View = { root: '/' };
const baseOf = (path: string): string => path.replace(/\/+$/, '').replace(/^.*\//, '');
const endsAsDir = (path: string): boolean => path === '' || /(^|\/)\.?$/.test(path);

function* sourceOf(from: string, followLink: boolean): Flow<Source> {
  const step: Step = { title: `look at ${from}`, op: { op: 'lookIn', ...host, path: from }, quiet: true };
  const outcome = yield step;
  if (!outcome.ok) {
    if (outcome.errno === 'ENOTDIR') refuse('not a directory');
    refuse(`lstat ${outcome.errno === 'ENOENT' ? yield* missing(from) : from}: ${outcome.message.toLowerCase()}`);
  }
  const seen = (outcome.ok ? outcome.value : undefined) as Looked;
  const name = /(^|\/)\.$/.test(from) ? '' : baseOf(from);
  if (seen.type !== 'symlink' || !followLink) return { path: from, isDir: seen.type === 'dir', name };
  const led = yield* lookIn(host, seen.path);
  if (led === undefined) return refuse(`lstat ${yield* missing(seen.path)}: no such file or directory`);
  return { path: seen.path, isDir: led.type === 'dir', name };
}

/** The first name on a way that leads to nothing. */
function* missing(path: string): Flow<string> {
  let at = '';
  for (const name of path.split('/').filter((part) => part !== '')) {
    at += `/${name}`;
    if ((yield* lookIn(host, at)) === undefined) return at;
  }
  return path;
}

interface Place {
  readonly into: string;
  readonly name?: string;
}

/** PrepareArchiveCopy of moby pkg/archive. */
function placeFor(source: Source, target: Target): Place {
  const { type, path } = target;
  if (type === 'dir') return source.name === '' ? { into: path } : { into: path, name: source.name };
  if (type !== undefined && source.isDir) refuse('cannot copy directory');
  if (type === undefined && !source.isDir && endsAsDir(path)) refuse('no such directory');
  const whole = (path.startsWith('/') ? path : `/${path}`).replace(/(?<=.)(\/\.?)+$/, '');
  const into = whole.replace(/\/[^/]*$/, '');
  return { into: path.startsWith('/') ? into || '/' : into.slice(1), name: baseOf(whole) };
}

interface Extraction extends Place {
  readonly from: string;
  readonly archive?: true;
}

/** The daemon's part: looks where that leads to, whether it may be written, and unpacks. */
function* extract(engine: Engine, container: string, what: Extraction, options: CopyInOptions): Flow<void> {
  const { from, into, name, archive } = what;
  const absent = (): never => {
    throw new DockerError(`No such container:path: ${container}:${into}`, 'notFound');
  };
  const id = idOf(engine, container);
  const found = id === undefined ? absent() : engine.world.containers[id]!;
  yield* transit(engine, found.id, { type: 'EXPORT' }, container);
  yield* withMounts(engine, found, function* (view) {
    const whole = into.startsWith('/') ? into : `/${into}`;
    const seen = (yield* lookIn(view, whole)) ?? absent();
    const real = seen.type === 'symlink' ? ((yield* lookIn(view, seen.path)) ?? absent()) : seen;
    if (real.type !== 'dir') throw new DockerError('extraction point is not a directory', 'invalid');
    demandWritable(found, real.path);
    const mine = options.archiveMode === true && found.config.User !== '';
    const owner = mine ? { owner: (yield* userOf(found.config.User, view.root)).user } : {};
    const outcome = yield {
      title: archive === true ? `unpack the archive in ${into}` : `copy ${baseOf(from)} into ${into}`,
      op: {
        op: 'copyIn',
        ...view,
        from,
        into: real.path,
        ...(archive === true ? { archive } : {}),
        ...(name === undefined ? {} : { name }),
        ...owner,
      },
      why: 'The client sends an archive, which the engine unpacks in the view of the container, with its volumes in place.',
    } satisfies Step;
    if (outcome.ok) return;
    const mounting = hasMounts(found)
      ? mountWork().refusedView(outcome.message, view.root, view.mounts ?? [])
      : undefined;
    if (mounting !== undefined) throw new DockerError(mounting, 'system');
    throw new DockerError(`Error processing tar file(exit status 1): ${outcome.message}`, 'system');
  });
}

/** daemon/archive_unix.go checkIfPathIsInAVolume. */
function demandWritable({ mounts = [], hostConfig }: Container, path: string): void {
  const holding = mounts.filter(({ type, at }) => type !== 'tmpfs' && (path === at || path.startsWith(`${at}/`)));
  if (holding.some(({ writable }) => !writable) && !holding.some(({ writable }) => writable))
    throw new DockerError('mounted volume is marked read-only', 'invalid');
  if (holding.length === 0 && hostConfig.ReadonlyRootfs === true)
    throw new DockerError('container rootfs is marked read-only', 'invalid');
}
