/** A read-only layer by any of its names: diffID, chainID, the name of its directory (cache-id), its short link. */
import { humanSize } from '../cli/units.ts';
import { type Engine, tagsOf } from '../engine/index.ts';
import { snapshotterOf } from '../engine/storage.ts';
import { digestHex, digestOf, shortId } from '../image/digest.ts';
import { type Digest, type Flow, perform } from '../op.ts';
import type { Layer } from '../snapshot/snapshotter.ts';
import { type Explanation, facts, hashPart, type Part, text, tryIt } from './explanation.ts';

/** Which of the layer's names was asked for. */
export type LayerName = 'diffID' | 'chainID' | 'cache-id' | 'link';

export function* explainLayer(engine: Engine, subject: string, layer: Layer, name: LayerName): Flow<Explanation> {
  const path = snapshotterOf(engine).layerPath(layer);
  const images = Object.values(engine.world.images.images).filter(({ chain }) => chain.includes(layer.chainId));
  const containers = Object.values(engine.world.containers).filter((one) => one.layer.lower.includes(layer.chainId));
  return {
    subject,
    title: `${name} of a read-only layer (layer ${depthOf(engine, layer)} of its chain)`,
    parts: [
      ...(yield* origin[name](engine, layer)),
      facts(
        ['diffID', layer.diffId],
        ['chainID', layer.chainId],
        ['stands on', layer.parent ?? 'nothing: it is the lowest'],
        ['lies in', path],
        ['size', `${humanSize(layer.size)} of files and links`],
        ['in images', images.map(({ id }) => tagsOf(engine.world.images, id)[0] ?? shortId(id)).join(', ') || 'none'],
        ['under containers', containers.map((one) => one.name).join(', ') || 'none'],
      ),
      tryIt(`ls -la ${path}`, `cat ${recordOf(engine, layer)}/diff`),
    ],
  };
}

const recordOf = (engine: Engine, layer: Layer): string =>
  `${engine.facts.dataRoot}/image/overlay2/layerdb/sha256/${digestHex(layer.chainId)}`;

const origin: Readonly<Record<LayerName, (engine: Engine, layer: Layer) => Flow<readonly Part[]>>> = {
  diffID: fromTar,
  *chainID(_, layer) {
    return [
      text(
        'A chainID names a layer together with everything under it: the same changes on top of another image are another chain, and lie in a directory of their own.',
      ),
      ...chainHash(layer, parentOf(layer)),
    ];
  },
  *'cache-id'(engine, layer) {
    return [
      text(
        `The name of the directory in which the layer lies unpacked. It is random, made when the layer was unpacked, so two hosts never agree on it; ${recordOf(engine, layer)}/cache-id ties it to the chainID.`,
      ),
    ];
  },
  *link(engine, layer) {
    return [
      text(
        `A short second name of ${snapshotterOf(engine).layerPath(layer)}, 26 random letters and digits: a symbolic link in overlay2/l. The options of a mount have to fit into one page of memory (4,096 bytes), and with long names a stack of some thirty layers would not.`,
      ),
    ];
  },
};

function parentOf(layer: Layer): Digest | undefined {
  return layer.parent;
}

function chainHash(layer: Layer, parent: Digest | undefined): readonly Part[] {
  if (parent === undefined) {
    return [text('This is the lowest layer of its chain: its chainID is its diffID.')];
  }
  const input = `${parent} ${layer.diffId}`;
  return [
    hashPart('chainID of the layer below, a space, own diffID', input, digestOf(input), layer.chainId, {
      command: `printf '%s' '${input}' | sha256sum`,
    }),
  ];
}

/** Packs the layer again and hashes the tar: the tar itself is not kept. */
function* fromTar(engine: Engine, layer: Layer): Flow<readonly Part[]> {
  const to = `${engine.facts.dataRoot}/tmp/explain-${digestHex(layer.diffId).slice(0, 12)}.tar`;
  const from = snapshotterOf(engine).layerPath(layer);
  const packed = yield* perform('pack the layer again', { op: 'archive', from, to });
  yield* perform('remove the tar', { op: 'remove', path: to }, { quiet: true });
  const agrees = packed.diffId === layer.diffId;
  return [
    text(
      'A diffID is the sha256 of the layer as an uncompressed tar. What travels to and from a registry is usually compressed, and then its digest is another one. The engine does not keep the tar: it is packed again here.',
    ),
    {
      kind: 'hash',
      input: `tar of ${from}`,
      shown: '',
      digest: packed.diffId,
      agrees,
    },
    ...(agrees
      ? []
      : [
          text(
            'Packed again it is another tar (order, times and owners’ names of the first one are not in the directory).',
          ),
        ]),
  ];
}

function depthOf(engine: Engine, layer: Layer): number {
  return layer.parent === undefined ? 1 : 1 + depthOf(engine, engine.world.layers[layer.parent]!);
}
