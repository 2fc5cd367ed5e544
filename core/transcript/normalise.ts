/**
 * Replaces what is random in every run by its order of appearance, so that two targets can be compared: ids, names that
 * nobody chose, PIDs of the host, times. Works on output text and on Observations, with one numbering for both.
 *
 * Kept true: the same thing gets the same name wherever and however long it appears (an id of 64 digits and its first 12 are
 * one thing); what is not random stays as it is; normalising twice changes nothing. The rules for text are one table.
 */
import { adjectives } from '../engine/names.ts';
import type { ContainerFacts, ImageFacts, Observation, ProcessFacts, VolumeFacts } from '../observation.ts';
import type { Digest, TreeEntry } from '../op.ts';

export interface Normaliser {
  /** One command's output. `command` tells which columns are times and PIDs. */
  text(text: string, command?: string): string;
  observation(observation: Observation): Observation;
}

export interface NormaliserOptions {
  /** Digests that are equal everywhere (base images): left as they are, 64 digits or the first 12. */
  readonly keep?: Iterable<string>;
}

const shortLength = 12;

/** A normaliser remembers what it has numbered: use one per target for a whole run, or a new one per comparison. */
export function createNormaliser(options: NormaliserOptions = {}): Normaliser {
  const kept = new Set([...(options.keep ?? [])].map(shortOf));
  const ids = numbering('id');
  const names = numbering('name');
  const pids = numbering('pid');
  const links = numbering('link');
  const tokens: Tokens = {
    id: (hexDigits) => {
      const short = hexDigits.slice(0, shortLength);
      return kept.has(short) ? hexDigits : ids.of(short);
    },
    name: names.of,
    pid: pids.of,
    link: links.of,
  };
  return {
    text: (text, command = '') => normaliseText(text, command, tokens),
    observation: (observation) => {
      for (const digest of baseDigests(observation, (id) => ids.has(id))) kept.add(shortOf(digest));
      return normaliseObservation(observation, tokens);
    },
  };
}

/** What stands for each kind of random thing. */
interface Tokens {
  id(hexDigits: string): string;
  name(name: string): string;
  pid(pid: string): string;
  link(link: string): string;
}

/** `<id1>`, `<id2>` … by order of appearance. */
function numbering(kind: string): { of(thing: string): string; has(thing: string): boolean } {
  const numbers = new Map<string, number>();
  return {
    of: (thing) => {
      if (!numbers.has(thing)) numbers.set(thing, numbers.size + 1);
      return `<${kind}${numbers.get(thing)}>`;
    },
    has: (thing) => numbers.has(thing),
  };
}

function bare(digest: string): string {
  return digest.replace(/^sha256:/, '');
}

const shortOf = (digest: string): string => bare(digest).slice(0, shortLength);

/**
 * An image without a parent came from an archive, the same bytes everywhere; what was committed or built holds modification
 * times, also when it was saved and loaded again, or imported: then it is known by its number already.
 */
function baseDigests({ images }: Observation, isNumbered: (short: string) => boolean): Digest[] {
  return images
    .filter((image) => image.parent === undefined && !isNumbered(shortOf(image.id)))
    .flatMap((image) => [image.id, ...image.layers.flatMap(({ diffId, chainId }) => [diffId, chainId])]);
}

/** One thing in output that is random, and why it is. */
interface TextRule {
  readonly what: string;
  readonly pattern: RegExp;
  replace(found: string, tokens: Tokens): string;
}

const generatedName = new RegExp(`\\b(?:${adjectives.join('|')})_[a-z]{2,}\\d?\\b`, 'g');

