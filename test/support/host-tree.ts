/**
 * A data root (/var/lib/docker) as one comparable text per path: what stands there, with everything that is random replaced by
 * what it is the name of. A container's id becomes `<c:NAME>`, the directory of its read-write layer `<rw:NAME>`, the cache-id of
 * a layer `<cache of …>`; what a name belongs to is found by following the tree's own records (config.v2.json, layerdb, link).
 *
 * Kept true: nothing is left out here but what lies below a mounted `merged`; a name that no record explains stays as it is
 * and so shows up as a difference. Files are compared as text, so the order of JSON keys counts.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Trees } from '../../backend/tree.ts';
import { digestOf } from '../../core/image/digest.ts';
import type { SimTarget, TreeEntry } from '../../core/index.ts';
import { content, stat } from '../../core/kernel/pathcalls.ts';
import { contentBytes } from '../../core/vfs/content.ts';

/** A data root that can be looked at, wherever it lies. */
export interface DataRoot {
  readonly entries: readonly TreeEntry[];
  read(path: string): Buffer;
  /** Of what is mounted there. */
  modeAt(path: string): number;
  /** What the engine itself calls the directory. */
  readonly name: string;
}

/** `dir`: as this process reaches it; `name`: as the engine calls it. */
export async function diskRoot(dir: string, name: string): Promise<DataRoot> {
  const entries = await new Trees().read(dir);
  return {
    entries: withoutViews(entries),
    read: (path) => readFileSync(dir + path),
    modeAt: (path) => statSync(dir + path).mode & 0o7777,
    name,
  };
}

export function simRoot({ driver }: SimTarget, name = '/var/lib/docker'): DataRoot {
  const outcome = driver.perform({ op: 'tree', path: name });
  if (!('ok' in outcome) || !outcome.ok) throw new Error(`${name} cannot be read: ${JSON.stringify(outcome)}`);
  return {
    entries: withoutViews(outcome.value as readonly TreeEntry[]),
    name,
    read: (path) => Buffer.from(contentBytes(content(driver.kernel.daemon, name + path))),
    modeAt: (path) => stat(driver.kernel.daemon, name + path, true).mode,
  };
}

