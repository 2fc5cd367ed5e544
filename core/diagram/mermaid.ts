/**
 * Pictures as Mermaid flowchart text (mermaid.js.org/syntax/flowchart): the same scenes as the text pictures, for Markdown
 * files and for the site.
 *
 * Kept true: node ids are made of a prefix and a number, never of names; everything that comes from outside goes through
 * `label`, so that no file name or argument can end a label; the same scene always gives the same text.
 */

import { shortId } from '../image/digest.ts';
import { handLines, stateWords, upperTitle } from './hand.ts';
import { type ImageTreeRow, imageTree, usersText } from './image-tree.ts';
import { printable } from './layout.ts';
import { lifecycleChart } from './lifecycle.ts';
import { mountLines } from './mounts.ts';
import { deviceNotes, type NetBox, networkOf, portText, routeText, ruleLines } from './network.ts';
import { describeColumn, fileName, madeBy, sizeText } from './parts.ts';
import {
  hasUnion,
  imageName,
  imageState,
  type Mark,
  type Scene,
  type SceneContainer,
  type SceneFile,
  type SceneImage,
  type SceneLayer,
  statusText,
  withHand,
} from './scene.ts';
import { ownerText, type SceneStore, type StoreOwner, shortened } from './store.ts';
import type { PictureKind } from './text.ts';
import { lowerWords } from './union.ts';
import { chooseContainer, groupColumns } from './union-choice.ts';

/** Longer lists of files end in "… n more". */
const maxFiles = 8;
/** More layers than this stand together in the union view. */
const maxColumns = 12;

/** The picture as Mermaid text. */
export function drawMermaid(kind: PictureKind, scene: Scene, options: { readonly container?: string } = {}): string {
  if (kind === 'lifecycle') return lifecycleChart(scene);
  const chart = new Chart(scene);
  const seen = kind === 'images' ? scene : withHand(scene);
  drawings[kind](chart, seen, options.container);
  return chart.text();
}

const drawings: Readonly<
  Record<Exclude<PictureKind, 'lifecycle'>, (chart: Chart, scene: Scene, container?: string) => void>
> = {
  stack: drawStack,
  union: drawUnion,
  images: drawImages,
  host: drawHost,
  network: drawNetwork,
};

const classes = [
  'classDef plain fill:#fcfcfb,stroke:#8a8a86,color:#222222',
  'classDef readOnly fill:#e3ebf7,stroke:#4a6fa5,color:#1b2a41',
  'classDef init fill:#eef0f2,stroke:#7d8ca3,color:#1b2a41,stroke-dasharray:4 3',
  'classDef readWrite fill:#ddf3df,stroke:#2e7d32,color:#123d14,stroke-width:3px',
  'classDef union fill:#dff4f6,stroke:#00838f,color:#00363a',
  'classDef process fill:#f3e5f5,stroke:#7b1fa2,color:#38006b',
  'classDef frozen fill:#e1f5fe,stroke:#0288d1,color:#01426a,stroke-dasharray:6 4',
  'classDef gone fill:#fdecea,stroke:#c62828,color:#7f1d1d',
  'classDef new stroke:#f9a825,stroke-width:4px',
  'classDef changed stroke:#f9a825,stroke-width:4px,stroke-dasharray:8 3',
] as const;

/** Lines of a chart under way, and the ids that things got in it. */
class Chart {
  readonly #lines: string[] = ['flowchart BT'];
  readonly #marks: string[] = [];
  readonly #ids = new Map<string, string>();
  #depth = 1;

  constructor(readonly scene: Scene) {}

  /** The same key always gets the same id: `layer3`. */
  id(prefix: string, key: string): string {
    const known = this.#ids.get(`${prefix} ${key}`);
    if (known !== undefined) return known;
    const id = `${prefix}${[...this.#ids.keys()].filter((other) => other.startsWith(`${prefix} `)).length + 1}`;
    this.#ids.set(`${prefix} ${key}`, id);
    return id;
  }

  add(line: string): void {
    this.#lines.push('  '.repeat(this.#depth) + line);
  }

