/**
 * The engine's books on images, below image/<storage driver>/: imagedb/content (configs, named by the hash of their bytes),
 * imagedb/metadata (parent, time of the last tag), repositories.json (names).
 */
import { goJson } from '../../image/json.ts';
import { type Digest, type Flow, type Op, perform } from '../../op.ts';
import { compareNames } from '../../vfs/content.ts';
import type { Image } from '../images.ts';
import { goTime } from '../json.ts';
import { repositoryOf } from '../reference.ts';
import { snapshotterOf } from '../storage.ts';
import type { Engine } from '../world.ts';

/** image/<storage driver> */
export const imageHome = (engine: Engine): string => `${engine.facts.dataRoot}/image/${snapshotterOf(engine).name}`;
const content = (engine: Engine, id: Digest): string => `${imageHome(engine)}/imagedb/content/sha256/${id.slice(7)}`;
const metadata = (engine: Engine, id: Digest): string => `${imageHome(engine)}/imagedb/metadata/sha256/${id.slice(7)}`;

/** Where there is an entry of that name for each image. */
export const imageShelves = (engine: Engine): readonly string[] =>
  ['content', 'metadata'].map((kind) => `${imageHome(engine)}/imagedb/${kind}/sha256`);

export function* writeImage(engine: Engine, image: Image): Flow<void> {
  const path = content(engine, image.id);
  yield* perform(
    'write the image’s config',
    { op: 'writeFile', path, data: image.json, mode: 0o600 },
    { why: 'The sha256 of these bytes is the image ID.', undo: { op: 'remove', path } },
  );
  if (hasMetadata(image)) yield* writeMetadata(engine, image);
}

/** There is a directory for it: it was committed here, or was given a name here. */
const hasMetadata = (image: Image | undefined): boolean =>
  image?.parent !== undefined || image?.lastTagged !== undefined;

/** `before`: the image as it was known, when it was. */
export function* writeMetadata(engine: Engine, image: Image, before?: Image): Flow<void> {
  const dir = metadata(engine, image.id);
  yield* perform(
    'make the directory for what is not in the config',
    { op: 'mkdir', path: dir, mode: 0o700, parents: true },
    { quiet: true, ...(hasMetadata(before) ? {} : { undo: { op: 'remove', path: dir } }) },
  );
  if (image.parent !== undefined) yield* write(`${dir}/parent`, image.parent);
  if (image.lastTagged === undefined) return;
  const path = `${dir}/lastUpdated`;
  const undo: Op =
    before?.lastTagged === undefined
      ? { op: 'remove', path }
      : { op: 'writeFile', path, data: goTime(before.lastTagged) };
  yield* perform(
    'write down when it got a name',
    { op: 'writeFile', path, data: goTime(image.lastTagged), mode: 0o600 },
    { quiet: true, undo },
  );
}

/** `before`: the names as they were, to be written again when a later step fails. */
export function* writeNames(engine: Engine, before: Readonly<Record<string, Digest>>): Flow<void> {
  const path = `${imageHome(engine)}/repositories.json`;
  const file = (tags: Readonly<Record<string, Digest>>) =>
    ({ op: 'writeFile', path, data: repositories(tags), mode: 0o600 }) as const;
  yield* perform('write down which names point at which images', file(engine.world.images.tags), {
    undo: file(before),
  });
}

export function* forgetImage(engine: Engine, image: Image): Flow<void> {
  yield* perform('remove the image’s config', { op: 'remove', path: content(engine, image.id) });
  yield* perform(
    'remove what was known beside it',
    { op: 'remove', path: metadata(engine, image.id) },
    { quiet: true },
  );
}

const write = (path: string, data: string): Flow<undefined> =>
  perform('write it down', { op: 'writeFile', path, data, mode: 0o600 }, { quiet: true });

function repositories(tags: Readonly<Record<string, Digest>>): string {
  const all: Record<string, Record<string, Digest>> = {};
  for (const name of Object.keys(tags).sort(compareNames)) {
    const repository = repositoryOf(name);
    all[repository] = { ...all[repository], [name]: tags[name]! };
  }
  const sorted = Object.keys(all).sort(compareNames);
  return goJson({ Repositories: Object.fromEntries(sorted.map((repository) => [repository, all[repository]])) });
}
