/**
 * The stack as a text picture (P1): images as stacks of read-only layers, containers standing on them with their init and
 * read-write layer, the union view beside, and a process space around those that run.
 *
 * Kept true: double lines are what can be written, single lines what is read-only, heavy lines a process space, dotted ones
 * a frozen one; no process space is drawn around a container that has none; `+` and `*` mark what the last command made and
 * changed.
 */

import { shortId } from '../image/digest.ts';
import { handLines, idleWords, stateWords, upperTitle } from './hand.ts';
import {
  type Block,
  beside,
  cutMiddle,
  fit,
  frame,
  indent,
  type Line,
  line,
  lineWidth,
  type Span,
  span,
} from './layout.ts';
import { mountLines } from './mounts.ts';
import { fileName, gutter, madeBy, placeInDirectory, sizeText } from './parts.ts';
import {
  hasUnion,
  imageName,
  type Mark,
  type Scene,
  type SceneContainer,
  type SceneFile,
  type SceneImage,
  type SceneLayer,
  withHand,
} from './scene.ts';
import { unionBox } from './text-view.ts';
import { lowerWords } from './union.ts';

/** At most so many lines of files in a box. */
const maxFiles = 8;
/** Narrower than this the union view is drawn above its layers, not beside them. */
const besideFrom = 76;
/** When the last command touched no container, so many are still drawn in full. */
const maxDrawn = 2;
/** With more images than this, those that the last command left alone take one line each. */
const maxStacks = 4;
/** Longer lists of containers in one line each end in a count. */
const maxBrief = 10;

export function stackBlock(given: Scene, width: number): Block {
  const scene = withHand(given);
  const stacks = scene.images.filter((image) => isDrawn(scene, image));
  if (stacks.length === 0 && scene.containers.length === 0) return [line(span('no image, no container', 'dim'))];
  const seen = new Map<string, string>();
  const drawn = stacks.flatMap((image, i) => {
    const block = imageStack(scene, image, seen, width);
    for (const layer of image.layers) if (!seen.has(layer)) seen.set(layer, imageName(image));
    return i === 0 || block.length === 1 ? block : [line(), ...block];
  });
  const orphans = scene.containers.filter((container) => !scene.images.some((image) => image.id === container.imageId));
  return [...drawn, ...orphans.flatMap((container) => [line(), ...containerBlock(container, width)])];
}

/** An image has a stack of its own when containers stand on it, or when it is not just the lower part of another's. */
function isDrawn(scene: Scene, image: SceneImage): boolean {
  if (scene.containers.some((container) => container.imageId === image.id)) return true;
  const under = scene.images.some(
    (other) =>
      other !== image &&
      other.layers.length > image.layers.length &&
      image.layers.every((layer, i) => layer === other.layers[i]),
  );
  return image.tags.length > 0 || !under;
}

function imageStack(scene: Scene, image: SceneImage, seen: ReadonlyMap<string, string>, width: number): Block {
  const containers = scene.containers.filter((container) => container.imageId === image.id);
  const full = new Set(drawnInFull(scene));
  const blocks = containers.filter((container) => full.has(container)).flatMap((item) => containerBlock(item, width));
  const others = briefLines(containers.filter((container) => !full.has(container)));
  const foot = containers.length === 0 ? [] : [standsLine(containers.length)];
  if (containers.length === 0 && scene.images.length > maxStacks && !isTouched(scene, image))
    return [briefImage(scene, image)];
  return [...others, ...blocks, ...foot, ...indent(imageBlock(scene, image, seen, width - 2), 2)];
}

/** What the last command touched; when that is no container, all of them if they are few. */
function drawnInFull(scene: Scene): readonly SceneContainer[] {
  const touched = scene.containers.filter((container) => container.mark !== undefined || hasMarks(container));
  if (touched.length > 0) return touched;
  return scene.containers.length <= maxDrawn ? scene.containers : [];
}

