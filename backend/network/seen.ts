/**
 * The network namespaces of a lab as facts, for the Observation: who is in them from /proc, what is in them from ip(8), and the
 * host's rules from iptables-save(8).
 *
 * Kept true: one run of the utilities for all namespaces; what goes away while it is looked at is left out; the two ends of a pair
 * are matched by their numbers, which each end shows of itself and of the other.
 */
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import type { DeviceFacts, ForwardFacts, NetSpaceFacts, RouteFacts } from '../../core/index.ts';
import type { Lab } from '../lab.ts';

/** For each PID three lines: a mark, devices, routes. The rules of the first. */
const script = `
exec > "$1" 2>/dev/null; shift
printf 'address show\\nroute show\\n' > jobs/look
ip='./ld.so --library-path . ./ip'
for pid; do
  echo "@ $pid"
  nsenter -t "$pid" -n -w. $ip -j -d -batch jobs/look
done
echo "@ rules"
XTABLES_LIBDIR=. ./ld.so --library-path . ./xtables iptables-save
`;

interface Inside {
  readonly ino: number;
  readonly pid: number;
  readonly processes: { readonly hostPid: number; readonly args: readonly string[] }[];
}

/** A device as `ip -j -d address` prints it; the lists of ip hold empty objects for what was filtered. */
interface IpDevice {
  readonly ifindex: number;
  readonly ifname: string;
  readonly link_index?: number;
  readonly link?: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly address?: string;
  readonly link_type: string;
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info?: readonly { readonly family?: string; readonly local: string; readonly prefixlen: number }[];
}

interface IpRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev: string;
}

let looks = 0;

function taken(file: string): string {
  const text = readFileSync(file, 'utf8');
  rmSync(file, { force: true });
  return text;
}

export async function netSpacesOf(lab: Lab): Promise<readonly NetSpaceFacts[]> {
  const all = inhabited(lab);
  looks += 1;
  const file = `jobs/seen.${looks}`;
  await lab.inside(['sh', '-c', script, 'look', file, ...all.map(({ pid }) => String(pid))]);
  const stdout = taken(`${lab.toolDir}/${file}`);
  const parts = new Map(
    stdout.split(/^@ /m).map((part) => [part.slice(0, part.indexOf('\n')), part.split('\n').slice(1)]),
  );
  const looked = all.flatMap((space) => {
    const [devices, routes] = parsed(parts.get(String(space.pid)) ?? []);
    return devices === undefined ? [] : [{ ...space, devices, routes: routes ?? [] }];
  });
  const rules = (parts.get('rules') ?? []).filter((rule) => rule.startsWith('-A '));
  return looked.map((space, n): NetSpaceFacts => {
    const host = n === 0;
    return {
      ino: space.ino,
      host,
      processes: host ? [] : space.processes,
      devices: [...space.devices].sort((a, b) => a.ifindex - b.ifindex).map((each) => deviceFacts(each, space, looked)),
      routes: space.routes.map(routeFacts),
      forwards: host ? rules.flatMap(forwardFacts) : [],
      masked: host
        ? rules.flatMap((rule) => /^-A POSTROUTING -s (\S+) ! -o \S+ -j MASQUERADE$/.exec(rule)?.[1] ?? [])
        : [],
      apart: host
        ? rules.flatMap((rule) => /^-A DOCKER-ISOLATION-STAGE-2 -o (\S+) -j DROP$/.exec(rule)?.[1] ?? [])
        : [],
    };
  });
}

/** Namespaces with processes of the lab in them, that of its first process first, the others by number. */
function inhabited(lab: Lab): readonly Inside[] {
  const at = (path: string): string => lab.path(`/proc/${path}`);
  const found = new Map<number, { readonly ino: number; readonly pids: string; readonly parent: number }>();
  for (const name of readdirSync(at(''))) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const ino = Number(/\d+/.exec(readlinkSync(at(`${name}/ns/net`)))?.[0]);
      const stat = readFileSync(at(`${name}/stat`), 'utf8');
      const pids = readlinkSync(at(`${name}/ns/pid`));
      found.set(Number(name), { ino, pids, parent: Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]) });
    } catch {
      // It has ended.
    }
  }
  const spaces = new Map<number, Inside>();
  for (const [pid, { ino, pids, parent }] of found) {
    const space = spaces.get(ino) ?? { ino, pid, processes: [] };
    spaces.set(ino, space);
    const from = found.get(parent);
    if (from?.ino !== ino || from.pids !== pids)
      space.processes.push({ hostPid: pid, args: argumentsOf(at(`${pid}/cmdline`)) });
  }
  const host = found.get(1)?.ino;
  return [...spaces.values()].sort((a, b) => Number(b.ino === host) - Number(a.ino === host) || a.ino - b.ino);
}

function argumentsOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

function parsed(lines: readonly string[]): [IpDevice[] | undefined, IpRoute[] | undefined] {
  const [devices, routes] = lines.filter((text) => text !== '');
  const read = <T>(text: string | undefined): T[] | undefined =>
    text === undefined ? undefined : (JSON.parse(text) as T[]).filter((each) => Object.keys(each as object).length > 0);
  return [read<IpDevice>(devices), read<IpRoute>(routes)];
}

type Looked = Inside & { readonly devices: readonly IpDevice[] };

function deviceFacts(device: IpDevice, space: Looked, all: readonly Looked[]): DeviceFacts {
  const { ifname, flags, mtu, address = '', link_type, linkinfo, master, addr_info = [] } = device;
  const kind = linkinfo?.info_kind;
  const loopback = link_type === 'loopback';
  const peer = kind === 'veth' ? peerOf(device, space, all) : undefined;
  return {
    name: ifname,
    type: loopback ? 'loopback' : kind === 'bridge' || kind === 'veth' ? kind : 'other',
    mac: loopback ? '' : address,
    mtu,
    up: flags.includes('UP'),
    addresses: addr_info
      .filter(({ family }) => family === 'inet')
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    ...(master === undefined ? {} : { master }),
    ...(peer === undefined ? {} : { peer }),
  };
}

/** Two ends that show each other's number; a pair of numbers that several have tells nothing. */
function peerOf(device: IpDevice, space: Looked, all: readonly Looked[]): DeviceFacts['peer'] {
  if (device.link !== undefined) return { space: space.ino, name: device.link };
  const others = all.flatMap((each) => {
    const ends = each.devices.filter(
      ({ ifindex, link_index, link }) =>
        ifindex === device.link_index && link_index === device.ifindex && link === undefined,
    );
    return each === space ? [] : ends.map(({ ifname }) => ({ space: each.ino, name: ifname }));
  });
  return others.length === 1 ? others[0] : undefined;
}

const routeFacts = ({ dst, gateway, dev }: IpRoute): RouteFacts => ({
  to: dst,
  ...(gateway === undefined ? {} : { via: gateway }),
  dev,
});

function forwardFacts(rule: string): ForwardFacts[] {
  const [, ip, port] = /-j DNAT --to-destination ([\d.]+):(\d+)/.exec(rule) ?? [];
  const [, hostPort] = / --dport (\d+)/.exec(rule) ?? [];
  if (ip === undefined || hostPort === undefined) return [];
  const hostIp = / -d ([\d.]+)(?:\/32)? /.exec(rule)?.[1] ?? '';
  const proto = / -p (\w+)/.exec(rule)?.[1] ?? '';
  return [{ proto, hostIp, hostPort: Number(hostPort), ip, port: Number(port) }];
}
