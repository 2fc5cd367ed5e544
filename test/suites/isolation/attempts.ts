/**
 * Attempts to get out of a container, or to see more than one should, as scripts for the busybox in it; most of them by root.
 * Each says what must come of it, in the words of the tools; the same under Docker's defaults and on the linux backend.
 */
export interface Attempt {
  readonly name: string;
  readonly script: string;
  /** What it must print, errors included, and then `= <exit code>`. */
  readonly must: RegExp;
  /** Flags of `docker run`. */
  readonly flags?: string;
}

const no = /Operation not permitted|Permission denied|permission denied|are you root\?/;
const readOnly = /Read-only file system/;
const empty = /^= 0$/;

/** As root, with nothing said on the command line. */
const plain: readonly (readonly [name: string, script: string, must: RegExp])[] = [
  // Mounts.
  ['mount a tmpfs', 'mount -t tmpfs none /tmp', no],
  ['bind a directory to another', 'mount -o bind /etc /tmp', no],
  ['mount a proc of its own', 'mount -t proc none /tmp', no],
  ['mount a cgroup hierarchy, for its release_agent', 'mount -t cgroup -o memory none /tmp', no],
  ['mount the machine’s disk', 'mknod /disk b 254 0 && mount -t ext4 /disk /tmp', no],
  ['make /sys writable', 'mount -o remount,rw,bind none /sys', no],
  ['make /proc/sys writable', 'mount -o remount,rw,bind none /proc/sys', no],
  ['uncover a masked directory', 'umount /sys/firmware', no],
  ['uncover a masked file', 'umount /proc/keys', no],
  ['pivot_root', 'pivot_root / /tmp', no],
  [
    'see mounts of the machine',
    'grep -vE " - (overlay|proc|tmpfs|devpts|sysfs|mqueue|cgroup2?) " /proc/self/mountinfo',
    /^= 1$/,
  ],
  // Namespaces.
  ['a user namespace, with all capabilities in it', 'unshare -U true', no],
  ['a user namespace and a mount in it', 'unshare -Urm mount -t tmpfs none /tmp', no],
  ['a mount namespace', 'unshare -m true', no],
  ['a network namespace', 'unshare -n true', no],
  ['join the mount namespace of PID 1', 'nsenter -t 1 -m true', no],
  ['climb out by ..', 'cd / && cd ../../../../.. && pwd && ls -d ../../etc/passwd', /^\/\n..\/..\/etc\/passwd\n= 0$/],
  [
    'the root of PID 1 is no other',
    'ls -d /proc/1/root/bin /proc/1/root/work /proc/1/root/boot',
    /No such file[\s\S]*No such file[\s\S]*bin\n= 1$/,
  ],
  // Devices.
  ['read the machine’s disk', 'mknod /d b 254 0; head -c 1 /d', no],
  ['read memory', 'mknod /mem c 1 1; head -c 1 /mem', no],
  ['read the kernel’s log device', 'mknod /kmsg c 1 11; head -c 1 /kmsg', no],
  ['a loop device', 'mknod /loop b 7 0; losetup /loop /etc/passwd', no],
  ['mknod of a harmless device is allowed', 'mknod /null2 c 1 3 && echo x >/null2', empty],
  [
    'devices that there are',
    'ls /dev | tr "\\n" " "',
    /^(core )?fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero = 0$/,
  ],
  ['memory by devmem', 'devmem 0x0', /No such file|not permitted/],
  // The kernel.
  ['kernel parameters', 'echo x >/proc/sys/kernel/hostname', readOnly],
  ['the program for core dumps', 'echo "|/x" >/proc/sys/kernel/core_pattern', readOnly],
  ['magic SysRq', 'echo h >/proc/sysrq-trigger', /Read-only|nonexistent/],
  ['routing between networks', 'echo 1 >/proc/sys/net/ipv4/ip_forward', readOnly],
  ['interrupts', 'echo 1 >/proc/irq/default_smp_affinity', readOnly],
  [
    'a helper that the kernel starts',
    'echo /x >/sys/kernel/uevent_helper',
    /Read-only|Permission denied|nonexistent|No such file/,
  ],
  ['kernel memory', 'head -c 4 /proc/kcore', /^(= 0|head: [^\n]*No such file[^\n]*\n= 1)$/],
  ['keys of the kernel', 'cat /proc/keys', empty],
  ['timers of the kernel', 'cat /proc/timer_list', empty],
  ['ACPI', 'ls /proc/acpi', empty],
  ['firmware', 'ls /sys/firmware', empty],
  ['the kernel’s log', 'dmesg', no],
  ['load a module', 'echo x >/x.ko; insmod /x.ko', no],
  ['set the clock', 'date -s 2001-01-01', no],
  ['restart the machine', 'reboot -f', no],
  ['swap', 'dd if=/dev/zero of=/swap bs=4096 count=10 2>/dev/null; mkswap /swap >/dev/null; swapon /swap', no],
  ['the host’s name', 'hostname other', no],
  ['the disk before others', 'ionice -c 1 true', no],
  ['higher priority', 'renice -n -5 -p $$', no],
  ['be spared by the OOM killer', 'echo -500 >/proc/self/oom_score_adj', no],
  // The network.
  ['a network device', 'ip link add type dummy', no],
  ['an address', 'ip addr add 10.9.9.9/8 dev lo', no],
  ['listen to others: promiscuous mode', 'ip link set lo promisc on', no],
  [
    'devices of the machine',
    'ip -o link | cut -d: -f2 | grep -vE "^ (lo|eth0@|eth0|tunl0|sit0|ip6tnl0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|ip6gre0|dummy0)"',
    /^= 1$/,
  ],
  // Other processes.
  ['processes of the machine', 'ls /proc | grep -cE "^[0-9]+$"', /^[1-6]\n= 0$/],
  ['kill what has a number of the machine’s', 'kill -9 2147483', /No such process/],
  ['descriptors that were left open', 'ls /proc/self/fd | tr "\\n" " "', /^0 1 2 3 = 0$/],
  [
    'the environment of who started it',
    'tr "\\0" "\\n" </proc/1/environ | cut -d= -f1 | sort | tr "\\n" " "',
    /^HOME HOSTNAME PATH = 0$/,
  ],
  ['who started it', 'grep PPid /proc/1/status', /^PPid:\t0\n= 0$/],
  ['a terminal of somebody else', 'cat /dev/tty', /No such device or address|No such device/],
  ['session of its own', 'grep -c "^NSsid:.[1-9]" /proc/self/status', /^1\n= 0$/],
  // What it is given.
  [
    'capabilities',
    'grep Cap /proc/self/status | tr -s "\\t\\n" " "',
    /^CapInh: 0{16} CapPrm: 00000000a80425fb CapEff: 00000000a80425fb CapBnd: 00000000a80425fb CapAmb: 0{16} = 0$/,
  ],
  ['the filter of system calls', 'grep -E "^Seccomp:" /proc/self/status', /^Seccomp:\t2\n= 0$/],
  ['mask of new files', 'umask', /^0022\n= 0$/],
  ['files of the engine', 'ls -A /var/lib/docker /var/run/docker.sock', /No such file[\s\S]*No such file/],
  ['limits', 'ulimit -c; ulimit -n; ulimit -l', /^(unlimited|\d+)\n\d+\n(unlimited|\d+)\n= 0$/],
  ['control groups', 'mkdir /sys/fs/cgroup/memory/x /sys/fs/cgroup/x', /Read-only|No such file|Permission denied/],
];

