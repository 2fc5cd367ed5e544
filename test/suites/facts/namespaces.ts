/** Namespaces and mounts made by hand: namespaces(7), user_namespaces(7), mount_namespaces(7), pivot_root(2). */
import type { Fact } from './fact.ts';

const own =
  'for k in cgroup ipc mnt net pid user uts; do [ "$(readlink /proc/self/ns/$k)" = "$(readlink /proc/1/ns/$k)" ] || echo $k; done | xargs';
const background = (unshare: string, then: string): string =>
  `${unshare} sleep 300 >/dev/null 2>&1 & until grep -q ^sleep /proc/$!/cmdline; do usleep 10000; done; ${then}; kill -9 $!`;

export const namespaceFacts: readonly Fact[] = [
  { fact: 'A process begins in the namespaces of its parent', lines: [`sh -c '${own}'`], shows: '' },
  {
    fact: 'unshare gives those that are asked for',
    lines: [`unshare -u -i -n -m sh -c '${own}'`],
    shows: 'ipc mnt net uts',
  },
  {
    fact: 'A hostname is seen in its UTS namespace only',
    lines: ['hostname facts', "unshare -u sh -c 'hostname inside; hostname'; hostname"],
    shows: 'inside\nfacts',
  },
  {
    fact: 'The maker of a PID namespace stays outside, its first child is PID 1',
    lines: ["unshare -p -f sh -c 'echo $$ $PPID'"],
    shows: '1 0',
  },
  {
    fact: 'After the end of its PID 1 nobody is born in a PID namespace',
    lines: ["unshare -p sh -c 'sh -c true; sh -c true; echo end'"],
    shows: "sh: can't fork: Cannot allocate memory\nexit 2",
  },
  {
    fact: 'A mount in a new mount namespace is not seen outside',
    lines: ["mkdir -p /f1; unshare -m sh -c 'mount -t tmpfs t /f1; touch /f1/x; ls /f1'; ls /f1"],
    shows: 'x',
  },
  {
    fact: 'nsenter sees what the process sees whose namespaces it enters',
    lines: [background('unshare -u -n', 'nsenter -t $! -u hostname joined; nsenter -t $! -u hostname; hostname')],
    shows: 'joined\nfacts',
  },
  { fact: 'Without a map everybody in a user namespace is nobody', lines: ['unshare -U id -u'], shows: '65534' },
  {
    fact: 'Root of a user namespace rules its own UTS namespace, not that of the host',
    lines: ['unshare -r -u hostname x && unshare -r hostname x'],
    shows: 'hostname: sethostname: Operation not permitted\nexit 1',
  },
  {
    fact: 'A map of IDs is written once',
    lines: [
      background('unshare -U', 'echo 0 1000 10 >/proc/$!/uid_map; echo 0 5 1 >/proc/$!/uid_map; cat /proc/$!/uid_map'),
    ],
    shows: '0       1000         10\nsh: write error: Operation not permitted',
  },
  {
    fact: 'IDs without a map are shown as nobody and cannot be given to files',
    lines: ['touch /f2; chown 5 /f2; unshare -r stat -c %u /f2; unshare -r chown 7 /f2'],
    shows: '65534\nchown: /f2: Invalid argument\nexit 1',
  },
  {
    fact: 'What is mounted on a shared mount appears on its peers',
    lines: [
      'mkdir -p /f3 /f4; mount -t tmpfs t /f3; mkdir /f3/d; mount --make-shared /f3; mount --bind /f3 /f4',
      'mount -t tmpfs u /f3/d; touch /f3/d/x; ls /f4/d; umount /f4/d; ls /f3/d; umount /f4 /f3',
    ],
    shows: 'x',
  },
  {
    fact: 'A slave takes mounts and gives none',
    lines: [
      'mkdir -p /f5 /f6; mount -t tmpfs t /f5; mkdir /f5/d /f5/e; mount --make-shared /f5; mount --bind /f5 /f6; mount --make-slave /f6',
      'mount -t tmpfs u /f5/d; touch /f5/d/x; mount -t tmpfs v /f6/e; touch /f6/e/y; ls /f6/d /f5/e; umount /f6/e; umount /f5/d; umount /f6; umount /f5',
    ],
    shows: '/f5/e:\n\n/f6/d:\nx',
  },
  {
    fact: 'What is mounted on a shared directory reaches a container that has it as rshared or rslave, and no other',
    lines: [
      'mkdir -p /srv/f8; mount -t tmpfs t /srv/f8; mkdir /srv/f8/d; mount --make-shared /srv/f8',
      ...['rshared', 'rslave', 'rprivate'].map(
        (how) => `docker run -d --name f8${how} -v /srv/f8:/m:${how} busybox sleep 300`,
      ),
      'mount -t tmpfs u /srv/f8/d; touch /srv/f8/d/y',
      'docker exec f8rprivate ls /m/d',
    ],
    shows: '',
  },
  ...(['rshared', 'rslave'] as const).map(
    (how): Fact => ({
      fact: `The container with ${how} sees it come`,
      lines: [`docker exec f8${how} ls /m/d`],
      shows: 'y',
    }),
  ),
  {
    fact: 'What a container mounts reaches the host from an rshared directory alone',
    lines: [
      'docker rm -f f8rshared f8rslave f8rprivate',
      ...['rshared', 'rslave', 'rprivate'].map(
        (how) =>
          `docker run --rm --cap-add SYS_ADMIN --security-opt seccomp=unconfined -v /srv/f8:/m:${how} busybox sh -c 'mkdir /m/${how}; mount -t tmpfs v /m/${how}; touch /m/${how}/x'`,
      ),
      'ls /srv/f8/rshared /srv/f8/rslave /srv/f8/rprivate; umount /srv/f8/rshared; umount /srv/f8/d; umount /srv/f8',
    ],
    shows: '/srv/f8/rprivate:\n\n/srv/f8/rshared:\nx\n\n/srv/f8/rslave:',
  },
  {
    fact: 'PID 1 of a container does not end while a frozen one shares its PID namespace',
    lines: [
      'docker run -d --name f9 busybox sleep 300',
      'docker run -d --name f9b --pid container:f9 busybox sleep 300',
      'docker pause f9b',
      'docker kill f9',
      "docker inspect -f '{{.State.Status}}' f9",
      'docker unpause f9b',
      'docker wait f9 f9b',
    ],
    shows: '137\n137',
  },
  {
    fact: 'A tmpfs with nr_inodes has room for so many names',
    lines: [
      'mkdir -p /f10; mount -t tmpfs -o nr_inodes=3 t /f10; touch /f10/a; ln /f10/a /f10/b; mkdir /f10/c; umount /f10',
    ],
    shows: "mkdir: can't create directory '/f10/c': No space left on device",
  },
  {
    fact: 'A mount in use is busy, and goes lazily',
    lines: ['mkdir -p /f7; mount -t tmpfs t /f7; cd /f7; umount /f7; umount -l /f7; grep -c " /f7 " /proc/mounts'],
    shows: "0\numount: can't unmount /f7: Device or resource busy\nexit 1",
  },
  {
    fact: 'A bind mount is made read-only by a second call',
    lines: [
      'mkdir -p /f8 /f9; mount --bind /f8 /f9; mount -o remount,bind,ro /f9; touch /f9/x; touch /f8/y; ls /f9; umount /f9',
    ],
    shows: 'y\ntouch: /f9/x: Read-only file system',
  },
  {
    fact: 'pivot_root takes mount points only',
    lines: ['mkdir -p /g1/old; unshare -m pivot_root /g1 /g1/old'],
    shows: 'pivot_root: (null): Device or resource busy\nexit 1',
  },
  {
    fact: 'pivot_root puts the old root below the new one',
    lines: [
      "mkdir -p /g2; unshare -m sh -c 'mount -t tmpfs t /g2; mkdir /g2/old; cd /g2; pivot_root . old; /old/bin/busybox ls /; /old/bin/busybox ls -d /old/g2'",
    ],
    shows: 'old\n/old/g2',
  },
  {
    fact: 'A file keeps a network namespace, and with it what is in it',
    lines: [
      'touch /kept; unshare --net=/kept ip link set lo up; nsenter --net=/kept ip link | grep -c UP; umount /kept; nsenter --net=/kept true',
    ],
    shows: "1\nnsenter: setns(): can't reassociate to namespace 'net': Invalid argument\nexit 1",
  },
  {
    fact: 'A file keeps an IPC namespace with its parameters, and is of one kind',
    lines: [
      "touch /kept; unshare --ipc=/kept sh -c 'echo 33 >/proc/sys/kernel/shmmni'; nsenter --ipc=/kept cat /proc/sys/kernel/shmmni; nsenter --uts=/kept true; umount /kept",
    ],
    shows: "33\nnsenter: setns(): can't reassociate to namespace 'uts': Invalid argument",
  },
  {
    fact: 'The short options of unshare take no file',
    lines: ['unshare -Ur cat /proc/self/setgroups /proc/self/uid_map | tr -s " "; unshare -u/x true 2>&1 | head -n 1'],
    shows: "deny\n 0 0 1\nunshare: invalid option -- '/'",
  },
];
