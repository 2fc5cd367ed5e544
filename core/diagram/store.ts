/**
 * The engine's data root as rows of a picture: the directories that belong to a layer, an image or a container, each in one row
 * with what is in it, and the directories above them.
 *
 * Kept true: whose a directory is was read there (cache-id, mount-id, init-id, links' targets), never assumed; every name
 * of the listing has a row, or is in the note of the row above it.
 */
import { shortId } from '../image/digest.ts';
import type { Observation, StoreFacts } from '../observation.ts';
import type { Digest, ListEntry } from '../op.ts';
import type { Mark, Scene } from './scene.ts';

/** What something of the store belongs to. `record`: which layers are the container's; `files`: its configuration and logs. */
export type StoreOwner =
  | { readonly kind: 'layer'; readonly chainId: Digest }
  | { readonly kind: 'image'; readonly id: Digest }
  | { readonly kind: 'container'; readonly id: string; readonly part: 'read-write' | 'init' | 'record' | 'files' };

export interface StoreRow {
  /** Below the data root. */
  readonly path: string;
  /** 0 is the data root itself. */
  readonly level: number;
  /** What stands for it in the picture: long ids shortened, lone directories joined with what is in them. */
  readonly name: string;
  /** What is in it and has no row of its own, or where a link leads. */
  readonly note: string;
  readonly owner?: StoreOwner;
  readonly mark?: Mark;
  /** So many more of the same directory come behind it. */
  readonly more?: number;
}

export interface SceneStore {
  readonly root: string;
  readonly rows: readonly StoreRow[];
  /** Names of rows that the last command took away. */
  readonly gone: readonly string[];
}

export function sceneStore(store: StoreFacts, previous: Observation | undefined): SceneStore {
  const before = previous?.store;
  const plain = storeRows(store);
  if (before === undefined) return { root: store.root, rows: folded(plain), gone: [] };
  const [then, now] = [digests(before), digests(store)];
  const rows = plain.map((row): StoreRow => {
    if (row.owner === undefined) return row;
    if (!then.has(row.path)) return { ...row, mark: 'new' };
    return then.get(row.path) === now.get(row.path) ? row : { ...row, mark: 'changed' };
  });
  const there = new Set(plain.map((row) => row.path));
  const gone = storeRows(before).filter((row) => row.owner !== undefined && !there.has(row.path));
  return { root: store.root, rows: folded(rows), gone: gone.map((row) => shortened(row.path.slice(1))) };
}

/** Everything below each path, in a text that differs when it does. */
function digests({ entries }: StoreFacts): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const { path, type, size, target, text } of entries) {
    // Logs grow and configurations are rewritten at every state: that is the container's story, not the store's.
    const facts = [path, type, text === undefined ? '' : size, target, text].join('\0');
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/')))
      parts.set(at, `${parts.get(at) ?? ''}${facts}\n`);
  }
  return parts;
}

function ownersOf({ entries }: StoreFacts): ReadonlyMap<string, StoreOwner> {
  const texts = new Map(entries.map(({ path, text }) => [path, text]));
  const owners = new Map<string, StoreOwner>();
  /** Names of directories below the storage driver's own. */
  const names = new Map<string, StoreOwner>();
  for (const { path } of entries) {
    const [, kind, id = ''] = databases.exec(path) ?? /^\/(containers)\/([0-9a-f]{64})$/.exec(path) ?? [];
    if (kind === undefined) continue;
    const digest: Digest = `sha256:${id}`;
    if (kind.startsWith('imagedb')) owners.set(path, { kind: 'image', id: digest });
    else if (kind === 'containers') owners.set(path, { kind: 'container', id, part: 'files' });
    else if (kind === 'layerdb/sha256') {
      owners.set(path, { kind: 'layer', chainId: digest });
      names.set(texts.get(`${path}/cache-id`) ?? '', { kind: 'layer', chainId: digest });
    } else {
      owners.set(path, { kind: 'container', id, part: 'record' });
      names.set(texts.get(`${path}/mount-id`) ?? '', { kind: 'container', id, part: 'read-write' });
      names.set(texts.get(`${path}/init-id`) ?? '', { kind: 'container', id, part: 'init' });
    }
  }
  for (const { path, target } of entries) {
    if (path.startsWith('/image/')) continue;
    const named = [path.slice(path.lastIndexOf('/') + 1), ...(target ?? '').split('/')].map((name) => names.get(name));
    const owner = named.find((found) => found !== undefined);
    if (owner !== undefined && !owners.has(path)) owners.set(path, owner);
  }
  return owners;
}

const databases =
  /^\/image\/[^/]+\/(imagedb\/content\/sha256|imagedb\/metadata\/sha256|layerdb\/sha256|layerdb\/mounts)\/([0-9a-f]{64})$/;

/** Rows made of the same listing before: each is looked at twice, as what is and as what was. */
const known = new WeakMap<StoreFacts, readonly StoreRow[]>();

function storeRows(store: StoreFacts): readonly StoreRow[] {
  const rows = known.get(store) ?? makeRows(store);
  known.set(store, rows);
  return rows;
}

