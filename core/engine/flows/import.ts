/**
 * `docker import`: a tar becomes an image of one layer, without anything that a config could say but what `--change` gives it
 * (moby daemon/images/image_import.go).
 */
import { changedConfig } from '../../image/change.ts';
import { ChangeError } from '../../image/change-error.ts';
import { emptyRunConfig, imageJson } from '../../image/config.ts';
import { type Digest, type Flow, perform, StepError } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { imageFromJson, withTag } from '../images.ts';
import { goTime } from '../json.ts';
import { familiarName } from '../reference.ts';
import { atomically } from '../undo.ts';
import type { Engine } from '../world.ts';
import { writeMetadata, writeNames } from './imagefiles.ts';
import { keepImage, registerLayers, unpackError } from './register.ts';

export interface ImportOptions {
  /** `repository[:tag]` */
  readonly name?: string;
  readonly message?: string;
  /** Instructions of a Dockerfile that change the config. */
  readonly changes?: readonly string[];
}

/** `archive`: a file of the host. */
export function* importArchive(engine: Engine, archive: string, options: ImportOptions = {}): Flow<Digest> {
  const name = options.name === undefined || options.name === '' ? undefined : nameWithTag(options.name);
  const config = configWith(options.changes ?? []);
  return yield* atomically(engine, function* () {
    const diffId = yield* diffIdOf(archive);
    yield* registerLayers(engine, [diffId], function* () {
      return { file: archive };
    });
    const now = engine.host.now();
    const created = goTime(now);
    const comment = options.message || 'Imported from -';
    const json = imageJson({
      architecture: 'amd64',
      comment,
      config,
      container_config: emptyRunConfig,
      created,
      docker_version: '20.10.24+dfsg1',
      history: [{ created, comment }],
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [diffId] },
    });
    const image = imageFromJson(json);
    yield* keepImage(engine, image, name !== undefined);
    if (name !== undefined) yield* nameIt(engine, image.id, name, now);
    return image.id;
  });
}

function nameWithTag(given: string): string | undefined {
  if (given.includes('@')) throw new DockerError('cannot import digest reference', 'invalid');
  return familiarName(given);
}

function* diffIdOf(file: string): Flow<Digest> {
  try {
    const { diffId } = yield* perform(
      'hash the tar, decompressed',
      { op: 'digest', file },
      { why: 'The sha256 of this tar is the diffID of the layer that it becomes.' },
    );
    return diffId;
  } catch (error) {
    if (error instanceof StepError && (error.errno === 'EINVAL' || error.errno === 'EFBIG'))
      throw unpackError(error.message);
    throw error;
  }
}

function* nameIt(engine: Engine, id: Digest, name: string, now: number): Flow<void> {
  const before = engine.world.images;
  engine.world = { ...engine.world, images: withTag(before, name, id, now) };
  yield* writeMetadata(engine, engine.world.images.images[id]!, before.images[id]);
  yield* writeNames(engine, before.tags);
}

function configWith(changes: readonly string[]) {
  try {
    return changes.length === 0 ? emptyRunConfig : changedConfig(emptyRunConfig, changes);
  } catch (error) {
    if (error instanceof ChangeError) throw new DockerError(error.message, 'invalid');
    throw error;
  }
}
