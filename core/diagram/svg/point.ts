/**
 * Pointing at things in a picture: what a point lights, what it shows to be hidden, and the sentence that says so.
 *
 * Kept true: all of it follows from the scene; a point at something that is gone lights nothing.
 */
import { imageName, type Scene, type SceneContainer, type SceneUnionRow, withHand } from '../scene.ts';
import { ownerWords, type StoreOwner, sameOwner, shortened } from '../store.ts';
import { lowerWords } from '../union.ts';
import { keys } from './keys.ts';
import { rowWords, upperWords } from './words.ts';

export type Point =
  | { readonly kind: 'path'; readonly container: string; readonly path: string }
  | { readonly kind: 'layer'; readonly chainId: string }
  | { readonly kind: 'own'; readonly container: string; readonly which: 'upper' | 'init' }
  | { readonly kind: 'image'; readonly id: string }
  /** A directory of the engine's, below its data root. */
  | { readonly kind: 'store'; readonly path: string }
  /** A namespace, device or rule of the network picture, by the key of its box. */
  | { readonly kind: 'net'; readonly key: string }
  | { readonly kind: 'container'; readonly container: string };

export interface Lit {
  /** Keys of boxes that the point lights. */
  readonly lit: ReadonlySet<string>;
  /** Keys of boxes that hold something which is hidden. */
  readonly hidden: ReadonlySet<string>;
  /** Key of the row of the union view that is pointed at. */
  readonly row?: string;
  /** What the point says, in words; empty when it lights nothing. */
  readonly words: string;
}

const nothing: Lit = { lit: new Set(), hidden: new Set(), words: '' };

