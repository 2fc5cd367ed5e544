/**
 * Finds where two targets disagree, and says it in words: facts of Observations one by one, and what a command answered.
 *
 * Kept true: both sides are normalised first (core/transcript/normalise.ts); every fact of an Observation is looked at; what
 * may differ for a good reason is written in one table with the reason, and nowhere else.
 */
import type { ContainerFacts, ImageFacts, Observation } from '../observation.ts';
import { type Digest, type NsKind, nsKinds, type TreeEntry } from '../op.ts';
import type { CommandOutcome } from '../target.ts';
import { compareTrees, sideOf } from './compare-trees.ts';
import { orderIsRandom } from './match.ts';
import { createNormaliser, type Normaliser } from './normalise.ts';

export interface Difference {
  /** Path into the facts: `containers/web/union/bin/cat`, `stdout/3`. */
  readonly path: string;
  /** Both values, in short. */
  readonly a: string;
  readonly b: string;
  /** The whole in a sentence. */
  readonly text: string;
}

export interface CompareOptions {
  /** What the two sides are called; `['sim', 'docker']`. */
  readonly names?: readonly [a: string, b: string];
  /** Normalisers of the whole run, one per side; else both begin anew. */
  readonly normalisers?: readonly [a: Normaliser, b: Normaliser];
}

/** One fact that two right targets may answer differently. */
export interface Allowance {
  readonly facts: RegExp;
  readonly when: (a: string, b: string) => boolean;
  readonly why: string;
}

const none = 'none';
const unreachable = /Get "https:\/\/registry-1\.docker\.io\/v2\/"/;
const refusedPull = /pull access denied for/;

/** All that may differ. Digests of committed images, ids, names and PIDs are not here: they are numbered by order of appearance. */
export const mayDiffer: readonly Allowance[] = [
  {
    facts: /^containers\/[^/]+\/cgroup\/memoryLimit$/,
    when: (a, b) => a === none || b === none,
    why: 'not every host has the memory controller; without it no limit can be read back',
  },
  {
    facts: /^containers\/[^/]+\/cgroup\/(frozen|pids)$/,
    when: (a, b) => a === none || b === none,
    why: 'an ordinary user has no control groups unless they were delegated; whether it runs, and what runs in it, is compared all the same',
  },
  {
    facts: /^containers\/[^/]+\/namespaces\/cgroup$/,
    when: () => true,
    why: 'the default is a cgroup namespace of its own on cgroup v2 and the host’s on v1 (dockerd --default-cgroupns-mode)',
  },
  {
    facts: /^stderr\/\d+$/,
    when: (a, b) => unreachable.test(a) !== unreachable.test(b) && (refusedPull.test(a) || refusedPull.test(b)),
    why: 'an engine that does not reach the registry cannot know that the image is not there either, and says so',
  },
];

/** Collects differences; facts that may differ are left out here. */
class Findings {
  readonly list: Difference[] = [];
  constructor(readonly names: readonly [string, string]) {}

  add(path: string, a: string, b: string, text: string): void {
    const allowed = mayDiffer.some(({ facts, when }) => facts.test(path) && when(a, b));
    if (!allowed) this.list.push({ path, a, b, text });
  }

  /** One fact of both sides. `of` begins the sentence: `container web: exit code`. */
  fact(path: string, a: string, b: string, of: string): void {
    if (a === b) return;
    const [nameA, nameB] = this.names;
    this.add(path, a, b, `${of} is ${a} on ${nameA} but ${b} on ${nameB}`);
  }

  /** A thing that only one side has. */
  onlyOn(side: 'a' | 'b', path: string, thing: string): void {
    const [here, there] = side === 'a' ? this.names : [this.names[1], this.names[0]];
    const [x, y] = side === 'a' ? (['present', 'absent'] as const) : (['absent', 'present'] as const);
    this.add(path, x, y, `${thing} is there on ${here} but not on ${there}`);
  }
}

export function compareObservations(a: Observation, b: Observation, options: CompareOptions = {}): Difference[] {
  const [left, right] = options.normalisers ?? [createNormaliser(), createNormaliser()];
  const findings = new Findings(options.names ?? ['the one', 'the other']);
  const seen = [left.observation(a), right.observation(b)] as const;
  const [x, y] = a.owners === b.owners ? seen : (seen.map(ownedByRoot) as [Observation, Observation]);
  compareImages(x.images, y.images, findings);
  for (const [one, other] of pair(x.containers, y.containers, (container) => container.name)) {
    if (one !== undefined && other !== undefined) compareContainers(one, other, findings);
    else lonely(one, other, (container) => [`containers/${container.name}`, `container ${container.name}`], findings);
  }
  compareLayers(x, y, findings);
  compareVolumes(x, y, findings);
  return findings.list;
}

