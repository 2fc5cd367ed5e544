/**
 * One container as a block of boxes: its process space with the processes, its read-write and init layer, and the union view
 * beside them, or above them where there is little room.
 *
 * Kept true: no process space is drawn around a container that has none; every process, path and row of the union view of the
 * scene has its box, or is counted in the `more` box of its list.
 */
import { shortId } from '../../image/digest.ts';
import { handLines, idleWords, stateWords, upperTitle } from '../hand.ts';
import { mountLines } from '../mounts.ts';
import { fileName } from '../parts.ts';
import { hasUnion, type SceneContainer, type SceneFile, type SceneProcess } from '../scene.ts';
import { lowerWords } from '../union.ts';
import {
  type Block,
  block,
  column,
  fold,
  type Label,
  label,
  lineHeight,
  markOf,
  merged,
  moreBox,
  moved,
  type PlacedNode,
  rowHeight,
  type Tone,
  widthOf,
} from './boxes.ts';
import { keys } from './keys.ts';
import { unionBlock, unionHeight } from './view.ts';
import { upperWords } from './words.ts';

/** Narrower than this the union view is drawn above its layers, not beside them. */
const besideFrom = 500;
export const containerMin = 240;
export const containerMax = 1200;
const most = { processes: 6, files: 8 };
const pad = 10;
const headHeight = 30;
const processHeight = 26;
/** Room above and beside the front of a slab for its upper and right side. */
export const depth = 7;

export function containerBlock(container: SceneContainer, width: number): Block {
  const inner = width - 2 * pad;
  const body = !hasUnion(container)
    ? processBlock(container, inner)
    : inner >= besideFrom
      ? beside(container, inner)
      : above(container, inner);
  const height = headHeight + body.h + pad;
  const [nodes, links] = merged([moved(body, pad, headHeight)]);
  return block(width, height, [outer(container, width, height), ...nodes], links);
}

/** The box around a container. */
export function outer(container: SceneContainer, w: number, h: number): PlacedNode {
  const space = container.alive ? (container.frozen ? 'process space, frozen' : 'process space') : 'no process space';
  const name = label(container.name, { x: pad, y: 20, room: (w - 2 * pad) * 0.45 }, 'strong');
  const used = pad + name.reduce((sum, item) => sum + widthOf(item.text, 'strong'), 0) + 8;
  const text = `${statusSign(container)} ${stateWords(container)} · ${space}`;
  const tone = toneOf(container);
  const status = label(text, { x: used, y: 20, room: w - pad - used }, 'plain', { tone, after: true });
  const right = used + widthOf(text, 'plain') + 14;
  const short = container.hand === undefined ? shortId(container.id) : 'by hand';
  const id = label(short, { x: w - pad, y: 20, room: 90 }, 'dim', { end: true });
  const showId = w - pad - right >= widthOf(short, 'dim');
  return {
    key: keys.container(container.id),
    kind: 'container',
    tone,
    x: 0,
    y: 0,
    w,
    h,
    labels: [...name, ...status, ...(showId ? id : [])],
    words: `${container.hand === undefined ? 'Container' : 'By hand:'} ${container.name}, ${stateWords(container)}, ${space}`,
    ...markOf(container.statusMark === undefined ? container : { mark: container.statusMark }),
  };
}

export function toneOf(container: SceneContainer): Tone {
  if (!container.alive) return 'plain';
  return container.frozen ? 'frozen' : 'process';
}

/** A sign for each state, so that no colour is needed to tell them apart. */
export function statusSign(container: SceneContainer): string {
  const signs: Readonly<Record<SceneContainer['status'], string>> = {
    created: '○',
    running: '▶',
    paused: '❙❙',
    restarting: '↻',
    removing: '✕',
    exited: '■',
    dead: '✕',
  };
  return signs[container.status];
}

/** Processes and layers at the left, the union view at the right, the layers at the bottom where they stand on the image. */
function beside(container: SceneContainer, width: number): Block {
  const gap = 34;
  const left = Math.floor((width - gap) * 0.52);
  const top = processBlock(container, left);
  const slabs = slabBlock(container, left);
  const need = top.h + 14 + slabs.h;
  const right = width - gap - left;
  const union = unionBlock(container, right, Math.max(need, unionHeight(container)));
  const height = Math.max(need, union.h);
  const parts = [moved(top, 0, 0), moved(slabs, 0, height - slabs.h), moved(union, left + gap, 0)];
  const [nodes, links] = merged(parts);
  return block(width, height, nodes, [...links, seenLink(container)]);
}

/** All in one column: processes, what they see, and below it the layers that it is seen through. */
function above(container: SceneContainer, width: number): Block {
  const parts = [
    processBlock(container, width),
    unionBlock(container, width, unionHeight(container)),
    slabBlock(container, width),
  ];
  const all = column(width, 22, parts);
  return { ...all, links: [...all.links, seenLink(container)] };
}