export function samePoint(a: Point | undefined, b: Point | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function lightOf(seen: Scene, point: Point | undefined): Lit {
  if (point === undefined || point.kind === 'net') return nothing;
  const scene = withHand(seen);
  if (point.kind === 'layer') return lightLayer(scene, point.chainId);
  if (point.kind === 'image') return lightImage(scene, point.id);
  if (point.kind === 'store') return lightStore(scene, point.path);
  const container = scene.containers.find((item) => item.id === point.container);
  if (container === undefined) return nothing;
  if (point.kind === 'own') return lightOwn(container, point.which);
  if (point.kind === 'container') return lightContainer(scene, container);
  const row = container.union.rows.find((item) => item.path === point.path);
  return row === undefined ? nothing : lightRow(container, row);
}

function lightImage(scene: Scene, id: string): Lit {
  const image = scene.images.find((item) => item.id === id);
  if (image === undefined) return nothing;
  const on = scene.containers.filter((container) => container.imageId === id);
  const layers = image.layers.length === 1 ? 'one layer' : `${image.layers.length} layers`;
  const users = on.length === 0 ? 'no container stands on it' : `${listed(on.map(({ name }) => name))} on it`;
  return {
    lit: new Set([
      keys.image(id),
      ...image.layers.map(keys.layer),
      ...on.map((item) => keys.card(item.id)),
      ...pathsOf(scene, (owner) => owner.kind === 'image' && owner.id === id),
    ]),
    hidden: new Set(),
    words: `Image ${imageName(image)} is the union view of ${layers}; ${users}.`,
  };
}

/** A directory lights whose it is, and what else is of the same. */
function lightStore(scene: Scene, path: string): Lit {
  const row = scene.store?.rows.find((item) => item.path === path);
  if (row?.owner === undefined) return nothing;
  const { owner } = row;
  const others = (scene.store?.rows ?? []).filter((item) => sameOwner(item.owner, owner));
  const words = `${scene.store?.root}${shortened(path)}: ${ownerWords(scene, row)}.`;
  return {
    lit: new Set([...boxesOf(owner), ...others.map((item) => keys.path(item.path))]),
    hidden: new Set(),
    row: keys.path(path),
    words,
  };
}

function boxesOf(owner: StoreOwner): string[] {
  if (owner.kind === 'layer') return [keys.layer(owner.chainId)];
  if (owner.kind === 'image') return [keys.image(owner.id)];
  const own = owner.part === 'init' ? [keys.init(owner.id)] : owner.part === 'read-write' ? [keys.upper(owner.id)] : [];
  return [keys.container(owner.id), keys.card(owner.id), ...own];
}

/** Directories of a layer, an image or a container. */
function pathsOf(scene: Scene, is: (owner: StoreOwner) => boolean): string[] {
  return (scene.store?.rows ?? [])
    .filter((row) => row.owner !== undefined && is(row.owner))
    .map((row) => keys.path(row.path));
}

function lightContainer(scene: Scene, container: SceneContainer): Lit {
  const layers = container.union.columns.flatMap(({ chainId }) => (chainId === undefined ? [] : [keys.layer(chainId)]));
  const own = [
    keys.container(container.id),
    keys.card(container.id),
    keys.upper(container.id),
    keys.init(container.id),
  ];
  const below = layers.length === 1 ? 'one read-only layer' : `${layers.length} read-only layers`;
  return {
    lit: new Set([
      ...own,
      keys.image(container.imageId),
      ...layers,
      ...pathsOf(scene, (owner) => owner.kind === 'container' && owner.id === container.id),
    ]),
    hidden: new Set(),
    words: containerWords(container, below),
  };
}

function containerWords({ name, image, hand }: SceneContainer, below: string): string {
  if (hand === undefined)
    return `Container ${name} stands on ${below} of ${image}, with a read-write layer of its own.`;
  if (hand.where === undefined) return `${name} was made by hand: namespaces of its own, and no union.`;
  const made = image === '' ? '' : `${below} of ${image}, `;
  return `${name} was made by hand: at ${hand.where}, ${made}${lowerWords(hand)}, written to ${hand.upper ?? 'never'}.`;
}

/** Many names as the first of them and a count. */
function listed(names: readonly string[]): string {
  const most = 4;
  return names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most - 1).join(', ')} and ${names.length - most + 1} more`;
}

/** Key of the box of a column: a layer of the image, or one of the container's own two. */
function columnKey(container: SceneContainer, index: number): string {
  const column = container.union.columns[index]!;
  if (column.kind === 'layer') return keys.layer(column.chainId ?? '');
  return column.kind === 'init' ? keys.init(container.id) : keys.upper(container.id);
}

function lightRow(container: SceneContainer, row: SceneUnionRow): Lit {
  const columns = row.cells.map((cell, i) => ({ cell, key: columnKey(container, i) }));
  const from = columns.filter(({ cell }) => cell === 'visible' || cell === 'merged').map(({ key }) => key);
  const marks = columns.filter(({ cell }) => cell === 'whiteout').map(({ key }) => key);
  const hider = row.hiddenBy === undefined ? [] : [columnKey(container, row.hiddenBy.column)];
  return {
    lit: new Set([...from, ...marks, ...hider, keys.row(container.id, row.path), keys.file(container.id, row.path)]),
    hidden: new Set(columns.filter(({ cell }) => cell === 'hidden').map(({ key }) => key)),
    row: keys.row(container.id, row.path),
    words: rowWords(container, row),
  };
}

function lightLayer(scene: Scene, chainId: string): Lit {
  const layer = scene.layers.find((item) => item.chainId === chainId);
  if (layer === undefined) return nothing;
  const [lit, hidden] = [new Set([keys.layer(chainId)]), new Set<string>()];
  let seen = 0;
  for (const container of scene.containers) {
    const k = container.union.columns.findIndex((column) => column.chainId === chainId);
    if (k >= 0) seen += lightColumn(container, k, lit, hidden);
  }
  const users = scene.containers.filter((item) => item.union.columns.some((column) => column.chainId === chainId));
  for (const image of scene.images.filter((item) => item.layers.includes(layer.chainId))) lit.add(keys.image(image.id));
  for (const container of users) lit.add(keys.card(container.id));
  for (const key of pathsOf(scene, (owner) => owner.kind === 'layer' && owner.chainId === chainId)) lit.add(key);
  const use = users.length === 0 ? 'no container stands on it' : `in use by ${listed(users.map((item) => item.name))}`;
  const rows = users.length === 0 ? '' : `; ${seen === 0 ? 'none' : seen} of the paths drawn come from it`;
  return { lit, hidden, words: `Layer ${layer.depth} is read-only: ${use}${rows}.` };
}

function lightOwn(container: SceneContainer, which: 'upper' | 'init'): Lit {
  const k = container.union.columns.findIndex((column) => column.kind === (which === 'init' ? 'init' : 'read-write'));
  const key = which === 'init' ? keys.init(container.id) : keys.upper(container.id);
  const [lit, hidden] = [new Set([key]), new Set<string>()];
  if (k >= 0) lightColumn(container, k, lit, hidden);
  const words =
    which === 'init'
      ? `The init layer of ${container.name}: files that the engine puts between image and read-write layer, so that no commit takes them along.`
      : upperWords(container);
  return { lit, hidden, words };
}

/** Lights the rows that a column shows, and those that it has but that are hidden. Returns how many it shows. */
function lightColumn(container: SceneContainer, k: number, lit: Set<string>, hidden: Set<string>): number {
  let shown = 0;
  for (const row of container.union.rows) {
    const cell = row.cells[k];
    if (cell === 'visible' || cell === 'merged' || cell === 'whiteout') {
      lit.add(keys.row(container.id, row.path));
      if (cell !== 'whiteout') shown += 1;
    } else if (cell === 'hidden') hidden.add(keys.row(container.id, row.path));
  }
  return shown;
}