/** In this order: a later rule sees what an earlier one left. */
export const textRules: readonly TextRule[] = [
  {
    what: 'a line that the client logs or not, depending on which of two answers comes first (moby cli/command/container/run.go)',
    pattern: /^time="[^"]*" level=error msg="error waiting for container: context canceled"\n/gm,
    replace: () => '',
  },
  {
    what: "the client's own configuration directory, in its usage",
    pattern: /\/[^"\s]*\/cutaway-docker-[^"\s/]*\/target-[^"\s/]*\/home/g,
    replace: () => '/root/.docker',
  },
  {
    what: 'the private engine has no bridge network (dockerd --bridge none), and says so of each container and of what is committed from it, in lines of their own or in {{json .Config}}',
    pattern: /^\s*"NetworkDisabled": true,\n|"NetworkDisabled":true,/gm,
    replace: () => '',
  },
  {
    what: 'the PID that docker-init gave its program: runc takes some on the way',
    pattern: /(?<=\[FATAL tini \()\d+(?=\)\])/g,
    replace: () => '<pid>',
  },
  {
    what: "the client's own working directory, where a person would be at home",
    pattern: /\/[^"\s]*\/cutaway-docker-[^"\s/]*\/target-[^"\s/]*\/work(?=["/:\s])/g,
    replace: () => '/root',
  },
  { what: 'PIDs of the host in docker inspect', pattern: /(?<="Pid": )[1-9]\d*/g, replace: () => '"<pid>"' },
  {
    what: 'where the engine keeps its data',
    pattern: /(?:\/[\w.-]+)+(?=\/(?:overlay2|containers|volumes|tmp\/docker-import-\d+)\/)/g,
    replace: () => '/var/lib/docker',
  },
  {
    what: 'the directory that docker load unpacks to',
    pattern: /(?<=\/docker-import-)\d+/g,
    replace: () => '<n>',
  },
  {
    what: "the engine's socket in what the client posts",
    pattern: /(?<=http:\/\/)%2F[^/]*%2Fcutaway-docker-[^/]*%2Fsock(?=\/)/g,
    replace: () => '%2Fvar%2Frun%2Fdocker.sock',
  },
  {
    what: "a target's own control group above `docker/`",
    pattern: /\/cutaway[\w.-]*(?:\/[\w.-]+)*?(?=\/docker\b)/g,
    replace: () => '',
  },
  {
    what: 'ids and digests, whole or their first 12 digits',
    pattern: /(?<![\w<])(?:[0-9a-f]{64}|[0-9a-f]{12})(?!\w)/g,
    replace: (found, tokens) => tokens.id(found),
  },
  {
    what: "overlay2's short links",
    pattern: /(?<=\bl\/)[A-Z2-7]{26}\b/g,
    replace: (found, tokens) => tokens.link(found),
  },
  { what: 'names that nobody chose', pattern: generatedName, replace: (found, tokens) => tokens.name(found) },
  {
    what: 'moments',
    pattern: /\b(?!0001-)\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|(?: ?[+-]\d\d:?\d\d(?: [A-Z]{3,4})?))?/g,
    replace: () => '<time>',
  },
  {
    what: 'how long ago, and for how long',
    pattern:
      /(?<=\bUp )(?:Less than a second|(?:About )?(?:an?|\d+) [a-z]+?s?\b)|\b(?:Less than a second|(?:About )?(?:an?|\d+) [a-z]+)(?= ago\b)/g,
    replace: () => '<span>',
  },
];

function normaliseText(text: string, command: string, tokens: Tokens): string {
  const columned = /^\s*(docker\s+)/.test(command) ? normaliseColumns(text, command, tokens) : text;
  return textRules.reduce((done, rule) => done.replace(rule.pattern, (found) => rule.replace(found, tokens)), columned);
}

/** Columns of ps(1) and `docker stats` whose values are times, host PIDs or measurements. */
const timeColumns = new Set(['TIME', 'STIME', 'START', 'STARTED', 'ELAPSED']);
const measuredColumns = new Set(['C', '%CPU', '%MEM', 'VSZ', 'RSS', 'SZ']);
const pidColumns = new Set(['PID', 'PPID', 'PGID', 'SID']);

/**
 * A table of processes: `docker top` shows PIDs of the host, `ps` inside a container those of its own namespace. PID 1 is a
 * fact and stays; the others are random there as well, because runc and docker-init start helpers and threads on the way.
 */
function normaliseColumns(text: string, command: string, tokens: Tokens): string {
  const lines = text.split('\n');
  const header = lines[0]?.trim().split(/\s+/) ?? [];
  if (!header.includes('PID')) return text;
  const hostPids = /^\s*docker\s+(container\s+)?top\b/.test(command);
  const inner = numbering('pid').of;
  const pid = (cell: string): string => (hostPids ? tokens.pid(cell) : Number(cell) <= 1 ? cell : inner(cell));
  const rows = lines.slice(1).map((line) => {
    if (line.trim() === '') return line;
    const cells = splitCells(line.trim(), header.length);
    return cells.map((cell, i) => normaliseCell(cell, header[i] ?? '', pid)).join('  ');
  });
  return [header.join('  '), ...rows].join('\n');
}

