/**
 * The words that a goal leaves open: NAME, PATH, N … Each says how it is shown, which text it takes, and what value it stands
 * for. A form of a goal (form.ts) is a sentence with slots in it.
 *
 * Kept true: `write` gives back a text that `read` reads as the same value; patterns hold no capturing group.
 */
import * as v from 'valibot';
import type { ContainerStatus } from '../../observation.ts';
import { type NsKind, nsKinds } from '../../op.ts';

export interface Slot<T> {
  /** What stands for it in the list of forms. */
  readonly shown: string;
  /** Source of a regular expression without groups that capture. */
  readonly pattern: string;
  readonly schema: v.GenericSchema<T>;
  read(text: string): T;
  write(value: T): string;
}

const plainText = (shown: string, pattern: string): Slot<string> => ({
  shown,
  pattern,
  schema: v.pipe(v.string(), v.regex(new RegExp(`^(?:${pattern})$`, 's'))),
  read: (text) => text,
  write: (value) => value,
});

/** A container's name, as Docker allows it: two characters at least. */
export const name = plainText('NAME', '[A-Za-z0-9][\\w.-]+');

/** `repository` or `repository:tag`. */
export const image = plainText('IMAGE', '[A-Za-z0-9][\\w./-]*(?::[\\w.-]+)?');

/** An absolute path without spaces. */
export const path = plainText('PATH', '/[^\\s"]*');

/** A command line, its words parted by one space each. */
export const command = plainText('COMMAND', '\\S(?:.*\\S)?');

export const count: Slot<number> = {
  shown: 'N',
  pattern: '\\d{1,4}',
  schema: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(9999)),
  read: Number,
  write: String,
};

/** What a file holds, in quotes; `\n` is a line end, `\"` a quote, `\\` a backslash. */
export const text: Slot<string> = {
  shown: '"TEXT"',
  pattern: '"(?:[^"\\\\]|\\\\[n"\\\\])*"',
  schema: v.string(),
  read: (quoted) => quoted.slice(1, -1).replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)),
  write: (value) => `"${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`,
};

function oneOf<const T extends string>(shown: string, values: readonly T[]): Slot<T> {
  return {
    shown,
    pattern: values.join('|'),
    schema: v.picklist(values),
    read: (word) => word as T,
    write: (value) => value,
  };
}

const statuses: readonly ContainerStatus[] = ['created', 'running', 'paused', 'restarting', 'exited', 'dead'];
export const status = oneOf('STATUS', statuses);
export const namespaceKind = oneOf<NsKind>('KIND', nsKinds);

/** Where a path is looked for: in a container's union view, or in an image's. */
export interface Place {
  readonly kind: 'container' | 'image';
  readonly name: string;
}

export const place: Slot<Place> = {
  shown: 'NAME',
  pattern: `image ${image.pattern}|${name.pattern}`,
  schema: v.object({ kind: v.picklist(['container', 'image']), name: image.schema }),
  read: (words) =>
    words.startsWith('image ')
      ? { kind: 'image', name: words.slice('image '.length) }
      : { kind: 'container', name: words },
  write: (value) => (value.kind === 'image' ? `image ${value.name}` : value.name),
};

/** A layer of a union view: a read-only one by its number, 1 is the lowest, or one of the container's own two. */
export type LayerName = number | 'init' | 'read-write';

export const layer: Slot<LayerName> = {
  shown: 'LAYER',
  pattern: 'layer \\d{1,3}|the init layer|the read-write layer',
  schema: v.union([v.pipe(v.number(), v.integer(), v.minValue(1)), v.picklist(['init', 'read-write'])]),
  read: (words) => {
    const number = /^layer (\d+)$/.exec(words)?.[1];
    if (number !== undefined) return Math.max(1, Number(number));
    return words === 'the init layer' ? 'init' : 'read-write';
  },
  write: (value) => (typeof value === 'number' ? `layer ${value}` : `the ${value} layer`),
};
