/**
 * `docker save`: images as one archive, layer tars and configs together (image/tarexport/save.go). They are laid out in a
 * temporary directory, which is then packed. What is laid out says core/image/save.ts.
 */
import { type SavedImage, type SavedMember, savedMembers } from '../../image/save.ts';
import { type Digest, type Flow, perform, StepError } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Image } from '../images.ts';
import { lookUpImage } from '../lookup.ts';
import { familiarName, repositoryOf } from '../reference.ts';
import { snapshotterOf } from '../storage.ts';
import type { Engine } from '../world.ts';

export function* saveImages(engine: Engine, given: readonly string[], to: string): Flow<void> {
  const wanted = findToSave(engine, given);
  const dir = `${engine.facts.dataRoot}/tmp/docker-export-${newId(engine.host).slice(0, 12)}`;
  try {
    yield* perform('make room for the archive’s parts', { op: 'mkdir', path: dir, mode: 0o700 });
    for (const member of savedMembers(wanted)) yield* layOut(engine, dir, member);
    yield* setTimes(dir, savedMembers(wanted));
    yield* perform('pack them into one archive', { op: 'archive', from: dir, to });
  } catch (error) {
    // Whose files were changed behind the engine's back is told so.
    if (error instanceof StepError && error.errno === 'EIO') throw new DockerError(error.message, 'system');
    const { op } = error instanceof StepError && error.errno === 'ENOENT' ? error.step : { op: undefined };
    if (op?.op === 'archive' && op.split !== undefined) {
      throw new DockerError(`open ${op.split.file}: no such file or directory`, 'system');
    }
    throw error;
  } finally {
    yield { title: 'remove the parts', op: { op: 'remove', path: dir }, quiet: true };
  }
}

/**
 * The images that these names mean, each once, with the names that go with it: a repository means all its tags, a tag that
 * one, an ID none.
 */
export function findToSave(engine: Engine, given: readonly string[]): readonly SavedImage[] {
  const { images } = engine.world;
  const wanted = new Map<Digest, Set<string>>();
  const want = (id: Digest, tag?: string): void => {
    const tags = wanted.get(id) ?? new Set();
    wanted.set(id, tag === undefined ? tags : tags.add(tag));
  };
  for (const text of given) {
    const name = familiarName(text);
    if (name === undefined) want(wholeId(engine, text).id);
    else if (!isTagged(text)) {
      const tags = Object.keys(images.tags).filter((tag) => repositoryOf(tag) === repositoryOf(name));
      for (const tag of tags.sort()) want(images.tags[tag]!, tag);
      if (tags.length === 0) want(byShortId(engine, text).id);
    } else if (repositoryOf(name) === 'sha256') want(byShortId(engine, text).id);
    else if (images.tags[name] === undefined) throw new DockerError('reference does not exist', 'notFound');
    else want(images.tags[name], name);
  }
  return [...wanted].map(([id, tags]) => {
    const { json, parent } = images.images[id]!;
    return { json, tags: [...tags], ...(parent === undefined ? {} : { parent }) };
  });
}

const isTagged = (text: string): boolean => text.lastIndexOf(':') > text.lastIndexOf('/');

function byShortId(engine: Engine, text: string): Image {
  const { images } = engine.world;
  const image = lookUpImage({ ...images, tags: {} }, text);
  if (image === undefined) throw new DockerError(`No such image: ${text}`, 'notFound');
  return image;
}

function wholeId(engine: Engine, text: string): Image {
  const id: Digest = `sha256:${text.replace('sha256:', '')}`;
  const image = engine.world.images.images[id];
  if (image !== undefined) return image;
  const file = `${engine.facts.dataRoot}/image/${snapshotterOf(engine).name}/imagedb/content/sha256/${id.slice(7)}`;
  throw new DockerError(`failed to get digest ${id}: open ${file}: no such file or directory`, 'system');
}

function* layOut(engine: Engine, dir: string, member: SavedMember): Flow<void> {
  const path = `${dir}/${member.path}`;
  switch (member.type) {
    case 'dir':
      yield* perform('make a directory for a layer', { op: 'mkdir', path, mode: 0o755 }, { quiet: true });
      return;
    case 'text':
      yield* perform('write it down', { op: 'writeFile', path, data: member.text, mode: 0o644 }, { quiet: true });
      return;
    case 'link':
      yield* perform('the layer is there already', { op: 'symlink', target: member.target, path }, { quiet: true });
      return;
    case 'layer': {
      const snapshotter = snapshotterOf(engine);
      const layer = engine.world.layers[member.layer.chainId]!;
      const split = { file: snapshotter.splitOf(layer), diffId: layer.diffId };
      yield* perform(
        `put the tar of layer ${layer.diffId.slice(7, 19)} together`,
        { op: 'archive', from: snapshotter.layerPath(layer), to: path, split },
        {
          why: 'Headers were kept when it was unpacked, contents are read from the layer: the same bytes, the same diffID.',
        },
      );
    }
  }
}

/** Last, because a directory's time changes with what is put into it. */
function* setTimes(dir: string, members: readonly SavedMember[]): Flow<void> {
  const times = new Map<number, string[]>();
  for (const { path, mtime } of members) {
    if (mtime !== undefined) times.set(mtime, [...(times.get(mtime) ?? []), `${dir}/${path}`]);
  }
  for (const [mtime, paths] of times) {
    yield* perform('say when they were made', { op: 'touch', paths, mtime }, { quiet: true });
  }
}
