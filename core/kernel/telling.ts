/** Changes (trace.ts) in words, and as strace(1) would show the calls: mount(2), unshare(2), clone(2), rtnetlink(7) … */

import { dotted } from '../ip.ts';
import type { NsKind } from '../op.ts';
import type { Change, NetArgs, Told } from './trace.ts';

const cloneFlags: Readonly<Record<NsKind, string>> = {
  mnt: 'CLONE_NEWNS',
  uts: 'CLONE_NEWUTS',
  ipc: 'CLONE_NEWIPC',
  pid: 'CLONE_NEWPID',
  net: 'CLONE_NEWNET',
  user: 'CLONE_NEWUSER',
  cgroup: 'CLONE_NEWCGROUP',
};

const mountFlags: Readonly<Record<string, string>> = {
  ro: 'MS_RDONLY',
  nosuid: 'MS_NOSUID',
  nodev: 'MS_NODEV',
  noexec: 'MS_NOEXEC',
  noatime: 'MS_NOATIME',
  relatime: 'MS_RELATIME',
  bind: 'MS_BIND',
  rbind: 'MS_BIND|MS_REC',
  remount: 'MS_REMOUNT',
};

const flags = (names: readonly string[]): string => (names.length === 0 ? '0' : names.join('|'));
const quoted = (text: string): string => JSON.stringify(text.length > 160 ? `${text.slice(0, 160)}…` : text);

export function tell(change: Change): Told {
  switch (change.call) {
    case 'mount':
      return tellMount(change);
    case 'umount':
      return {
        title: `unmount ${change.target}${change.lazy ? ', whoever still uses it' : ''}`,
        shell: `umount2(${quoted(change.target)}, ${change.lazy ? 'MNT_DETACH' : '0'})`,
      };
    case 'propagate': {
      const kind = `MS_${change.kind.toUpperCase()}`;
      return {
        title: `${change.target} becomes ${change.kind}${change.all ? ', and all mounts below it' : ''}`,
        shell: `mount("none", ${quoted(change.target)}, NULL, ${change.all ? 'MS_REC|' : ''}${kind}, NULL)`,
      };
    }
    case 'moveMount':
      return {
        title: `the mount on ${change.from} moves to ${change.to}`,
        shell: `mount(${quoted(change.from)}, ${quoted(change.to)}, NULL, MS_MOVE, NULL)`,
      };
    case 'pivotRoot':
      return {
        title: `${change.newRoot} becomes the root, the old one lies at ${change.putOld}`,
        shell: `pivot_root(${quoted(change.newRoot)}, ${quoted(change.putOld)})`,
      };
    case 'chroot':
      return { title: `the process takes ${change.path} for its root`, shell: `chroot(${quoted(change.path)})` };
    case 'sethostname':
      return {
        title: `the host name in this UTS namespace is ${change.name}`,
        shell: `sethostname(${quoted(change.name)}, ${change.name.length})`,
      };
    case 'unshare':
      return {
        title: `new namespaces: ${change.kinds.join(' ')}${change.kinds.includes('pid') ? ' (pid: for its children)' : ''}`,
        shell: `unshare(${flags(change.kinds.map((kind) => cloneFlags[kind]))})`,
      };
    case 'setns':
      return {
        title: `the process enters ${change.kind}:[${change.number}]`,
        shell: `setns(${change.fd}, ${cloneFlags[change.kind]})`,
      };
    case 'clone':
      return {
        title: `a child is born in the PID namespace: PID ${change.inside} there, ${change.pid} on the host`,
        shell: `clone(flags=SIGCHLD) = ${change.pid}`,
      };
    case 'mkdir':
      return { title: `make the control group ${change.path}`, shell: `mkdir(${quoted(change.path)}, 0777)` };
    case 'rmdir':
      return { title: `remove the control group ${change.path}`, shell: `rmdir(${quoted(change.path)})` };
    case 'write': {
      const text = change.text.trimEnd();
      return {
        title: `write ${text.length > 40 ? `${text.slice(0, 40)}…` : text} into ${change.path}`,
        shell: `write(1<${change.path}>, ${quoted(change.text)}, ${change.text.length})`,
      };
    }
    case 'netlink':
      return (tellNet[change.what] as (...args: readonly unknown[]) => Told)(...change.args);
  }
}

function tellMount({ source, target, type, options }: Extract<Change, { call: 'mount' }>): Told {
  const known = options.filter((option) => mountFlags[option] !== undefined);
  const data = options.filter((option) => mountFlags[option] === undefined && !['rw', 'defaults'].includes(option));
  const binds = options.includes('bind') || options.includes('rbind');
  const title = options.includes('remount')
    ? `mount ${target} anew${known.includes('ro') ? ', read-only' : ''}`
    : binds
      ? `show ${source} at ${target} as well`
      : `mount ${type} on ${target}`;
  const args = [
    quoted(source),
    quoted(target),
    binds ? 'NULL' : quoted(type),
    flags(known.map((option) => mountFlags[option]!)),
    data.length === 0 ? 'NULL' : quoted(data.join(',')),
  ];
  return { title, shell: `mount(${args.join(', ')})` };
}

const tellNet: {
  readonly [K in Extract<Change, { call: 'netlink' }>['what']]: (...args: NetArgs<K>) => Told;
} = {
  add: (name, type) => ({
    title: type === 'veth' ? `make a pair of devices, ${name} and its other end` : `make the bridge ${name}`,
    shell: `netlink: RTM_NEWLINK ${name} type ${type}`,
  }),
  remove: (name) => ({ title: `remove the device ${name}`, shell: `netlink: RTM_DELLINK ${name}` }),
  up: (name, up) => ({
    title: `${name} is switched ${up ? 'on' : 'off'}`,
    shell: `netlink: RTM_NEWLINK ${name} ${up ? 'up' : 'down'}`,
  }),
  rename: (name, to) => ({ title: `${name} is called ${to} now`, shell: `netlink: RTM_NEWLINK ${name} name ${to}` }),
  master: (name, bridge) => ({
    title: bridge === undefined ? `${name} leaves its bridge` : `${name} becomes a port of ${bridge}`,
    shell: `netlink: RTM_NEWLINK ${name} ${bridge === undefined ? 'nomaster' : `master ${bridge}`}`,
  }),
  move: (name, pid) => ({
    title: `${name} moves into the network namespace of process ${pid}`,
    shell: `netlink: RTM_NEWLINK ${name} netns ${pid}`,
  }),
  address: (name, ip, prefix, add) => ({
    title: `${name} ${add ? 'gets' : 'loses'} the address ${dotted(ip)}/${prefix}`,
    shell: `netlink: ${add ? 'RTM_NEWADDR' : 'RTM_DELADDR'} ${dotted(ip)}/${prefix} dev ${name}`,
  }),
  route: ({ to, prefix, via, dev }, add) => {
    const where = prefix === 0 ? 'default' : `${dotted(to)}/${prefix}`;
    const way = [
      ...(via === undefined ? [] : [`via ${dotted(via)}`]),
      ...(dev === undefined ? [] : [`dev ${dev}`]),
    ].join(' ');
    return {
      title: `${add ? 'a new route' : 'no route any more'}: ${where} ${way}`,
      shell: `netlink: ${add ? 'RTM_NEWROUTE' : 'RTM_DELROUTE'} ${where} ${way}`,
    };
  },
};