function hasMarks(container: SceneContainer): boolean {
  return [...container.processes, ...container.upper, ...container.union.rows].some((item) => item.mark !== undefined);
}

function isTouched(scene: Scene, image: SceneImage): boolean {
  const layers = scene.layers.filter((layer) => image.layers.includes(layer.chainId));
  return image.mark !== undefined || layers.some((layer) => layer.mark !== undefined);
}

/** An image that nothing stands on and the last command left alone, in one line. */
function briefImage(scene: Scene, image: SceneImage): Line {
  const parent = scene.images.find((other) => other.id === image.parent);
  const origin = parent === undefined ? '' : ` on those of ${imageName(parent)}`;
  const count = `${image.layers.length} ${image.layers.length === 1 ? 'layer' : 'layers'}`;
  return line(
    span('  image ', 'dim'),
    span(cutMiddle(imageName(image), 40), 'bold'),
    span(` · ${shortId(image.id)} · ${count}${origin}`, 'read-only'),
  );
}

/** Those that run first, when there are too many. */
function briefLines(containers: readonly SceneContainer[]): Line[] {
  const picked =
    containers.length <= maxBrief
      ? containers
      : [...containers].sort((a, b) => Number(b.alive) - Number(a.alive)).slice(0, maxBrief - 1);
  const more = containers.length - picked.length;
  const rest = more === 0 ? [] : [line(span(`  … ${more} more containers`, 'dim'))];
  return [...containers.filter((container) => picked.includes(container)).map(briefLine), ...rest];
}

/** A container that the last command left alone, in one line. */
function briefLine(container: SceneContainer): Line {
  const { upper, sameAs, processes } = container;
  const files = upper.length === 0 ? 'empty' : `${upper.length} ${upper.length === 1 ? 'path' : 'paths'}`;
  const first = processes.find((process) => process.pid === 1);
  const runs = first === undefined ? '' : ` · PID 1 ${first.args.join(' ')}`;
  const same = sameAs === undefined ? '' : ` = layer ${sameAs.depth} of ${sameAs.image}`;
  return line(
    span(container.hand === undefined ? '  container ' : '  by hand ', 'dim'),
    span(cutMiddle(container.name, 40), 'bold'),
    ` · ${stateWords(container)}${runs} · `,
    span(`read-write layer: ${files}`, 'read-write'),
    span(same, 'read-only'),
  );
}

function standsLine(count: number): Line {
  const text =
    count === 1 ? 'stands on' : `${count === 2 ? 'both' : `all ${count}`} stand on the same layers: nothing is copied`;
  return line('     │ ', span(text, 'dim'));
}

function imageBlock(scene: Scene, image: SceneImage, seen: ReadonlyMap<string, string>, width: number): Block {
  const layers = image.layers.map((id) => scene.layers.find((layer) => layer.chainId === id)).filter(isThere);
  const names = image.tags.length === 0 ? '<none>' : image.tags.join(', ');
  const parent = scene.images.find((other) => other.id === image.parent);
  const origin = parent === undefined ? '' : ` · made from ${imageName(parent)}`;
  const title = line(
    ...titleMark(image.mark),
    span('image ', 'read-only'),
    span(names, 'bold'),
    span(` · ${shortId(image.id)}${origin}`, 'read-only'),
  );
  const boxWidth = Math.min(width, 72);
  const sections = layers.reverse().map((layer) => layerLines(layer, seen.get(layer.chainId), boxWidth - 4));
  const none = [[line(span('  no layers', 'dim'))]];
  return frame(
    { border: 'light', style: 'read-only', title, width: boxWidth },
    ...(sections.length > 0 ? sections : none),
  );
}

const isThere = <T>(item: T | undefined): item is T => item !== undefined;

/** In a title a mark takes room only when there is one. */
function titleMark(mark: Mark | undefined): Span[] {
  return mark === undefined ? [] : [gutter(mark)];
}

