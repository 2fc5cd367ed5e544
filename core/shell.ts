/**
 * Each Op as the utility call that a person would type for it: util-linux (mount, unshare, nsenter, pivot_root), coreutils,
 * tar. This is what learners read beside a step; the linux driver does the same work in its own, faster ways.
 *
 * Kept true: every argument is quoted so that a POSIX shell reads back exactly what the Op says.
 */
import type { HostFacts } from './driver.ts';
import { dotted } from './ip.ts';
import type { ContainerMount, Endpoint, Mount, NewEntry, NsKind, Op, OpOf, Spawn } from './op.ts';
import { networkCalls } from './shell-network.ts';

type CgroupFacts = Pick<HostFacts, 'cgroup' | 'controllers' | 'groupless' | 'rootless'>;
const usual: CgroupFacts = { cgroup: 'v1', controllers: ['cpu', 'memory', 'pids', 'freezer'] };

/** The command line for an Op, on a host with these cgroup hierarchies. */
export function toShell(op: Op, facts: CgroupFacts = usual): string {
  switch (op.op) {
    case 'mkdir':
      return line('mkdir', ...(op.parents === true ? ['-p'] : []), '-m', octal(op.mode), op.path);
    case 'writeFile':
      return writeFile(op.path, op.data, op.mode);
    case 'writeTree':
      return writeTree(op);
    case 'readFile':
      return line('cat', filePath({ ...op, file: op.path }));
    case 'touch':
      return line('touch', '-d', new Date(op.mtime).toISOString(), ...op.paths);
    case 'symlink':
      return line('ln', '-s', op.target, op.path);
    case 'rename':
      return line('mv', '-T', op.from, op.to);
    case 'remove':
      return line('rm', '-rf', op.path);
    case 'copyTree':
      return op.root === undefined
        ? line('cp', '-a', op.from, op.to)
        : line('cp', '-a', `${joinPath(op.root, op.from)}/.`, op.to);
    case 'unpack':
      return line('tar', '-xf', 'blob' in op.layer ? op.layer.blob : filePath(op.layer), '-C', op.into);
    case 'extract':
      return line('tar', '-xf', op.archive, '-C', op.into);
    case 'digest':
      return line('sha256sum', filePath(op));
    case 'archive':
      return line('tar', '-cf', op.to, '-C', op.from, '.');
    case 'exportTree':
      return line('tar', '-cf', op.to, '-C', op.root, '.');
    case 'copyOut':
      return op.archive === true
        ? line('tar', '-cf', op.to, '-C', op.root, op.path.replace(/^\/+/, ''))
        : line('cp', op.followLink === true ? '-aL' : '-a', joinPath(op.root, op.path), op.to);
    case 'copyIn':
      return op.archive === true
        ? line('tar', '-xf', op.from, '-C', joinPath(op.root, op.into))
        : line('cp', '-a', op.from, joinPath(joinPath(op.root, op.into), op.name ?? '.'));
    case 'lookIn':
      return line('stat', joinPath(op.root, op.path));
    case 'mount':
      return mountLine(facts.rootless !== undefined ? userMount(op.mount) : op.mount, op.at);
    case 'umount':
      return line('umount', op.at);
    case 'cgroupCreate':
      return `mkdir -p ${groupDirs(op.group, facts)}`;
    case 'cgroupWrite':
      return `${line('echo', op.value)} > ${quote(`${groupDir(op.group, op.controller, facts)}/${op.file}`)}`;
    case 'cgroupRead':
      return line('cat', `${groupDir(op.group, op.controller, facts)}/${op.file}`);
    case 'cgroupRemove':
      return `rmdir ${groupDirs(op.group, facts)}`;
    case 'spawn':
      return spawnLine(op.spawn, facts);
    case 'signal':
      return line('kill', '-s', op.signal, String(op.pid));
    case 'wait':
      return op.timeoutMs === undefined
        ? line('tail', '--pid', String(op.pid), '-f', '/dev/null')
        : line('timeout', String(op.timeoutMs / 1000), 'tail', '--pid', String(op.pid), '-f', '/dev/null');
    case 'resize':
      return line('stty', '-F', `/proc/${op.pid}/fd/0`, 'rows', String(op.rows), 'cols', String(op.columns));
    case 'output':
    case 'input':
      return line(op.op === 'output' ? 'cat' : 'tee', `/proc/${op.pid}/fd/${op.op === 'output' ? 1 : 0}`);
    case 'forget':
      return line('wait', String(op.pid));
    case 'tree':
      return line('find', op.path, '-ls');
    case 'list':
      return line('find', op.path, '-xdev', '-maxdepth', String(op.depth), '-ls');
    case 'processes':
      if (facts.groupless !== undefined) return 'ls -l /proc/[0-9]*/ns/pid';
      return line('cat', `${groupDir(op.group, 'freezer', facts)}/cgroup.procs`);
    case 'namespaces':
      return line('ls', '-l', `/proc/${op.pid}/ns`);
    case 'netSpaces':
      return 'ip -d address; ip route';
    case 'mounts':
      return line('cat', '/proc/self/mountinfo');
    case 'host':
      return op.line;
    default:
      return networkCalls(op)
        .map((words) => words.map((word) => (word === '!' ? word : quote(word))).join(' '))
        .join(' && ');
  }
}

