/**
 * Mounts of the lab's mount namespace, by mount(8) and umount(8) run inside it, and what its mount table says.
 */
import { readFileSync } from 'node:fs';
import type { Mount, MountInfo } from '../core/index.ts';
import { errnoOf, Refused } from './errno.ts';
import type { Helped } from './helper.ts';
import type { Lab } from './lab.ts';
import { hasPoint, type MountLine, parseMountinfo } from './mountinfo.ts';
import { isGroup, isRootless } from './userns.ts';

const libmount = ['./ld.so', '--library-path', '.', './mount'];

/** mount(8): busybox' for most, libmount's where a read-only bind needs the two system calls it makes. */
export async function mount(lab: Lab, what: Mount, at: string): Promise<undefined> {
  const plain = what.type !== 'bind' || !what.options.includes('ro');
  const program = plain ? ['mount'] : libmount;
  const type = what.type === 'bind' ? [] : ['-t', what.type];
  const words = what.type === 'bind' ? [...new Set(['bind', ...what.options])] : hereWith(what.type, what.options);
  const options = words.length === 0 ? [] : ['-o', words.join(',')];
  const place = what.from === undefined ? [] : ['sh', '-c', 'cd "$0" && "$@"', what.from];
  expectDone(await lab.inside([...place, ...program, ...type, ...options, what.source, at]));
}

/** Options as they are in a user namespace: overlayfs keeps its marks in user.* attributes, and a group without a number owns no terminal. */
export function hereWith(type: Mount['type'], options: readonly string[]): readonly string[] {
  if (!isRootless) return options;
  if (type === 'overlay') return [...options, 'userxattr'];
  return options.filter((option) => !/^[gu]id=/.test(option) || isGroup(Number(option.slice(4))));
}

/** umount(8). */
export async function umount(lab: Lab, at: string): Promise<undefined> {
  expectDone(await lab.inside(['umount', at]));
}

function expectDone(ran: Helped): undefined {
  if (ran.code === 0) return;
  const message = ran.stderr.trim();
  throw new Refused(errnoOf(message), message);
}

/** The lab's mount table, as its own first process sees it. */
export function mounts(lab: Lab): readonly MountInfo[] {
  return parseMountinfo(tableOf(lab)).map(mountInfo);
}

/** Is something mounted at this path of the lab? Reads less than `mounts`, which grows with every container that runs. */
export const isMountPoint = (lab: Lab, path: string): boolean => hasPoint(tableOf(lab), path, ' ');

/** Is something mounted at this path or below it? */
export const holdsMounts = (lab: Lab, path: string): boolean => hasPoint(tableOf(lab), path, '[ /]');

const tableOf = (lab: Lab): string => readFileSync(`/proc/${lab.firstPid}/mountinfo`, 'utf8');

/** As /proc/mounts has it: the options of the mount, then those of the file system. */
function mountInfo(line: MountLine): MountInfo {
  const own = line.options;
  const more = line.superOptions.filter((option) => option !== 'rw' && option !== 'ro' && !own.includes(option));
  return { at: line.at, type: line.type, source: line.source, options: [...own, ...more] };
}
