/** An image: its ID is the sha256 of its config, which names its layers by diffID (OCI image spec, config.md). */

import { humanSize } from '../cli/units.ts';
import { madeBy } from '../diagram/parts.ts';
import { type Engine, type Image, tagsOf } from '../engine/index.ts';
import { digestHex, digestOf, shortId } from '../image/digest.ts';
import { type Flow, perform } from '../op.ts';
import { type Explanation, facts, hashPart, table, text, tryIt } from './explanation.ts';

export function* explainImage(engine: Engine, subject: string, image: Image): Flow<Explanation> {
  const tags = tagsOf(engine.world.images, image.id);
  const path = `${engine.facts.dataRoot}/image/overlay2/imagedb/content/sha256/${digestHex(image.id)}`;
  const json = yield* perform('read the image’s config', { op: 'readFile', path });
  const users = Object.values(engine.world.containers).filter(({ imageId }) => imageId === image.id);
  return {
    subject,
    title: `image ${tags[0] ?? '<none>'}, ID ${shortId(image.id)}`,
    parts: [
      text(
        'An image ID is the sha256 of the image’s config: a JSON text that says what to run, how the image came about, and which layers it has. One byte changed in it gives another image.',
      ),
      hashPart(path, json, digestOf(json), image.id, { command: `sha256sum ${path}` }),
      facts(
        ['names', tags.join(', ') || 'none: a dangling image, or one that only others stand on'],
        ['made from', image.parent === undefined ? undefined : `${nameOf(engine, image.parent)} (docker commit)`],
        ['containers', users.map(({ name }) => name).join(', ') || 'none'],
      ),
      text(
        'Its layers, bottom first. A diffID is the sha256 of one layer’s tar; a chainID names a layer together with all layers under it, and is where the engine keeps it.',
      ),
      table(['layer', 'diffID', 'chainID', 'size', 'made by'], layerRows(engine, image)),
      tryIt(`docker history --no-trunc ${tags[0] ?? shortId(image.id)}`, `cutaway explain ${image.chain.at(-1) ?? ''}`),
    ],
  };
}

function layerRows(engine: Engine, image: Image): string[][] {
  const made = (image.config.history ?? []).filter((entry) => entry.empty_layer !== true);
  return image.chain.map((chainId, n) => {
    const layer = engine.world.layers[chainId]!;
    return [
      String(n + 1),
      shortId(layer.diffId),
      shortId(chainId),
      humanSize(layer.size, 3),
      madeBy(made[n]?.created_by ?? ''),
    ];
  });
}

export function nameOf(engine: Engine, id: Image['id']): string {
  return tagsOf(engine.world.images, id)[0] ?? shortId(id);
}