/** Where one side has a single user both are looked at as if all files were root's. */
function ownedByRoot(seen: Observation): Observation {
  const tree = (entries: readonly TreeEntry[]): readonly TreeEntry[] =>
    entries.map((entry) => ({ ...entry, uid: 0, gid: 0 }));
  return {
    ...seen,
    containers: seen.containers.map((each) => ({
      ...each,
      init: tree(each.init),
      upper: tree(each.upper),
      union: tree(each.union),
    })),
    layers: Object.fromEntries(Object.entries(seen.layers).map(([id, entries]) => [id, tree(entries)])),
    ...(seen.volumes === undefined
      ? {}
      : { volumes: seen.volumes.map((each) => ({ ...each, content: tree(each.content) })) }),
  };
}

function compareImages(a: readonly ImageFacts[], b: readonly ImageFacts[], findings: Findings): void {
  let dangling = 0;
  const key = (image: ImageFacts): string => image.tags[0] ?? '<none>';
  for (const [one, other] of pair(a, b, key)) {
    if (one === undefined || other === undefined) {
      lonely(one, other, (image) => [`images/${key(image)}`, `image ${key(image)}`], findings);
      continue;
    }
    const name = key(one) === '<none>' ? `<none>#${++dangling}` : key(one);
    const [path, of] = [`images/${name}`, `image ${name}`];
    findings.fact(`${path}/id`, one.id, other.id, `${of}: its id`);
    findings.fact(`${path}/tags`, one.tags.join(' '), other.tags.join(' '), `${of}: its tags`);
    findings.fact(`${path}/parent`, one.parent ?? none, other.parent ?? none, `${of}: its parent`);
    findings.fact(`${path}/cmd`, JSON.stringify(one.cmd), JSON.stringify(other.cmd), `${of}: its command`);
    compareStacks(one, other, path, of, findings);
  }
}

function compareStacks(one: ImageFacts, other: ImageFacts, path: string, of: string, findings: Findings): void {
  const [n, m] = [one.layers.length, other.layers.length];
  findings.fact(`${path}/layers`, String(n), String(m), `${of}: the number of layers`);
  for (let i = 0; i < Math.min(n, m); i++) {
    const [x, y] = [one.layers[i]!, other.layers[i]!];
    const [at, layer] = [`${path}/layers/${i}`, `${of}: layer ${i + 1}:`];
    findings.fact(`${at}/diffId`, x.diffId, y.diffId, `${layer} the diffID`);
    findings.fact(`${at}/chainId`, x.chainId, y.chainId, `${layer} the chainID`);
    findings.fact(`${at}/size`, String(x.size), String(y.size), `${layer} the size`);
    findings.fact(`${at}/createdBy`, quoted(x.createdBy), quoted(y.createdBy), `${layer} what made it`);
  }
}

function compareContainers(one: ContainerFacts, other: ContainerFacts, findings: Findings): void {
  const [path, of] = [`containers/${one.name}`, `container ${one.name}:`];
  const facts: readonly (readonly [key: string, words: string, read: (container: ContainerFacts) => string])[] = [
    ['id', 'the id', (c) => c.id],
    ['image', 'the image it was made from', (c) => c.image],
    ['imageId', 'the id of its image', (c) => c.imageId],
    ['status', 'the status', (c) => c.status],
    ['exitCode', 'the exit code', (c) => String(c.exitCode)],
    ['oomKilled', '“killed for lack of memory”', (c) => String(c.oomKilled)],
    ['command', 'the command', (c) => JSON.stringify(c.command)],
    ['lower', 'the stack of read-only layers', (c) => c.lower.join(' ') || none],
    ...nsKinds.map((kind) => [`namespaces/${kind}`, `the ${kind} namespace`, namespace(kind)] as const),
    ['cgroup/frozen', '“frozen”', (c) => String(c.cgroup?.frozen ?? none)],
    ['cgroup/pids', 'the number of processes in its control group', (c) => String(c.cgroup?.pids ?? none)],
    ['cgroup/memoryLimit', 'the memory limit', (c) => String(c.cgroup?.memoryLimit ?? none)],
  ];
  for (const [key, words, read] of facts) findings.fact(`${path}/${key}`, read(one), read(other), `${of} ${words}`);
  compareProcesses(one, other, findings);
  compareMounts(one, other, findings);
  for (const part of ['union', 'upper', 'init'] as const) {
    const place = { union: '', upper: ' in the read-write layer', init: ' in the init layer' }[part];
    const sides = [sideOf(one[part], one), sideOf(other[part], other)] as const;
    for (const found of compareTrees(...sides, findings.names, place)) {
      findings.add(`${path}/${part}${found.path}`, found.a, found.b, `${of} ${found.text}`);
    }
  }
  compareChanges(one, other, findings);
}

