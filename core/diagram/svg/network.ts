/**
 * Network namespaces as boxes: the host's at the left (or above) with its bridges and their ports, all others at the right; pairs
 * of devices and published ports as lines between them.
 *
 * Kept true: pure; every namespace, device, route and rule of the model has its box, or is counted where it is folded; boxes stay
 * inside the picture and do not overlap (test/core/diagram/network.test.ts).
 */
import {
  deviceNotes,
  type NetBox,
  type NetDevice,
  type NetForward,
  type NetPicture,
  type NetRoute,
  networkOf,
  otherText,
  portText,
  routeText,
} from '../network.ts';
import type { Gone, Mark, Scene } from '../scene.ts';
import {
  type Block,
  block,
  column,
  fold,
  type Layout,
  type Link,
  label,
  merged,
  moreBox,
  moved,
  type PlacedNode,
  rowHeight,
  type Tone,
  widthOf,
} from './boxes.ts';
import { goneBlock } from './cards.ts';
import { keys } from './keys.ts';
import { type Lit, lightOf, type Point } from './point.ts';

const margin = 4;
/** From here on there is room for both sides beside each other. */
const wide = 640;
/** At the right of boxes, for the lines between them. */
const lane = 22;
const pad = 8;
const head = 28;
const most = { boxes: 24, devices: 30, lines: 16 };
/** More boxes than this do without what is the same in all of them. */
const few = 6;

export function layoutNetwork(scene: Scene, width: number): Layout {
  const picture = networkOf(scene);
  const all = Math.max(280, Math.floor(width));
  const inner = all - 2 * margin;
  const gap = 64;
  const beside = inner >= wide && picture.boxes.length > 1;
  const room = inner - lane;
  const left = beside ? Math.floor((room - gap) * 0.5) : room;
  const right = beside ? room - gap - left : room;
  const others = picture.boxes.filter(({ kind }) => kind !== 'host');
  const { shown, folded } = fold(others, most.boxes, rank);
  const brief = others.length > few;
  const hosts = picture.boxes.filter(({ kind }) => kind === 'host').map((box) => boxBlock(box, left, false));
  const notes = [
    ...(picture.unknown ? [noteBlock('nobody may look at the network devices of this engine', inner)] : []),
    ...(folded > 0 ? [noteBlock(`… ${folded} more network namespaces`, right, folded)] : []),
  ];
  const spaces = column(right, 12, [...shown.map((box) => boxBlock(box, right, brief)), ...notes]);
  const host = column(left, 12, hosts);
  const stacked = column(room, 20, [host, spaces]);
  const h = beside ? Math.max(host.h, spaces.h) : stacked.h;
  const parts = beside ? [moved(host, 0, 0), moved(spaces, left + gap, 0)] : [moved(stacked, 0, 0)];
  const body = column(inner, 16, [block(inner, h, ...merged(parts)), goneBlock(goneOf(picture), inner)]);
  const [nodes] = merged([moved(body, margin, margin)]);
  return { width: all, height: body.h + 2 * margin, nodes, links: linksOf(picture, nodes), own };
}

const rank = (box: NetBox): number =>
  box.mark !== undefined || box.devices.some(({ mark }) => mark !== undefined) ? 0 : 1;

const goneOf = ({ gone }: NetPicture): Gone[] => gone.map((name) => ({ kind: 'network', name }));

function noteBlock(text: string, w: number, folded?: number): Block {
  const labels = label(text, { x: 2, y: 14, room: w - 4 }, 'dim', { list: true });
  const more = folded === undefined ? {} : { folded };
  const key = keys.more(`network ${text}`);
  return block(w, 20, [{ key, kind: 'more', tone: 'plain', x: 0, y: 0, w, h: 20, labels, words: text, ...more }]);
}

const toneOf = ({ kind, frozen }: NetBox): Tone =>
  kind === 'host' ? 'plain' : frozen ? 'frozen' : kind === 'hand' ? 'union' : 'process';

const kindWords = { host: '', container: '', hand: 'made by hand' } as const;

/** A device that says nothing: the loopback, as every namespace has it. */
const isUsual = ({ type, up, mark, addresses }: NetDevice): boolean =>
  type === 'loopback' && up && mark === undefined && addresses.length === 1;