function normaliseCell(cell: string, column: string, pid: (cell: string) => string): string {
  if (timeColumns.has(column)) return '<time>';
  if (measuredColumns.has(column)) return '<n>';
  return pidColumns.has(column) ? pid(cell) : cell;
}

/** The last column takes all the rest: commands have spaces in them. */
function splitCells(line: string, columns: number): string[] {
  const cells = line.split(/\s+/);
  return cells.length <= columns ? cells : [...cells.slice(0, columns - 1), cells.slice(columns - 1).join(' ')];
}

function normaliseObservation(observation: Observation, tokens: Tokens): Observation {
  const digest = (value: Digest): Digest => `sha256:${tokens.id(bare(value))}`;
  const images = [...observation.images].sort(byTags).map((image) => normaliseImage(image, digest));
  const containers = observation.containers.map((container) => normaliseContainer(container, digest, tokens));
  const layers: Record<Digest, readonly TreeEntry[]> = {};
  for (const [chain, entries] of Object.entries(observation.layers)) layers[digest(chain as Digest)] = entries;
  const volumes = observation.volumes === undefined ? {} : { volumes: normaliseVolumes(observation.volumes, tokens) };
  return { images, containers, layers, ...volumes };
}

/** Those that nobody named are known by what is in them until a container shows them. */
function normaliseVolumes(volumes: readonly VolumeFacts[], tokens: Tokens): VolumeFacts[] {
  const known = volumes.map((volume) => ({ volume, content: JSON.stringify(volume.content) }));
  known.sort((a, b) => (a.content < b.content ? -1 : a.content > b.content ? 1 : 0));
  return known
    .map(({ volume }) => ({ ...volume, name: volumeName(volume.name, tokens) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const volumeName = (name: string, tokens: Tokens): string => (/^[0-9a-f]{64}$/.test(name) ? tokens.id(name) : name);

/** Tagged ones by their first tag; those without keep the order in which the target gave them, behind. */
function byTags(a: ImageFacts, b: ImageFacts): number {
  const x = a.tags[0];
  const y = b.tags[0];
  if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
  return x < y ? -1 : x > y ? 1 : 0;
}

function normaliseImage(image: ImageFacts, digest: (value: Digest) => Digest): ImageFacts {
  const layers = image.layers.map((layer) => ({
    ...layer,
    diffId: digest(layer.diffId),
    chainId: digest(layer.chainId),
  }));
  const done = { ...image, id: digest(image.id), layers };
  return image.parent === undefined ? done : { ...done, parent: digest(image.parent) };
}

function normaliseContainer(
  container: ContainerFacts,
  digest: (value: Digest) => Digest,
  tokens: Tokens,
): ContainerFacts {
  const plain = (text: string): string => normaliseText(text, '', tokens);
  return {
    ...container,
    id: tokens.id(container.id),
    name: plain(container.name),
    image: plain(container.image),
    imageId: digest(container.imageId),
    lower: container.lower.map(digest),
    processes: normaliseProcesses(container.processes, plain, tokens),
    ...(container.mounts === undefined
      ? {}
      : { mounts: container.mounts.map((mount) => ({ ...mount, source: volumeName(mount.source, tokens) })) }),
  };
}

/** PID 1 stays, the others are numbered from 2 on in the order in which they began. */
function normaliseProcesses(
  processes: readonly ProcessFacts[],
  plain: (text: string) => string,
  tokens: Tokens,
): ProcessFacts[] {
  const sorted = [...processes].sort((a, b) => a.pid - b.pid);
  const numbers = new Map(sorted.filter(({ pid }) => pid > 1).map(({ pid }, i) => [pid, i + 2]));
  return sorted.map(({ pid, ppid, args, hostPid }) => ({
    pid: numbers.get(pid) ?? pid,
    ppid: numbers.get(ppid) ?? ppid,
    args: args.map(plain),
    hostPid: Number(/\d+/.exec(tokens.pid(String(hostPid)))?.[0]),
  }));
}