const withoutViews = (entries: readonly TreeEntry[]): TreeEntry[] =>
  entries.filter(({ path }) => !/^\/overlay2\/[^/]+\/merged\/|^\/aufs\/mnt\/[^/]+\//.test(path));

/** Path to what stands there; both with the names explained. */
export type Portrait = ReadonlyMap<string, string>;

/** A text that the reference has for a reason that nobody else has. */
export interface Unlike {
  readonly text: RegExp;
  readonly instead: string;
  readonly why: string;
}

export interface PortraitOptions {
  /** Digests that are to be the same everywhere: those of the images that all begin with. */
  readonly literal?: readonly string[];
  /** What a container's resolv.conf must be on this host. */
  readonly resolvConf?: string;
  readonly unlike?: readonly Unlike[];
  /** Told of each entry of `unlike` that was met. */
  readonly met?: (one: Unlike) => void;
}

export function portrait(root: DataRoot, options: PortraitOptions = {}): Portrait {
  const names = new Names(root, options.literal ?? []);
  const lines = root.entries.map((entry): [string, string] => [
    names.explain(entry.path),
    byStream(entry.path, settled(describe(root, entry, names), options)),
  ]);
  return new Map(lines.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A container's log with standard error behind standard output. What is lost is only how the two lie between each other, which
 * is nobody's promise: they reach dockerd through two FIFOs that two goroutines read, so even a program that waits between its
 * lines has them in order only as long as the machine is quick enough. All else counts: every line, its stream, the order
 * within each stream, whether the last one ended with a line feed; a log of one stream is compared as it is.
 */
function byStream(path: string, text: string): string {
  if (!/\/containers\/[^/]+\/[^/]+-json\.log$/.test(path)) return text;
  const isError = (line: string): boolean => line.includes('"stream":"stderr"');
  // What describes the file stands before the first line.
  const head = /^[^{]*/.exec(text)![0];
  const log = text
    .slice(head.length)
    .split('\n')
    .filter((line) => line !== '');
  return head + [...log.filter((line) => !isError(line)), ...log.filter(isError)].join('\n');
}

function settled(text: string, { resolvConf, unlike = [], met }: PortraitOptions): string {
  let plain = text;
  if (resolvConf !== undefined) {
    plain = plain.replace(digestOf(resolvConf), '<hash of resolv.conf>').replace(resolvConf, '<resolv.conf>');
  }
  for (const one of unlike) {
    const other = plain.replace(one.text, one.instead);
    if (other !== plain) met?.(one);
    plain = other;
  }
  return plain;
}

/** What differs, as lines for people. */
export function differences(expected: Portrait, actual: Portrait): string[] {
  const all = [...new Set([...expected.keys(), ...actual.keys()])].sort();
  return all.flatMap((path) => {
    const [one, other] = [expected.get(path), actual.get(path)];
    if (one === other) return [];
    if (one === undefined) return [`too much: ${path}: ${cut(other)}`];
    if (other === undefined) return [`missing: ${path}: ${cut(one)}`];
    return [`${path}: ${firstDifference(one, other)}`];
  });
}

const cut = (text = ''): string => (text.length > 300 ? `${text.slice(0, 300)} …` : text);

function firstDifference(expected: string, actual: string): string {
  let at = 0;
  while (expected[at] === actual[at]) at++;
  const from = Math.max(0, at - 60);
  return `expected …${cut(expected.slice(from))} but found …${cut(actual.slice(from))}`;
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

function describe(root: DataRoot, entry: TreeEntry, names: Names): string {
  const { type, uid, gid, path } = entry;
  const mode = path.endsWith('/merged') ? root.modeAt(path) : entry.mode;
  const head = `${type} ${octal(mode)} ${uid}:${gid}${entry.opaque === true ? ' opaque' : ''}`;
  if (type === 'symlink') return `symlink ${uid}:${gid} -> ${names.explain(entry.target ?? '')}`;
  if (type === 'char' || type === 'block') return `${head} ${entry.rdev?.join(':')}`;
  if (type !== 'file') return head;
  return `${head} ${contentOf(root, entry, path, names)}`;
}

function contentOf(root: DataRoot, entry: TreeEntry, path: string, names: Names): string {
  // What containers and images hold is compared by its hash; it is whatever the programs wrote.
  if (isPayload(path)) return `${entry.size} bytes ${entry.digest ?? sha256(root.read(path))}`;
  if (path.endsWith('/tar-split.json.gz')) return splitText(root.read(path));
  if (path.endsWith('.db')) return 'a database';
  return names.explain(root.read(path).toString('utf8'));
}

const isPayload = (path: string): boolean =>
  /^\/overlay2\/[^/]+\/diff\/|^\/vfs\/dir\/[^/]+\/|^\/aufs\/diff\/[^/]+\//.test(path);

const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The entries of a tar-split without times of headers and what follows from them. */
function splitText(gzipped: Buffer): string {
  const lines = gunzipSync(gzipped).toString('utf8').trimEnd().split('\n');
  return lines
    .map((line) => {
      const entry = JSON.parse(line) as { type: number; payload: string | null };
      if (entry.type !== 2) return line;
      return JSON.stringify({
        ...entry,
        payload: blank(Buffer.from(entry.payload ?? '', 'base64')).toString('base64'),
      });
    })
    .join('\n');
}

/** Blanks mtime and checksum of each ustar header in a segment. */
function blank(segment: Buffer): Buffer {
  const copy = Buffer.from(segment);
  for (let at = 0; at + 512 <= copy.length; at++) {
    if (copy.subarray(at + 257, at + 262).toString('latin1') === 'ustar') copy.fill(0, at + 136, at + 156);
  }
  return copy;
}

interface Config {
  readonly Name: string;
  readonly Image: string;
  readonly Created: string;
  readonly NetworkSettings?: {
    readonly SandboxID?: string;
    readonly Networks?: Readonly<Record<string, { readonly NetworkID: string; readonly EndpointID: string }>>;
  };
}

interface ImageFile {
  readonly created: string;
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

/** The random names of one tree and what they are names of. */
class Names {
  readonly #tokens = new Map<string, string>();
  readonly #driver: string;
  readonly #present: ReadonlySet<string>;
  readonly #literal: ReadonlySet<string>;
  readonly #chances = new Map<string, string>();

  constructor(
    private readonly root: DataRoot,
    literal: readonly string[],
  ) {
    this.#present = new Set(root.entries.map(({ path }) => path));
    this.#driver = this.#children('/image')[0] ?? 'overlay2';
    this.#literal = new Set(literal);
    this.#images();
    this.#containers();
    for (const chain of this.#children(`${this.#home}/layerdb/sha256`)) this.#layer(chain);
    this.#strangers();
  }

  explain(text: string): string {
    let plain = text.replaceAll(this.root.name, '/var/lib/docker');
    for (const [name, token] of this.#chances) plain = plain.replaceAll(`"${name}"`, `"${token}"`);
    plain = plain.replace(/[0-9a-f]{64}|[A-Z2-7]{26}/g, (name) => this.#tokens.get(name) ?? name);
    plain = plain.replace(/(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])/g, (name) => this.#tokens.get(name) ?? name);
    return plain
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time) => (time.startsWith('0001') ? time : '<time>'))
      .replace(/"Pid":[1-9]\d*/g, '"Pid":<pid>');
  }

  get #home(): string {
    return `/image/${this.#driver}`;
  }

  #children(dir: string): string[] {
    return this.root.entries
      .filter(({ path }) => path.startsWith(`${dir}/`) && !path.slice(dir.length + 1).includes('/'))
      .map(({ path }) => path.slice(dir.length + 1));
  }

  #text(path: string): string {
    return this.root.read(path).toString('utf8');
  }

  /** The first meaning of a name counts. */
  #is(name: string, token: string): void {
    if (!this.#tokens.has(name)) this.#tokens.set(name, token);
    if (/^[0-9a-f]{64}$/.test(name) && !this.#tokens.has(name.slice(0, 12)))
      this.#tokens.set(name.slice(0, 12), `${token}[0..12]`);
  }

  #images(): void {
    const dir = `${this.#home}/imagedb/content/sha256`;
    const files = this.#children(dir).map((id) => ({
      id,
      config: JSON.parse(this.#text(`${dir}/${id}`)) as ImageFile,
    }));
    files.sort((a, b) => (a.config.created < b.config.created ? -1 : 1));
    let diffs = 0;
    for (const [n, { id, config }] of files.entries()) {
      this.#token(id, `<image ${n}>`);
      for (const diff of config.rootfs.diff_ids) if (this.#token(diff.slice(7), `<diff ${diffs}>`)) diffs++;
    }
  }

  /** True when it had no meaning before. */
  #token(name: string, token: string): boolean {
    if (this.#literal.has(name) || this.#tokens.has(name)) return false;
    this.#is(name, token);
    return true;
  }

  #layer(chain: string): string {
    const dir = `${this.#home}/layerdb/sha256/${chain}`;
    const diff = this.explain(this.#text(`${dir}/diff`)).slice('sha256:'.length);
    const parent = this.#present.has(`${dir}/parent`) ? this.#text(`${dir}/parent`).slice(7) : undefined;
    const meaning = parent === undefined ? diff : `${this.#layer(parent)} + ${diff}`;
    this.#token(chain, `<chain ${meaning}>`);
    const cache = this.#text(`${dir}/cache-id`);
    this.#is(cache, `<cache ${meaning}>`);
    this.#link(cache, meaning);
    return meaning;
  }

  /** Layers of images that are gone, as the containers have them that keep them. */
  #orphans(container: string, name: string): void {
    const parent = `${this.#home}/layerdb/mounts/${container}/parent`;
    let at = this.#present.has(parent) ? this.#text(parent).slice(7) : undefined;
    for (let n = 0; at !== undefined; n++) {
      const dir = `${this.#home}/layerdb/sha256/${at}`;
      this.#token(this.#text(`${dir}/diff`).slice(7), `<diff ${n} of ${name}>`);
      at = this.#present.has(`${dir}/parent`) ? this.#text(`${dir}/parent`).slice(7) : undefined;
    }
  }

  #link(dir: string, meaning: string): void {
    const path = `/${this.#driver}/${dir}/link`;
    if (this.#present.has(path)) this.#is(this.#text(path), `<link ${meaning}>`);
  }

  #containers(): void {
    const all = this.#children('/containers').map((id) => ({
      id,
      config: JSON.parse(this.#text(`/containers/${id}/config.v2.json`)) as Config,
    }));
    all.sort((a, b) => (a.config.Created < b.config.Created ? -1 : 1));
    for (const [n, { id, config }] of all.entries()) {
      // Who was given no name got one by chance.
      const chance = /^\/[a-z]+_[a-z]+\d?$/.test(config.Name);
      const name = chance ? `nameless ${n}` : config.Name.slice(1);
      if (chance) this.#chances.set(config.Name, `/<${name}>`);
      this.#is(id, `<c:${name}>`);
      this.#token(config.Image.slice(7), `<image of ${name}>`);
      const sandbox = config.NetworkSettings?.SandboxID ?? '';
      if (sandbox !== '') this.#is(sandbox, `<sandbox:${name}>`);
      for (const [network, { NetworkID, EndpointID }] of Object.entries(config.NetworkSettings?.Networks ?? {})) {
        if (NetworkID !== '') this.#is(NetworkID, `<network:${network}>`);
        if (EndpointID !== '') this.#is(EndpointID, `<endpoint:${name} of ${network}>`);
      }
      this.#orphans(id, name);
      const mount = this.#text(`${this.#home}/layerdb/mounts/${id}/mount-id`);
      this.#is(mount, `<rw:${name}>`);
      this.#link(mount, `rw:${name}`);
      this.#link(`${mount}-init`, `init:${name}`);
    }
  }

  /** Containers that are gone, as images remember them: in the order of the images. */
  #strangers(): void {
    const dir = `${this.#home}/imagedb/content/sha256`;
    const files = this.#children(dir).map((id) => this.#text(`${dir}/${id}`));
    const created = (text: string): string => (JSON.parse(text) as ImageFile).created;
    files.sort((a, b) => (created(a) < created(b) ? -1 : 1));
    let n = 0;
    for (const text of files) {
      const { container } = JSON.parse(text) as { container?: string };
      if (container !== undefined && !this.#tokens.has(container)) this.#is(container, `<gone ${n++}>`);
    }
  }
}