  node(id: string, lines: readonly string[], className: string, mark?: Mark): void {
    this.add(`${id}["${lines.map(label).join('<br/>')}"]:::${className}`);
    this.mark(id, mark);
  }

  mark(id: string, mark: Mark | undefined): void {
    if (mark !== undefined) this.#marks.push(`class ${id} ${mark}`);
  }

  group(id: string, title: string, className: string, mark: Mark | undefined, body: () => void): void {
    this.add(`subgraph ${id}["${label(title)}"]`);
    this.#depth += 1;
    body();
    this.#depth -= 1;
    this.add('end');
    this.#marks.push(`class ${id} ${className}`);
    this.mark(id, mark);
  }

  text(): string {
    return [...this.#lines, ...classes.map((line) => `  ${line}`), ...this.#marks.map((line) => `  ${line}`), ''].join(
      '\n',
    );
  }
}

/** Text for inside a quoted label: what Mermaid or HTML would read as something else becomes an entity. */
export function label(text: string): string {
  return printable(text).replace(/[#&"<>`\\;[\]{}|*_~$%]/g, (char) => `#${char.codePointAt(0)};`);
}

/** Behind the text: Mermaid takes a label that begins with `+ `, `* ` or `1. ` for a Markdown list. */
const sign = (mark: Mark | undefined): string => (mark === undefined ? '' : ` · ${mark}`);

function drawStack(chart: Chart, scene: Scene): void {
  drawLayers(chart, scene);
  for (const container of scene.containers) drawContainer(chart, container);
  drawGone(chart, scene);
}

function drawLayers(chart: Chart, scene: Scene): void {
  chart.group('layers', 'image layers · read-only', 'plain', undefined, () => {
    for (const layer of scene.layers) {
      const tags = scene.images.filter((image) => image.layers.at(-1) === layer.chainId);
      chart.node(
        chart.id('layer', layer.chainId),
        layerLines(layer, tags),
        'readOnly',
        layer.mark ?? tags.find((tag) => tag.mark)?.mark,
      );
    }
  });
  for (const layer of scene.layers) {
    if (layer.parent !== undefined)
      chart.add(`${chart.id('layer', layer.parent)} --- ${chart.id('layer', layer.chainId)}`);
  }
}

function layerLines(layer: SceneLayer, images: readonly SceneImage[]): string[] {
  const made = layer.createdBy === '' ? [] : [`made by ${madeBy(layer.createdBy).slice(0, 60)}`];
  const names = images.map(
    (image) => `image ${image.tags.length > 0 ? image.tags.join(', ') : imageName(image)}${sign(image.mark)}`,
  );
  return [`layer ${layer.depth} · read-only · ${sizeText(layer.size)}${sign(layer.mark)}`, ...made, ...names];
}

function drawContainer(chart: Chart, container: SceneContainer): void {
  const id = chart.id('container', container.id);
  const space = container.alive
    ? container.frozen
      ? ' · process space, frozen'
      : ' · process space'
    : ' · no process';
  const className = container.frozen ? 'frozen' : container.alive ? 'process' : 'plain';
  const { hand } = container;
  const union = `${id}union`;
  const what = hand === undefined ? '' : 'by hand: ';
  const title = `${what}${container.name} · ${stateWords(container)}${space}${sign(container.mark)}`;
  chart.group(id, title, className, container.mark, () => {
    if (hasUnion(container)) drawOwnLayers(chart, container, id);
    else
      chart.node(
        union,
        handLines(container).filter((text) => text !== ''),
        'plain',
      );
    for (const process of container.processes) {
      const node = chart.id('process', `${container.id} ${process.pid}`);
      const text = `PID ${process.pid}: ${process.args.join(' ')}${sign(process.mark)}`;
      chart.node(
        node,
        [text, `on the host: PID ${process.hostPid}`],
        container.frozen ? 'frozen' : 'process',
        process.mark,
      );
      chart.add(`${union} --- ${node}`);
    }
    for (const node of drawMounts(chart, container)) chart.add(`${union} --- ${node}`);
  });
  if (container.standsOn !== undefined) chart.add(`${chart.id('layer', container.standsOn)} --- ${id}init`);
}

/** What lies over its union; the names of the nodes. */
function drawMounts(chart: Chart, container: SceneContainer): string[] {
  return mountLines(container).map((text, n) => {
    const { at, mark, readonly } = container.mounts![n]!;
    const id = chart.id('mount', `${container.id} ${at}`);
    chart.node(id, [`${text}${sign(mark)}`], readonly ? 'readOnly' : 'readWrite', mark);
    return id;
  });
}

/** Its own layers, one on the other, and what is seen through them. */
function drawOwnLayers(chart: Chart, container: SceneContainer, id: string): void {
  const [init, upper, union] = [`${id}init`, `${id}rw`, `${id}union`];
  const below = container.hand === undefined ? 'init layer' : lowerWords(container.hand);
  chart.node(init, [`${below} · read-only`], 'init');
  chart.node(
    upper,
    [upperTitle(container), ...fileLines(container.upper)],
    'readWrite',
    container.upper.find((file) => file.mark)?.mark,
  );
  const groups = handLines(container).filter((text) => text !== '');
  chart.node(union, [`union view · what ${container.name} sees`, ...unionLines(container), ...groups], 'union');
  chart.add(`${init} --- ${upper}`);
  chart.add(`${upper} -. seen as .-> ${union}`);
}

function fileLines(files: readonly SceneFile[]): string[] {
  if (files.length === 0) return ['empty'];
  const lines = files.slice(0, maxFiles).map((file) => {
    const note = file.type === 'whiteout' ? ' (whiteout)' : file.opaque ? ' (opaque)' : '';
    return `${file.kind ?? ' '} ${fileName(file.path, file.type)}${note}${sign(file.mark)}`;
  });
  return files.length > maxFiles ? [...lines, `… ${files.length - maxFiles} more`] : lines;
}

function unionLines(container: SceneContainer): string[] {
  const rows = container.union.rows.filter((row) => row.visible);
  const lines = rows.slice(0, 2 * maxFiles).map((row) => {
    const origin = row.from === undefined ? 'no layer' : describeColumn(container.union.columns[row.from]!);
    return `${fileName(row.path, row.type)} · ${origin}${sign(row.mark)}`;
  });
  return rows.length > lines.length ? [...lines, `… ${rows.length - lines.length} more`] : lines;
}

/** Each layer a box of the paths seen from it; what is hidden stands apart, with an arrow from what hides it. */
function drawUnion(chart: Chart, scene: Scene, wanted?: string): void {
  const container = chooseContainer(scene, wanted);
  if (container === undefined) chart.node('none', ['no container'], 'gone');
  else {
    const id = chart.id('container', container.id);
    chart.group(id, `union view of ${container.name}`, 'union', container.mark, () =>
      drawColumns(chart, container, id),
    );
  }
}

function drawColumns(chart: Chart, container: SceneContainer, id: string): void {
  const classOf = { layer: 'readOnly', init: 'init', 'read-write': 'readWrite' } as const;
  const groups = groupColumns(container.union, maxColumns);
  const groupAt = (column: number): number => groups.findIndex(({ first, last }) => column >= first && column <= last);
  for (const [k, column] of groups.entries()) {
    const rows = container.union.rows.filter((row) => row.from !== undefined && groupAt(row.from) === k);
    const lines = rows.map(
      (row) => `${fileName(row.path, row.type)}${row.folded > 0 ? ` +${row.folded}` : ''}${sign(row.mark)}`,
    );
    chart.node(
      `${id}c${k}`,
      [`${column.name}: seen from here`, ...(lines.length > 0 ? lines : ['nothing'])],
      classOf[column.kind],
    );
    if (k > 0) chart.add(`${id}c${k - 1} --- ${id}c${k}`);
  }
  const hidden = container.union.rows.filter((row) => row.hiddenBy !== undefined);
  for (const [i, row] of hidden.entries()) {
    const { column, how } = row.hiddenBy!;
    chart.node(`${id}h${i + 1}`, [`${row.path}${sign(row.mark)}`, 'not visible'], 'gone', row.mark);
    chart.add(`${id}c${groupAt(column)} -. "${how}" .-> ${id}h${i + 1}`);
  }
}

/** Layers upwards from the bottom, images beside the layer that they end on, containers on their image. */
function drawImages(chart: Chart, scene: Scene): void {
  const rows = imageTree(scene);
  const ids = rows.map((row) => drawImageRow(chart, scene, row));
  for (const [i, row] of rows.entries()) {
    const below = row.on === undefined ? [] : (ids[row.on] ?? []);
    for (const from of below) for (const to of ids[i] ?? []) chart.add(`${from} --- ${to}`);
  }
  if (rows.length === 0) chart.node('none', ['no image'], 'gone');
  drawGone(chart, scene);
}

/** Returns the ids of what it drew. */
function drawImageRow(chart: Chart, scene: Scene, row: ImageTreeRow): readonly string[] {
  if (row.kind === 'containers') return row.containers.map((container) => drawStanding(chart, container));
  if (row.kind === 'image') return [drawImage(chart, scene, row.image)];
  const [first, last] = [row.layers[0]!, row.layers.at(-1)!];
  const id = chart.id('layer', last.chainId);
  const size = sizeText(row.layers.reduce((sum, layer) => sum + layer.size, 0));
  const lines =
    row.layers.length === 1 ? layerLines(last, []) : [`layers ${first.depth} to ${last.depth} · read-only · ${size}`];
  chart.node(id, [...lines, `in ${usersText(row)}`], 'readOnly', last.mark);
  return [id];
}

function drawImage(chart: Chart, scene: Scene, image: SceneImage): string {
  const id = chart.id('image', image.id);
  const state = imageState(scene, image);
  const name = `image ${image.tags.length > 0 ? image.tags.join(', ') : '<none>'}${sign(image.mark)}`;
  const lines = [name, shortId(image.id), ...(state === 'tagged' ? [] : [state])];
  chart.add(`${id}(["${lines.map(label).join('<br/>')}"]):::${state === 'tagged' ? 'union' : 'gone'}`);
  chart.mark(id, image.mark);
  return id;
}

function drawStanding(chart: Chart, container: SceneContainer): string {
  const id = chart.id('container', container.id);
  chart.node(id, [`${container.name}${sign(container.mark)}`, statusText(container)], 'readWrite', container.mark);
  return id;
}

function drawGone(chart: Chart, scene: Scene): void {
  for (const [i, gone] of scene.gone.entries()) chart.node(`gone${i + 1}`, [`− ${gone.kind} ${gone.name}`], 'gone');
}

function drawHost(chart: Chart, scene: Scene): void {
  chart.group('host', 'host · one kernel for all', 'plain', undefined, () => {
    for (const container of scene.containers.filter((item) => item.alive)) drawSpace(chart, container);
    const idle = scene.containers.filter((container) => !container.alive);
    for (const container of idle) {
      chart.node(
        chart.id('container', container.id),
        [`${container.name} · ${statusText(container)}`, 'files only'],
        'readOnly',
        container.mark,
      );
    }
    if (scene.containers.length === 0) chart.node('none', ['no container'], 'gone');
  });
  if (scene.store !== undefined) drawStore(chart, scene, scene.store);
}

/** One box for each directory that holds what belongs to somebody, and a line from it to whose they are. */
function drawStore(chart: Chart, scene: Scene, store: SceneStore): void {
  const owned = store.rows.flatMap((row) => (row.owner === undefined ? [] : [{ row, owner: row.owner }]));
  chart.group('store', store.root, 'plain', undefined, () => {
    for (const { row, owner } of owned) {
      const lines = [`${shortened(row.path.slice(1))}${sign(row.mark)}`, ownerText(scene, owner)];
      chart.node(
        chart.id('path', row.path),
        [...lines, ...(row.more === undefined ? [] : [`… ${row.more} more beside it`])],
        classOfOwner(owner),
        row.mark,
      );
    }
  });
  for (const { row, owner } of owned) {
    if (owner.kind === 'container' && scene.containers.some((item) => item.id === owner.id))
      chart.add(`${chart.id('path', row.path)} --- ${chart.id('container', owner.id)}`);
  }
}

/** Each namespace with its devices; what joins them as lines. */
function drawNetwork(chart: Chart, scene: Scene): void {
  const { boxes, gone, unknown } = networkOf(scene);
  const device = (key: string): string => chart.id('device', key);
  for (const box of boxes) drawSpaceOfNet(chart, box, device);
  for (const { devices, forwards } of boxes) {
    for (const { key, other } of devices)
      if (other !== undefined && key < other.key) chart.add(`${device(key)} --- ${device(other.key)}`);
    for (const each of forwards) {
      const { target, key } = each;
      if (target !== undefined)
        chart.add(`${chart.id('port', key)} -. "${label(portText(each))}" .-> ${device(target.key)}`);
    }
  }
  if (unknown) chart.node('unknown', ['this target does not look at network devices'], 'gone');
  for (const [i, name] of gone.entries()) chart.node(`gone${i + 1}`, [`− ${name}`], 'gone');
}

function drawSpaceOfNet(chart: Chart, box: NetBox, device: (key: string) => string): void {
  const made = box.kind === 'hand' ? ' · made by hand' : '';
  const className = { host: 'plain', container: box.frozen ? 'frozen' : 'process', hand: 'union' }[box.kind];
  const title = `network of ${box.title}${made}${sign(box.mark)}`;
  chart.group(chart.id('space', box.key), title, className, box.mark, () => {
    for (const each of box.devices) {
      const { name, addresses, mark, up, type } = each;
      const address = addresses.length === 0 ? (each.master === undefined ? ['no address'] : []) : addresses;
      const lines = [`${name}${sign(mark)}`, ...address, ...deviceNotes(each)];
      chart.node(device(each.key), lines, !up ? 'gone' : type === 'bridge' ? 'readOnly' : 'readWrite', mark);
    }
    for (const { key, master } of box.devices) {
      const bridge = box.devices.find(({ name }) => name === master);
      if (bridge !== undefined) chart.add(`${device(key)} --- ${device(bridge.key)}`);
    }
    for (const each of box.forwards) {
      const lines = [`port ${portText(each)}${sign(each.mark)}`, `to ${each.ip}:${each.port}`];
      chart.node(chart.id('port', each.key), lines, 'process', each.mark);
    }
    const texts = [...box.routes.map(routeText), ...ruleLines(box), ...box.names.map((name) => `called ${name}`)];
    if (texts.length > 0) chart.node(chart.id('rules', box.key), texts, 'plain');
  });
}

function classOfOwner(owner: StoreOwner): string {
  if (owner.kind !== 'container') return 'readOnly';
  return { 'read-write': 'readWrite', init: 'init', record: 'process', files: 'process' }[owner.part];
}

function drawSpace(chart: Chart, container: SceneContainer): void {
  const id = chart.id('container', container.id);
  const own = Object.entries(container.namespaces ?? {}).filter(([, whose]) => whose === 'own');
  const title = `${container.name} · ${statusText(container)} · own: ${own.map(([kind]) => kind).join(' ')}${sign(container.mark)}`;
  chart.group(id, title, container.frozen ? 'frozen' : 'process', container.mark, () => {
    for (const process of container.processes) {
      const lines = [
        `PID ${process.pid} inside · PID ${process.hostPid} on the host${sign(process.mark)}`,
        process.args.join(' '),
      ];
      chart.node(
        chart.id('process', `${container.id} ${process.pid}`),
        lines,
        container.frozen ? 'frozen' : 'process',
        process.mark,
      );
    }
    drawMounts(chart, container);
    for (const process of container.processes.filter((item) => item.ppid !== 0)) {
      chart.add(
        `${chart.id('process', `${container.id} ${process.ppid}`)} --> ${chart.id('process', `${container.id} ${process.pid}`)}`,
      );
    }
  });
}