function boxBlock(box: NetBox, w: number, brief: boolean): Block {
  const key = keys.space(box.key);
  const inner = w - 2 * pad;
  const { shown, folded } = fold(box.devices, most.devices, ({ mark, type }) =>
    mark !== undefined ? 0 : type === 'veth' ? 2 : 1,
  );
  const left = brief ? shown.filter(isUsual) : [];
  const drawn = shown.filter((device) => !left.includes(device));
  const free = drawn.filter(({ master }) => !drawn.some(({ name }) => name === master));
  const lines = brief ? linesOf(box).filter(({ mark }) => mark !== undefined) : linesOf(box);
  const { shown: some, folded: rest } = fold(lines, most.lines, ({ mark }) => (mark === undefined ? 1 : 0));
  const body = column(inner, 2, [
    ...free.map((device) =>
      device.type === 'bridge' ? bridgeBlock(device, drawn, key, inner) : deviceBox(device, key, inner),
    ),
    ...(folded === 0 ? [] : [moreBox(`devices ${box.key}`, key, folded, 'devices', inner)]),
    ...some.map((each) => lineBox(each, key, inner)),
    ...(rest === 0 ? [] : [moreBox(`lines ${box.key}`, key, rest, 'lines', inner)]),
  ]);
  const h = head + body.h + pad;
  const [nodes] = merged([moved(body, pad, head)]);
  return block(w, h, [boxNode(box, w, h, left.length > 0), ...nodes]);
}

function boxNode(box: NetBox, w: number, h: number, brief: boolean): PlacedNode {
  const tone = toneOf(box);
  const what = kindWords[box.kind];
  const number = box.ino === undefined ? '' : `net:[${box.ino}]`;
  const via = box.routes.find(({ to }) => to === 'default')?.via;
  const short = brief ? `lo${via === undefined ? '' : `, default via ${via}`}` : number;
  const title = label(box.title, { x: 10, y: 19, room: (w - 20) * 0.6 }, 'strong');
  const used = 10 + title.reduce((sum, item) => sum + widthOf(item.text, 'strong'), 0) + 8;
  const kind = label(what, { x: used, y: 19, room: w - 20 - used }, 'plain', { after: true, tone });
  const right = used + (kind.length === 0 ? 0 : widthOf(what, 'plain') + 12);
  const fits = w - 10 - right >= widthOf(short, 'dim');
  const end = fits ? label(short, { x: w - 10, y: 19, room: w - 10 - right }, 'dim', { end: true }) : [];
  const frozen = box.frozen ? ', frozen' : '';
  const names = box.names.length === 0 ? '' : `; called ${box.names.join('; ')}`;
  const count = `${box.devices.length} ${box.devices.length === 1 ? 'device' : 'devices'}`;
  return {
    key: keys.space(box.key),
    kind: 'netspace',
    tone,
    ...{ x: 0, y: 0, w, h },
    labels: [...title, ...kind, ...end],
    words: `Network namespace of ${box.title}${what === '' ? '' : `, ${what}`}${frozen}: ${count}${names}`,
    point: { kind: 'net', key: keys.space(box.key) },
    ...markOf(box.mark),
  };
}

const markOf = (mark: Mark | undefined): { mark?: Mark } => (mark === undefined ? {} : { mark });

function bridgeBlock(device: NetDevice, all: readonly NetDevice[], parent: string, w: number): Block {
  const key = keys.device(device.key);
  const inner = w - 2 * pad;
  const ports = all.filter(({ master }) => master === device.name).map((port) => deviceBox(port, key, inner));
  const body = column(inner, 0, ports);
  const h = 44 + body.h + 4;
  const node: PlacedNode = {
    ...deviceNode(device, parent, w, h),
    kind: 'bridge',
    labels: [
      ...label(device.name, { x: 10, y: 17, room: w * 0.5 }, 'code', { tone: 'read-only' }),
      ...addressLabel(device, w),
      ...label(deviceNotes(device).join(' · '), { x: 10, y: 35, room: w - 20 }, 'dim', { list: true }),
    ],
  };
  const [nodes] = merged([moved(body, pad, 44)]);
  return block(w, h, [node, ...nodes]);
}

