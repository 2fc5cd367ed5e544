/**
 * The Op `spawn`: what runc does from config.json. New namespaces or those of another process, mounts inside the new root,
 * masked and read-only paths, then the program.
 *
 * Kept true: when anything is refused nothing is left behind, neither process nor namespace nor mount; only mount points
 * that had to be made in the root stay, as with runc.
 */
import { SysError } from '../../errors.ts';
import type { ContainerMount, Endpoint, NsKind, NsSource, OpOf, Spawn, SpawnDevice } from '../../op.ts';
import { nsKinds } from '../../op.ts';
import type { Fs, Ino, NewNode } from '../../vfs/fs.ts';
import { TreeFs, type TreeState } from '../../vfs/tree.ts';
import type { Cgroup } from '../cgroup.ts';
import { fillDev } from '../dev.ts';
import { type OpenFile, PipeEnd } from '../file.ts';
import type { Kernel } from '../kernel.ts';
import { collectors, launch, type OutputLog, type Stdio, terminalStdio, textInput } from '../launch.ts';
import { limits } from '../limits.ts';
import { moreKernel } from '../more.ts';
import { type Mount, mountRootPath, pathInFs, place } from '../mount.ts';
import { type MountSource, makeMount, shownOptions, splitOptions } from '../mountcalls.ts';
import { find, lookupPlace, type Path, resolve, statOf } from '../namei.ts';
import type { Namespaces } from '../namespace.ts';
import * as paths from '../pathcalls.ts';
import { Pipe } from '../pipe.ts';
import { Process } from '../process.ts';
import { type Terminal, terminals } from '../terminals.ts';
import { makeTmpfs, tmpfsOptions } from '../tmpfs.ts';
import { ensureDir } from './files.ts';

/** A process that the driver started: where its input comes from and where its output goes. */
export interface Spawned {
  readonly process: Process;
  readonly log: OutputLog;
  /** The end of standard input that the `input` Op writes to. */
  readonly input: Pipe | Terminal | undefined;
  readonly terminal?: Terminal;
}

/** Host program that `--init` puts in front. */
const INIT_SOURCE = '/usr/bin/docker-init';
const INIT_TARGET = '/sbin/docker-init';

export function spawn(kernel: Kernel, daemon: Process, { spawn: spec }: OpOf<'spawn'>, log: OutputLog): Spawned {
  const donors = findDonors(kernel, spec.namespaces);
  const cgroups = spec.cgroup === undefined ? (donors.pid ?? daemon).cgroups : kernel.cgroups.findAll(spec.cgroup);
  const ns = makeNamespaces(kernel, daemon, donors, spec, cgroups);
  const { root, mount } = rootOf(kernel, daemon, donors, spec);
  const inside: Namespaces = mount === undefined ? ns : { ...ns, mnt: kernel.namespaces.mnt(mount) };
  // Whoever prepares the new root: the daemon, seen as standing in it.
  const setup = standIn(daemon, root, inside);
  if (mount !== undefined) furnish(kernel, daemon, setup, spec, cgroups);
  if (spec.deviceRules !== undefined) restrict(kernel, cgroups, spec.deviceRules);
  const cwd = workingDirectory(setup, spec, mount !== undefined);
  if (mount !== undefined && spec.readonlyRoot === true) mount.readonly = true;
  const { stdio, input, terminal } = streams(kernel, daemon, setup, spec, log);
  const argv = spec.init === true ? [INIT_TARGET, '--', ...spec.argv] : spec.argv;
  if (kernel.bridge && spec.namespaces.net === 'new') inside.net.four = true;
  const { uid, gid, groups = [] } = spec.user;
  const process = launch(kernel, {
    parent: daemon,
    ns: inside,
    root,
    cwd,
    cgroups,
    argv,
    env: spec.env,
    uid,
    gid,
    groups,
    stdio,
  });
  process.group = process;
  process.session = process;
  if (spec.oomScoreAdj !== undefined) process.oomScoreAdj = spec.oomScoreAdj;
  if (spec.capabilities !== undefined) {
    process.capabilities = new Set(spec.capabilities);
    process.obeysModes = !process.capabilities.has('CAP_DAC_OVERRIDE');
    process.filtered = spec.seccomp !== 'unconfined';
    process.noNewPrivileges = spec.noNewPrivileges === true;
  }
  if (spec.endpoints !== undefined) join(kernel, process, spec.endpoints);
  terminal?.adopt(process);
  return terminal === undefined ? { process, log, input } : { process, log, input, terminal };
}