function layerLines(layer: SceneLayer, sharedWith: string | undefined, width: number): Block {
  const left = line(
    gutter(layer.mark),
    span(`layer ${layer.depth}`, 'bold'),
    span(' · read-only', 'read-only'),
    `  ${sizeText(layer.size)}`,
    span(`  ${layer.entries} ${layer.entries === 1 ? 'path' : 'paths'}`, 'dim'),
  );
  const right = span(shortId(layer.chainId), 'dim');
  if (sharedWith !== undefined) {
    const whose = span(` · the very layer of ${cutMiddle(sharedWith, 24)}, stored once`, 'read-only');
    return [ends(line(gutter(layer.mark), span(`layer ${layer.depth}`, 'bold'), whose), line(right), width)];
  }
  const made =
    layer.createdBy === ''
      ? []
      : [line('  ', span(cutMiddle(`made by: ${madeBy(layer.createdBy)}`, width - 2), 'dim'))];
  const parent = layer.parent === undefined ? 'no parent: the bottom' : `parent: ${shortId(layer.parent)}`;
  return [ends(left, line(right), width), ...made, line('  ', span(parent, 'dim'))];
}

/** Two lines in one, at both ends. */
function ends(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right);
  return room <= lineWidth(left) ? fit(left, width) : [...fit(left, room), ...right];
}

function containerBlock(container: SceneContainer, width: number): Block {
  const inner = width - 4;
  const body = hasUnion(container) ? stackAndUnion(container, inner) : [];
  const { name, hand } = container;
  const status = span(stateWords(container), container.statusMark === undefined ? 'plain' : 'mark');
  const what = hand === undefined ? ['container ', ` ${shortId(container.id)}`] : ['by hand ', ''];
  const head = [span(what[0]!, 'dim'), span(name, 'bold'), span(what[1]!, 'dim'), ' · ', status];
  if (!container.alive) {
    const never = container.status === 'created' ? 'never started' : 'no process';
    const why = hand === undefined ? never : idleWords(container);
    const idle = line(gutter(container.mark), ...head, span(` · ${why}`, 'dim'));
    return [idle, ...indent([...mountBlock(container), ...body], 2)];
  }
  const style = container.frozen ? 'frozen' : 'process';
  const title = line(
    ...titleMark(container.mark),
    ...head,
    span(container.frozen ? ' · process space, frozen' : ' · process space', style),
  );
  return frame(
    { border: container.frozen ? 'dashed' : 'heavy', style, title, width },
    processLines(container, inner),
    ...(body.length > 0 ? [body] : []),
  );
}

function processLines(container: SceneContainer, width: number): Block {
  const rows = container.processes.map((process) => {
    const host = span(`on the host: PID ${process.hostPid}`, 'dim');
    const what = line(
      gutter(process.mark),
      span(`PID ${process.pid}`, process.pid === 1 ? 'process' : 'plain'),
      `  ${process.args.join(' ')}`,
    );
    return lineWidth(what) + lineWidth([host]) + 2 <= width ? ends(what, [host], width) : fit(what, width);
  });
  return [...rows, ...namespaceLines(container), ...mountBlock(container)];
}

/** What lies over its union, a line each. */
const mountBlock = (container: SceneContainer): Block =>
  mountLines(container).map((text, n) => {
    const { mark, readonly } = container.mounts![n]!;
    return line(gutter(mark), span('mount ', 'dim'), span(text, readonly ? 'read-only' : 'read-write'));
  });