/** One word of a shell command, quoted only when it must be. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const line = (...words: readonly string[]): string => words.map(quote).join(' ');
const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
const filePath = ({ file, root }: { readonly file: string; readonly root?: string }): string =>
  root === undefined ? file : joinPath(root, file);
const joinPath = (root: string, path: string): string => `${root}/${path.replace(/^\/+/, '')}`;

function writeFile(path: string, data: string, mode?: number): string {
  const write = data === '' ? `: > ${quote(path)}` : `${line('printf', '%s', data)} > ${quote(path)}`;
  return mode === undefined ? write : `${write} && ${line('chmod', octal(mode), path)}`;
}

/** Directories and empty files that follow each other are made by one call; the paths begin in the new directory. */
function writeTree({ path, mode, entries }: OpOf<'writeTree'>): string {
  const calls = [line('mkdir', '-m', octal(mode), path)];
  if (entries.length > 0) calls.push(line('cd', path));
  for (let at = 0; at < entries.length; ) {
    const first = entries[at]!;
    const alike = [`.${first.path}`];
    for (at++; at < entries.length && sameCall(first, entries[at]!); at++) alike.push(`.${entries[at]!.path}`);
    calls.push(makeLine(first, alike));
  }
  return calls.length === 1 ? calls[0]! : `(${calls.join(' && ')})`;
}

function sameCall(a: NewEntry, b: NewEntry): boolean {
  if (a.type === 'symlink' || b.type === 'symlink' || a.type !== b.type || a.mode !== b.mode) return false;
  return a.type === 'dir' || (a.data === '' && b.type === 'file' && b.data === '');
}

function makeLine(entry: NewEntry, paths: readonly string[]): string {
  if (entry.type === 'dir') return line('mkdir', '-m', octal(entry.mode), ...paths);
  if (entry.type === 'symlink') return line('ln', '-s', entry.target, ...paths);
  const write = entry.data === '' ? line('touch', ...paths) : `${line('printf', '%s', entry.data)} > ${line(...paths)}`;
  return `${write} && ${line('chmod', octal(entry.mode), ...paths)}`;
}

function mountLine(mount: Mount, at: string): string {
  if (mount.type === 'bind') {
    const options = mount.options.filter((option) => option !== 'bind' && option !== 'rbind');
    const how = mount.options.includes('rbind') ? '--rbind' : '--bind';
    return line('mount', how, ...(options.length > 0 ? ['-o', options.join(',')] : []), mount.source, at);
  }
  const options = mount.options.length > 0 ? ['-o', mount.options.join(',')] : [];
  const call = line('mount', '-t', mount.type, ...options, mount.source, at);
  return mount.from === undefined ? call : `(${line('cd', mount.from)} && ${call})`;
}

/** In a user namespace overlayfs keeps its marks in user.* attributes, overlayfs.rst "User xattr". */
const userMount = (mount: Mount): Mount =>
  mount.type === 'overlay' ? { ...mount, options: [...mount.options, 'userxattr'] } : mount;

/** Directory of a cgroup in the hierarchy of a controller, cgroups(7). */
function groupDir(group: string, controller: string, facts: CgroupFacts): string {
  if (facts.cgroup === 'v2') return `/sys/fs/cgroup/${group}`;
  const hierarchy = controller === '' || !facts.controllers.includes(controller) ? 'unified' : controller;
  return `/sys/fs/cgroup/${hierarchy}/${group}`;
}

/** The same group in every hierarchy, as a brace expansion of the shell. */
function groupDirs(group: string, facts: CgroupFacts): string {
  if (facts.cgroup === 'v2') return quote(`/sys/fs/cgroup/${group}`);
  const [first = 'unified', ...more] = facts.controllers;
  const hierarchies = more.length === 0 ? first : `{${[first, ...more].join(',')}}`;
  return `/sys/fs/cgroup/${hierarchies}/${quote(group)}`;
}

