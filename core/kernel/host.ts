/**
 * The simulated host as it stands after boot: the root tree, the programs in /bin, the mounts that every Linux has, PID 1.
 *
 * Kept true: what is here is what a learner finds with `ls` and `mount`; nothing in it depends on which containers there are.
 */
import { hostGroup, hostPasswd } from '../hostfiles.ts';
import type { Digest } from '../op.ts';
import { contentDigest, textContent } from '../vfs/content.ts';
import type { Content } from '../vfs/fs.ts';
import { TreeFs } from '../vfs/tree.ts';
import { fillDev } from './dev.ts';
import { Kernel, type KernelOptions } from './kernel.ts';
import { moreKernel } from './more.ts';
import { attach, type Mount, type NewMount } from './mount.ts';
import { mountAt } from './mountcalls.ts';
import { resolve } from './namei.ts';
import * as paths from './pathcalls.ts';
import type { Program } from './sys.ts';

export interface HostOptions extends Omit<KernelOptions, 'root'> {
  /** Applets by name; each is a link to busybox in /bin. `busybox` itself, when there, decides by argv[0]. */
  readonly programs: Readonly<Record<string, Program>>;
  /** Programs behind the binaries of images, by the digest of the file. */
  readonly binaries?: Readonly<Record<Digest, Program>>;
  /** Content of the host's own /bin/busybox; default: one that no image has. */
  readonly busybox?: Content;
  /** The program behind /usr/bin/docker-init. */
  readonly init?: Program;
}

const HOST_IPTABLES: Content = { size: 224872, digest: `sha256:${'19'.repeat(32)}` };

/** Known by size and digest only, as all big binaries. */
const HOST_BUSYBOX: Content = { size: 1984664, digest: `sha256:${'b5'.repeat(32)}` };
export const HOST_INIT: Content = { size: 887584, digest: `sha256:${'71'.repeat(32)}` };

// biome-ignore format: a table reads better in rows
const DIRECTORIES: readonly (readonly [string, number])[] = [
  ['/bin', 0o755], ['/dev', 0o755], ['/etc', 0o755], ['/etc/docker', 0o755], ['/home', 0o755], ['/lib', 0o755], ['/mnt', 0o755],
  ['/opt', 0o755], ['/proc', 0o555], ['/root', 0o700], ['/run', 0o755], ['/sbin', 0o755], ['/srv', 0o755], ['/sys', 0o555],
  ['/tmp', 0o1777], ['/usr', 0o755], ['/usr/bin', 0o755], ['/usr/sbin', 0o755], ['/usr/local', 0o755], ['/usr/local/bin', 0o755],
  ['/var', 0o755], ['/var/lib', 0o755], ['/var/lib/docker', 0o710], ['/var/log', 0o755], ['/var/tmp', 0o1777],
];

const FILES = (hostname: string): readonly (readonly [string, string])[] => [
  ['/etc/hostname', `${hostname}\n`],
  ['/etc/hosts', `127.0.0.1\tlocalhost\n127.0.1.1\t${hostname}\n`],
  ['/etc/resolv.conf', 'nameserver 127.0.0.1\n'],
  ['/etc/passwd', hostPasswd],
  ['/etc/group', hostGroup],
  ['/etc/os-release', 'PRETTY_NAME="Cutaway simulated host"\nNAME="Cutaway"\nID=cutaway\n'],
];

/** Boots the host: a kernel with its root tree filled and its own file systems mounted. */
export function bootHost(options: HostOptions): Kernel {
  const now = options.startTime ?? 0;
  const kernel = new Kernel({ ...options, root: new TreeFs('ext4', { now }) });
  const { init } = kernel;
  init.umask = 0;
  for (const [path, mode] of DIRECTORIES) paths.mkdir(init, path, mode);
  for (const [path, text] of FILES(init.ns.uts.hostname)) paths.putContent(init, path, textContent(text), 0o644);
  paths.symlink(init, '/run', '/var/run');
  installPrograms(kernel, options);
  mountEverything(kernel);
  init.umask = 0o022;
  return kernel;
}

