/**
 * Copies a whole tree from one TreeFs into an empty directory of another: what makes a base image appear in a new world
 * without being unpacked again. Everything but the inode numbers is shared between the two.
 */
import { direntsOf, listed, noDirents } from './dirents.ts';
import type { Dirent, Ino } from './fs.ts';
import { changed } from './inode.ts';
import type { TreeFs, TreeState } from './tree.ts';
import { trieGet, trieSet } from './trie.ts';

/** Puts what lies in the root of `source` into the empty directory `dir`, which keeps its own mode, owner and xattrs. */
export function graft(fs: TreeFs, dir: Ino, source: TreeState): void {
  let { inodes, next } = fs.snapshot();
  const numbers = new Map<Ino, Ino>();

  const copy = (from: Ino, to: Ino, parent: Ino): void => {
    const inode = trieGet(source.inodes, from)!;
    const { entries } = inode;
    const moved = ({ name, type, ino }: Dirent): Dirent => ({ name, type, ino: number(ino, to) });
    const own = entries === undefined ? {} : { entries: direntsOf(listed(entries).map(moved)) };
    inodes = trieSet(inodes, to, changed(inode, { ino: to, parent, ...own }));
  };
  const number = (from: Ino, parent: Ino): Ino => {
    const known = numbers.get(from);
    if (known !== undefined) return known;
    const to = next++;
    numbers.set(from, to);
    copy(from, to, parent);
    return to;
  };

  const own = trieGet(inodes, dir)!;
  copy(fs.root, dir, own.parent);
  const { entries = noDirents, nlink, size, mtime, ctime } = trieGet(inodes, dir)!;
  const root = changed(own, { entries, nlink, size, mtime, ctime });
  fs.restore({ ...fs.snapshot(), inodes: trieSet(inodes, dir, root), next });
}
