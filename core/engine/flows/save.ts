/**
 * `docker save`: images as one archive, layer tars and configs together (image/tarexport/save.go). They are laid out in a
 * temporary directory, which is then packed.
 */
import { goJson } from '../../image/json.ts';
import { type Digest, type Flow, perform } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { newId } from '../ids.ts';
import { type Image, tagsOf } from '../images.ts';
import { lookUpImage } from '../lookup.ts';
import { familiarName } from '../reference.ts';
import type { Engine } from '../world.ts';
import { snapshotterOf } from './layers.ts';

export function* saveImages(engine: Engine, given: readonly string[], to: string): Flow<void> {
  const wanted = given.map((name) => findToSave(engine, name));
  const dir = `${engine.facts.dataRoot}/tmp/docker-export-${newId(engine.host).slice(0, 12)}`;
  try {
    yield* perform('make room for the archive’s parts', { op: 'mkdir', path: dir, mode: 0o700 });
    const layers = new Set(wanted.flatMap(({ image }) => image.chain));
    for (const chainId of layers) yield* packLayer(engine, dir, chainId);
    for (const { image } of wanted) yield* write(`${dir}/${image.id.slice(7)}.json`, image.json);
    yield* write(`${dir}/manifest.json`, goJson(wanted.map((one) => manifestOf(engine, one))));
    yield* perform('pack them into one archive', { op: 'exportTree', root: dir, to });
  } finally {
    yield { title: 'remove the parts', op: { op: 'remove', path: dir }, quiet: true };
  }
}

interface Wanted {
  readonly image: Image;
  readonly names: readonly string[];
}

/** With a name only that name is saved along, with an ID none. */
export function findToSave(engine: Engine, given: string): Wanted {
  const name = familiarName(given);
  const image = lookUpImage(engine.world.images, given, name);
  if (image === undefined) throw new DockerError(`No such image: ${given}`, 'notFound');
  const names = tagsOf(engine.world.images, image.id).filter((tag) => tag === name);
  return { image, names };
}

function* packLayer(engine: Engine, dir: string, chainId: Digest): Flow<void> {
  const layer = engine.world.layers[chainId]!;
  const at = `${dir}/${layer.diffId.slice(7)}`;
  yield* perform('make a directory for a layer', { op: 'mkdir', path: at, mode: 0o755 }, { quiet: true });
  const from = snapshotterOf(engine).layerPath(layer);
  yield* perform(`pack layer ${layer.diffId.slice(7, 19)}`, { op: 'archive', from, to: `${at}/layer.tar` });
}

function manifestOf(engine: Engine, { image, names }: Wanted): object {
  return {
    Config: `${image.id.slice(7)}.json`,
    RepoTags: names.length > 0 ? names : null,
    Layers: image.chain.map((chainId) => `${engine.world.layers[chainId]!.diffId.slice(7)}/layer.tar`),
  };
}

const write = (path: string, data: string): Flow<undefined> =>
  perform('write it down', { op: 'writeFile', path, data, mode: 0o644 }, { quiet: true });
