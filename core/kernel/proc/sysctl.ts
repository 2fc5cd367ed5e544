/**
 * /proc/sys, sysctl(8): parameters of the kernel. Those of a namespace are those of the writer's, the others of the whole host.
 *
 * Kept true: a number out of its bounds, or none, is EINVAL and changes nothing; what only shows is EACCES; who may
 * write is said by the modes of the files, which the host's root owns.
 */
import { SysError } from '../../errors.ts';
import { ipcOf } from '../ipc.ts';
import type { Kernel } from '../kernel.ts';
import { dropCaches as dropPages } from '../pagecache.ts';
import { type Plan, reader, type SystemFile } from './plan.ts';

/** What was written to those of the whole host. */
const written = new WeakMap<Kernel, Map<string, string>>();

/** Whole numbers with blanks between them; all of them or EINVAL. */
function numbersIn(text: string, [min, max]: Bounds): bigint[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.map((word) => {
    if (!/^[+-]?\d+$/.test(word)) throw new SysError('EINVAL');
    const number = BigInt(word.replace('+', ''));
    if (number < min || number > max) throw new SysError('EINVAL');
    return number;
  });
}

type Bounds = readonly [min: bigint, max: bigint];
const ANY: Bounds = [-(2n ** 31n), 2n ** 31n - 1n];
const NATURAL: Bounds = [0n, 2n ** 31n - 1n];
const SWITCH: Bounds = [0n, 1n];
const LONG: Bounds = [0n, 2n ** 64n - 1n];
const upTo = (max: number): Bounds => [0n, BigInt(max)];

/** A parameter of the whole host: numbers, each within its bounds; fewer than there are leave the others. */
function host(name: string, first: string, bounds: Bounds = ANY): Plan {
  const of = (kernel: Kernel): string => written.get(kernel)?.get(name) ?? first;
  const file: SystemFile = {
    show: (kernel) => `${of(kernel)}\n`,
    write(kernel, text) {
      const values = of(kernel).split('\t');
      for (const [n, number] of numbersIn(text, bounds).slice(0, values.length).entries()) values[n] = String(number);
      keep(kernel, name, values.join('\t'));
    },
  };
  return [name, file];
}

function keep(kernel: Kernel, name: string, value: string): void {
  const all = written.get(kernel) ?? new Map<string, string>();
  written.set(kernel, all.set(name, value));
}

/** A text of the whole host. */
function text(name: string, first: string): Plan {
  const file: SystemFile = {
    show: (kernel) => `${written.get(kernel)?.get(name) ?? first}\n`,
    write(kernel, value) {
      keep(kernel, name, value.replace(/\n$/, ''));
    },
  };
  return [name, file];
}

const shows = (name: string, value: string): Plan => [name, () => `${value}\n`];

/** Limits of the IPC namespace: one number, or the four of `sem`. */
function ipc(name: string, bounds: Bounds, keys: readonly string[] = [name]): Plan {
  const file: SystemFile = {
    show: (kernel) => `${keys.map((key) => ipcOf(reader(kernel).ns.ipc).limits.get(key)).join('\t')}\n`,
    write(kernel, value) {
      const { ns } = reader(kernel);
      for (const [n, number] of numbersIn(value, bounds).slice(0, keys.length).entries())
        ipcOf(ns.ipc).limits.set(keys[n]!, number);
    },
  };
  return [name, file];
}

const hostname: SystemFile = {
  show: (kernel) => `${reader(kernel).ns.uts.hostname}\n`,
  write(kernel, value) {
    const { uts } = reader(kernel).ns;
    uts.hostname = value.split('\n')[0]!.slice(0, 64);
  },
};

const domainname: SystemFile = {
  show: (kernel) => `${reader(kernel).ns.uts.domainname ?? '(none)'}\n`,
  write(kernel, value) {
    const { uts } = reader(kernel).ns;
    uts.domainname = value.split('\n')[0]!.slice(0, 64);
  },
};

/** The PID that was given out last in the reader's PID namespace; written, the next one follows it. */
const lastPid: SystemFile = {
  mode: 0o666,
  show: (kernel) => `${reader(kernel).ns.pid.next - 1}\n`,
  write(kernel, value) {
    const { pid } = reader(kernel).ns;
    if (!reader(kernel).can('CAP_SYS_ADMIN', pid)) throw new SysError('EPERM');
    const [last] = numbersIn(value, [0n, 4194304n]);
    if (last !== undefined) pid.next = Math.max(Number(last) + 1, Math.max(0, ...pid.table.keys()) + 1);
  },
};

const forwarding: SystemFile = {
  show: (kernel) => `${reader(kernel).ns.net.forwards === true ? 1 : 0}\n`,
  write(kernel, value) {
    const { net } = reader(kernel).ns;
    if (!reader(kernel).can('CAP_NET_ADMIN', net)) throw new SysError('EPERM');
    net.forwards = Number.parseInt(value, 10) > 0;
  },
};

/** As many namespaces of a kind as a user may have, namespaces(7). */
const MOST_NAMESPACES = '31334';
const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const;

