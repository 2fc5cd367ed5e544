/**
 * Goals about images: which layers they are made of, what lies in one of them, what they share.
 */
import type { ImageFacts, Observation } from '../../observation.ts';
import { plural } from './container.ts';
import { form } from './form.ts';
import { imageNamed, withImage } from './look.ts';
import { command, count, image, path } from './slot.ts';

const are = (n: number): string => (n === 1 ? 'is' : 'are');

/** How many layers two images have in common, from the bottom. */
function shared(a: ImageFacts, b: ImageFacts): number {
  const apart = a.layers.findIndex((layer, i) => b.layers[i]?.chainId !== layer.chainId);
  return apart < 0 ? a.layers.length : apart;
}

/** What lies at a path in one layer of an image, or why that cannot be said. */
function inLayer(
  observation: Observation,
  goal: { readonly image: string; readonly layer: number; readonly path: string },
  wanted: 'entry' | 'whiteout',
): string | undefined {
  return withImage(observation, goal.image, ({ layers }) => {
    const layer = layers[goal.layer - 1];
    if (layer === undefined) return `image ${goal.image} has only ${plural(layers.length, 'layer')}`;
    const entry = (observation.layers[layer.chainId] ?? []).find((one) => one.path === goal.path);
    const where = `layer ${goal.layer} of image ${goal.image}`;
    if (entry === undefined) return `${where} holds no ${goal.path}`;
    const isWhiteout = entry.type === 'whiteout';
    if (isWhiteout === (wanted === 'whiteout')) return undefined;
    return isWhiteout ? `${where} holds only a whiteout for ${goal.path}` : `${where} holds ${goal.path} itself`;
  });
}

export const imageForms = [
  form('imageExists', 'image <image> exists', { image }, (goal, observation) =>
    withImage(observation, goal.image, () => undefined),
  ),
  form('imageMissing', 'image <image> is missing', { image }, (goal, observation) =>
    imageNamed(observation, goal.image) === undefined ? undefined : `image ${goal.image} is still there`,
  ),
  form('images', 'there {are|is} <number> {images|image}', { number: count }, (goal, { images }) =>
    images.length === goal.number
      ? undefined
      : `there ${are(images.length)} ${plural(images.length, 'image')}, not ${goal.number}`,
  ),
  form('layers', 'image <image> has <number> {layers|layer}', { image, number: count }, (goal, observation) =>
    withImage(observation, goal.image, ({ layers }) =>
      layers.length === goal.number
        ? undefined
        : `image ${goal.image} has ${plural(layers.length, 'layer')}, not ${goal.number}`,
    ),
  ),
  form('standsOn', 'image <image> stands on image <below>', { image, below: image }, (goal, observation) =>
    withImage(observation, goal.image, (top) =>
      withImage(observation, goal.below, (below) =>
        shared(below, top) === below.layers.length && top.layers.length > below.layers.length
          ? undefined
          : `image ${goal.image} does not stand on image ${goal.below}`,
      ),
    ),
  ),
  form(
    'shares',
    'image <image> shares <number> {layers|layer} with image <other>',
    { image, number: count, other: image },
    (goal, observation) =>
      withImage(observation, goal.image, (one) =>
        withImage(observation, goal.other, (other) => {
          const found = shared(one, other);
          return found === goal.number
            ? undefined
            : `images ${goal.image} and ${goal.other} share ${plural(found, 'layer')}, not ${goal.number}`;
        }),
      ),
  ),
  form('holds', 'layer <layer> of image <image> holds <path>', { layer: count, image, path }, (goal, observation) =>
    inLayer(observation, goal, 'entry'),
  ),
  form(
    'holdsWhiteout',
    'layer <layer> of image <image> holds a whiteout for <path>',
    { layer: count, image, path },
    (goal, observation) => inLayer(observation, goal, 'whiteout'),
  ),
  form('command', 'image <image> starts <command>', { image, command }, (goal, observation) =>
    withImage(observation, goal.image, ({ cmd }) =>
      cmd.join(' ') === goal.command ? undefined : `image ${goal.image} starts ${cmd.join(' ') || 'nothing'}`,
    ),
  ),
] as const;