function seenLink(container: SceneContainer): Block['links'][number] {
  return { key: `seen ${container.id}`, kind: 'seen', from: keys.upper(container.id), to: keys.union(container.id) };
}

export function processBlock(container: SceneContainer, width: number): Block {
  const { shown, folded } = fold(container.processes, most.processes, (item) =>
    item.pid === 1 ? 0 : item.mark === undefined ? 2 : 1,
  );
  const boxes = shown.map((process) => processBox(container, process, width));
  const key = keys.container(container.id);
  const more = folded === 0 ? [] : [moreBox(`${key} processes`, key, folded, 'processes', width)];
  return column(width, 4, [...boxes, ...more, noteBox(container, width), ...mountBoxes(container, width)]);
}

/** What lies over the union view of its processes, a box each. */
const mountBoxes = (container: SceneContainer, w: number): Block[] =>
  mountLines(container).map((text, n) => {
    const { at, readonly } = container.mounts![n]!;
    const node: PlacedNode = {
      key: keys.mount(container.id, at),
      kind: 'mount',
      tone: readonly ? 'read-only' : 'read-write',
      parent: keys.container(container.id),
      x: 0,
      y: 0,
      w,
      h: processHeight,
      labels: label(text, { x: 10, y: 18, room: w - 20 }, 'code'),
      words: `Mount in ${container.name}: ${text.replace('◀', 'shows')}`,
      point: { kind: 'path', container: container.id, path: at },
      ...markOf(container.mounts![n]!),
    };
    return block(w, processHeight, [node]);
  });

function processBox(container: SceneContainer, process: SceneProcess, width: number): Block {
  const x = Math.min(3, ancestorsOf(container, process)) * 14;
  const w = width - x;
  const pid = label(`PID ${process.pid}`, { x: 10, y: 18, room: 90 }, 'strong');
  const used = 10 + widthOf(`PID ${process.pid}`, 'strong') + 10;
  const host = `host PID ${process.hostPid}`;
  const args = process.args.join(' ');
  const hostWidth = widthOf(host, 'dim') + 18;
  const showHost = w - used - hostWidth >= Math.min(widthOf(args, 'code'), 120);
  const room = w - used - (showHost ? hostWidth : 10);
  const node: PlacedNode = {
    key: keys.process(container.id, process.hostPid),
    kind: 'process',
    tone: container.frozen ? 'frozen' : 'process',
    parent: keys.container(container.id),
    x,
    y: 0,
    w,
    h: processHeight,
    labels: [
      ...pid,
      ...label(args, { x: used, y: 18, room }, 'code'),
      ...(showHost ? label(host, { x: w - 9, y: 18, room: hostWidth }, 'dim', { end: true }) : []),
    ],
    words: `Process ${process.pid} of ${container.name}: ${args}; on the host it is process ${process.hostPid}${container.frozen ? '; frozen' : ''}`,
    ...markOf(process),
  };
  return block(width, processHeight, [node]);
}

/** How deep a process hangs below those of its container. */
function ancestorsOf(container: SceneContainer, process: SceneProcess): number {
  const parent = container.processes.find((other) => other.pid === process.ppid && other !== process);
  return parent === undefined || parent.pid >= process.pid ? 0 : 1 + ancestorsOf(container, parent);
}

/** Below the processes: their namespaces, or why there is none. */
function noteBox(container: SceneContainer, width: number): Block {
  const lines = container.alive ? namespaceLines(container) : [idleWords(container)];
  if (lines.length === 0) return block(width, 0);
  const node: PlacedNode = {
    key: `note ${container.id}`,
    kind: 'more',
    tone: 'plain',
    parent: keys.container(container.id),
    x: 0,
    y: 0,
    w: width,
    h: lines.length * lineHeight,
    labels: lines.flatMap((text, i) =>
      label(text, { x: 2, y: 13 + i * lineHeight, room: width - 4 }, 'dim', { list: true }),
    ),
    words: lines.join('; '),
  };
  return block(width, node.h, [node]);
}

function namespaceLines(container: SceneContainer): string[] {
  const kinds = Object.entries(container.namespaces ?? {});
  const own = kinds.filter(([, whose]) => whose === 'own').map(([kind]) => kind);
  const host = kinds.filter(([, whose]) => whose === 'host').map(([kind]) => kind);
  const joined = kinds.filter(([, whose]) => whose.startsWith('container:'));
  const lines = [
    own.length === 0 ? '' : `own namespaces: ${own.join(' ')}`,
    host.length === 0 ? '' : `the host's: ${host.join(' ')}`,
    joined.map(([kind, whose]) => `${kind} of ${whose.slice(10)}`).join(', '),
    ...handLines(container),
  ];
  return lines.filter((text) => text !== '');
}

