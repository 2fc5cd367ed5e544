/**
 * Namespaces as a person makes them on a host with `unshare` and enters them with `nsenter`: who sees what, and what the kernel
 * refuses. Each case is a few lines of shell in a fresh world, after `setup`.
 */
import { settled } from './settled.ts';

/** `own PID` says which of its namespaces are not those of that process; `gone` ends what a line left running in the background. */
export const setup = [
  `cat >/bin/own <<'END'
#!/bin/sh
for kind in cgroup ipc mnt net pid user uts; do
  [ "$(readlink /proc/self/ns/$kind)" = "$(readlink /proc/$1/ns/$kind)" ] || echo $kind
done
END`,
  'chmod 755 /bin/own',
  settled,
  'mkdir -p /mnt',
].join('\n');

/** Something that lives on in new namespaces; `$!` is its PID. */
const living = (unshare: string, program = 'sleep 300'): string => `${unshare} ${program} & settled $!`;

export const cases: Readonly<Record<string, readonly string[]>> = {
  'every kind has a link': [
    'ls /proc/self/ns',
    'for kind in cgroup ipc mnt net pid user uts; do readlink /proc/self/ns/$kind | sed "s/[0-9][0-9]*/N/"; done',
    'own 1',
    '[ "$(readlink /proc/self/ns/uts)" = "$(readlink /proc/$$/ns/uts)" ] && echo the same',
    "stat -L -c '%F' /proc/self/ns/uts",
    'cat /proc/self/ns/uts',
  ],
  'unshare makes what it is asked for': [
    'unshare -u own 1',
    'unshare -i own 1',
    'unshare -n own 1',
    'unshare -m own 1',
    'unshare -U own 1',
    'unshare -u -i -n -m own 1',
    'unshare --uts --ipc --net --mount --user own 1',
    'unshare own 1',
  ],
  'two new ones are two': [
    "unshare -u sh -c 'a=$(readlink /proc/self/ns/uts); [ $a = $(unshare -u readlink /proc/self/ns/uts) ] || echo two'",
  ],
  'a new PID namespace begins with the next child': [
    "unshare -p sh -c 'own 1'",
    "unshare -p sh -c '[ $(readlink /proc/self/ns/pid) = $(readlink /proc/self/ns/pid_for_children) ] || echo not yet'",
    "unshare -p -f sh -c 'echo $$'",
    "unshare -p -f sh -c 'own 1'",
    "unshare -p -f sh -c 'cat /proc/self/status | grep NSpid | wc -w'",
  ],
  'its first child is PID 1, and without it nobody is born there': [
    'unshare -p sh -c \'sh -c "echo I am \\$\\$"; sh -c "echo I am \\$\\$"; echo end\'',
  ],
  'a proc of its own shows its own PIDs': [
    "unshare -p -f --mount-proc sh -c 'echo $$; ps -o pid,ppid,comm; ls -d /proc/[0-9]*'",
    "unshare -p -f --mount-proc sh -c 'own 1'",
    'own 1; ls -d /proc/1',
  ],
  'PID namespaces nest': [
    "unshare -p -f --mount-proc unshare -p -f --mount-proc sh -c 'grep NSpid /proc/self/status'",
    "unshare -p -f --mount-proc unshare -p -f sh -c 'grep NSpid /proc/self/status | wc -w; echo $$; readlink /proc/self'",
  ],
  'who is born outside has no parent inside': [
    "unshare -p -f --mount-proc sh -c 'grep PPid /proc/1/status; echo $PPID'",
  ],
  'the hostname belongs to the namespace': [
    'hostname host1',
    "unshare -u sh -c 'hostname; hostname box; hostname; uname -n; cat /proc/sys/kernel/hostname'; hostname",
    "unshare -u sh -c 'echo written >/proc/sys/kernel/hostname; hostname'; hostname",
  ],
  'a hostname that is too long': ['hostname 0123456789012345678901234567890123456789012345678901234567890123456789'],
  'mounts in a new mount namespace stay there': [
    "unshare -m sh -c 'mount -t tmpfs t /mnt; touch /mnt/x; ls /mnt; grep -c \" /mnt \" /proc/mounts'; ls /mnt; grep -c ' /mnt ' /proc/mounts",
    "mount -t tmpfs t /mnt; touch /mnt/y; unshare -m sh -c 'ls /mnt; umount /mnt; ls /mnt'; ls /mnt; umount /mnt",
  ],
  'message queues belong to the IPC namespace': [
    'mkdir /q; mount -t mqueue q /q; touch /q/one; ls /q',
    "unshare -i -m sh -c 'mkdir /r; mount -t mqueue r /r; ls /r; touch /r/two; ls /r'",
    "unshare -m sh -c 'mkdir -p /r; mount -t mqueue r /r; ls /r'",
    'ls /q; umount /q',
  ],
  'wrong calls': [
    'unshare -Z true',
    'unshare -C true',
    'unshare --cgroup true',
    'unshare -u nothing-of-that-name',
    'unshare -u /etc',
    'unshare --propagation sideways true',
    'unshare -u false',
    "unshare -p -f sh -c 'exit 7'",
    "unshare -p -f sh -c 'kill -9 $$; echo alive'",
  ],
  'nsenter joins the namespaces of a process': [
    `${living('unshare -u', "sh -c 'hostname box; exec sleep 300'")}; nsenter -t $! -u hostname; nsenter -t $! -u own $!; nsenter -t $! -u own 1; hostname host1; hostname; kill -9 $!`,
    `${living('unshare -u -i -n')}; nsenter -t $! -u -i -n own 1; nsenter -t $! -u own 1; nsenter -t $! -u own $!; kill -9 $!`,
    `${living('unshare -m', "sh -c 'mount -t tmpfs t /mnt; touch /mnt/inside; exec sleep 300'")}; ls /mnt; nsenter -t $! -m ls /mnt; kill -9 $!`,
  ],
  'nsenter enters a PID namespace by a child': [
    `unshare -p -f --mount-proc sleep 300 & until pidof sleep >/dev/null; do usleep 10000; done; pid=$(pidof sleep); nsenter -t $pid -p -m sh -c 'echo $$; ps -o pid,ppid,args'; kill -9 $pid`,
  ],
  'who enters has the root of the namespace': [
    `${living('unshare -m')}; cd /tmp; nsenter -t $! -m pwd; nsenter -t $! -w/bin pwd; nsenter -t $! -m -r -w pwd; kill -9 $!`,
  ],
  'nsenter refused': [
    'nsenter -t 99999 -u true',
    'nsenter -u true',
    'nsenter -t 1 -u nothing-of-that-name',
    'nsenter -t 1 -C true',
    'nsenter -t 1 --all true',
    'nsenter -u/bin/own true',
    'nsenter -t 1 true; echo $?',
    'nsenter -t 1 -U true',
  ],
  'a namespace is kept by a mount on its link': [
    'touch /root/kept; unshare -u sh -c "hostname kept; mount --bind /proc/self/ns/uts /root/kept"; nsenter --uts=/root/kept hostname',
    'grep /root/kept /proc/mounts; hostname host1; hostname',
    'umount /root/kept; nsenter --uts=/root/kept hostname',
  ],
};
