/** User namespaces as a person makes them: maps of IDs, who may write them, and what root in one may do. */

import { settled } from './settled.ts';

export const setup = `mkdir -p /mnt /u; touch /u/root; touch /u/five; chown 5:6 /u/five; chmod 600 /u/root /u/five\n${settled}`;

const living = (unshare: string): string => `${unshare} sleep 300 & settled $!`;
/** Writes to a map of the process and shows what it holds then. */
const maps = (...writes: readonly string[]): string =>
  `${living('unshare -U')}; ${writes.join('; ')}; cat /proc/$!/uid_map; kill -9 $!`;

export const cases: Readonly<Record<string, readonly string[]>> = {
  'the first user namespace maps everything': ['cat /proc/self/uid_map /proc/self/gid_map; cat /proc/self/setgroups'],
  'without a map everybody is nobody': [
    'unshare -U id -u; unshare -U id -g',
    "unshare -U sh -c 'cat /proc/self/uid_map | wc -c'",
    'unshare -U ls -ln /u | cut -c 1-40',
  ],
  'without a map nobody can do anything': [
    'unshare -U hostname x',
    'unshare -U -u hostname x',
    'unshare -U cat /u/root',
    'unshare -U touch /u/root',
    'unshare -U -m mount -t tmpfs t /mnt',
  ],
  'unshare -r maps one user': [
    'unshare -r id -u; unshare -r id -g',
    'unshare -r cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups',
    'unshare --map-root-user id -u',
  ],
  'root in it rules what belongs to it': [
    "unshare -r -u sh -c 'hostname x; hostname'",
    "unshare -r -m sh -c 'mount -t tmpfs t /mnt; touch /mnt/x; ls -ln /mnt | cut -c 1-30; umount /mnt; ls /mnt'",
    "unshare -r -m -p -f sh -c 'mount -t proc proc /proc; ps -o pid,args'",
    'unshare -r chroot / echo inside',
  ],
  'and nothing else': [
    'unshare -r hostname x',
    'unshare -r mount -t tmpfs t /mnt',
    'unshare -r -m mount -t proc proc /proc',
    'unshare -r -n -m mount -t sysfs sysfs /mnt',
    'unshare -r mknod /u/dev c 1 3',
    'unshare -r -m umount /proc',
  ],
  'files of others are beyond it': [
    'unshare -r cat /u/root; unshare -r cat /u/five',
    'unshare -r ls -ln /u | cut -c 1-34',
    'unshare -r chown 5 /u/root',
    'unshare -r chown 0 /u/five',
    'unshare -r chmod 644 /u/five',
    'unshare -r rm /u/five; ls /u',
    'unshare -r touch /u/new; ls -ln /u/new | cut -c 1-30',
  ],
  'a map from outside': [
    maps('echo 0 1000 10 >/proc/$!/uid_map'),
    maps(
      'echo 0 1000 10 >/proc/$!/uid_map; echo 0 1000 10 >/proc/$!/gid_map',
      'cat /proc/$!/gid_map; nsenter -t $! -U id -u',
    ),
  ],
  'several lines': [maps("printf '0 1000 1\\n1 2000 5\\n' | cat >/proc/$!/uid_map")],
  'a map is written once': [maps('echo 0 1000 10 >/proc/$!/uid_map', 'echo 0 2000 10 >/proc/$!/uid_map')],
  'maps that make no sense': [
    maps('echo nonsense >/proc/$!/uid_map'),
    maps('echo 0 1000 >/proc/$!/uid_map'),
    maps('echo 0 1000 0 >/proc/$!/uid_map'),
    maps('echo 0 1000 1 2 >/proc/$!/uid_map'),
    maps('echo -1 1000 1 >/proc/$!/uid_map'),
    maps("printf '0 1000 5\\n3 2000 5\\n' | cat >/proc/$!/uid_map"),
    maps("printf '0 1000 5\\n10 1002 5\\n' | cat >/proc/$!/uid_map"),
    maps('echo 0 4294967290 100 >/proc/$!/uid_map'),
  ],
  'groups need setgroups denied unless one is root outside': [
    `${living('unshare -U')}; cat /proc/$!/setgroups; echo deny >/proc/$!/setgroups; cat /proc/$!/setgroups; echo allow >/proc/$!/setgroups; echo 0 0 1 >/proc/$!/gid_map; cat /proc/$!/gid_map; kill -9 $!`,
    `${living('unshare -U')}; echo maybe >/proc/$!/setgroups; echo 0 0 1 >/proc/$!/gid_map; echo deny >/proc/$!/setgroups; kill -9 $!`,
  ],
  'not by itself': [
    "unshare -U sh -c 'echo 0 0 1 >/proc/self/uid_map; cat /proc/self/uid_map'",
    'echo 0 0 1 >/proc/self/uid_map',
    'echo deny >/proc/self/setgroups',
  ],
  'namespaces made in it belong to it': [
    "unshare -r -u unshare -u sh -c 'hostname y; hostname'",
    "unshare -r unshare -r sh -c 'id -u; cat /proc/self/uid_map'",
    'unshare -r unshare -U id -u',
  ],
  'what is inside has its owner outside': [
    `${living('unshare -r')}; stat -c %u /proc/$!; nsenter -t $! -U id -u; nsenter -t $! -U sh -c 'cat /proc/self/uid_map'; kill -9 $!`,
  ],
};