const unshareFlags: Readonly<Record<NsKind, string>> = {
  mnt: '--mount',
  uts: '--uts',
  ipc: '--ipc',
  pid: '--pid',
  net: '--net',
  user: '--user',
  cgroup: '--cgroup',
};

function spawnLine(spawn: Spawn, facts: CgroupFacts): string {
  const joined = Object.values(spawn.namespaces).find(
    (source): source is { join: number } => typeof source === 'object',
  );
  const fresh = (Object.entries(spawn.namespaces) as [NsKind, unknown][]).filter(([, source]) => source === 'new');
  const inside = insideLines(spawn);
  const words: string[] = [];
  if (joined !== undefined) words.push('nsenter', '-t', String(joined.join), ...enterFlags(spawn, joined.join));
  if (fresh.length > 0) words.push('unshare', ...fresh.map(([kind]) => unshareFlags[kind]), '--fork');
  const program =
    inside.length > 1 ? line(...words, 'sh', '-c', inside.join('; ')) : [line(...words), inside[0]].join(' ').trim();
  const { endpoints = [] } = spawn;
  const connected = endpoints.length === 0 ? program : `${program} & ${endpoints.flatMap(networkLines).join('; ')}`;
  return spawn.cgroup === undefined || facts.groupless !== undefined
    ? connected
    : `echo $$ > ${quote(`${groupDir(spawn.cgroup, 'freezer', facts)}/cgroup.procs`)}; ${connected}`;
}

/** The container's end of a pair goes into the new network namespace, that of `$!`, as libnetwork does it; and ports. */
function networkLines({ peer, bridge, ip, prefix, gateway, ports }: Endpoint): string[] {
  const inside = ['ip link set lo up', `ip addr add ${dotted(ip)}/${prefix} dev ${peer}`, `ip link set ${peer} up`];
  const route = gateway === undefined ? [] : [`ip route add default via ${dotted(gateway)}`];
  const rule = `iptables -t nat -A DOCKER ! -i ${bridge}`;
  return [
    line('ip', 'link', 'set', peer, 'netns').concat(' $!'),
    `nsenter -t $! -n ${line('sh', '-c', [...inside, ...route].join('; '))}`,
    ...ports.map(
      ({ proto, hostPort, port }) =>
        `${rule} -p ${proto} --dport ${hostPort} -j DNAT --to-destination ${dotted(ip)}:${port}`,
    ),
  ];
}

const enterFlag: Readonly<Record<NsKind, string>> = {
  mnt: '-m',
  uts: '-u',
  ipc: '-i',
  net: '-n',
  pid: '-p',
  user: '-U',
  cgroup: '-C',
};

function enterFlags(spawn: Spawn, pid: number): string[] {
  const kinds = (Object.keys(spawn.namespaces) as NsKind[]).filter((kind) => {
    const source = spawn.namespaces[kind];
    return typeof source === 'object' && source.join === pid;
  });
  return kinds.map((kind) => enterFlag[kind]);
}

/** What runs in the new namespaces until the program itself takes over. */
function insideLines(spawn: Spawn): string[] {
  const lines: string[] = [];
  if (spawn.hostname !== undefined) lines.push(line('hostname', spawn.hostname));
  if (spawn.root !== undefined) lines.push(...rootLines(spawn.root, spawn));
  if (spawn.cwd !== '/') lines.push(line('cd', spawn.cwd));
  const init = spawn.init === true ? ['/sbin/docker-init', '--'] : [];
  lines.push(line('exec', 'env', '-i', ...spawn.env, ...identity(spawn), ...init, ...spawn.argv));
  if (lines.length === 1) lines[0] = lines[0]!.replace(/^exec /, '');
  return lines;
}

function rootLines(root: string, spawn: Spawn): string[] {
  return [
    'mount --make-rprivate /',
    line('mount', '--rbind', root, root),
    ...(spawn.mounts ?? []).map((mount: ContainerMount) => mountLine(mount, joinPath(root, mount.at))),
    line('cd', root),
    'pivot_root . .',
    'umount -l .',
    ...(spawn.readonlyPaths ?? []).map((path) => line('mount', '-o', 'remount,bind,ro', path)),
  ];
}

function identity(spawn: Spawn): string[] {
  const { uid, gid, groups = [] } = spawn.user;
  const more = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join()}`;
  return uid === 0 && gid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, more];
}
