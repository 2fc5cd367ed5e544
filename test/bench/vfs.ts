/**
 * The union file system in figures: stat of files at the bottom of many layers, listing of a large merged directory, and what
 * it costs to keep every step. The peer of the first two is the npm package unionfs over memfs volumes, filled with the same
 * files, in the same run.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Volume } from 'memfs';
import { Union } from 'unionfs';
import { Kernel } from '../../core/kernel/kernel.ts';
import { textContent } from '../../core/vfs/content.ts';
import { TreeFs } from '../../core/vfs/tree.ts';
import { OverlayFs } from '../../core/vfs/union.ts';

const FILES = 20_000;
const DIRS = 100;
/** What the issue found for unionfs over memfs, in microseconds. */
const known: Readonly<Record<number, number>> = { 4: 26, 32: 237, 127: 1247 };

const owner = { uid: 0, gid: 0, mtime: 0 };
const dir = { type: 'dir', mode: 0o755, ...owner } as const;
const pathOf = (n: number): string => `/d${n % DIRS}/f${n}`;

/** Each layer has its share of the files, in directories that all of them have. Bottom first. */
function shares(depth: number): string[][] {
  const layers = Array.from({ length: depth }, (): string[] => []);
  for (let n = 0; n < FILES; n++) layers[Math.floor((n * depth) / FILES)]!.push(pathOf(n));
  return layers;
}

function treeOf(paths: readonly string[]): TreeFs {
  const fs = new TreeFs('ext4');
  const file = { type: 'file', mode: 0o644, ...owner, content: textContent('x') } as const;
  for (const path of paths) {
    const [, top = '', name = ''] = path.split('/');
    fs.create(fs.lookup(fs.root, top) ?? fs.create(fs.root, top, dir), name, file);
  }
  return fs;
}

function unionOf(layers: readonly TreeFs[]): { union: OverlayFs; upper: TreeFs } {
  const upper = new TreeFs('ext4');
  const lowers = layers.map((fs) => ({ fs, root: fs.root })).reverse();
  return { union: new OverlayFs({ lowers, upper: { fs: upper, root: upper.root } }), upper };
}

/** stat(2) by path, as a process of the simulated kernel does it. */
function statter(union: OverlayFs): (path: string) => unknown {
  const { sys } = new Kernel({ root: union }).init;
  return (path) => sys.stat(path);
}

function peerOf(layers: readonly (readonly string[])[]): InstanceType<typeof Union> {
  const union = new Union();
  for (const paths of [...layers, []]) {
    union.use(Volume.fromJSON(Object.fromEntries(paths.map((path) => [path, 'x']))) as never);
  }
  return union;
}

/** Microseconds of CPU time, ours and the collector's: all is done in this process, and the machine may be busy. */
function spent(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** Microseconds a call. */
function each(paths: readonly string[], call: (path: string) => unknown): number {
  return spent(() => paths.forEach((path) => void call(path))) / paths.length;
}

/** The quickest round: what else the machine does only adds. */
function best(rounds: number, measure: () => number): number {
  return Math.min(...Array.from({ length: rounds }, measure));
}

const us = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} µs`.padStart(10);

export function statAtTheBottom(): string {
  const rows = [4, 32, 127].map((depth) => {
    const paths = shares(depth);
    const layers = paths.map(treeOf);
    const bottom = paths[0]!;
    each(bottom, statter(unionOf(layers).union));
    const first = best(9, () => each(bottom.slice(0, 1), statter(unionOf(layers).union)));
    const all = paths.flat();
    const cold = best(5, () => each(all, statter(unionOf(layers).union)));
    const warmStat = statter(unionOf(layers).union);
    each(bottom, warmStat);
    const warm = best(9, () => each(bottom, warmStat));
    const peer = peerOf(paths);
    const some = bottom.slice(0, 150);
    each(some, (path) => peer.statSync(path));
    const theirs = best(5, () => each(some, (path) => peer.statSync(path)));
    return `  ${String(depth).padStart(3)} layers ${us(warm)} warm ${us(cold)} first time, of all ${us(first)} the very first ${us(theirs)} unionfs over memfs (${(theirs / warm).toFixed(0)} ×; known: ${known[depth]} µs)`;
  });
  return [`stat of a file at the bottom, ${FILES} files; aim: flat, at most 3 µs`, ...rows].join('\n');
}

export function readdirMerged(): string {
  const layers = Array.from({ length: 4 }, (_, layer) =>
    Array.from({ length: FILES / 4 }, (_, n) => `/all/f${n * 4 + layer}`),
  );
  const trees = layers.map(treeOf);
  const list = (union: OverlayFs): number => union.readdir(union.lookup(union.root, 'all')!).length;
  const time = (work: () => number): number => {
    const took = spent(() => {
      if (work() !== FILES) throw new Error('names are missing');
    });
    return took / 1000;
  };
  const cold = best(5, () => {
    const { union } = unionOf(trees);
    return time(() => list(union));
  });
  const { union } = unionOf(trees);
  list(union);
  const warm = best(5, () => time(() => list(union)));
  const peer = peerOf(layers);
  const theirs = best(5, () => time(() => (peer.readdirSync('/all') as unknown[]).length));
  return `readdir of ${FILES} names out of 4 layers\n  first time ${cold.toFixed(2)} ms, again ${warm.toFixed(3)} ms, unionfs over memfs ${theirs.toFixed(2)} ms`;
}

function heap(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

/** Writes, removals and new files in a union of 20,000 files, every state kept; then back to any of them. */
export function keptSteps(steps = 10_000): string {
  const { union, upper } = unionOf(shares(4).map(treeOf));
  const { sys } = new Kernel({ root: union }).init;
  for (let n = 0; n < FILES; n++) sys.stat(pathOf(n));
  const kept: { union: ReturnType<OverlayFs['snapshot']>; upper: ReturnType<TreeFs['snapshot']> }[] = [];
  const before = heap();
  const made = spent(() => {
    for (let n = 0; n < steps; n++) {
      const path = pathOf((n * 7919) % FILES);
      if (n % 3 === 0) sys.putContent(path, textContent(`step ${n}`), 0o644);
      else if (n % 3 === 1) sys.putContent(`/d${n % DIRS}/new${n}`, textContent('new'), 0o644);
      else sys.unlink(path);
      kept.push({ union: union.snapshot(), upper: upper.snapshot() });
    }
  });
  const grown = heap() - before;
  const order = kept.map((_, n) => kept[(n * 7919) % steps]!);
  const back = spent(() => {
    for (const state of order) {
      union.restore(state.union);
      upper.restore(state.upper);
      union.lookup(union.root, 'd1');
    }
  });
  return `${steps} kept steps in a union of ${FILES} files\n  ${(made / steps).toFixed(1)} µs and ${(grown / steps / 1024).toFixed(2)} KiB a step (${(grown / 1048576).toFixed(0)} MiB in all), back to any of them in ${(back / steps).toFixed(2)} µs`;
}
