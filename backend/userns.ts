/**
 * The user namespace that this program is in, user_namespaces(7): the machine's own, or one that an ordinary user made, in which
 * that user is root and only the numbers of users and groups that are mapped there exist.
 *
 * Kept true: everything is read from /proc/self; nothing here changes for a process once it has started.
 */
import { readFileSync } from 'node:fs';

interface Range {
  readonly first: number;
  readonly count: number;
}

/** Lines of uid_map and gid_map: first number inside, first outside, how many. */
function rangesOf(file: string): readonly Range[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([first = 0, , count = 0]) => ({ first, count }));
  } catch {
    return [{ first: 0, count: 2 ** 32 - 1 }];
  }
}

const users = rangesOf('/proc/self/uid_map');
const groups = rangesOf('/proc/self/gid_map');
const total = (ranges: readonly Range[]): number => ranges.reduce((sum, { count }) => sum + count, 0);
const has = (ranges: readonly Range[], id: number): boolean =>
  ranges.some(({ first, count }) => id >= first && id < first + count);

/** Is our root only some user's: not the machine's? */
export const isRootless = process.getuid?.() === 0 && total(users) < 2 ** 32 - 1;

/** One user and one group are all there are: there was no /etc/subuid line, or no newuidmap. */
export const hasOneOwner = isRootless && total(users) === 1;

export const isUser = (uid: number): boolean => has(users, uid);
export const isGroup = (gid: number): boolean => has(groups, gid);

/** A process in such a namespace may not choose its supplementary groups: whoever made it could have dropped one that forbids. */
export const keepsGroups = ((): boolean => {
  try {
    return readFileSync('/proc/self/setgroups', 'utf8').trim() === 'deny';
  } catch {
    return false;
  }
})();

/** The greatest group number that there is. */
export const lastGroup = Math.max(...groups.map(({ first, count }) => first + count - 1));

export const howToMap =
  'give the user lines in /etc/subuid and /etc/subgid (usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER) and apt-get install uidmap';
