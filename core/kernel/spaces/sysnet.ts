/** /sys/class/net and /sys/devices/virtual/net: the devices of a network namespace as files, sysfs(5). */
import { textContent } from '../../vfs/content.ts';
import type { TreeFs } from '../../vfs/tree.ts';
import type { Kernel } from '../kernel.ts';
import type { NetNamespace } from '../namespace.ts';
import type { NetDevice } from '../sys.ts';
import { settle } from './docker.ts';
import { shown, stackOf } from './stack.ts';

/** What was written into a file system the last time. */
const written = new WeakMap<TreeFs, string>();

const [UP, BROADCAST, LOOPBACK, MULTICAST] = [1, 2, 8, 0x1000];

/** The directory at the end of a path; `lookup` would fill it. */
const found = (fs: TreeFs, ...path: readonly string[]): number =>
  path.reduce((at, name) => fs.readdir(at).find((each) => each.name === name)!.ino, fs.root);

export function fillNet(kernel: Kernel, ns: NetNamespace, fs: TreeFs): void {
  settle(kernel);
  const stack = stackOf(kernel, ns);
  const devices = stack.devices.map((each) => shown(stack, each));
  const key = JSON.stringify(devices);
  if (written.get(fs) === key) return;
  written.set(fs, key);
  const now = kernel.now();
  const [classDir, devicesDir] = [found(fs, 'class', 'net'), found(fs, 'devices', 'virtual', 'net')];
  for (const dir of [classDir, devicesDir]) fs.clear(dir, now);
  for (const each of devices) {
    const target = `../../devices/virtual/net/${each.name}`;
    fs.create(classDir, each.name, { type: 'symlink', mode: 0o777, uid: 0, gid: 0, mtime: now, target });
    const dir = makeDir(fs, devicesDir, each.name, now);
    for (const [name, text] of Object.entries(filesOf(each))) makeFile(fs, dir, name, text, now);
    const statistics = makeDir(fs, dir, 'statistics', now);
    for (const [name, value] of Object.entries(counters(each))) makeFile(fs, statistics, name, String(value), now);
    if (each.master !== undefined) link(fs, dir, 'master', `../${each.master}`, now);
    if (each.type !== 'bridge') continue;
    const ports = makeDir(fs, dir, 'brif', now);
    makeDir(fs, dir, 'bridge', now);
    for (const port of devices)
      if (port.master === each.name) link(fs, ports, port.name, `../../${port.name}/brport`, now);
  }
}

const owned = { uid: 0, gid: 0 };
const makeDir = (fs: TreeFs, dir: number, name: string, mtime: number): number =>
  fs.create(dir, name, { type: 'dir', mode: 0o755, ...owned, mtime });
const link = (fs: TreeFs, dir: number, name: string, target: string, mtime: number): number =>
  fs.create(dir, name, { type: 'symlink', mode: 0o777, ...owned, mtime, target });
const makeFile = (fs: TreeFs, dir: number, name: string, text: string, mtime: number): number =>
  fs.create(dir, name, { type: 'file', mode: 0o444, ...owned, mtime, content: textContent(`${text}\n`) });

function filesOf({ type, mac, mtu, queue, index, up, carrier }: NetDevice): Readonly<Record<string, string>> {
  const loop = type === 'loopback';
  const flags = (up ? UP : 0) | (loop ? LOOPBACK : BROADCAST | MULTICAST);
  return {
    addr_len: '6',
    address: mac,
    broadcast: loop ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff',
    // Of a device that is down it cannot be said; the kernel's answer then is EINVAL.
    ...(up ? { carrier: carrier ? '1' : '0' } : {}),
    dev_id: '0x0',
    flags: `0x${flags.toString(16)}`,
    ifindex: String(index),
    mtu: String(mtu),
    operstate: loop ? 'unknown' : carrier ? 'up' : up && type === 'veth' ? 'lowerlayerdown' : 'down',
    ...(type === 'veth' ? { speed: '10000' } : {}),
    tx_queue_len: String(queue),
    type: loop ? '772' : '1',
  };
}

function counters({ sent, got }: NetDevice): Readonly<Record<string, number>> {
  return {
    ...{ rx_bytes: got.bytes, rx_dropped: 0, rx_errors: 0, rx_packets: got.packets },
    ...{ tx_bytes: sent.bytes, tx_dropped: 0, tx_errors: 0, tx_packets: sent.packets },
  };
}
