/**
 * Generated cases for overlay.test.ts, and how each side plays them: the simulated kernel in this process, the real one by
 * overlay-player.pl. A case is a stack of layers (some filled as plain directories, as archives are unpacked, some through a
 * union, as containers write) and some rounds of operations on the union of all of them, mounted anew for each round.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolve } from '../../core/kernel/namei.ts';
import { TreeFs } from '../../core/vfs/tree.ts';
import { dice, type FileOp, firstOps, layerOps, newScene, RECENT, type Result, someOps } from '../core/vfs/ops.ts';
import { look, Player } from '../core/vfs/player.ts';

export interface Round {
  /** `raw`: the operations are played on the layer's own directory. */
  readonly kind: 'raw' | 'union';
  readonly layer: number;
  readonly ops: readonly FileOp[];
}

export interface Case {
  readonly seed: number;
  /** Each names the layer it fills; the layers below are the lower ones. */
  readonly rounds: readonly Round[];
}

export interface Played {
  readonly results: readonly (readonly Result[])[];
  /** What the last union showed, and each layer: a line a path. */
  readonly merged: ReadonlyMap<string, string>;
  readonly layers: readonly ReadonlyMap<string, string>[];
}

/** Mostly a few layers, sometimes eight, now and then as many as Docker allows. */
export function caseOf(seed: number): Case {
  const roll = dice(seed);
  const depth = roll(60) === 0 ? 127 : [1, 1, 1, 2, 2, 3, 4, 8][roll(8)]!;
  const each = depth === 127 ? 2 : 6 + roll(20);
  const scene = newScene(seed + 1_000_000_007);
  const round = (layer: number, kind: Round['kind'], count: number): Round => {
    const first = layer === 0 || (kind === 'raw' && count > 2) ? firstOps(scene) : [];
    return { layer, kind, ops: [...first, ...(kind === 'raw' ? layerOps : someOps)(scene, count)] };
  };
  const rounds = Array.from({ length: depth }, (_, layer) =>
    round(layer, layer === 0 || roll(3) === 0 || depth === 127 ? 'raw' : 'union', each),
  );
  for (let again = 1 + roll(2); again > 0; again--) rounds.push(round(depth, 'union', 20 + roll(30)));
  return { seed, rounds };
}

export const opCount = ({ rounds }: Case): number => rounds.reduce((sum, { ops }) => sum + ops.length, 0);

const topLayer = ({ rounds }: Case): number => rounds.at(-1)!.layer;
const lowersOf = (layer: number): string[] => Array.from({ length: layer }, (_, n) => String(layer - 1 - n));

// The simulated side.

export function simulate(its: Case, fault?: { ignoreWhiteouts: boolean }): Played {
  const root = new TreeFs('tmpfs', { now: RECENT });
  const player = new Player(root, RECENT, fault);
  const host = player.host.sys;
  host.mkdir('/merged', 0o755);
  const layers = topLayer(its) + 1;
  for (let n = 0; n < layers; n++) for (const dir of [`/${n}`, `/w${n}`]) host.mkdir(dir, 0o755);
  const results: Result[][] = [];
  let merged: ReadonlyMap<string, string> = new Map();
  for (const { kind, layer, ops } of its.rounds) {
    if (kind === 'raw') player.enter(`/${layer}`);
    else {
      const lower = lowersOf(layer).map((n) => `/${n}`);
      const options = [`lowerdir=${lower.join(':')}`, `upperdir=/${layer}`, `workdir=/w${layer}`];
      host.mount('overlay', '/merged', 'overlay', options);
      player.enter('/merged');
    }
    results.push(ops.map((op) => player.play(op)));
    if (kind === 'union') {
      const { mount, ino } = resolve(player.host, '/merged');
      merged = look(mount.fs, ino);
    }
    player.leave();
    if (kind === 'union') host.umount('/merged');
  }
  const lookAt = (n: number) => look(root, resolve(player.host, `/${n}`).ino);
  return { results, merged: plain(merged), layers: Array.from({ length: layers }, (_, n) => plain(lookAt(n))) };
}

// The real side.

/** Fields of a line: bytes that are not printable ASCII, and `%`, as %XX. */
function encode(field: string | number | boolean): string {
  const text = typeof field === 'boolean' ? (field ? '1' : '') : String(field);
  return Buffer.from(text)
    .toString('latin1')
    .replace(/[^\x20-\x24\x26-\x7e]/g, hexOf);
}

