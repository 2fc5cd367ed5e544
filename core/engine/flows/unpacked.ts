/**
 * The directory that an archive is unpacked into while it is loaded: <data root>/tmp/docker-import-NNN (image/tarexport).
 * Files in it are named by the archive, so every path is resolved inside of it, links included (pkg/symlink
 * FollowSymlinkInScope); what cannot be opened is refused in the daemon's words.
 */

import { goErrno } from '../../image/archive-error.ts';
import { archiveLimits } from '../../image/limits.ts';
import { type Digest, type Flow, type LayerSource, perform, StepError } from '../../op.ts';
import { DockerError } from '../errors.ts';
import type { Engine } from '../world.ts';
import { unpackError } from './register.ts';

/** Unpacks an archive of the host, gives the directory to `use`, and takes it away again, whatever came of it. */
export function* unpacked<R>(engine: Engine, archive: string, use: (dir: string) => Flow<R>): Flow<R> {
  const number = engine.host.random(4).reduce((value, byte) => value * 256 + byte, 0);
  const dir = `${engine.facts.dataRoot}/tmp/docker-import-${number}`;
  yield* perform('make room for the archive’s parts', { op: 'mkdir', path: dir, mode: 0o700 });
  try {
    yield* perform(
      'unpack the archive',
      { op: 'extract', archive, into: dir },
      { why: 'Configs and layers are looked at one by one before any of them gets into the store.' },
    );
    return yield* use(dir);
  } catch (error) {
    if (error instanceof StepError && error.step.op.op === 'extract') throw unpackError(error.message);
    throw error;
  } finally {
    yield { title: 'remove the parts', op: { op: 'remove', path: dir }, quiet: true };
  }
}

/** The whole text of a file in the directory. */
export function* readText(dir: string, name: string, what: string): Flow<string> {
  const path = within(dir, name);
  try {
    return yield* perform(`read ${what}`, {
      op: 'readFile',
      path: path.slice(dir.length) || '/',
      root: dir,
      max: archiveLimits.json,
    });
  } catch (error) {
    throw fileError(error, path, name);
  }
}

/** The same; undefined when there is none. */
export function* readTextIfAny(dir: string, name: string, what: string): Flow<string | undefined> {
  try {
    return yield* readText(dir, name, what);
  } catch (error) {
    if (error instanceof DockerError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

/** A layer's tar in the directory; that it can be opened is seen to. */
export function* layerIn(dir: string, name: string): Flow<LayerSource> {
  const path = within(dir, name);
  const source = { file: path.slice(dir.length) || '/', root: dir };
  try {
    // EFBIG: there is one, and it has content.
    yield* perform('look for the layer', { op: 'readFile', path: source.file, root: dir, max: 0 }, { quiet: true });
  } catch (error) {
    if (!(error instanceof StepError) || error.errno !== 'EFBIG') throw fileError(error, path, name);
  }
  return source;
}

/** What a blob is called, and how long it is. */
export function* digestIn(dir: string, name: string): Flow<{ digest: Digest; size: number; diffId: Digest }> {
  const path = within(dir, name);
  try {
    return yield* perform('hash a layer', { op: 'digest', file: path.slice(dir.length), root: dir });
  } catch (error) {
    throw fileError(error, path, name);
  }
}

/** The path by its text alone; a name that climbs out is refused. */
export function within(dir: string, name: string): string {
  const parts: string[] = [];
  for (const part of `${dir}/${name}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const path = `/${parts.join('/')}`;
  if (path === dir || path.startsWith(`${dir}/`)) return path;
  throw new DockerError(`evalSymlinksInScope: ${path} is not in ${dir}`, 'invalid');
}

function fileError(error: unknown, path: string, name: string): unknown {
  if (!(error instanceof StepError)) return error;
  const { errno, message } = error;
  if (errno === 'ELOOP') return new DockerError(`evalSymlinksInScope: too many links in ${path}`, 'invalid');
  if (errno === 'EISDIR') return new DockerError(`read ${path}: ${goErrno(errno)}`, 'system');
  if (errno === 'EFBIG') {
    const size = /\d+$/.exec(message)?.[0] ?? '?';
    const most = archiveLimits.json / 2 ** 20;
    if (error.step.op.op === 'digest') return unpackError(message);
    return new DockerError(`${name} is ${size} bytes long, more than the ${most} MiB that are read of it`, 'invalid');
  }
  if (errno === 'EINVAL') return unpackError(message);
  return new DockerError(`open ${path}: ${goErrno(errno)}`, errno === 'ENOENT' ? 'notFound' : 'system');
}
