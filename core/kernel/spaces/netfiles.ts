/** The files of /proc/<pid>/net, proc(5): devices, routes and sockets in the form that ifconfig, route and netstat read. */
import type { Kernel } from '../kernel.ts';
import type { Process } from '../process.ts';
import type { NetFile } from '../procfs.ts';
import type { Neighbour, NetDevice, NetRoute, NetSocket, Traffic } from '../sys.ts';
import { netOf } from './net.ts';

const dotted = (ip: number): string => [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join('.');
const hex = (value: number, width: number): string => (value >>> 0).toString(16).toUpperCase().padStart(width, '0');

/** An address as the bytes of memory show it on a small-endian machine. */
const swapped = (ip: number): string =>
  hex(((ip & 255) << 24) | ((ip & 0xff00) << 8) | ((ip >>> 8) & 0xff00) | (ip >>> 24), 8);

const maskOf = (prefix: number): number => (prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0);

const states = { ESTABLISHED: 1, FIN_WAIT2: 5, CLOSE: 7, CLOSE_WAIT: 8, LISTEN: 10 } as const;

function arpText(neighbours: readonly Neighbour[]): string {
  const rows = neighbours.map(
    ({ ip, mac, dev }) => `${dotted(ip).padEnd(16)} 0x1         0x2         ${mac}     *        ${dev}\n`,
  );
  return `IP address       HW type     Flags       HW address            Mask     Device\n${rows.join('')}`;
}

function devText(devices: readonly NetDevice[]): string {
  const head =
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n';
  const way = ({ packets, bytes }: Traffic): string => `${String(bytes).padStart(8)} ${String(packets).padStart(7)}`;
  return (
    head +
    devices
      .map(({ name, got, sent }) => {
        const faults = '    0    0    0     0          0         0';
        return `${name.padStart(6)}:${way(got)}${faults} ${way(sent)}    0    0    0     0       0          0\n`;
      })
      .join('')
  );
}

/** ::1 is the only address of version 6 that there is. */
const sixText = (devices: readonly NetDevice[]): string =>
  devices
    .filter(({ six }) => six)
    .map(
      ({ name, index }) =>
        `${'1'.padStart(32, '0')} ${index.toString(16).padStart(2, '0')} 80 10 80 ${name.padStart(8)}\n`,
    )
    .join('');

const UP = 1;
const GATEWAY = 2;
const HOST = 4;

function routeText(routes: readonly NetRoute[]): string {
  const head =
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       \n';
  const rows = [...routes].sort((a, b) => a.to - b.to || b.prefix - a.prefix);
  return (
    head +
    rows
      .map(({ to, prefix, via, dev }) => {
        const flags = UP | (via === undefined ? 0 : GATEWAY) | (prefix === 32 ? HOST : 0);
        const row = `${dev}\t${swapped(to)}\t${swapped(via ?? 0)}\t${hex(flags, 4)}\t0\t0\t0\t${swapped(maskOf(prefix))}\t0\t0\t0`;
        return `${row.padEnd(127)}\n`;
      })
      .join('')
  );
}

/** An address of version 4 in one of version 6. */
const six = (ip: number): string => `0000000000000000${ip === 0 ? '00000000' : 'FFFF0000'}${swapped(ip)}`;

function socketText(sockets: readonly NetSocket[], long: boolean): string {
  const head = long
    ? '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
    : `${'  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'.padEnd(149)}\n`;
  const place = (ip: number, port: number): string => `${long ? six(ip) : swapped(ip)}:${hex(port, 4)}`;
  const rows = sockets.map(({ own, peer, state, number, unread }, i) => {
    const ends = `${place(own.ip, own.port)} ${place(peer?.ip ?? 0, peer?.port ?? 0)}`;
    const row = `${String(i).padStart(4)}: ${ends} ${hex(states[state], 2)} 00000000:${hex(unread, 8)} 00:00000000 00000000     0        0 ${number} 1 0000000000000000 100 0 0 10 0`;
    return `${long ? row : row.padEnd(149)}\n`;
  });
  return head + rows.join('');
}

export function netFile(kernel: Kernel, process: Process, name: NetFile): string {
  const net = netOf(kernel, process);
  switch (name) {
    case 'arp':
      return arpText(net.neighbours());
    case 'if_inet6':
      return sixText(net.devices());
    case 'dev':
      return devText(net.devices());
    case 'route':
      return routeText(net.routes());
    case 'tcp':
      return socketText(
        net.sockets().filter((each) => each.kind === 'tcp' && !each.six),
        false,
      );
    case 'tcp6':
      return socketText(
        net.sockets().filter((each) => each.kind === 'tcp' && each.six),
        true,
      );
    case 'udp':
      return socketText(
        net.sockets().filter((each) => each.kind === 'udp'),
        false,
      );
  }
}