/** In v1 by the devices controller, in v2 by the group itself. */
function restrict(kernel: Kernel, cgroups: readonly Cgroup[], rules: readonly string[]): void {
  const group = cgroups.find(({ hierarchy: { version, controllers } }) =>
    version === 'v1' ? controllers.includes('devices') : controllers.length > 0,
  );
  if (group?.parent === undefined) return;
  limits().restrictDevices(group, rules);
  kernel.cgroups.devicesLimited = true;
}

/** Nobody has run yet: where a port is taken the process goes again. */
function join(kernel: Kernel, process: Process, endpoints: readonly Endpoint[]): void {
  try {
    for (const endpoint of endpoints) moreKernel().network(kernel, { op: 'join', pid: process.hostPid, endpoint });
  } catch (error) {
    kernel.terminate(process, { signal: 'KILL' });
    throw error;
  }
}

type Donors = Partial<Record<NsKind, Process>>;

/** The processes whose namespaces are joined. ESRCH when one is gone. */
function findDonors(kernel: Kernel, sources: Readonly<Record<NsKind, NsSource>>): Donors {
  const donors: Donors = {};
  for (const kind of nsKinds) {
    const source = sources[kind];
    if (typeof source === 'string') continue;
    const donor = kernel.processes.get(source.join);
    if (donor === undefined || !donor.alive) throw new SysError('ESRCH', String(source.join));
    donors[kind] = donor;
  }
  return donors;
}

function makeNamespaces(
  kernel: Kernel,
  daemon: Process,
  donors: Donors,
  spec: Spawn,
  cgroups: readonly Cgroup[],
): Namespaces {
  const { namespaces: make } = kernel;
  const host = daemon.ns;
  const isNew = (kind: NsKind): boolean => spec.namespaces[kind] === 'new';
  const shared = <K extends NsKind>(kind: K): Namespaces[K] => (donors[kind]?.ns ?? host)[kind];
  return {
    // The new mount namespace is made together with its root.
    mnt: shared('mnt'),
    uts: isNew('uts') ? make.uts(spec.hostname ?? shared('uts').hostname) : shared('uts'),
    ipc: isNew('ipc') ? make.plain('ipc') : shared('ipc'),
    pid: isNew('pid') ? make.pid(host.pid) : shared('pid'),
    net: isNew('net') ? make.plain('net') : shared('net'),
    user: isNew('user') ? make.plain('user') : shared('user'),
    cgroup: isNew('cgroup') ? make.cgroup(cgroups) : shared('cgroup'),
  };
}

/**
 * The root directory, and the root mount of the new mount namespace when there is one. Only what is mounted at and under the
 * new root is copied: all else would go away with the old root after pivot_root(2).
 */
function rootOf(
  kernel: Kernel,
  daemon: Process,
  donors: Donors,
  spec: Spawn,
): { root: Path; mount: Mount | undefined } {
  if (spec.namespaces.mnt !== 'new') {
    const mount = donors.mnt?.ns.mnt.root;
    const root: Path = mount === undefined ? daemon.root : { mount, ino: mount.root, name: '' };
    return { root: spec.root === undefined ? root : resolve(daemon, spec.root), mount: undefined };
  }
  const at = resolve(daemon, spec.root ?? '/');
  if (statOf(at).type !== 'dir') throw new SysError('ENOTDIR', spec.root);
  const mount = ownTree(kernel, at);
  return { root: { mount, ino: mount.root, name: '' }, mount };
}

/** A copy of what is mounted at and under a directory. */
export function ownTree(kernel: Kernel, at: Path): Mount {
  const copies = new Map<Mount, Mount>();
  if (at.ino === at.mount.root) kernel.mounts.cloneTree(at.mount, copies);
  else copies.set(at.mount, kernel.mounts.clone(at.mount, { root: at.ino, rootPath: pathInFs(at) }));
  if (isTied(at.mount)) moreKernel().followTied(kernel, copies);
  return copies.get(at.mount)!;
}