/** /bin/busybox and a link for each applet; docker and docker-init beside them. */
function installPrograms(kernel: Kernel, options: HostOptions): void {
  const { init } = kernel;
  const busybox = options.busybox ?? HOST_BUSYBOX;
  paths.putContent(init, '/bin/busybox', busybox, 0o755);
  kernel.binaries.register(contentDigest(busybox), options.programs.busybox ?? multiCall(options.programs));
  for (const name of Object.keys(options.programs)) {
    if (name !== 'busybox') paths.symlink(init, 'busybox', `/bin/${name}`);
  }
  for (const [digest, program] of Object.entries(options.binaries ?? {})) {
    kernel.binaries.register(digest as Digest, program);
  }
  if (options.init !== undefined) kernel.binaries.register(contentDigest(HOST_INIT), options.init);
  paths.putContent(init, '/usr/bin/docker-init', HOST_INIT, 0o755);
  for (const [n, name] of (['ipcs', 'ipcmk', 'ipcrm'] as const).entries()) {
    const content: Content = { size: 60536 + n, digest: `sha256:${`1${n}`.repeat(32)}` };
    kernel.binaries.register(contentDigest(content), (sys, argv) => moreKernel().ipcTools[name](sys, argv));
    paths.putContent(init, `/usr/bin/${name}`, content, 0o755);
  }
  if (options.bridge !== true) return;
  kernel.binaries.register(contentDigest(HOST_IPTABLES), (sys, argv) => moreKernel().iptables(sys, argv));
  paths.putContent(init, '/usr/sbin/iptables', HOST_IPTABLES, 0o755);
}

/** One binary for many programs: the last component of argv[0] says which. */
export function multiCall(programs: Readonly<Record<string, Program>>): Program {
  return function* (sys, argv) {
    const name = (argv[0] ?? '').replace(/^-/, '').split('/').at(-1) ?? '';
    const own = name === 'busybox' ? argv.slice(1) : argv;
    const applet = Object.hasOwn(programs, name === 'busybox' ? (own[0] ?? '') : name)
      ? programs[name === 'busybox' ? own[0]! : name]
      : undefined;
    if (applet !== undefined) return yield* applet(sys, own);
    yield* sys.write(2, `${name}: applet not found\n`);
    return 127;
  };
}

/** The mounts of a host with systemd, as `mount` lists them. */
function mountEverything(kernel: Kernel): void {
  const { init } = kernel;
  const put = (at: string, spec: NewMount): Mount => {
    const mount = kernel.mounts.make(spec);
    attach(mount, resolve(init, at));
    return mount;
  };
  const safe = ['nosuid', 'nodev', 'noexec', 'relatime'];
  mountAt(kernel, init, { type: 'proc', source: 'proc', target: '/proc', options: safe });
  mountAt(kernel, init, { type: 'sysfs', source: 'sysfs', target: '/sys', options: safe });
  const dev = new TreeFs('devtmpfs', { now: kernel.now() });
  fillDev(dev, kernel.now());
  // The disk, and the partition that the root lies on.
  for (const [minor, name] of ['sda', 'sda1'].entries()) {
    const node = { type: 'block', mode: 0o660, uid: 0, gid: 6, mtime: kernel.now(), rdev: [8, minor] } as const;
    dev.create(dev.root, name, node);
  }
  put('/dev', { fs: dev, type: 'devtmpfs', source: 'udev', options: ['nosuid', 'relatime'] });
  mountAt(kernel, init, {
    type: 'devpts',
    source: 'devpts',
    target: '/dev/pts',
    options: ['nosuid', 'noexec', 'relatime', 'gid=5', 'mode=620'],
  });
  mountAt(kernel, init, { type: 'tmpfs', source: 'tmpfs', target: '/dev/shm', options: ['nosuid', 'nodev'] });
  mountCgroups(kernel, put, safe);
}

function mountCgroups(kernel: Kernel, put: (at: string, spec: NewMount) => Mount, flags: readonly string[]): void {
  const { hierarchies } = kernel.cgroups;
  const at = '/sys/fs/cgroup';
  if (hierarchies.length > 1) {
    mountAt(kernel, kernel.init, { type: 'tmpfs', source: 'tmpfs', target: at, options: [...flags, 'mode=755'] });
  }
  for (const { directory, option, root } of hierarchies) {
    if (directory !== '') paths.mkdir(kernel.init, `${at}/${directory}`, 0o555);
    // As systemd mounts it.
    const own = directory === '' ? ['nsdelegate', 'memory_recursiveprot'] : option === '' ? [] : [option];
    const options = [...flags, ...own];
    put(directory === '' ? at : `${at}/${directory}`, { ...kernel.fileSystems.cgroup(root), options });
  }
}