const user = '--user 1000:1000';

const mounted = '-v held:/v -v held:/ro:ro --tmpfs /t';

/** With a volume, the same read-only, and a tmpfs. */
const ofMounts: readonly Attempt[] = (
  [
    ['make a read-only volume writable', 'mount -o remount,rw,bind none /ro', no],
    ['take a mount away, for what it covers', 'umount /v', no],
    ['write to a read-only volume', 'touch /ro/x', readOnly],
    ['execute from a tmpfs', 'cp /bin/busybox /t/b && /t/b true', no],
    ['a disk on a volume', 'mknod /v/disk b 254 0; head -c 1 /v/disk', no],
    ['climb out of a volume by ..', 'cd /v && cd ../../.. && pwd', /^\/\n= 0$/],
    ['climb out of a volume by a link', 'ln -sf ../../../../../../work /v/l; ls /v/l/', /No such file/],
    ['the data root beside a volume', 'ls /v/../_data /v/../opts.json', /No such file[\s\S]*No such file/],
  ] as const
).map(([name, script, must]) => ({ name, script, must, flags: mounted }));

export const attempts: readonly Attempt[] = [
  ...ofMounts,
  ...plain.map(([name, script, must]) => ({ name, script, must })),
  { name: 'a user: capabilities', flags: user, script: 'grep CapEff /proc/self/status', must: /^CapEff:\t0{16}\n= 0$/ },
  { name: 'a user: groups', flags: user, script: 'id', must: /^uid=1000 gid=1000( groups=1000)?\n= 0$/ },
  { name: 'a user: a device', flags: user, script: 'mknod /tmp/d c 1 3', must: no },
  { name: 'a user: a user namespace', flags: user, script: 'unshare -U true', must: no },
  { name: 'a user: root’s files', flags: user, script: 'ls /root; touch /etc/x', must: no },
  { name: 'a user: files of PID 1', flags: user, script: 'ls -A /proc/1/cwd/ >/dev/null', must: /^= 0$|denied/ },
  {
    name: 'a user: set-user-ID, no_new_privs',
    flags: `${user} --security-opt no-new-privileges`,
    script: 'grep NoNewPrivs /proc/self/status',
    must: /^NoNewPrivs:\t1\n= 0$/,
  },
  { name: 'nothing at all: give a file away', flags: '--cap-drop ALL', script: 'chown 5 /etc/passwd', must: no },
  { name: 'nothing at all: chroot', flags: '--cap-drop ALL', script: 'chroot / true', must: no },
  { name: 'nothing at all: a device', flags: '--cap-drop ALL', script: 'mknod /n c 1 3', must: no },
  {
    name: 'nothing at all: another’s files',
    flags: '--cap-drop ALL',
    script: 'touch /home/x 2>&1 || chown 5 /tmp',
    must: no,
  },
  { name: 'read-only root: write', flags: '--read-only', script: 'touch /x', must: readOnly },
  { name: 'read-only root: remount', flags: '--read-only', script: 'mount -o remount,rw /', must: no },
  {
    name: 'read-only root: the files of the engine',
    flags: '--read-only',
    script: 'echo x >>/etc/hosts',
    must: readOnly,
  },
];