/** A walker with the powers of the daemon that stands in the new root. */
export function standIn(daemon: Process, root: Path, ns: Namespaces): Process {
  const inside = new Process(daemon.kernel, daemon.pids, daemon, ns, root, root, daemon.cgroups, daemon.startedAt);
  inside.umask = daemon.umask;
  return inside;
}

/** Mounts, devices, the init program, masked and read-only paths: in that order, as runc does it. */
function furnish(kernel: Kernel, daemon: Process, inside: Process, spec: Spawn, cgroups: readonly Cgroup[]): void {
  for (const mount of spec.mounts ?? []) mountInside(kernel, daemon, inside, mount, cgroups);
  dropMountPoint(inside, spec, '/dev/shm');
  if (spec.init === true) {
    const bind: ContainerMount = { type: 'bind', source: INIT_SOURCE, options: ['bind', 'ro'], at: INIT_TARGET };
    mountInside(kernel, daemon, inside, bind, cgroups);
  }
  for (const device of spec.devices ?? []) makeDevice(kernel, inside, device);
  for (const path of spec.readonlyPaths ?? []) remountReadonly(kernel, inside, path);
  for (const path of spec.maskedPaths ?? []) mask(kernel, inside, path);
}

/** A directory that only the template of /dev has, because most containers get a mount there: this one does not. */
function dropMountPoint(inside: Process, { mounts = [] }: Spawn, at: string): void {
  if (mounts.some((mount) => mount.at === at) || !mounts.some((mount) => mount.at === '/dev')) return;
  if (find(inside, at) !== undefined) paths.rmdir(inside, at);
}

/** mknod(2) with owner and mode as they are; a node that is there already gives way. */
function makeDevice(kernel: Kernel, inside: Process, { path, type, mode, uid, gid, rdev }: SpawnDevice): void {
  const dir = path.replace(/\/[^/]*$/, '');
  if (dir !== '') mountPoint(inside, dir, true);
  const { dir: at, name, found } = lookupPlace(inside, path, false);
  const now = kernel.now();
  if (found !== undefined) at.mount.fs.unlink(at.ino, name, now);
  at.mount.fs.create(at.ino, name, { type, mode, uid, gid, rdev, mtime: now });
}

/** A mount that is refused is named: `mount for /x`, or what had to be done before it. */
export function mountInside(
  kernel: Kernel,
  daemon: Process,
  inside: Process,
  spec: ContainerMount,
  cgroups: readonly Cgroup[],
): void {
  const { type, source, at } = spec;
  let doing = type === 'bind' ? 'stat' : 'mkdir';
  let mode: number | undefined;
  try {
    if (type === 'bind') {
      const dir = statOf(resolve(daemon, source)).type === 'dir';
      doing = dir ? 'mkdir' : 'open';
      mountPoint(inside, at, dir);
    } else if (type === 'tmpfs' && at !== '/dev') mode = makeTmpfsPoint(inside, at);
    doing = 'mount';
    mountOne(kernel, daemon, inside, spec, cgroups, mode);
  } catch (error) {
    throw error instanceof SysError ? new SysError(error.errno, at, `${doing} for ${at}`) : error;
  }
}

/** A mount is made with the eyes of the host (sources of bind mounts are there) and put into the new root. */
function mountOne(
  kernel: Kernel,
  daemon: Process,
  inside: Process,
  spec: ContainerMount,
  cgroups: readonly Cgroup[],
  mode?: number,
): void {
  if (spec.type === 'cgroup') {
    mountCgroups(kernel, inside, spec, cgroups);
    return;
  }
  const isBind = spec.type === 'bind';
  const mount =
    spec.type === 'tmpfs' && spec.at === '/dev'
      ? templateMount(kernel, 'dev', spec)
      : makeMount(kernel, isBind ? daemon : inside, spec);
  const wantsDir = mount.fs.stat(mount.root).type === 'dir';
  if (mode !== undefined) mount.fs.setattr(mount.root, { mode }, kernel.now());
  const at = mountPoint(inside, spec.at, wantsDir);
  if (isTied(mount, at)) moreKernel().placeTied(kernel, mount, at, isBind ? spec.options : undefined);
  else place(mount, at);
}

