/**
 * Finds in an Observation what goals speak of: containers and images by name, and how one path is seen there.
 */
import { type UnionRow, type UnionTable, unionTable, type View } from '../../diagram/union.ts';
import type { ContainerFacts, ImageFacts, Observation } from '../../observation.ts';
import type { TreeEntry } from '../../op.ts';
import { merge } from '../../vfs/diff.ts';
import type { LayerName, Place } from './slot.ts';

export function containerNamed(observation: Observation, name: string): ContainerFacts | undefined {
  return observation.containers.find((container) => container.name === name);
}

/** `app` is `app:latest`, as for Docker. */
export function imageNamed(observation: Observation, name: string): ImageFacts | undefined {
  const tag = /:[^/]*$/.test(name) ? name : `${name}:latest`;
  return observation.images.find((image) => image.tags.includes(tag));
}

export const noContainer = (name: string): string => `there is no container ${name}`;
export const noImage = (name: string): string => `there is no image ${name}`;

/** Asks a container, or says that there is none. */
export function withContainer(
  observation: Observation,
  name: string,
  ask: (container: ContainerFacts) => string | undefined,
): string | undefined {
  const container = containerNamed(observation, name);
  return container === undefined ? noContainer(name) : ask(container);
}

export function withImage(
  observation: Observation,
  name: string,
  ask: (image: ImageFacts) => string | undefined,
): string | undefined {
  const image = imageNamed(observation, name);
  return image === undefined ? noImage(name) : ask(image);
}

/** One path in a union view. */
export interface Seen {
  readonly row: UnionRow | undefined;
  readonly entry: TreeEntry | undefined;
  /** The layer that it is seen from. */
  readonly from: LayerName | undefined;
  readonly table: UnionTable;
}

/** Asks how a path is seen in a container or an image, or says that there is no such place. */
export function withPath(
  observation: Observation,
  place: Place,
  path: string,
  ask: (seen: Seen) => string | undefined,
): string | undefined {
  const facts = viewOf(observation, place);
  if (facts === undefined) return place.kind === 'image' ? noImage(place.name) : noContainer(place.name);
  const table = unionTable(observation, facts);
  const row = table.rows.find((other) => other.path === path);
  const column = row?.from === undefined ? undefined : table.columns[row.from];
  const from = column === undefined ? undefined : column.kind === 'layer' ? row!.from! + 1 : column.kind;
  return ask({ row, entry: facts.union.find((entry) => entry.path === path), from, table });
}

function viewOf(observation: Observation, { kind, name }: Place): View | undefined {
  if (kind === 'container') return containerNamed(observation, name);
  const image = imageNamed(observation, name);
  if (image === undefined) return undefined;
  const lower = image.layers.map(({ chainId }) => chainId);
  const none: readonly TreeEntry[] = [];
  const union = lower.reduce((below, chainId) => merge(observation.layers[chainId] ?? [], below), none);
  return { lower, init: none, upper: none, union };
}