function namespace(kind: NsKind): (container: ContainerFacts) => string {
  return ({ namespaces }) => {
    const owner = namespaces?.[kind];
    if (owner === undefined) return none;
    return owner === 'own' ? 'its own' : owner === 'host' ? 'the host’s' : owner;
  };
}

function compareProcesses(one: ContainerFacts, other: ContainerFacts, findings: Findings): void {
  for (const [x, y] of pair(one.processes, other.processes, (process) => String(process.pid))) {
    const process = (x ?? y)!;
    const path = `containers/${one.name}/processes/${process.pid}`;
    const of = `container ${one.name}: process ${process.pid}`;
    if (x === undefined || y === undefined) {
      lonely(x, y, ({ args }) => [path, `${of} (${args.join(' ')})`], findings);
      continue;
    }
    findings.fact(`${path}/args`, quoted(x.args.join(' ')), quoted(y.args.join(' ')), of);
    findings.fact(`${path}/ppid`, String(x.ppid), String(y.ppid), `${of}: its parent`);
  }
}

function compareMounts(one: ContainerFacts, other: ContainerFacts, findings: Findings): void {
  for (const [x, y] of pair(one.mounts ?? [], other.mounts ?? [], ({ at }) => at)) {
    const { at } = (x ?? y)!;
    const say = (mount: typeof x): string => {
      if (mount === undefined) return none;
      const { type, source, readonly, mounted } = mount;
      return `${type} ${source}${readonly ? ', read-only' : ''}${mounted ? ', mounted' : ''}`;
    };
    findings.fact(`containers/${one.name}/mounts${at}`, say(x), say(y), `container ${one.name}: the mount on ${at}`);
  }
}

function compareVolumes(a: Observation, b: Observation, findings: Findings): void {
  for (const [one, other] of pair(a.volumes ?? [], b.volumes ?? [], ({ name }) => name)) {
    const { name } = (one ?? other)!;
    if (one === undefined || other === undefined) {
      lonely(one, other, () => [`volumes/${name}`, `volume ${name}`], findings);
      continue;
    }
    const sides = [sideOf(one.content, undefined), sideOf(other.content, undefined)] as const;
    for (const found of compareTrees(...sides, findings.names, ''))
      findings.add(`volumes/${name}${found.path}`, found.a, found.b, `volume ${name}: ${found.text}`);
  }
}

function compareChanges(one: ContainerFacts, other: ContainerFacts, findings: Findings): void {
  const words = { A: 'added', C: 'changed', D: 'deleted' };
  for (const [x, y] of pair(one.changes, other.changes, (change) => change.path)) {
    const path = (x ?? y)!.path;
    const say = (change: typeof x): string => (change === undefined ? 'not listed' : words[change.kind]);
    findings.fact(
      `containers/${one.name}/changes${path}`,
      say(x),
      say(y),
      `container ${one.name}: in docker diff ${path}`,
    );
  }
}

function compareLayers(a: Observation, b: Observation, findings: Findings): void {
  const layers = (observation: Observation): [Digest, readonly TreeEntry[]][] =>
    Object.entries(observation.layers) as [Digest, readonly TreeEntry[]][];
  for (const [one, other] of pair(layers(a), layers(b), ([chain]) => chain)) {
    const [chain] = (one ?? other)!;
    const words = `layer ${chain.slice('sha256:'.length).slice(0, 12)}`;
    if (one === undefined || other === undefined) {
      lonely(one, other, () => [`layers/${chain}`, words], findings);
      continue;
    }
    for (const found of compareTrees(sideOf(one[1]), sideOf(other[1]), findings.names, '')) {
      findings.add(`layers/${chain}${found.path}`, found.a, found.b, `${words}: ${found.text}`);
    }
  }
}