/** Is one of them shared, or follows another? */
const isTied = (mount: Mount, at?: Path): boolean =>
  at?.mount.sharing !== undefined ||
  mount.sharing !== undefined ||
  [...mount.children.values()].some((child) => isTied(child));

/** Makes the place for a tmpfs; of a directory that was there, the mode: the tmpfs will be as open as that. */
function makeTmpfsPoint(inside: Process, at: string): number | undefined {
  const found = find(inside, at);
  if (found !== undefined) return statOf(found).mode & 0o7777;
  mountPoint(inside, at, true);
  return undefined;
}

/** The place for a mount, made when it is missing. Symbolic links cannot lead out: the walker stands in the root. */
function mountPoint(inside: Process, at: string, wantsDir: boolean): Path {
  const found = find(inside, at);
  if (found !== undefined) return found;
  const names = at.split('/').filter((name) => name !== '');
  const last = names.pop();
  let dir = '';
  for (const name of names) {
    dir += `/${name}`;
    ensureDir(inside, dir, 0o755);
  }
  if (last !== undefined && wantsDir) ensureDir(inside, `${dir}/${last}`, 0o755);
  else if (last !== undefined) paths.putContent(inside, `${dir}/${last}`, { bytes: new Uint8Array(0) }, 0o755);
  return resolve(inside, at);
}

/** Trees that look the same in every container when they are new, so they are built once. */
interface Templates {
  readonly dev: TreeState;
  readonly cgroup: TreeState;
  readonly empty: Fs;
}

const templates = new WeakMap<Kernel, Templates>();

function templatesOf(kernel: Kernel): Templates {
  let known = templates.get(kernel);
  if (known === undefined) {
    const now = kernel.now();
    const dev = new TreeFs('tmpfs', { now });
    fillDev(dev, now);
    const cgroup = new TreeFs('tmpfs', { now });
    for (const { directory, version } of kernel.cgroups.hierarchies) {
      const node: NewNode = { type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: now };
      if (version === 'v1') cgroup.create(cgroup.root, directory, node);
    }
    const empty: Fs = new TreeFs('tmpfs', { now });
    empty.readonly = true;
    known = { dev: dev.snapshot(), cgroup: cgroup.snapshot(), empty };
    templates.set(kernel, known);
  }
  return known;
}

function templateMount(kernel: Kernel, what: 'dev' | 'cgroup', spec: MountSource): Mount {
  const { type, source } = spec;
  const { flags, own } = splitOptions(shownOptions(spec.options));
  const options = tmpfsOptions(own);
  const fs = makeTmpfs(kernel, options);
  fs.restore(templatesOf(kernel)[what]);
  return kernel.mounts.make({ fs, type, source, options: [...flags, ...options.shown] });
}

/** Own cgroups under /sys/fs/cgroup, as runc mounts them: read-only unless the container is privileged. */
function mountCgroups(kernel: Kernel, inside: Process, spec: ContainerMount, cgroups: readonly Cgroup[]): void {
  const flags = shownOptions(spec.options);
  const readonly = spec.options.includes('ro');
  const at = mountPoint(inside, spec.at, true);
  if (cgroups.length === 1) {
    // A mount of v2 shows what the cgroup namespace calls its root: without one of its own all groups of the host.
    const root = inside.ns.cgroup.roots?.[0] ?? cgroups[0]!.hierarchy.root;
    place(groupMount(kernel, root, flags, readonly), at);
    return;
  }
  const base = templateMount(kernel, 'cgroup', { type: 'tmpfs', source: 'tmpfs', options: [...flags, 'mode=755'] });
  place(base, at);
  const shown = cgroups.filter(({ hierarchy }) => hierarchy.version === 'v1');
  const firstId = kernel.mounts.reserve(shown.length);
  whenAsked(base, () => {
    const parent = mountRootPath(base);
    const children = new Map<Ino, Mount>();
    for (const [n, group] of shown.entries()) {
      const { directory } = group.hierarchy;
      const ino = base.fs.lookup(base.root, directory)!;
      const mount = groupMount(kernel, group, flags, readonly, firstId + n);
      mount.at = { mount: base, ino, name: directory, parent };
      children.set(ino, mount);
    }
    return children;
  });
}