const addressLabel = ({ addresses }: NetDevice, w: number) =>
  label(addresses.length === 0 ? 'no address' : addresses.join(' '), { x: w - 8, y: 17, room: w * 0.46 }, 'plain', {
    end: true,
    list: true,
  });

/** Where what is written in front ends, and what is at the right begins. */
function deviceBox(device: NetDevice, parent: string, w: number): Block {
  const port = device.master !== undefined;
  const text = port && device.addresses.length === 0 ? '' : device.addresses.join(' ') || 'no address';
  const end = text === '' ? 0 : Math.min(widthOf(text, 'plain') + 8, Math.floor(w * 0.46));
  const name = label(device.name, { x: 34, y: 14, room: w - 40 - end }, 'code');
  const used = 34 + name.reduce((sum, item) => sum + widthOf(item.text, 'code'), 0) + 8;
  // Who has a place on a network is joined to its bridge: the line says it.
  const pair = device.type === 'veth' && (port || device.network === undefined) ? [`↔ ${otherText(device)}`] : [];
  const notes = [...deviceNotes(device), ...pair].join(' · ');
  const node: PlacedNode = {
    ...deviceNode(device, parent, w, rowHeight),
    labels: [
      ...name,
      ...label(notes, { x: used, y: 14, room: w - used - end - 6 }, 'dim', { after: true, list: true }),
      ...label(text, { x: w - 6, y: 14, room: end }, 'plain', { end: true, list: true }),
    ],
  };
  return block(w, rowHeight, [node]);
}

function deviceNode(device: NetDevice, parent: string, w: number, h: number): PlacedNode {
  const { up, type, mark } = device;
  const key = keys.device(device.key);
  return {
    key,
    kind: 'device',
    tone: !up ? 'gone' : type === 'loopback' ? 'plain' : type === 'bridge' ? 'read-only' : 'read-write',
    parent,
    ...{ x: 0, y: 0, w, h },
    labels: [],
    words: deviceWords(device),
    point: { kind: 'net', key },
    ...markOf(mark),
  };
}

function deviceWords(device: NetDevice): string {
  const { name, type, addresses, master, up } = device;
  const what = { loopback: 'loopback', bridge: 'bridge', veth: 'one end of a pair', other: 'device' }[type];
  const address = addresses.length === 0 ? 'without an address' : `with the address ${addresses.join(', ')}`;
  const other = type === 'veth' ? `; the other end is ${otherText(device)}` : '';
  const port = master === undefined ? '' : `; a port of ${master}`;
  const notes = deviceNotes(device).filter((note) => note !== 'down' && note !== 'bridge');
  const more = notes.length === 0 ? '' : `; ${notes.join('; ')}`;
  return `${name}: ${what}, ${up ? 'up' : 'down'}, ${address}${port}${other}${more}`;
}

interface TextLine {
  readonly key: string;
  readonly word: string;
  readonly text: string;
  readonly words: string;
  readonly mark?: Mark;
}

function linesOf(box: NetBox): readonly TextLine[] {
  const { key, routes, forwards, masked, apart, names, title } = box;
  const line = (of: string, word: string, text: string, words: string, mark?: Mark): TextLine => ({
    key: of,
    word,
    text,
    words,
    ...markOf(mark),
  });
  return [
    ...routes.map((route) => line(route.key, 'route', routeText(route), routeWords(route), route.mark)),
    ...forwards.map((each) => {
      const whose = each.target === undefined ? '' : ` ${each.target.where}`;
      return line(
        each.key,
        'port',
        `${portText(each)} → ${each.ip}:${each.port}${whose}`,
        forwardWords(each),
        each.mark,
      );
    }),
    ...masked.map((subnet) =>
      line(
        `${key} masked ${subnet}`,
        'masked',
        subnet,
        `What leaves ${subnet} for elsewhere bears the host’s address (MASQUERADE).`,
      ),
    ),
    ...(apart.length < 2
      ? []
      : [
          line(
            `${key} apart`,
            'apart',
            apart.join(', '),
            `Nothing passes from one of these bridges to another: ${apart.join(', ')}.`,
          ),
        ]),
    ...names.map((text, i) => line(`${key} name ${i}`, 'called', text, `${title} is called ${text}.`)),
  ];
}