/** A string whose characters are bytes. */
const encodeBytes = (bytes: string): string => bytes.replace(/[^\x20-\x24\x26-\x7e]/g, hexOf);

const hexOf = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

const decode = (field: string): string =>
  field.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Names and targets are UTF-8. */
const decodeText = (field: string): string => Buffer.from(decode(field), 'latin1').toString('utf8');

const HOW = { any: 0, create: 1, replace: 2 } as const;

function fieldsOf(op: FileOp): (string | number | boolean)[] {
  switch (op.do) {
    case 'open':
      return [op.path, op.flags, op.mode, op.text, op.at];
    case 'truncate':
      return [op.path, op.size];
    case 'mkdir':
    case 'chmod':
      return [op.path, op.mode];
    case 'mknod':
      return [op.path, op.type, op.mode, op.major, op.minor];
    case 'symlink':
      return [op.path, op.target];
    case 'rename':
      return [op.path, op.to, op.noreplace ? 1 : 0];
    case 'link':
      return [op.path, op.to];
    case 'chown':
      return [op.path, op.uid, op.gid, op.follow];
    case 'utimes': {
      const seconds = Math.floor(op.mtime / 1000);
      return [op.path, seconds, (op.mtime - seconds * 1000) * 1e6, op.follow];
    }
    case 'getxattr':
    case 'removexattr':
      return [op.path, op.name, op.follow];
    case 'listxattr':
      return [op.path, op.follow];
    case 'hold':
      return [op.slot, op.path, op.flags];
    case 'pwrite':
      return [op.slot, op.text, op.at];
    case 'pread':
    case 'fstat':
    case 'drop':
      return [op.slot];
    case 'setxattr':
      return [];
    default:
      return [op.path];
  }
}

function lineOf(op: FileOp): string {
  if (op.do !== 'setxattr') return [op.do, ...fieldsOf(op).map(encode)].join('\t');
  const { path, name, value, how, follow } = op;
  return [op.do, encode(path), encode(name), encodeBytes(value), HOW[how], encode(follow)].join('\t');
}

function* linesOf(its: Case): Generator<string> {
  const top = topLayer(its);
  yield 'begin';
  for (let n = 0; n <= top; n++) yield `layer\t${n}`;
  for (const [at, { kind, layer, ops }] of its.rounds.entries()) {
    yield kind === 'raw' ? `raw\t${layer}` : `union\t${lowersOf(layer).join(':')}\t${layer}\tw${layer}`;
    for (const op of ops) yield lineOf(op);
    // Before `leave`, seen from inside: what is held open is still there.
    if (at === its.rounds.length - 1) yield 'look\t.';
    yield 'leave';
  }
  for (let n = 0; n <= top; n++) yield `look\t${n}`;
  yield 'end';
}

const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));
names.set(constants.errno.EOPNOTSUPP, 'EOPNOTSUPP');
names.set(constants.errno.EAGAIN, 'EAGAIN');