/** The two layers of the container's own: read-write on init. */
function slabBlock(container: SceneContainer, width: number): Block {
  const init = container.hand?.lower.length === 0 ? [] : [initSlab(container, width)];
  return column(width, 3, [upperSlab(container, width), ...init]);
}

function upperSlab(container: SceneContainer, w: number): Block {
  const { shown, folded } = fold(container.upper, most.files, (file) =>
    file.mark !== undefined ? 0 : file.type === 'dir' ? 2 : 1,
  );
  const key = keys.upper(container.id);
  const room = w - depth - 12;
  const rows = shown.map((file) => fileBox(container, file, room));
  const more = folded === 0 ? [] : [moreBox(`${key} files`, key, folded, 'paths', room)];
  const list = column(room, 0, [...rows, ...more]);
  const empty = container.upper.length === 0 ? 'empty: nothing was written' : '';
  const { sameAs } = container;
  const same = sameAs === undefined ? '' : `= layer ${sameAs.depth} of ${sameAs.image}, committed`;
  const top = depth + 20;
  const notes = [empty, same].filter((text) => text !== '');
  const h = top + list.h + notes.length * lineHeight + 11;
  const labels: Label[] = [
    ...label(upperTitle(container), { x: 10, y: top - 3, room: w - depth - 20 }, 'strong', { tone: 'read-write' }),
    ...notes.flatMap((text, i) =>
      label(text, { x: 10, y: top + list.h + 14 + i * lineHeight, room: w - depth - 20 }, 'dim', {
        ...(text === same ? { tone: 'read-only' as const } : {}),
      }),
    ),
  ];
  const node: PlacedNode = {
    key,
    kind: 'upper',
    tone: 'read-write',
    parent: keys.container(container.id),
    x: 0,
    y: 0,
    w,
    h,
    labels,
    words: upperWords(container),
    point: { kind: 'own', container: container.id, which: 'upper' },
  };
  const [nodes] = merged([moved(list, 6, top + 3)]);
  return block(w, h, [node, ...nodes]);
}

function fileBox(container: SceneContainer, file: SceneFile, w: number): Block {
  const letter = file.kind ?? (file.type === 'whiteout' ? 'D' : '');
  const note = file.type === 'whiteout' ? 'whiteout' : file.opaque ? 'opaque' : '';
  const end = note === '' ? 0 : widthOf(note, 'dim') + 8;
  const name = fileName(file.path, file.type);
  const node: PlacedNode = {
    key: keys.file(container.id, file.path),
    kind: 'file',
    tone: file.type === 'whiteout' ? 'gone' : 'read-write',
    parent: keys.upper(container.id),
    x: 0,
    y: 0,
    w,
    h: rowHeight,
    labels: [
      ...label(letter, { x: 18, y: 14, room: 12 }, 'sign', { tone: 'read-write' }),
      ...label(
        name,
        { x: 34, y: 14, room: w - 42 - end },
        'code',
        file.type === 'whiteout' ? { struck: true, tone: 'gone' } : {},
      ),
      ...label(note, { x: w - 6, y: 14, room: end }, 'dim', { end: true }),
    ],
    words: `${changeWord(file)} ${name}${note === '' ? '' : `, ${note}`}`,
    point: { kind: 'path', container: container.id, path: file.path },
    ...markOf(file),
  };
  return block(w, rowHeight, [node]);
}

function changeWord(file: SceneFile): string {
  const words = { A: 'added', C: 'changed', D: 'deleted' } as const;
  return file.kind === undefined ? (file.type === 'whiteout' ? 'deleted' : 'holds') : words[file.kind];
}

function initSlab(container: SceneContainer, w: number): Block {
  const h = depth + 27;
  const names = container.init
    .filter((file) => file.path.lastIndexOf('/') === 0)
    .map((file) => fileName(file.path.slice(1), file.type));
  const title = container.hand === undefined ? 'init layer' : lowerWords(container.hand);
  const used = 10 + widthOf(title, 'strong') + 10;
  const node: PlacedNode = {
    key: keys.init(container.id),
    kind: 'init',
    tone: 'init',
    parent: keys.container(container.id),
    x: 0,
    y: 0,
    w,
    h,
    labels: [
      ...label(title, { x: 10, y: depth + 18, room: w - depth - 20 }, 'strong', { tone: 'init' }),
      ...label(`read-only · ${names.join(' ')}`, { x: used, y: depth + 18, room: w - depth - 8 - used }, 'dim', {
        after: true,
        list: true,
      }),
    ],
    words: `${container.hand === undefined ? 'Init layer' : title} of ${container.name}, read-only: ${container.init.length} paths, ${names.join(', ')}`,
    point: { kind: 'own', container: container.id, which: 'init' },
    folded: container.init.length,
  };
  return block(w, h, [node]);
}