/** Attempts that take more than one line; what the last one answers is judged. */
export interface Story {
  readonly name: string;
  readonly lines: readonly string[];
  /** Absent: any but 0. */
  readonly exitCode?: number;
  readonly must: RegExp;
}

const hostile = (name: string, script: string): readonly string[] => [
  `docker run --name made-${name} busybox sh -c '${script}'`,
  `docker commit made-${name} ${name}`,
];

/** A container with links that climb, and a copy of its own file that came out through one of them. */
const links = [
  "docker run -d --init --name climbs busybox sh -c 'ln -s ../../../../../../etc /up; ln -s ../../../../tmp /out; sleep 1000'",
  'docker exec climbs sh -c "until [ -L /out ]; do sleep 0.1; done"',
  'docker cp climbs:/up/passwd own',
];

/** Names and links of volumes, mount points and copies. */
const ofVolumes: readonly Story[] = [
  {
    name: 'a volume whose name climbs',
    lines: ['docker volume create ../../../escape'],
    must: /includes invalid characters for a local volume name/,
  },
  {
    name: 'the same with docker run',
    lines: ['docker run --rm -v ../../../etc:/x busybox true'],
    must: /includes invalid characters for a local volume name/,
  },
  {
    name: 'a volume below another’s directory',
    lines: ['docker run --rm -v held/_data:/x busybox true'],
    must: /includes invalid characters for a local volume name/,
  },
  {
    name: 'a mount point that climbs',
    lines: ['docker run --rm -v held:/x/../../../../deep busybox grep -o " /[^ ]*deep " /proc/mounts'],
    exitCode: 0,
    must: /^ \/deep \n$/,
  },
  {
    name: 'a mount point behind a link of the image that climbs',
    lines: [
      ...hostile('climber', 'ln -s ../../../../../../etc /out'),
      'docker run --rm -v held:/out/deep climber grep -o " /[^ ]*deep " /proc/mounts',
    ],
    exitCode: 0,
    must: /^ \/etc\/deep \n$/,
  },
  {
    name: 'a mount point behind a link in a volume',
    lines: [
      'docker run --rm -v outer:/v busybox ln -s ../../../../../../etc /v/out',
      'docker run --rm -v outer:/v -v held:/v/out/deep busybox grep -o " /[^ ]*deep " /proc/mounts',
    ],
    exitCode: 0,
    must: /^ \/etc\/deep \n$/,
  },
  {
    name: 'docker cp out through a link that climbs gives the container’s own file',
    lines: [...links, 'docker cp own climbs:/tmp/own', 'docker exec climbs cmp /tmp/own /etc/passwd'],
    exitCode: 0,
    must: /^$/,
  },
  {
    name: 'docker cp into a link that climbs stays in the container',
    lines: ['docker cp own climbs:/out/leak', 'docker exec climbs ls /tmp/leak'],
    exitCode: 0,
    must: /^\/tmp\/leak\n$/,
  },
  {
    name: 'docker cp of a tree with a link that leads out',
    lines: ['docker exec climbs sh -c "mkdir /tree; ln -s ../../../far /tree/m"', 'docker cp climbs:/tree out'],
    must: /invalid symlink/,
  },
];