/** Plays lines on the real kernel, in a mount namespace that ends with the call. */
export async function playLines(lines: Iterable<string>): Promise<string[]> {
  const base = mkdtempSync(join(tmpdir(), 'overlay-'));
  const player = join(import.meta.dirname, 'overlay-player.pl');
  try {
    return await converse(['-m', '--propagation', 'private', 'perl', player, base], lines);
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function converse(args: readonly string[], lines: Iterable<string>): Promise<string[]> {
  return new Promise((done, failed) => {
    const child = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', failed);
    child.stdin.on('error', () => {});
    child.on('close', (code) => {
      if (code === 0) done(Buffer.concat(output).toString('latin1').split('\n'));
      else failed(new Error(`the player ended with exit code ${code}`));
    });
    child.stdin.end([...lines, ''].join('\n'));
  });
}

/** Plays cases on the real kernel. */
export async function playForReal(cases: readonly Case[]): Promise<Played[]> {
  const answers = await playLines(
    (function* () {
      for (const its of cases) yield* linesOf(its);
    })(),
  );
  let at = 0;
  const result = (): Result => {
    const [errno = '', value = ''] = answers[at++]!.split('\t');
    if (!/^\d+$/.test(errno)) throw new Error(`the player said: ${answers[at - 1]}`);
    return {
      ...(errno === '0' ? {} : { errno: names.get(Number(errno)) ?? errno }),
      ...(value === '' ? {} : { value: decode(value) }),
    };
  };
  const seen = (): ReadonlyMap<string, string> => {
    const lines = new Map<string, string>();
    for (; answers[at] !== '.'; at++) {
      const [path = '', stat = '', same = '', text = '', target = '', ...xattrs] = answers[at]!.split('\t');
      if (stat.startsWith('listed')) {
        lines.set(decodeText(path), stat);
        continue;
      }
      const fields = [
        decode(stat),
        decodeText(same),
        decode(text),
        decodeText(target),
        ...xattrs.map(decode).filter((xattr) => !leftOut.test(xattr)),
      ];
      lines.set(decodeText(path), fields.join('|'));
    }
    at++;
    return plain(lines);
  };
  return cases.map((its) => {
    const results = its.rounds.map(({ kind, ops }) => {
      if (kind === 'union') {
        const { errno } = result();
        if (errno !== undefined) throw new Error(`seed ${its.seed}: mount: ${errno}`);
      }
      return ops.map(result);
    });
    const merged = seen();
    return { results, merged, layers: Array.from({ length: topLayer(its) + 1 }, seen) };
  });
}

/**
 * What the kernel writes beside `opaque`, and the model leaves out: `origin` (the file handle of what was copied up, which
 * keeps inode numbers constant over a remount), `impure` (a directory holds something that has an origin) and `uuid` (of the
 * upper layer's root). They change nothing of what the union shows. Any other one is a difference.
 */
const leftOut = /^trusted\.overlay\.(origin|impure|uuid)=/;

/** Lines without what cannot be compared: whiteouts of the kernel are names of one inode, whose time is the first one's. */
function plain(lines: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const whiteout = /^char \S+ \d+ \d+ \d+ 0 0:0 /;
  return new Map([...lines].map(([path, line]) => [path, whiteout.test(line) ? 'whiteout' : line]));
}

/** The first difference between two ways of playing a case, in words. */
export function difference(its: Case, model: Played, kernel: Played): string | undefined {
  for (const [n, { kind, layer, ops }] of its.rounds.entries()) {
    for (const [at, op] of ops.entries()) {
      const ours = textOf(model.results[n]![at]!);
      const theirs = textOf(kernel.results[n]![at]!);
      if (ours !== theirs) {
        return `round ${n} (${kind}, layer ${layer}), operation ${at} ${lineOf(op)}\n  model:  ${ours}\n  kernel: ${theirs}`;
      }
    }
  }
  const pairs = [
    ['merged', model.merged, kernel.merged] as const,
    ...model.layers.map((lines, n) => [`layer ${n}`, lines, kernel.layers[n]!] as const),
  ];
  for (const [what, ours, theirs] of pairs) {
    for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
      if (ours.get(path) !== theirs.get(path)) {
        return `${what} ${path || '/'}\n  model:  ${ours.get(path)}\n  kernel: ${theirs.get(path)}`;
      }
    }
  }
  return undefined;
}

const textOf = ({ errno, value }: Result): string => errno ?? JSON.stringify(value ?? '');

/** A mount of so many layers, by short names or by ones that fill a page of options: the errno on both sides. */
export async function mountLimit(count: number, long: boolean): Promise<{ model: string; kernel: string }> {
  const lowers = Array.from({ length: count }, (_, n) => (long ? `${'./'.repeat(40)}${n}` : String(n)));
  const top = String(count);
  const made = Array.from({ length: count + 1 }, (_, n) => `layer\t${n}`);
  const answers = await playLines(['begin', ...made, `union\t${lowers.join(':')}\t${top}\tw${top}`, 'leave', 'end']);
  const errno = Number(answers[0]!.split('\t')[0]);
  const player = new Player(new TreeFs('tmpfs'));
  const host = player.host.sys;
  for (const dir of ['/merged', ...made.map((_, n) => `/${n}`), `/w${top}`]) host.mkdir(dir, 0o755);
  return {
    model: refusal(() => host.mount('overlay', '/merged', 'overlay', optionsOf(lowers, top))),
    kernel: names.get(errno) ?? 'mounted',
  };
}

const optionsOf = (lowers: readonly string[], top: string): string[] => [
  `lowerdir=${lowers.join(':')}`,
  `upperdir=${top}`,
  `workdir=w${top}`,
];

function refusal(work: () => void): string {
  try {
    work();
    return 'mounted';
  } catch (error) {
    return (error as { errno?: string }).errno ?? String(error);
  }
}