/** Things of both sides with the same key, in the order of the first side, then what only the second has. */
function pair<T>(a: readonly T[], b: readonly T[], key: (thing: T) => string): [T | undefined, T | undefined][] {
  const left = [...b];
  const pairs: [T | undefined, T | undefined][] = a.map((one) => {
    const i = left.findIndex((other) => key(other) === key(one));
    return [one, i < 0 ? undefined : left.splice(i, 1)[0]];
  });
  return [...pairs, ...left.map((other): [undefined, T] => [undefined, other])];
}

function lonely<T>(
  one: T | undefined,
  other: T | undefined,
  words: (thing: T) => readonly [path: string, thing: string],
  findings: Findings,
): void {
  if (one !== undefined) findings.onlyOn('a', ...words(one));
  else if (other !== undefined) findings.onlyOn('b', ...words(other));
}

function quoted(text: string): string {
  return `\`${text}\``;
}

/** What of an outcome is compared; steps are each target's own. */
export type Answered = Pick<CommandOutcome, 'exitCode' | 'stdout' | 'stderr' | 'suspended' | 'skipped'>;

/** Compares what one command answered on two targets. A line that one of them cannot run at all is no difference. */
export function compareOutcomes(a: Answered, b: Answered, command: string, options: CompareOptions = {}): Difference[] {
  if (a.skipped !== undefined || b.skipped !== undefined) return [];
  const [left, right] = options.normalisers ?? [createNormaliser(), createNormaliser()];
  const findings = new Findings(options.names ?? ['the one', 'the other']);
  const of = quoted(command);
  const ended = (outcome: Answered): string => (outcome.suspended === undefined ? 'finished' : 'still waiting');
  findings.fact('suspended', ended(a), ended(b), `${of}:`);
  if (a.suspended === undefined) findings.fact('exitCode', String(a.exitCode), String(b.exitCode), `${of}: exit code`);
  for (const stream of ['stdout', 'stderr'] as const) {
    const [x, y] = [linesOf(a[stream], command, left), linesOf(b[stream], command, right)];
    compareLines(x, y, stream, of, findings);
  }
  return findings.list;
}

/** Commands whose output is a table: the width of a column depends on the ids and times in it. */
const tables = /^\s*docker\s+((container|image|volume|network)\s+)?(ps|ls|images|history|top|stats)\b/;
/** Volumes are listed by name, and the names of those that nobody named are drawn by chance. */
const drawnNames = (text: string, command: string): boolean =>
  /^\s*docker\s+volume\s+(ls|list)\b[^|>&;]*$/.test(command) && /\b[0-9a-f]{64}\b/.test(text);

/** Sorted, where that is needed, before ids get their numbers: by what a line is apart from them. */
function linesOf(text: string, command: string, normaliser: Normaliser): string[] {
  const anyOrder = orderIsRandom(command) || drawnNames(text, command);
  const ordered = anyOrder ? sortedBy(text, createNormaliser()) : text;
  const normal = normaliser.text(ordered, command);
  const plain = tables.test(command) ? normal.replace(/ {2,}/g, '  ') : normal;
  const list = plain.split('\n').map((line) => line.trimEnd());
  while (list.at(-1) === '') list.pop();
  // Ids that were numbered by an earlier command may still stand in another order.
  return anyOrder ? list.sort() : list;
}

function sortedBy(text: string, normaliser: Normaliser): string {
  const key = (line: string): string =>
    normaliser
      .text(line)
      .replace(/<id\d+>/g, '<id>')
      .replace(/\s+/g, ' ');
  const keyed = text.split('\n').map((line) => [key(line), line] as const);
  keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return keyed
    .map(([, line]) => line)
    .filter((line) => line !== '')
    .join('\n');
}

/** The first line that differs: those behind it are mostly only shifted. */
function compareLines(
  a: readonly string[],
  b: readonly string[],
  stream: string,
  of: string,
  findings: Findings,
): void {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] === b[i]) continue;
    const say = (line: string | undefined): string => (line === undefined ? '(nothing)' : quoted(line));
    const words = stream === 'stdout' ? 'output' : 'error output';
    findings.fact(`${stream}/${i + 1}`, say(a[i]), say(b[i]), `${of}: line ${i + 1} of the ${words}`);
    return;
  }
}