function makeRows(store: StoreFacts): readonly StoreRow[] {
  const owners = ownersOf(store);
  const targets = new Map(store.entries.map(({ path, target }) => [path, target]));
  const children = new Map<string, ListEntry[]>();
  for (const entry of store.entries) {
    const parent = entry.path.slice(0, entry.path.lastIndexOf('/'));
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [entry]);
    else siblings.push(entry);
  }
  const has = new Set<string>();
  for (const path of owners.keys()) for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) has.add(at);
  const rows: StoreRow[] = [];
  const put = (path: string, name: string, level: number): void => {
    const inside = children.get(path) ?? [];
    const owner = owners.get(path);
    const own = owner === undefined ? inside.filter((entry) => has.has(entry.path)) : [];
    // A directory that holds nothing but one other takes no row for itself.
    const only = own[0];
    if (only !== undefined && inside.length === 1 && !owners.has(only.path) && level > 0) {
      put(only.path, `${name}${lastName(only)}`, level);
      return;
    }
    const rest = inside.filter((entry) => !own.includes(entry)).map(lastName);
    const target = targets.get(path);
    const note = target === undefined ? rest.join(' ') : `→ ${shortened(target)}`;
    rows.push({ path, level, name, note, ...(owner === undefined ? {} : { owner }) });
    for (const entry of own) put(entry.path, lastName(entry), level + 1);
  };
  put('', store.root, 0);
  return rows;
}

const lastName = ({ path, type }: ListEntry): string =>
  shortened(path.slice(path.lastIndexOf('/') + 1)) + (type === 'dir' ? '/' : '');

/** Ids of 64 digits and links of 26 letters as their beginning. */
export function shortened(text: string): string {
  return text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}/g, '$1…').replace(/\b([A-Z2-7]{8})[A-Z2-7]{18}\b/g, '$1…');
}

/** Whose it is, in a word or two. */
export function ownerText(scene: Pick<Scene, 'layers' | 'images' | 'containers'>, owner: StoreOwner): string {
  if (owner.kind === 'layer') {
    const layer = scene.layers.find((item) => item.chainId === owner.chainId);
    return layer === undefined ? 'a layer without an image' : `layer ${layer.depth}`;
  }
  if (owner.kind === 'image') {
    const image = scene.images.find((item) => item.id === owner.id);
    return `image ${image?.tags[0] ?? `<none> ${shortId(owner.id)}`}`;
  }
  const name = scene.containers.find((item) => item.id === owner.id)?.name ?? owner.id.slice(0, 12);
  return {
    'read-write': `${name}: read-write layer`,
    init: `${name}: init layer`,
    record: `${name}: its layers`,
    files: name,
  }[owner.part];
}

/** Whose it is and what it is there for, as a sentence. */
export function ownerWords(scene: Pick<Scene, 'layers' | 'images' | 'containers'>, row: StoreRow): string {
  const { owner, path } = row;
  if (owner === undefined) return '';
  const whose = ownerText(scene, owner);
  if (owner.kind === 'image')
    return path.includes('/content/')
      ? `the configuration of ${whose}; its digest is the image's ID`
      : `what the engine noted about ${whose}, its parent for one`;
  if (path.startsWith('/image/'))
    return owner.kind === 'layer'
      ? `the record of ${whose}, named by its chainID: diffID, size, parent, and cache-id, the name of its directory`
      : `which directories are the layers of ${whose.replace(/: its layers$/, '')}: mount-id and init-id`;
  if (row.note.startsWith('→'))
    return `a short name for the directory of ${whose}, because mount options must fit into a page`;
  if (owner.kind === 'layer') return `the directory of ${whose}: what it adds and changes lies in diff`;
  return {
    'read-write': `the directory of ${whose}: what is written lies in diff, the union view is mounted on merged`,
    init: `the directory of ${whose}: mount points and files that the engine puts in`,
    record: '',
    files: `configuration, names and log of ${whose}`,
  }[owner.part];
}

/** So many rows with an owner in each directory: a scene is kept for every command. */
const most = 12;

/** What the last command touched goes first; the last row of a directory says how many more there are. */
function folded(rows: readonly StoreRow[]): StoreRow[] {
  const shelves = new Map<string, StoreRow[]>();
  for (const row of rows) {
    const shelf = row.path.slice(0, row.path.lastIndexOf('/'));
    if (row.owner !== undefined) shelves.set(shelf, [...(shelves.get(shelf) ?? []), row]);
  }
  const dropped = new Set<StoreRow>();
  const more = new Map<StoreRow, number>();
  for (const shelf of shelves.values()) {
    if (shelf.length <= most) continue;
    const marked = shelf.filter((row) => row.mark !== undefined);
    const first = new Set([...new Set([...marked, ...shelf])].slice(0, most - 1));
    for (const row of shelf) if (!first.has(row)) dropped.add(row);
    more.set(shelf.findLast((row) => first.has(row))!, shelf.length - first.size);
  }
  return rows.filter((row) => !dropped.has(row)).map((row) => (more.has(row) ? { ...row, more: more.get(row)! } : row));
}

export const sameOwner = (a: StoreOwner | undefined, b: StoreOwner | undefined): boolean =>
  a !== undefined && JSON.stringify(a) === JSON.stringify(b);
