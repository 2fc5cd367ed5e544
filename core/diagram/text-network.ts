/** The network as text: one frame for each network namespace, bridges with their ports, the other ends of pairs by name. */
import { type Block, frame, type Line, line, type Span, span } from './layout.ts';
import {
  deviceNotes,
  type NetBox,
  type NetDevice,
  networkOf,
  otherText,
  portText,
  routeText,
  ruleLines,
} from './network.ts';
import { gutter } from './parts.ts';
import type { Scene } from './scene.ts';

export function networkBlock(scene: Scene, width: number): Block {
  const { boxes, gone, unknown } = networkOf(scene);
  const looked = unknown ? [line(span('this target does not look at network devices', 'dim'))] : [];
  const foot = gone.map((name) => line(span(`− ${name}`, 'gone')));
  const marked = boxes.some(
    ({ mark, devices, routes, forwards }) =>
      mark !== undefined || [...devices, ...routes, ...forwards].some((item) => item.mark !== undefined),
  );
  const signs = marked ? [line(span('+ new  * changed by the last command', 'dim'))] : [];
  const end = [...foot, ...signs];
  return [...looked, ...boxes.flatMap((box) => boxBlock(box, width)), ...(end.length > 0 ? [line(), ...end] : [])];
}

function boxBlock(box: NetBox, width: number): Block {
  const kind = { host: '', container: '', hand: ' · made by hand' }[box.kind];
  const number = box.ino === undefined ? '' : ` net:[${box.ino}]`;
  const title = line(gutter(box.mark), span(box.title, 'bold'), kind, span(number, 'dim'));
  const style = box.kind === 'host' ? 'plain' : box.frozen ? 'frozen' : 'process';
  const border = box.kind === 'host' ? 'light' : box.frozen ? 'dashed' : 'heavy';
  const free = box.devices.filter(({ master }) => master === undefined);
  const names = Math.max(6, ...free.map(({ name }) => name.length));
  const devices = free.flatMap((device) => [
    deviceLine(device, names),
    ...portsOf(box, device).map((port, i, all) => portLine(port, i === all.length - 1)),
  ]);
  const rest = [
    ...box.routes.map((route) => line(gutter(route.mark), span('route  ', 'dim'), routeText(route))),
    ...box.forwards.map((each): Line => {
      const whose = each.target === undefined ? '' : ` of ${each.target.where}`;
      return line(gutter(each.mark), span('port   ', 'dim'), `${portText(each)} → ${each.ip}:${each.port}${whose}`);
    }),
    ...ruleLines(box).map((text) => line('  ', span('rule   ', 'dim'), text)),
    ...box.names.map((text) => line('  ', span('called ', 'dim'), text)),
  ];
  return frame({ border, style, title, width }, devices, ...(rest.length > 0 ? [rest] : []));
}

const portsOf = ({ devices }: NetBox, { name }: NetDevice): readonly NetDevice[] =>
  devices.filter(({ master }) => master === name);

function deviceLine(device: NetDevice, room: number): Line {
  const { name, mark, up, addresses, type } = device;
  return line(
    gutter(mark),
    span(name.padEnd(room), up ? (type === 'bridge' ? 'read-only' : 'union') : 'gone'),
    ` ${(addresses.length === 0 ? 'no address' : addresses.join(' ')).padEnd(15)}`,
    ...notes(device),
  );
}

function portLine(device: NetDevice, last: boolean): Line {
  const { name, mark, up } = device;
  return line(gutter(mark), span(last ? '└ ' : '├ ', 'dim'), span(name, up ? 'union' : 'gone'), ...notes(device));
}

function notes(device: NetDevice): readonly Span[] {
  const pair = device.type === 'veth' ? [span(` ── ${otherText(device)}`)] : [];
  const text = deviceNotes(device).join(' · ');
  return [...pair, ...(text === '' ? [] : [span(` · ${text}`, 'dim')])];
}