/** What lies on a mount is made when somebody first looks: most containers never look at their groups. */
function whenAsked(mount: Mount, make: () => Mount['children']): void {
  const keep = (value: Mount['children']): Mount['children'] => {
    Object.defineProperty(mount, 'children', { value, writable: true, configurable: true, enumerable: true });
    return value;
  };
  Object.defineProperty(mount, 'children', {
    get: () => keep(make()),
    set: keep,
    configurable: true,
    enumerable: true,
  });
}

function groupMount(kernel: Kernel, group: Cgroup, flags: readonly string[], readonly: boolean, id?: number): Mount {
  const { option } = group.hierarchy;
  const options = option === '' ? flags : [...flags, option];
  return kernel.mounts.make({ ...kernel.fileSystems.cgroup(group), source: 'cgroup', options, readonly }, id);
}

/** Bind mount of a path onto itself, read-only. A path that is not there needs none. */
function remountReadonly(kernel: Kernel, inside: Process, path: string): void {
  const found = find(inside, path);
  if (found === undefined) return;
  place(kernel.mounts.clone(found.mount, { root: found.ino, rootPath: pathInFs(found), readonly: true }), found);
}

/** A directory is hidden by an empty tmpfs, a file by /dev/null. */
function mask(kernel: Kernel, inside: Process, path: string): void {
  const found = find(inside, path);
  if (found === undefined) return;
  if (statOf(found).type === 'dir') {
    // Nobody can write to it, so one empty tree serves all.
    const fs = templatesOf(kernel).empty;
    place(kernel.mounts.make({ fs, type: 'tmpfs', source: 'tmpfs', options: ['relatime'], readonly: true }), found);
    return;
  }
  const none = resolve(inside, '/dev/null');
  place(kernel.mounts.clone(none.mount, { root: none.ino, rootPath: '/null' }), found);
}

/** runc makes the working directory of a new root when it is missing; a process that joins one gets ENOENT. */
function workingDirectory(inside: Process, { cwd }: Spawn, isNewRoot: boolean): Path {
  try {
    if (isNewRoot && find(inside, cwd) === undefined) mountPoint(inside, cwd, true);
    return paths.directory(inside, cwd);
  } catch (error) {
    if (error instanceof SysError) throw new SysError(error.errno, `chdir to cwd ("${cwd}")`);
    throw error;
  }
}

interface Streams {
  readonly stdio: Stdio;
  readonly input: Pipe | Terminal | undefined;
  readonly terminal?: Terminal;
}

function streams(kernel: Kernel, daemon: Process, setup: Process, spec: Spawn, log: OutputLog): Streams {
  if (spec.tty) return onTerminal(kernel, setup, spec, log);
  const out = collectors(kernel, log);
  if (spec.stdin === 'none') {
    return { stdio: { stdin: paths.openFile(daemon, '/dev/null', { read: true }), ...out }, input: undefined };
  }
  if (spec.stdin === 'open') {
    const pipe = new Pipe();
    pipe.addWriter();
    const stdin: OpenFile = new PipeEnd(pipe, true, false, kernel.anonymousIno());
    return { stdio: { stdin, ...out }, input: pipe };
  }
  return { stdio: { stdin: textInput(kernel, spec.stdin.text), ...out }, input: undefined };
}

/** A terminal in the devpts of the new root; that of PID 1 is its console too, as runc binds it. */
function onTerminal(kernel: Kernel, setup: Process, spec: Spawn, log: OutputLog): Streams {
  const at = find(setup, '/dev/pts');
  const pts = at?.mount.type === 'devpts' ? at.mount : undefined;
  const terminal = terminals().open(kernel, pts?.fs, spec.user.uid, (data) => log.add('stdout', data));
  if (pts !== undefined && spec.namespaces.mnt === 'new') {
    paths.putContent(setup, '/dev/console', { bytes: new Uint8Array(0) }, 0o600);
    const node = resolve(setup, `/dev/${terminal.name}`);
    place(kernel.mounts.clone(pts, { root: node.ino, rootPath: pathInFs(node) }), resolve(setup, '/dev/console'));
  }
  if (typeof spec.stdin !== 'string') {
    terminal.type(new TextEncoder().encode(spec.stdin.text));
    terminal.typeEnd();
  }
  return { stdio: terminalStdio(terminal), input: spec.stdin === 'none' ? undefined : terminal, terminal };
}
