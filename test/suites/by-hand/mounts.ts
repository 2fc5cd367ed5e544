/** Mounts other than overlay as a person makes them: bind, tmpfs, propagation, pivot_root, what is busy, and how it is listed. */

import { settled } from './settled.ts';

export const setup = `mkdir -p /a/sub /b /c /mnt; echo a >/a/f; echo s >/a/sub/g; echo b >/b/h; echo file >/x; echo other >/y\n${settled}`;

/** mountinfo without what differs from machine to machine: IDs, devices, the root's own name. Fields: root, place, options, tags. */
const info = (pattern: string): string =>
  `grep -E ' (${pattern})( |/)' /proc/self/mountinfo | sed -E 's/^[0-9]+ [0-9]+ [0-9]+:[0-9]+ //; s/ - .*//; s/(shared|master|propagate_from):[0-9]+/\\1:N/g'`;
const tags = info('/a|/b|/c|/mnt');

export const cases: Readonly<Record<string, readonly string[]>> = {
  tmpfs: [
    'mount -t tmpfs t /mnt; grep " /mnt " /proc/mounts; mount | grep " /mnt "; touch /mnt/x; ls /mnt; stat -c %a /mnt',
    'umount /mnt; ls /mnt',
    'mount -t tmpfs -o size=1024k,mode=700 t /mnt; stat -c %a /mnt; grep " /mnt " /proc/mounts; umount /mnt',
    'mount -t tmpfs -o ro,nosuid,nodev,noexec t /mnt; touch /mnt/x; grep " /mnt " /proc/mounts; umount /mnt',
    'mount -t tmpfs -o noatime t /mnt; grep " /mnt " /proc/mounts; umount /mnt',
  ],
  bind: [
    'mount -o bind /a /mnt; ls /mnt; echo new >/mnt/n; cat /a/n; ls /mnt/sub; umount /mnt; ls /mnt',
    'mount --bind /a/sub /mnt; cat /mnt/g; umount /mnt',
    `mount -o bind /a /mnt; ${info('/mnt')}; umount /mnt`,
    'mount -o bind /x /y; cat /y; echo written >/y; umount /y; cat /x /y',
    'mount -o bind /a /y',
    'mount -o bind /x /mnt',
    'mount -o bind /none /mnt',
    'mount -o bind /a /none',
  ],
  'bind shows the mounts below only when recursive': [
    'mount -t tmpfs t /a/sub; touch /a/sub/t; mount -o bind /a /mnt; ls /mnt/sub; umount /mnt',
    'mount -o rbind /a /mnt; ls /mnt/sub; grep -c " /mnt/sub " /proc/mounts; umount /mnt',
    'umount /mnt/sub; umount /mnt; ls /a/sub; umount /a/sub; ls /a/sub',
  ],
  'bind read-only takes two steps': [
    'mount -o bind,ro /a /mnt; touch /mnt/x; umount /mnt; ls /a',
    'mount -o bind /a /mnt; mount -o remount,bind,ro /mnt; touch /mnt/y; touch /a/y; ls /mnt; umount /mnt',
    'mount -o bind /a /mnt; mount -o remount,bind,nosuid,nodev /mnt; grep " /mnt " /proc/mounts | cut -d" " -f 4 | cut -d, -f 1-4; umount /mnt',
  ],
  remounted: [
    'mount -t tmpfs t /mnt; echo x >/mnt/x; mount -o remount,ro /mnt; mount -o remount,rw /mnt; echo z >/mnt/x; cat /mnt/x; umount /mnt',
    'mount -t tmpfs t /mnt; exec 5>/mnt/open; mount -o remount,ro /mnt; exec 5>&-; mount -o remount,ro /mnt; grep " /mnt " /proc/mounts | cut -d" " -f 4 | cut -d, -f 1; umount /mnt',
    'mount -t tmpfs -o nosuid t /mnt; mount -o remount,ro /mnt; grep " /mnt " /proc/mounts; mount -o remount,rw,nodev,noatime /mnt; grep " /mnt " /proc/mounts; umount /mnt',
    'mount -o remount,ro /a',
    'mount -o remount,ro /none',
  ],
  moved: [
    'mount -t tmpfs t /mnt; touch /mnt/x; mount -o move /mnt /c; ls /c; ls /mnt; grep -c " /c " /proc/mounts; umount /c',
    'mount --move /a /c',
    'mount -t tmpfs t /mnt; mkdir /mnt/in; mount --move /mnt /mnt/in; umount /mnt',
  ],
  types: [
    'mount -t proc proc /mnt; ls -d /mnt/self /mnt/1; umount /mnt',
    'mount -t sysfs s /mnt; ls -d /mnt/fs; umount /mnt',
    'mount -t nosuch n /mnt',
    'mount -t tmpfs t /x',
    'mount -t tmpfs t /nothing',
    'grep -E "tmpfs|proc|overlay|sysfs|mqueue" /proc/filesystems',
  ],
  unmounting: [
    'umount /mnt',
    'umount /nothing',
    'umount',
    'umount /x',
    'mount -t tmpfs t /mnt; cd /mnt; umount /mnt; cd /; umount /mnt; umount /mnt',
    'mount -t tmpfs t /mnt; mkdir /mnt/d; mount -t tmpfs u /mnt/d; umount /mnt; umount /mnt/d; umount /mnt',
    'mount -t tmpfs t /mnt; mkdir /mnt/d; mount -t tmpfs u /mnt/d; umount -l /mnt; grep -c " /mnt" /proc/mounts',
    'mount -t tmpfs t /mnt; echo held >/mnt/f; exec 5</mnt/f; umount /mnt; umount -l /mnt; cat <&5; ls /mnt',
    'mount -t tmpfs t /mnt; cd /mnt; umount -l /mnt; touch here; ls; pwd; cd ..; ls here; pwd',
    'mount -t tmpfs named /mnt; umount named; grep -c named /proc/mounts',
    'mount -t tmpfs t /mnt; sleep 300 </dev/null >/mnt/log & settled $!; umount /mnt; kill $!; wait $! 2>/dev/null; umount /mnt; echo $?',
    'mount -t tmpfs t /mnt; umount -r /mnt; grep -c " /mnt " /proc/mounts',
  ],
  'removing a mount point': [
    'mount -t tmpfs t /mnt; rmdir /mnt; rm -r /mnt; umount /mnt; rmdir /mnt; ls -d /mnt',
    'mount -t tmpfs t /c; mv /c /d; umount /c; mv /c /d; ls -d /d',
  ],
  'a mount point may go in one namespace while it is used in another': [
    "unshare -m sh -c 'mount -t tmpfs t /c; exec sleep 300' & settled $!; rmdir /c; ls -d /c; nsenter -t $! -m ls -d /c; kill -9 $!",
  ],
  mountinfo: [
    `mount -t tmpfs t /mnt; ${tags}; umount /mnt`,
    "mount -t tmpfs t /mnt; mkdir /mnt/d; mount -t tmpfs u /mnt/d; a=$(grep ' /mnt ' /proc/self/mountinfo | cut -d' ' -f 1); b=$(grep ' /mnt/d ' /proc/self/mountinfo | cut -d' ' -f 2); [ $a = $b ] && echo child of; umount /mnt/d; umount /mnt",
    "mkdir '/with space'; mount -t tmpfs t '/with space'; grep with /proc/mounts; mount | grep with; umount '/with space'; grep -c with /proc/mounts",
  ],
  'private is what one begins with': [
    `mount -t tmpfs t /mnt; ${info('/mnt')}; mkdir /mnt/d; mount -o bind /mnt /c; mount -t tmpfs u /mnt/d; touch /mnt/d/x; ls /c/d; umount /c; umount /mnt/d; umount /mnt`,
  ],
  'shared mounts pass on what is mounted on them': [
    'mount -t tmpfs t /a; mkdir /a/d; mount -o shared none /a; umount /a',
    `mount -o bind /a /a; mount --make-shared /a; ${tags}`,
    'mkdir -p /a/d; mount -o bind /a /c; mount -t tmpfs u /a/d; touch /a/d/x; ls /c/d; grep -c "/d " /proc/mounts',
    `${tags}`,
    'umount /c/d; ls /a/d; grep -c "/d " /proc/mounts',
    'umount /c; umount /a; umount /a; ls /a',
  ],
  'shared between namespaces': [
    'mount -t tmpfs t /mnt; mkdir /mnt/d; mount --make-shared /mnt',
    "unshare -m --propagation shared sh -c 'mount -t tmpfs u /mnt/d; touch /mnt/d/x'; ls /mnt/d; umount /mnt/d; umount /mnt",
  ],
  'a slave takes and does not give': [
    'mount -t tmpfs t /mnt; mkdir /mnt/d /mnt/e; mount --make-shared /mnt; mount -o bind /mnt /c; mount --make-slave /c',
    `${tags}`,
    'mount -t tmpfs u /mnt/d; touch /mnt/d/x; ls /c/d; mount -t tmpfs v /c/e; touch /c/e/y; ls /mnt/e',
    'umount /mnt/d; ls /c/d; umount /c/e; umount /c; umount /mnt',
  ],
  'a new mount namespace is a slave when it is asked to be': [
    'mount -t tmpfs t /mnt; mkdir /mnt/d; mount --make-shared /mnt',
    `unshare -m --propagation slave sh -c "${info('/mnt').replaceAll('"', '\\"')}; touch /mnt/here; until [ -e /mnt/go ]; do usleep 10000; done; ls /mnt/d" & until [ -e /mnt/here ]; do usleep 10000; done; mount -t tmpfs u /mnt/d; touch /mnt/d/x /mnt/go; wait; umount /mnt/d; umount /mnt`,
    `mount -t tmpfs t /mnt; mount --make-shared /mnt; unshare -m grep -c shared /proc/self/mountinfo; umount /mnt`,
  ],
  'private again': [
    `mount -t tmpfs t /mnt; mkdir /mnt/d; mount --make-shared /mnt; mount -o bind /mnt /c; mount --make-private /c; ${tags}; mount -t tmpfs u /mnt/d; touch /mnt/d/x; ls /c/d; umount /mnt/d; umount /c; umount /mnt`,
  ],
  unbindable: ['mount -t tmpfs t /mnt; mount --make-unbindable /mnt; mount -o bind /mnt /c; umount /mnt'],
  'recursive bind mounts, and what lies on them two deep': [
    'mount -t tmpfs t /mnt; mkdir /mnt/d; mount -t tmpfs u /mnt/d; mkdir /mnt/d/e; mount -t tmpfs v /mnt/d/e; touch /mnt/d/e/x',
    `mount -o rbind /mnt /a; ${tags}; ls /a/d/e`,
    'umount /a; umount -l /a; ls /a; umount /mnt/d/e; umount /mnt/d; umount /mnt',
    `mount -t tmpfs t /mnt; mkdir /mnt/d; mount --make-shared /mnt; mount -o bind /mnt /c; mount -t tmpfs u /b; mkdir /b/e; mount -t tmpfs v /b/e; mount -o rbind /b /mnt/d; ${tags}; umount -l /mnt/d; ${tags}`,
    'umount /b/e; umount /b; umount /c; umount /mnt',
    `mount -t tmpfs t /mnt; mkdir /mnt/d /mnt/e; mount -t tmpfs u /mnt/d; mount -t tmpfs v /mnt/e; mount --make-unbindable /mnt/d; mount -o rbind /mnt /c; ${tags}; umount -l /c; umount /mnt/d; umount /mnt/e; umount /mnt`,
  ],
  'where a master is not to be seen': [
    'mount -t tmpfs t /mnt; mkdir /mnt/d /mnt/e; mount --make-shared /mnt; mount -o bind /mnt /c; mount --make-slave /c; mount --make-shared /c',
    `mount -o bind /c /a; mount --make-slave /a; ${tags}`,
    'mount -t tmpfs v /b; mkdir /b/bin /b/proc /b/m /b/a; cp /bin/busybox /b/bin/; mount -t proc proc /b/proc; mount -o bind /mnt /b/m; mount -o bind /a /b/a; chroot /b /bin/busybox cat /proc/self/mountinfo | sed -E "s/^[0-9]+ [0-9]+ [0-9]+:[0-9]+ //; s/ - .*//; s/(shared|master|propagate_from):[0-9]+/\\1:N/g"; umount /b/a; umount /b/m; umount /b/proc; umount /b',
    'mount -t tmpfs u /mnt/d; touch /mnt/d/x; ls /c/d /a/d; umount /c/d; ls /mnt/d /a/d; umount /mnt/d',
    'umount /a; umount /c; umount /mnt',
  ],
  'numbers of groups are given out again': [
    `mount -t tmpfs t /mnt; mount --make-shared /mnt; grep -oE 'shared:[0-9]+' /proc/self/mountinfo >/one; umount /mnt; mount -t tmpfs t /mnt; mount --make-shared /mnt; grep -oE 'shared:[0-9]+' /proc/self/mountinfo | cmp - /one && echo again; umount /mnt; rm /one`,
  ],
  'a tmpfs with so many inodes': [
    'mount -t tmpfs -o nr_inodes=4 x /mnt; grep /mnt /proc/mounts; df -i /mnt',
    'touch /mnt/a /mnt/b /mnt/c /mnt/d; mkdir /mnt/q; ln /mnt/a /mnt/l; ln -s a /mnt/s; mkfifo /mnt/p; df -i /mnt',
    'rm /mnt/a; ln /mnt/b /mnt/l; df -i /mnt; rm /mnt/b; mkdir /mnt/d; ls /mnt',
    'mount -o remount,nr_inodes=2 /mnt; mount -o remount,nr_inodes=10 /mnt; cd /; df -i mnt; grep /mnt /proc/mounts; cd mnt; mount -o remount,nr_inodes=11 .; df -i . | tail -n 1; cd /; umount /mnt',
    'mount -t tmpfs -o nr_inodes=0 x /mnt; df -i /mnt; mount -o remount,nr_inodes=5 /mnt; grep /mnt /proc/mounts; umount /mnt',
    'mount -t tmpfs -o nr_inodes=2 x /mnt; touch /mnt/a; exec 7>/mnt/a; rm /mnt/a; touch /mnt/b; exec 7>&-; touch /mnt/b; ls /mnt; umount /mnt',
    'for n in -1 abc 1% "" 1k 3m; do mount -t tmpfs -o nr_inodes=$n x /mnt && { grep /mnt /proc/mounts; umount /mnt; }; done',
    'mount -t tmpfs -o nr_inodes=3,mode=710,uid=5,gid=6,size=100k x /mnt; stat -c "%a %u %g" /mnt; grep /mnt /proc/mounts; df /mnt; df -h /mnt; df -hi /mnt; df -Pi /mnt; df -Ti /mnt; umount /mnt',
    'mount -t tmpfs -o size=8k x /mnt; echo a >/mnt/a; echo b >/mnt/b; echo c >/mnt/c; ls -s /mnt; df /mnt; umount /mnt',
    'mount -t tmpfs -o nr_inodes=2 x /mnt; mkdir /mnt/d; touch /mnt/d/f; mv /mnt/d /mnt/e; ls /mnt; rmdir /mnt/e; touch /mnt/f; ls /mnt; umount /mnt',
  ],
  'propagation needs a mount': [
    'mount -o shared none /a',
    'mount -o private none /b',
    'mount --make-shared /a',
    'mount --make-private /none',
    'unshare -m --propagation unchanged true',
  ],
  pivot_root: [
    'mount -t tmpfs t /mnt; mkdir /mnt/bin /mnt/old /mnt/proc; cp /bin/busybox /mnt/bin/; ln -s busybox /mnt/bin/sh; unshare -m /mnt/bin/busybox sh -c \'cd /mnt; pivot_root . old; ls /; ls /old/a; mount -t proc proc /proc; cut -d" " -f 2 /proc/mounts | head -n 2; umount -l /old; ls /old; cut -d" " -f 2 /proc/mounts\'',
    'ls /a',
    "unshare -m sh -c 'pivot_root /a /a/sub'",
    "unshare -m sh -c 'mount -o bind /a /a; pivot_root /a /b'",
    "unshare -m sh -c 'mount -o bind /a /a; pivot_root /a /a/none'",
    "unshare -m sh -c 'pivot_root / /a'",
    "unshare -m sh -c 'mount -o bind /a /a; pivot_root /a /a/f'",
    "unshare -m sh -c 'mount -o bind /a /a; mount --make-shared /a; pivot_root /a /a/sub'",
    "unshare -m sh -c 'mount -t tmpfs t /mnt; mkdir /mnt/d; mount -o bind /mnt/d /mnt/d; cd /mnt/d; mkdir old; pivot_root . old; /old/bin/busybox ls / /old/a'",
    'pivot_root',
    'pivot_root /a',
  ],
  'pivot_root onto itself': [
    'mkdir -p /mnt/bin; unshare -m sh -c \'mount -t tmpfs t /mnt; mkdir /mnt/bin /mnt/proc; cp /bin/busybox /mnt/bin; cd /mnt; pivot_root . .; /bin/busybox umount -l .; cd /; /bin/busybox ls /; /bin/busybox mount -t proc proc /proc; /bin/busybox cut -d" " -f 2 /proc/mounts\'',
  ],
  'the root of others moves with pivot_root': [
    'mount -t tmpfs t /mnt; mkdir /mnt/bin /mnt/old; cp /bin/busybox /mnt/bin/; unshare -m /mnt/bin/busybox sh -c \'sh -c ": >/mnt/up; until [ -e /old/proc ]; do usleep 10000; done; readlink /old/proc/self/root; ls /" & until [ -e /mnt/up ]; do usleep 10000; done; rm /mnt/up; cd /mnt; pivot_root . old; wait\'',
  ],
  chroot: [
    'mount -t tmpfs t /mnt; mkdir /mnt/bin; cp /bin/busybox /mnt/bin/; chroot /mnt /bin/busybox ls /; chroot /mnt /bin/busybox pwd; chroot /mnt ls; chroot /mnt /bin/nothing; chroot /none ls; chroot; chroot /x ls',
    "chroot /mnt /bin/busybox sh -c 'cd ..; cd ..; /bin/busybox ls; /bin/busybox chroot . /bin/busybox pwd'; umount /mnt",
  ],
  'a mount without a name in the namespace of another root': [
    "mount -t tmpfs t /mnt; mkdir /mnt/bin /mnt/proc; cp /bin/busybox /mnt/bin/; mount -t proc proc /mnt/proc; chroot /mnt /bin/busybox cut -d' ' -f 2,3 /proc/mounts; umount /mnt/proc; umount /mnt",
  ],
};
