/**
 * Paths inside a root, resolved one component at a time so that a link never leads out of it: an absolute target starts
 * again at that root, `..` stops at it. Node itself would follow an absolute link of the lab to a file of this machine.
 *
 * What holds: as the files are when we look. A process in the lab that swaps a directory for a link at that very moment is
 * not guarded against.
 */
import { lstatSync, readlinkSync } from 'node:fs';
import { isErrno, Refused } from './errno.ts';

const mostLinks = 40;

/**
 * `path` inside `root` without links in it, as an absolute path below `root` ('' is the root itself). Components that do
 * not exist are kept as they are. The last component is followed only when asked.
 */
export function resolveInside(root: string, path: string, followLast: boolean): string {
  const todo = path.split('/').filter(Boolean).reverse();
  const done: string[] = [];
  let links = 0;
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (name === '.') continue;
    if (name === '..') {
      done.pop();
      continue;
    }
    const target = todo.length > 0 || followLast ? linkTarget(`${join(root, done)}/${name}`) : undefined;
    if (target === undefined) {
      done.push(name);
      continue;
    }
    links++;
    if (links > mostLinks) throw new Refused('ELOOP');
    if (target.startsWith('/')) done.length = 0;
    todo.push(...target.split('/').filter(Boolean).reverse());
  }
  return done.length === 0 ? '' : `/${done.join('/')}`;
}

const join = (root: string, names: readonly string[]): string => [root, ...names].join('/');

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}