/** How many user namespaces there may be, by /proc/sys/user/max_user_namespaces. */
export const mostUserNamespaces = (kernel: Kernel): number =>
  Number(written.get(kernel)?.get('max_user_namespaces') ?? MOST_NAMESPACES);

const MAX_INT: Bounds = NATURAL;

/** Sorted by name. */
export const sysctls: readonly Plan[] = [
  [
    'fs',
    [
      host('file-max', '9223372036854775807', LONG),
      shows('file-nr', '0\t0\t9223372036854775807'),
      [
        'mqueue',
        [
          host('msg_default', '10', [1n, 65536n]),
          host('msg_max', '10', [1n, 65536n]),
          host('msgsize_default', '8192', [128n, 16777216n]),
          host('msgsize_max', '8192', [128n, 16777216n]),
          host('queues_max', '256', MAX_INT),
        ],
      ],
      host('mount-max', '100000', [1n, 2n ** 31n - 1n]),
      host('nr_open', '1048576', [64n, 2147483584n]),
      host('overflowgid', '65534', upTo(65535)),
      host('overflowuid', '65534', upTo(65535)),
      host('pipe-max-size', '1048576', NATURAL),
      host('protected_fifos', '1', upTo(2)),
      host('protected_hardlinks', '1', SWITCH),
      host('protected_regular', '2', upTo(2)),
      host('protected_symlinks', '1', SWITCH),
      host('suid_dumpable', '0', upTo(2)),
    ],
  ],
  [
    'kernel',
    [
      shows('cap_last_cap', '40'),
      text('core_pattern', 'core'),
      host('core_uses_pid', '0'),
      host('dmesg_restrict', '1', SWITCH),
      ['domainname', domainname],
      ['hostname', hostname],
      host('kptr_restrict', '0', upTo(2)),
      ipc('msgmax', NATURAL),
      ipc('msgmnb', NATURAL),
      ipc('msgmni', upTo(32768)),
      shows('ngroups_max', '65536'),
      ['ns_last_pid', lastPid],
      ['osrelease', ({ release }) => `${release.release}\n`],
      shows('ostype', 'Linux'),
      host('overflowgid', '65534', upTo(65535)),
      host('overflowuid', '65534', upTo(65535)),
      host('panic', '0'),
      host('panic_on_oops', '0'),
      host('perf_event_paranoid', '3'),
      host('pid_max', '4194304', [301n, 4194304n]),
      host('printk', '4\t4\t1\t7'),
      [
        'random',
        [
          ['boot_id', ({ bootTime }) => `${uuid(bootTime)}\n`],
          shows('entropy_avail', '256'),
          shows('poolsize', '256'),
          ['uuid', (kernel) => `${uuid(kernel.now() + kernel.random(4)[0]!)}\n`],
        ],
      ],
      host('randomize_va_space', '2', upTo(2)),
      host('sched_rt_period_us', '1000000', [1n, 2n ** 31n - 1n]),
      host('sched_rt_runtime_us', '950000', [-1n, 2n ** 31n - 1n]),
      ipc('sem', ANY, ['semmsl', 'semmns', 'semopm', 'semmni']),
      ipc('shm_rmid_forced', SWITCH),
      ipc('shmall', LONG),
      ipc('shmmax', LONG),
      ipc('shmmni', upTo(32768)),
      host('tainted', '0', LONG),
      host('threads-max', '62669', [20n, 2n ** 31n - 1n]),
      ['version', ({ release }) => `${release.version}\n`],
    ],
  ],
  ['net', [['ipv4', [['ip_forward', forwarding]]]]],
  ['user', kinds.map((kind) => host(`max_${kind}_namespaces`, MOST_NAMESPACES, NATURAL))],
  [
    'vm',
    [
      host('dirty_ratio', '20', upTo(100)),
      ['drop_caches', { mode: 0o200, show: refuseRead, write: dropCaches }],
      host('max_map_count', '65530', NATURAL),
      host('min_free_kbytes', '11363', NATURAL),
      host('oom_dump_tasks', '1'),
      host('oom_kill_allocating_task', '0'),
      host('overcommit_memory', '0', upTo(2)),
      host('overcommit_ratio', '50', NATURAL),
      host('panic_on_oom', '0', upTo(2)),
      host('swappiness', '60', upTo(200)),
      host('vfs_cache_pressure', '100', NATURAL),
    ],
  ],
];

function refuseRead(): never {
  throw new SysError('EINVAL');
}

/** 1: cached pages, 2: names and inodes, of which nothing is kept here; 3: both; 4: says nothing more of it. */
function dropCaches(kernel: Kernel, value: string): void {
  const [what] = numbersIn(value, [1n, 4n]);
  if (what === 1n || what === 3n) dropPages(kernel);
}

/** Made from a number, so that it is the same for the same. */
function uuid(seed: number): string {
  let state = BigInt.asUintN(64, BigInt(Math.floor(seed)) * 6364136223846793005n + 1442695040888963407n);
  let digits = '';
  while (digits.length < 32) {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    digits += (state >> 32n).toString(16).padStart(8, '0');
  }
  const at = (from: number, to: number): string => digits.slice(from, to);
  return `${at(0, 8)}-${at(8, 12)}-4${at(13, 16)}-a${at(17, 20)}-${at(20, 32)}`;
}