function namespaceLines(container: SceneContainer): Block {
  if (container.namespaces === undefined) return [];
  const kinds = Object.entries(container.namespaces);
  const own = kinds.filter(([, whose]) => whose === 'own').map(([kind]) => kind);
  const host = kinds.filter(([, whose]) => whose === 'host').map(([kind]) => kind);
  const joined = kinds
    .filter(([, whose]) => whose.startsWith('container:'))
    .map(([kind, whose]) => `${kind} of ${whose.slice(10)}`);
  const parts = [
    `own: ${own.join(' ') || 'none'}`,
    host.length > 0 ? `host's: ${host.join(' ')}` : '',
    joined.join(', '),
  ];
  const hand = handLines(container).filter((text) => text !== '');
  return [`namespaces ${parts.filter((part) => part !== '').join(' · ')}`, ...hand].map((text) =>
    line(span(`  ${text}`, 'dim')),
  );
}

function stackAndUnion(container: SceneContainer, width: number): Block {
  if (width + 4 < besideFrom) {
    return [
      ...unionBox(container, width),
      line(span('     ▲ seen through the layers, from above', 'union')),
      ...layerBoxes(container, width),
    ];
  }
  const arrow = ' ──▶ ';
  const left = Math.min(52, Math.floor((width - arrow.length) / 2));
  const boxes = layerBoxes(container, left);
  const arrows = boxes.map((_, i) => line(span(i === 1 ? arrow : ' '.repeat(arrow.length), 'union')));
  return beside(boxes, arrows, unionBox(container, Math.min(60, width - left - arrow.length)));
}

/** The two layers of the container's own: read-write above init. */
function layerBoxes(container: SceneContainer, width: number): Block {
  const files =
    container.upper.length === 0
      ? [line(span('  empty: nothing was written', 'dim'))]
      : fileLines(container.upper, width - 4);
  const { sameAs } = container;
  const copy = sameAs === undefined ? [] : [line(span(`  = layer ${sameAs.depth} of ${sameAs.image}`, 'read-only'))];
  const title = line(span(upperTitle(container), 'read-write'));
  const write = frame({ border: 'double', style: 'read-write', title, width }, [...files, ...copy]);
  const names = topLevel(container.init);
  if (container.hand?.lower.length === 0) return write;
  const below = container.hand === undefined ? 'init layer' : lowerWords(container.hand);
  const init = frame({ border: 'light', style: 'init', title: line(span(`${below} · read-only`, 'init')), width }, [
    line(span(`  ${names.join(' ')}`, 'dim')),
  ]);
  return [...write, ...init];
}

function topLevel(files: readonly SceneFile[]): string[] {
  return files
    .filter((file) => file.path.lastIndexOf('/') === 0)
    .map((file) => fileName(file.path.slice(1), file.type));
}

function fileLines(files: readonly SceneFile[], width: number): Block {
  const shown = files.length <= maxFiles ? files : pickFiles(files, maxFiles - 1);
  const rows = shown.map((file) => fileLine(file, width));
  return shown.length === files.length ? rows : [...rows, line(span(`  … ${files.length - shown.length} more`, 'dim'))];
}

/** What the last command touched, or else all; of a long directory only its first entries. */
function pickFiles(files: readonly SceneFile[], count: number): SceneFile[] {
  const marked = files.filter((file) => file.mark !== undefined);
  const wanted = marked.length > 0 ? marked : files;
  const place = placeInDirectory(wanted);
  const rank = (file: SceneFile): number => (file.type === 'whiteout' ? 0 : place.get(file)! < 3 ? 1 : 2);
  const picked = new Set([...wanted].sort((a, b) => rank(a) - rank(b)).slice(0, count));
  return files.filter((file) => picked.has(file));
}

function fileLine(file: SceneFile, width: number): Line {
  const letter = file.kind ?? (file.type === 'whiteout' ? 'D' : ' ');
  const note = file.type === 'whiteout' ? '  whiteout' : file.opaque ? '  opaque' : '';
  const style = file.mark === undefined ? 'plain' : 'mark';
  const name = cutMiddle(fileName(file.path, file.type), width - 4 - note.length);
  return line(gutter(file.mark), span(`${letter} `, 'read-write'), span(name, style), span(note, 'dim'));
}