function routeWords({ to, via, dev }: NetRoute): string {
  const what = to === 'default' ? 'What goes nowhere else' : `What goes to ${to}`;
  return `${what} leaves by ${dev}${via === undefined ? '' : ` and is handed to ${via}`}.`;
}

function forwardWords(forward: NetForward): string {
  const { target, ip, port } = forward;
  const whose = target === undefined ? '' : ` of ${target.where}`;
  return `What comes for port ${portText(forward)} of the host goes on to ${ip}:${port}${whose}.`;
}

function lineBox({ key, word, text, words, mark }: TextLine, parent: string, w: number): Block {
  const own = keys.device(key);
  const node: PlacedNode = {
    key: own,
    kind: 'rule',
    tone: 'plain',
    parent,
    ...{ x: 0, y: 0, w, h: rowHeight },
    labels: [
      ...label(word, { x: 18, y: 14, room: 46 }, 'dim'),
      ...label(text, { x: 66, y: 14, room: w - 72 }, 'plain', { list: true }),
    ],
    words,
    point: { kind: 'net', key: own },
    ...markOf(mark),
  };
  return block(w, rowHeight, [node]);
}

/** Pairs once, from the host's end; published ports to the device that has the address. */
function linksOf({ boxes }: NetPicture, nodes: readonly PlacedNode[]): readonly Link[] {
  const drawn = new Map(nodes.map((node) => [node.key, node]));
  const done = new Set<string>();
  const links: Link[] = [];
  const add = (kind: 'wire' | 'nat', a: string, b: string): void => {
    const [from, to] = [keys.device(a), keys.device(b)];
    const [one, other] = [drawn.get(from), drawn.get(to)];
    if (one === undefined || other === undefined) return;
    const way = { d: across(one, other), title: titles[kind], arrow: kind === 'nat' };
    links.push({ key: `${kind} ${from} ${to}`, kind, from, to, drawn: way });
  };
  for (const { devices, forwards } of boxes) {
    for (const { key, other } of devices) {
      if (other === undefined || done.has(other.key)) continue;
      done.add(key);
      add('wire', key, other.key);
    }
    for (const { key, target } of forwards) if (target !== undefined) add('nat', key, target.key);
  }
  return links;
}

const titles = {
  wire: 'a pair of devices: what goes in at one end comes out at the other',
  nat: 'a published port leads there',
} as const;

/** Over the gap between two columns, or round the right side of one. */
function across(from: PlacedNode, to: PlacedNode): string {
  const [y, z] = [from.y + Math.min(from.h, 20) / 2, to.y + Math.min(to.h, 20) / 2];
  const [start, end] = [from.x + from.w, to.x + to.w];
  if (to.x >= start) return `M${start} ${y} C${start + 40} ${y} ${to.x - 40} ${z} ${to.x - 1} ${z}`;
  const bend = Math.max(start, end) + 26;
  return `M${start} ${y} C${bend} ${y} ${bend} ${z} ${end + 1} ${z}`;
}

const own: NonNullable<Layout['own']> = {
  style: `
.drawn .box-netspace .face { fill: var(--paper); stroke: var(--dim); stroke-width: 1.5; }
.drawn .box-netspace.tone-process .face { fill: var(--process); stroke: var(--process-line); }
.drawn .box-netspace.tone-frozen .face { fill: var(--frozen); stroke: var(--frozen-line); stroke-dasharray: 6 4; }
.drawn .box-netspace.tone-union .face { fill: var(--union); stroke: var(--union-line); stroke-dasharray: 8 3; }
.drawn .box-bridge .face { fill: var(--read-only); stroke: var(--read-only-line); }
.drawn :is(.box-device, .box-rule) .face { fill: transparent; }
.drawn :is(.box-device, .box-rule):is(.mark-new, .mark-changed) .face { fill: var(--mark-soft); }
.drawn .link-wire path { stroke: var(--read-write-line); stroke-width: 2; }
.drawn .link-nat path { stroke: var(--process-line); stroke-dasharray: 5 3; }
.drawn .link.lit path { stroke-width: 3.5; }
.picture .lighting .box-device:not(.lit) .moves { opacity: 0.45; }
.picture :is(.box-netspace, .box-bridge, .box-device, .box-rule).lit > .moves > .face { stroke: var(--focus); stroke-width: 2.5; stroke-dasharray: none; }
`,
  boxes: [
    [{ kind: 'netspace', tone: 'plain' }, 'network namespace of the host'],
    [{ kind: 'netspace', tone: 'process' }, 'network namespace of a container'],
    [{ kind: 'netspace', tone: 'frozen' }, 'network namespace of what is paused'],
    [{ kind: 'netspace', tone: 'union' }, 'network namespace made by hand'],
    [{ kind: 'bridge' }, 'bridge: its ports reach each other'],
    [{ kind: 'device', tone: 'plain' }, 'loopback'],
    [{ kind: 'device', tone: 'read-write' }, 'end of a pair of devices'],
    [{ kind: 'device', tone: 'gone' }, 'device that is down'],
  ],
  lines: [
    ['wire', 'pair of devices'],
    ['nat', 'published port'],
  ],
};

