/**
 * The Observation of this engine's host: what the engine knows, and beside it what was read back from the host by queries.
 * Pictures and comparisons see nothing else.
 */
import type { ContainerFacts, ImageFacts, LayerFacts, Observation } from '../observation.ts';
import type { Digest, Flow, OpResults } from '../op.ts';
import { type Image, tagsOf } from './images.ts';
import { type LayerTrees, living } from './living.ts';
import { layerTree } from './storage.ts';
import { storeFacts } from './store.ts';
import { mountWork } from './volumes.ts';
import type { Engine } from './world.ts';

export function* observe(engine: Engine): Flow<Observation> {
  const { images, containers } = engine.world;
  const layers: LayerTrees = {};
  for (const chainId of usedLayers(engine)) layers[chainId] = yield* layerTree(engine, chainId);
  const observed: ContainerFacts[] = [];
  for (const container of Object.values(containers)) observed.push(yield* living().facts(engine, container, layers));
  return {
    images: Object.values(images.images).map((image) => imageFacts(engine, image)),
    containers: observed,
    layers,
    ...(engine.facts.rootless === 'one' ? { owners: 'one' as const } : {}),
    ...(engine.world.volumes === undefined ? {} : yield* mountWork().volumeFacts(engine)),
    ...(yield* storeFacts(engine.facts.dataRoot)),
    ...(yield* netSpaces()),
    ...networksOf(engine),
  };
}

function* netSpaces(): Flow<Pick<Observation, 'netSpaces'>> {
  const seen = yield { title: 'look at the network namespaces', op: { op: 'netSpaces' }, quiet: true };
  const all = seen.ok ? (seen.value as OpResults['netSpaces']) : [];
  return all.length === 0 ? {} : { netSpaces: all };
}

function networksOf(engine: Engine): Pick<Observation, 'networks'> {
  const { networks: own, containers } = engine.world;
  // Whoever has none of either has not needed the code that tells of them.
  const any = own !== undefined || Object.keys(containers).length > 0;
  const networks = any && engine.facts.bridge === true ? living().networkFacts(engine) : [];
  return networks.length === 0 ? {} : { networks };
}

function usedLayers(engine: Engine): Set<Digest> {
  const { images, containers } = engine.world;
  const used = new Set(Object.values(images.images).flatMap(({ chain }) => chain));
  for (const { layer } of Object.values(containers)) for (const chainId of layer.lower) used.add(chainId);
  return used;
}

function imageFacts(engine: Engine, image: Image): ImageFacts {
  const made = (image.config.history ?? []).filter((entry) => entry.empty_layer !== true);
  const layers = image.chain.map((chainId, index): LayerFacts => {
    const layer = engine.world.layers[chainId]!;
    return { diffId: layer.diffId, chainId, size: layer.size, createdBy: made[index]?.created_by ?? '' };
  });
  return {
    id: image.id,
    tags: [...tagsOf(engine.world.images, image.id)].sort(),
    ...(image.parent === undefined ? {} : { parent: image.parent }),
    layers,
    cmd: image.config.config?.Cmd ?? [],
  };
}
