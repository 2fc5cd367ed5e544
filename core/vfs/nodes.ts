/**
 * The inodes of a union: which real inodes lie behind each number, and under which names they were found. The book-keeping of
 * OverlayFs (union.ts); it looks at layers but changes none.
 *
 * Kept true: a snapshot of the table is one immutable value; numbers are given out at first sight and not used again.
 */

import { SysError } from '../errors.ts';
import { type Dirents, direntsOf, find, noDirents, withEntry, withoutEntry } from './dirents.ts';
import type { Dirent, Fs, Ino, NodeType } from './fs.ts';
import type { Found, Named, Real, Stack } from './stack.ts';
import { type Edit, emptyTrie, newEdit, type Trie, trieGet, trieSet } from './trie.ts';

/** One inode of the union. */
export interface Node {
  readonly type: NodeType;
  /** Where it was found first, or moved to; what copy-up needs while there is no upper part. */
  readonly parent: Ino;
  readonly name: string;
  readonly upper: Ino | undefined;
  readonly lower: Stack;
  /** Number that `stat` shows. */
  readonly shown: Ino;
  /** Directories: the entries seen so far; all of them when `complete`. */
  readonly known: Dirents;
  readonly complete: boolean;
  /** Directories: how often a name was looked for in the layers. */
  readonly walks: number;
  /** Has lost its last name, and lives on only because it is held. */
  readonly gone: boolean;
}

export interface OverlayState {
  readonly nodes: Trie<Node>;
  readonly next: Ino;
  /** Union inode of an upper one, so that hard links in the upper layer are one inode. Files only. */
  readonly byUpper: Trie<Ino>;
  /** Number that `stat` shows of a lower file with several names. */
  readonly lowerLinks: ReadonlyMap<Fs, Trie<Ino>>;
  readonly held: ReadonlyMap<Ino, number>;
}

export const ROOT: Ino = 1;

export class UnionNodes {
  #nodes: Trie<Node>;
  #next = ROOT + 1;
  #byUpper: Trie<Ino> = emptyTrie();
  #lowerLinks: OverlayState['lowerLinks'] = new Map();
  #held: OverlayState['held'] = new Map();
  #edit: Edit = newEdit();

  constructor(
    readonly upper: Fs | undefined,
    upperRoot: Ino | undefined,
    lower: Stack,
  ) {
    const unseen = { known: noDirents, complete: false, walks: 0, gone: false };
    const root: Node = { type: 'dir', parent: ROOT, name: '', upper: upperRoot, lower, shown: ROOT, ...unseen };
    this.#nodes = trieSet(emptyTrie<Node>(), ROOT, root, this.#edit);
  }

  snapshot(): OverlayState {
    this.#edit = newEdit();
    return {
      nodes: this.#nodes,
      next: this.#next,
      byUpper: this.#byUpper,
      lowerLinks: this.#lowerLinks,
      held: this.#held,
    };
  }

  restore({ nodes, next, byUpper, lowerLinks, held }: OverlayState): void {
    this.#edit = newEdit();
    this.#nodes = nodes;
    this.#next = next;
    this.#byUpper = byUpper;
    this.#lowerLinks = lowerLinks;
    this.#held = held;
  }

  get(ino: Ino): Node {
    const node = trieGet(this.#nodes, ino);
    if (node === undefined) throw new SysError('ESTALE');
    return node;
  }

  set(ino: Ino, node: Node | undefined): void {
    this.#nodes = trieSet(this.#nodes, ino, node, this.#edit);
  }

  /** The union inode for what was found under a name; a new one unless the upper file is known already. */
  admit(parent: Ino, name: string, found: Found): Ino {
    return this.#admit(parent, name, found, this.get(parent).upper !== undefined);
  }

  /** The entries of a directory, all of which are known then. */
  admitAll(dir: Ino, all: readonly Named[]): void {
    const node = this.get(dir);
    const hasUpper = node.upper !== undefined;
    const known = node.known.size === 0 ? undefined : node.known;
    const entries = all.map((found): Dirent => {
      const { name, type } = found;
      const seen = known === undefined ? undefined : find(known, name);
      return seen ?? { name, type, ino: this.#admit(dir, name, found, hasUpper) };
    });
    this.set(dir, { ...node, known: direntsOf(entries), complete: true });
  }

  #admit(parent: Ino, name: string, { type, from, stack }: Found, hasUpper: boolean): Ino {
    const top = stack[0]!;
    const inUpper = hasUpper && from === 0;
    if (inUpper && type !== 'dir') {
      const known = trieGet(this.#byUpper, top.ino);
      if (known !== undefined) return known;
    }
    const ino = this.#next++;
    const shown = !inUpper && type !== 'dir' && top.fs.stat(top.ino).nlink > 1 ? this.#shownOfLower(top) : ino;
    const upper = inUpper ? top.ino : undefined;
    const lower = inUpper ? stack.slice(1) : stack;
    this.set(ino, {
      type,
      parent,
      name,
      upper,
      lower,
      shown,
      known: noDirents,
      complete: false,
      walks: 0,
      gone: false,
    });
    if (inUpper && type !== 'dir') this.nameUpper(top.ino, ino);
    return ino;
  }

  /** All names of a lower file show one number, which is none of theirs: each gets its own when it is copied up. */
  #shownOfLower(real: Real): Ino {
    const links = this.#lowerLinks.get(real.fs) ?? emptyTrie<Ino>();
    const known = trieGet(links, real.ino);
    if (known !== undefined) return known;
    const number = this.#next++;
    this.#lowerLinks = new Map(this.#lowerLinks).set(real.fs, trieSet(links, real.ino, number, this.#edit));
    return number;
  }

  nameUpper(upper: Ino, ino: Ino | undefined): void {
    this.#byUpper = trieSet(this.#byUpper, upper, ino, this.#edit);
  }

  know(dir: Ino, entry: Dirent): void {
    const node = this.get(dir);
    this.set(dir, { ...node, known: withEntry(node.known, entry) });
  }

  /** One more name was looked for in the layers. */
  walked(dir: Ino): void {
    const node = this.get(dir);
    this.set(dir, { ...node, walks: node.walks + 1 });
  }

  /** `again`: the layers are to be asked again. */
  forgetName(dir: Ino, name: string, again = false): void {
    const node = this.get(dir);
    this.set(dir, { ...node, known: withoutEntry(node.known, name), complete: node.complete && !again, walks: 0 });
  }

  isHeld(ino: Ino): boolean {
    return this.#held.has(ino);
  }

  /** One reference more or less; how many there are then. */
  count(ino: Ino, more: 1 | -1): number {
    const held = new Map(this.#held);
    const count = (held.get(ino) ?? 0) + more;
    if (count > 0) held.set(ino, count);
    else held.delete(ino);
    this.#held = held;
    return count;
  }
}