export const stories: readonly Story[] = [
  ...ofVolumes,
  {
    name: 'an image that has libraries loaded into all that starts',
    lines: [...hostile('preload', 'echo /evil.so >/etc/ld.so.preload'), 'docker run --rm --init preload echo as usual'],
    exitCode: 0,
    must: /^as usual\n$/,
  },
  {
    name: 'the same, with docker exec',
    lines: ['docker run -d --init --name loads preload sleep 1000', 'docker exec loads echo as usual'],
    exitCode: 0,
    must: /^as usual\n$/,
  },
  {
    name: 'libraries by the environment',
    lines: ['docker run --rm -e LD_PRELOAD=/evil.so -e PERL5OPT=-Mevil busybox echo as usual'],
    exitCode: 0,
    must: /^as usual\n$/,
  },
  {
    name: 'a program that is a named pipe',
    lines: [...hostile('pipe', 'mkfifo -m 755 /pipe'), 'docker run --rm pipe /pipe'],
    must: /permission denied/,
  },
  {
    name: 'what docker exec starts has no more than PID 1',
    lines: ['docker exec loads grep -E "CapEff|CapBnd|Seccomp:" /proc/self/status'],
    exitCode: 0,
    must: /^CapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nSeccomp:\t2\n$/,
  },
  {
    name: 'another container’s files and processes',
    lines: [
      'docker exec loads touch /secret',
      "docker run --rm busybox sh -c 'find / -xdev -name secret; grep -l sleep /proc/[0-9]*/comm; echo looked'",
    ],
    exitCode: 0,
    must: /^looked\n$/,
  },
  {
    name: 'another container’s processes by signal',
    lines: ['docker run --rm busybox kill -9 -1', "docker inspect -f '{{.State.Running}}' loads"],
    exitCode: 0,
    must: /^true\n$/,
  },
  {
    name: 'a fork bomb under --pids-limit',
    lines: [
      "docker run --rm --pids-limit 20 busybox sh -c 'n=0; while [ $n -lt 40 ]; do n=$((n+1)); sleep 1000 & done'",
    ],
    exitCode: 2,
    must: /can't fork/,
  },
  {
    name: 'a memory bomb under -m',
    lines: ['docker run --rm -m 16m --memory-swap 16m busybox tail -n 1 /dev/zero'],
    exitCode: 137,
    must: /^$/,
  },
];
