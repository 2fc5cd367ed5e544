/**
 * A persistent table from small numbers to values: a radix tree with 32 branches a level. `set` copies only the path to the
 * leaf, so any old version stays whole and costs nothing to keep. Inode tables (TreeFs, OverlayFs) are made of it.
 *
 * Kept true: a Trie that was handed out never changes; branches without values are dropped, so numbers that came and went
 * cost nothing. Who changes a table many times between two versions that are kept gives an `Edit`: branches made under it
 * belong to nobody else yet and are changed in place. A new Edit is taken whenever a version is handed out.
 */
const BITS = 5;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

interface Branch<V> {
  readonly slots: (Branch<V> | V | undefined)[];
  /** How many slots are in use. */
  used: number;
  readonly edit: Edit | undefined;
}

/** Whoever holds it may change the branches that were made under it. */
export type Edit = { readonly edit: true };

export const newEdit = (): Edit => ({ edit: true });

export interface Trie<V> {
  /** Levels below the root; keys go up to 32^(depth+1) - 1. */
  readonly depth: number;
  readonly root: Branch<V>;
}

/** The table without entries. */
export function emptyTrie<V>(): Trie<V> {
  return { depth: 0, root: branch(undefined) };
}

/** Value under a non-negative integer key, undefined when there is none. */
export function trieGet<V>(trie: Trie<V>, key: number): V | undefined {
  let depth = trie.depth;
  if (isBeyond(key, depth)) return undefined;
  let node = trie.root;
  for (; depth > 0; depth--) {
    const next = node.slots[(key >>> (depth * BITS)) & MASK] as Branch<V> | undefined;
    if (next === undefined) return undefined;
    node = next;
  }
  return node.slots[key & MASK] as V | undefined;
}

/** The table with `key` set, or without it when `value` is undefined. Keys below 2^30. */
export function trieSet<V>(trie: Trie<V>, key: number, value: V | undefined, edit?: Edit): Trie<V> {
  let { depth, root } = trie;
  while (isBeyond(key, depth)) {
    const above = branch<V>(edit);
    above.slots.push(root);
    above.used = 1;
    root = above;
    depth++;
  }
  const changed = setIn(root, depth, key, value, edit) ?? branch(edit);
  return changed === trie.root ? trie : { depth, root: changed };
}

/** All values, by their keys. */
export function* trieValues<V>({ depth, root }: Trie<V>): Generator<V, void> {
  for (const slot of root.slots) {
    if (slot === undefined) continue;
    if (depth === 0) yield slot as V;
    else yield* trieValues({ depth: depth - 1, root: slot as Branch<V> });
  }
}

/** Keys have 30 bits at most, so that shifts keep them whole. */
function isBeyond(key: number, depth: number): boolean {
  return key >>> ((depth + 1) * BITS) !== 0;
}

function branch<V>(edit: Edit | undefined): Branch<V> {
  return { slots: [], used: 0, edit };
}

/** The branch with the key set: itself when it may be changed, else a copy; undefined when nothing is left in it. */
function setIn<V>(
  node: Branch<V>,
  depth: number,
  key: number,
  value: V | undefined,
  edit: Edit | undefined,
): Branch<V> | undefined {
  const at = (key >>> (depth * BITS)) & MASK;
  const old = node.slots[at];
  const child =
    depth === 0 ? value : setIn((old as Branch<V> | undefined) ?? branch<V>(edit), depth - 1, key, value, edit);
  if (child === old) return node.used === 0 ? undefined : node;
  const own: Branch<V> =
    edit !== undefined && node.edit === edit ? node : { slots: node.slots.slice(), used: node.used, edit };
  while (own.slots.length < at) own.slots.push(undefined);
  own.slots[at] = child;
  own.used += (child === undefined ? 0 : 1) - (old === undefined ? 0 : 1);
  return own.used === 0 ? undefined : own;
}
