/**
 * Owners of files where not every number exists (userns.ts). With one user alone all files are root's: chown(2) knows no other.
 * With many, a number that is not among them is refused by name.
 */
import { Refused } from './errno.ts';
import { hasOneOwner, howToMap, isGroup, isRootless, isUser } from './userns.ts';

export interface Owned {
  readonly uid: number;
  readonly gid: number;
}

/** The owner as it can be written. Throws Refused. */
export function ownable<T extends Owned>(entry: T, path: string): T {
  if (!isRootless || (isUser(entry.uid) && isGroup(entry.gid))) return entry;
  if (hasOneOwner) return { ...entry, uid: 0, gid: 0 };
  throw new Refused(
    'EINVAL',
    `${path} belongs to ${entry.uid}:${entry.gid}, which has no number in this user namespace: ${howToMap}`,
  );
}

/** Throws Refused when a process cannot be this user. */
export function demandUser(uid: number, gid: number): void {
  if (isUser(uid) && isGroup(gid)) return;
  throw new Refused('EINVAL', `user ${uid}:${gid} has no number in this user namespace: ${howToMap}`);
}