/** Its rules for a page that draws it. */
export const networkStyle = own.style;

/** What a point of this picture lights, and the sentence that says so. A container of another picture lights its namespace. */
export function lightNetwork(scene: Scene, point: Point | undefined): Lit {
  const dark = lightOf(scene, point);
  const { boxes } = networkOf(scene);
  if (point?.kind === 'container') {
    const box = boxes.find(({ containers }) => containers.includes(point.container));
    return box === undefined ? dark : { ...dark, lit: new Set(insideOf(box)), words: boxWords(box) };
  }
  if (point?.kind !== 'net') return dark;
  const box = boxes.find(({ key }) => keys.space(key) === point.key);
  if (box !== undefined) return { ...dark, lit: new Set([...insideOf(box), ...reached(box)]), words: boxWords(box) };
  for (const each of boxes) {
    const device = each.devices.find(({ key }) => keys.device(key) === point.key);
    if (device !== undefined) return { ...dark, lit: reachOf(boxes, each, device), words: `${deviceWords(device)}.` };
    const line = linesOf(each).find(({ key }) => keys.device(key) === point.key);
    if (line !== undefined) return { ...dark, lit: new Set([point.key, ...meant(each, line.key)]), words: line.words };
  }
  return dark;
}

/** What a line speaks of: the device that a port leads to, the one that a route leaves by. */
function meant({ devices, routes, forwards }: NetBox, key: string): string[] {
  const target = forwards.find((each) => each.key === key)?.target;
  const dev = routes.find((each) => each.key === key)?.dev;
  const device = devices.find(({ name }) => name === dev);
  return [target?.key, device?.key].flatMap((each) => (each === undefined ? [] : [keys.device(each)]));
}

const insideOf = (box: NetBox): string[] => [keys.space(box.key), ...box.devices.map(({ key }) => keys.device(key))];

const reached = ({ devices }: NetBox): string[] =>
  devices.flatMap(({ other }) => (other === undefined ? [] : [keys.device(other.key)]));

/** A bridge lights its ports and who is behind them; an end of a pair the other, and the bridge that either is a port of. */
function reachOf(boxes: readonly NetBox[], box: NetBox, device: NetDevice): ReadonlySet<string> {
  const ports = box.devices.filter(({ master }) => master === device.name);
  const ends = new Set(
    [device, ...ports].flatMap(({ other, key }) => [key, ...(other === undefined ? [] : [other.key])]),
  );
  const bridges = boxes.flatMap(({ devices }) => {
    const masters = devices.flatMap(({ key, master }) => (ends.has(key) ? [master] : []));
    return devices.filter(({ name }) => masters.includes(name));
  });
  return new Set([...ends, ...bridges.map(({ key }) => key)].map(keys.device));
}

function boxWords(box: NetBox): string {
  const made = box.kind === 'hand' ? ', made by hand' : '';
  const names = box.names.length === 0 ? '' : ` It is called ${box.names.join('; ')}.`;
  const all = box.devices.map(({ name }) => name).join(', ');
  return `Network namespace of ${box.title}${made}: ${all === '' ? 'no device' : all}.${names}`;
}
