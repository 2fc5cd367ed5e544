/**
 * What the signs of a picture mean: an entry for each that is really in it, with a sample drawn by the same rules.
 *
 * Kept true: nothing is explained that is not there; what is there and not written on itself is explained.
 */
import type { Mark } from '../scene.ts';
import type { BoxSign, Layout, LineSign, Link, PlacedNode } from './boxes.ts';
import { type Element, element, moveTo } from './element.ts';
import { boxClasses, boxShapes, markSigns } from './shapes.ts';

export interface LegendEntry {
  readonly words: string;
  /** Of the size `sample`. */
  readonly sample: Element;
}

export const sample = { w: 26, h: 16 } as const;

type Look = BoxSign[0];

const boxes: readonly BoxSign[] = [
  [{ kind: 'layer' }, 'read-only layer'],
  [{ kind: 'image', tone: 'read-only' }, 'image: a name for a layer and all below it'],
  [{ kind: 'image', tone: 'gone' }, 'image without a name'],
  [{ kind: 'init' }, 'init layer: files of the engine, never committed'],
  [{ kind: 'upper' }, 'read-write layer of a container'],
  [{ kind: 'union' }, 'union view: all layers seen from above'],
  [{ kind: 'container', tone: 'process' }, 'process space: it runs'],
  [{ kind: 'container', tone: 'frozen' }, 'frozen process space: paused'],
  [{ kind: 'path', tone: 'read-only' }, 'directory of a layer or an image'],
  [{ kind: 'path', tone: 'read-write' }, 'directory of a read-write layer'],
  [{ kind: 'path', tone: 'init' }, 'directory of an init layer'],
  [{ kind: 'path', tone: 'process' }, 'files about a container'],
  [{ kind: 'card', tone: 'process' }, 'container in short, with a process space'],
  [{ kind: 'card', tone: 'frozen' }, 'container in short, paused'],
  [{ kind: 'card', tone: 'plain' }, 'container in short, without a process'],
];

const lines: readonly LineSign[] = [
  ['parent', 'points to its parent layer'],
  ['up', 'points to its parent layer'],
  ['stands', 'stands on this layer'],
  ['seen', 'seen through the layers'],
  ['same', 'committed: the same content'],
];

const marks = [
  ['new', 'new by the last command'],
  ['changed', 'changed by the last command'],
  ['apart', 'differs from the other picture'],
] as const;

/** All signs of a picture, in an order that does not depend on it. */
export function legendOf({ nodes, links, own }: Pick<Layout, 'nodes' | 'links' | 'own'>): readonly LegendEntry[] {
  const is = (look: Look) => (node: PlacedNode) =>
    (Object.keys(look) as (keyof Look)[]).every((key) => node[key] === look[key]);
  const marked = marks.filter(([mark]) => nodes.some(is({ mark })));
  const gone = nodes.some(is({ kind: 'gone' }));
  return [
    ...(own?.boxes ?? boxes)
      .filter(([look]) => nodes.some(is(look)))
      .map(([look, words]) => ({ words, sample: boxSample(nodes.find(is(look))!) })),
    ...(own?.lines ?? lines)
      .filter(([kind]) => links.some((link) => link.kind === kind))
      .map(([kind, words]) => ({ words, sample: lineSample(kind) })),
    ...marked.map(([mark, words]) => ({ words, sample: markSample(mark) })),
    ...(gone ? [{ words: 'taken away by the last command', sample: goneSample() }] : []),
  ];
}

function boxSample({ kind, tone }: PlacedNode): Element {
  if (kind === 'path' || kind === 'device') return swatchSample(tone);
  return drawn({ key: 'sample', kind, tone, x: 0, y: 0, ...sample, labels: [], words: '' });
}

function swatchSample(tone: PlacedNode['tone']): Element {
  const swatch = element('rect', { class: 'swatch', x: 8, y: 3, width: 10, height: 10, rx: 2 });
  return element('g', { class: `tone-${tone}` }, swatch);
}

function drawn(node: PlacedNode): Element {
  return element('g', { class: boxClasses(node).join(' ') }, ...boxShapes(node));
}

function lineSample(kind: Link['kind']): Element {
  const arrow = kind === 'wire' ? {} : { 'marker-end': 'url(#picture-arrow)' };
  const path = element('path', { d: `M1 ${sample.h / 2} H${sample.w - 2}`, ...arrow });
  return element('g', { class: `link link-${kind}` }, path);
}

function markSample(mark: Mark): Element {
  const sign = element('text', { y: 4, 'text-anchor': 'middle' }, markSigns[mark][0]);
  return moveTo(sample.w / 2, sample.h / 2, element('g', { class: 'mark' }, element('circle', { r: 7 }), sign));
}

function goneSample(): Element {
  const text = element(
    'text',
    { x: sample.w / 2, y: 12, 'text-anchor': 'middle' },
    element('tspan', { class: 'label text-gone' }, '−'),
  );
  return element(
    'g',
    { class: 'box box-gone' },
    element('rect', { class: 'face', width: sample.w, height: sample.h, rx: 3 }),
    text,
  );
}
