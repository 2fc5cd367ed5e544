/**
 * The Ops of `docker cp`: packed by a process in one root and unpacked by one in another (copier.ts), with the names, owners
 * and refusals of moby pkg/archive put in between.
 *
 * Kept true: no name in a container is looked at from outside of its root.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import {
  goHeader,
  leadsOut,
  type OpOf,
  type OpResults,
  packTar,
  readLayer,
  readTar,
  type TarEntry,
  tarBytes,
} from '../core/index.ts';
import { errnoOf, Refused } from './errno.ts';
import { runBytes } from './exec.ts';
import { reach } from './files.ts';
import type { Lab } from './lab.ts';
import { ownable } from './owners.ts';
import { viewFields } from './ownmounts.ts';
import { filePieces, inArchive, nodeHasher, withFile } from './stored.ts';

type Root = Pick<OpOf<'lookIn'>, 'root' | 'mounts'>;

let views = 0;

/** Runs the script in a root. `input`: its standard input. */
async function within(lab: Lab, { root, mounts = [] }: Root, words: readonly string[], input?: Uint8Array) {
  views++;
  const job = `jobs/view-${views}`;
  const dir = `${lab.toolDir}/${job}`;
  const own = mounts.length > 0;
  mkdirSync(dir);
  try {
    if (own)
      writeFileSync(
        `${dir}/mounts`,
        viewFields(mounts)
          .map((field) => `${field}\0`)
          .join(''),
      );
    const apart = ['./ld.so', '--library-path', '.', './unshare', '-m', '--propagation', 'unchanged', '--'];
    const entry = [...lab.entry(['m', 'u', 'i', 'n', 'p', 'C']), '--', ...(own ? apart : [])];
    const args = [...entry, './busybox', 'sh', './view', job, root, ...words];
    const ran = await runBytes('/usr/bin/nsenter', args, input === undefined ? {} : { input });
    if (ran.code !== 3) return ran;
    const [, errno = 'EIO', message] = /^(\w+) ?(.*)/.exec(ran.stderr) ?? [];
    throw new Refused(errno as Refused['errno'], message === '' ? undefined : message);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export async function lookIn(lab: Lab, op: OpOf<'lookIn'>): Promise<OpResults['lookIn']> {
  const { stdout } = await within(lab, op, ['look', op.path]);
  const text = Buffer.from(stdout).toString();
  const blank = text.indexOf(' ');
  return { type: text.slice(0, blank) as OpResults['lookIn']['type'], path: text.slice(blank + 1) };
}

/** What lies at a path, under another name; '' for what is in a directory. */
async function pack(lab: Lab, root: Root, path: string, follow: boolean, name: string): Promise<TarEntry[]> {
  const ran = await within(lab, root, ['pack', path, follow ? '1' : '']);
  const bytes = Buffer.from(ran.stdout);
  const line = bytes.indexOf('\n');
  const first = bytes.subarray(0, line).toString();
  const renamed = (old: string): string => {
    const rest = first === '.' ? old.replace(/^(\.\/)?\.?/, '') : old.slice(first.length).replace(/^\//, '');
    return rest === '' ? name : name === '' ? rest : `${name}/${rest}`;
  };
  const entries = [...readTar(bytes.subarray(line + 1))].map((entry) => ({
    ...entry,
    path: renamed(entry.path),
    ...(entry.type === 'hardlink' ? { target: renamed(entry.target ?? '') } : {}),
  }));
  return inOrder(entries);
}

/** By their names, as Go walks a tree; of several names of one file the first has the content. */
function inOrder(entries: readonly TarEntry[]): TarEntry[] {
  const files = new Map(entries.map((entry) => [entry.path, entry]));
  const firsts = new Map<string, string>();
  const key = ({ path }: TarEntry): string => path.replaceAll('/', '\0');
  const sorted = [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return sorted.map((entry) => {
    const file = entry.type === 'hardlink' ? (files.get(entry.target ?? '') ?? entry) : entry;
    const first = firsts.get(file.path);
    if (file.type !== 'file') return entry;
    if (first === undefined) firsts.set(file.path, entry.path);
    const { content: _, ...bare } = file;
    return first === undefined
      ? { ...file, path: entry.path }
      : { ...bare, path: entry.path, type: 'hardlink', target: first };
  });
}

const below = (dir: string, name: string): string => (dir === '/' ? `/${name}` : `${dir}/${name}`);

/** Lays the entries over what is in a directory: all of them, or those before the first that is refused. */
async function put(lab: Lab, root: Root, into: string, all: readonly TarEntry[]): Promise<undefined> {
  // The directory itself is there, and stays as it is.
  const entries = all.filter(({ path }) => path !== '');
  const kinds = entries.map(({ type, path }) => `${type} ${path}\0`).join('');
  const checked = await within(lab, root, ['check', into], Buffer.from(kinds));
  const said = Buffer.from(checked.stdout).toString();
  const clash = said === '' ? entries.length : Number(said);
  const links = entries.findIndex(({ type, path, target = '' }) => type === 'symlink' && why(into, path, target));
  const stop = Math.min(clash, links < 0 ? entries.length : links);
  // Names of owners are for people; what counts are the numbers.
  const bare = entries
    .slice(0, stop)
    .map(({ uname: _, gname: __, ...entry }) => ownable(entry, below(into, entry.path)));
  if (bare.length > 0) await unpack(lab, root, into, tarBytes(bare));
  const refused = entries[stop];
  if (refused === undefined) return;
  if (stop === links) throw new Refused('EXDEV', why(into, refused.path, refused.target ?? ''));
  throw conflict(below(into, refused.path), into, refused.type !== 'dir');
}

const why = (into: string, path: string, target: string): string | undefined =>
  leadsOut(into, below(into, path), target);

function conflict(path: string, into: string, wasDir: boolean): Refused {
  const [old, now] = wasDir ? ['directory', 'non-directory'] : ['non-directory', 'directory'];
  const said = `cannot overwrite ${old} ${JSON.stringify(path)} with ${now} ${JSON.stringify(into)}`;
  return new Refused(wasDir ? 'EISDIR' : 'ENOTDIR', said);
}

async function unpack(lab: Lab, root: Root, into: string, tar: Uint8Array): Promise<void> {
  const ran = await within(lab, root, ['unpack', into], tar);
  if (ran.code === 0) return;
  const [, name, said] = /can't remove old file (.*): (.*)/.exec(ran.stderr) ?? [];
  if (name === undefined || said === undefined) throw new Refused(errnoOf(ran.stderr), ran.stderr.trim());
  throw new Refused(errnoOf(said), `unlinkat ${below(into, name)}: ${said.toLowerCase()}`);
}

export async function copyIn(lab: Lab, op: OpOf<'copyIn'>): Promise<undefined> {
  const entries =
    op.archive === true ? await membersOf(lab, op.from) : await pack(lab, { root: '/' }, op.from, false, op.name ?? '');
  return put(lab, op, op.into, op.owner === undefined ? entries : entries.map((entry) => ({ ...entry, ...op.owner })));
}

/** The members of an archive on the host, whose names neither begin with a slash nor climb. */
function membersOf(lab: Lab, path: string): Promise<TarEntry[]> {
  const cleaned = (name: string): string => {
    const names: string[] = [];
    for (const part of name.split('/')) {
      if (part === '..') names.pop();
      else if (part !== '' && part !== '.') names.push(part);
    }
    return names.join('/');
  };
  return withFile(reach(lab, path), (fd) =>
    inArchive(() =>
      readLayer(filePieces(fd), { hasher: nodeHasher() }).entries.map((entry) => ({
        ...entry,
        path: cleaned(entry.path),
      })),
    ),
  );
}

export async function copyOut(lab: Lab, op: OpOf<'copyOut'>): Promise<undefined> {
  const contents = op.path.endsWith('/.') || /^\/*$/.test(op.path);
  const name = contents
    ? ''
    : (op.path
        .split('/')
        .filter((part) => part !== '' && part !== '.')
        .at(-1) ?? '');
  const entries = await pack(lab, op, op.path, op.followLink === true, name);
  if (op.archive === true) {
    const packed = packTar(
      entries.filter(({ path }) => path !== ''),
      goHeader,
    ).content;
    if ('bytes' in packed) writeFileSync(reach(lab, op.to), packed.bytes);
    return;
  }
  const { into, name: called } = await destination(lab, op.to, entries[0]?.type === 'dir', name);
  const named = entries.map((entry) => ({
    ...entry,
    uid: 0,
    gid: 0,
    path: instead(entry.path, name, called),
    ...(entry.type === 'hardlink' ? { target: instead(entry.target ?? '', name, called) } : {}),
  }));
  return put(lab, { root: '/' }, into, named);
}

/** A path below one name, below another. */
function instead(path: string, name: string, other: string): string {
  const rest = (name === '' ? path : path.slice(name.length)).replace(/^\//, '');
  return [other, rest].filter((part) => part !== '').join('/');
}

/** Where a copy goes on the host, as the client looks at it before it asks (PrepareArchiveCopy of moby pkg/archive). */
async function destination(
  lab: Lab,
  to: string,
  isDir: boolean,
  name: string,
): Promise<{ into: string; name: string }> {
  const host = { root: '/' } as const;
  const whole = to.replace(/(?<=.)\/\.?$/, '');
  const mustBeDir = whole !== to;
  const look = async (path: string): Promise<OpResults['lookIn'] | undefined> => {
    try {
      return await lookIn(lab, { op: 'lookIn', ...host, path });
    } catch (error) {
      if (error instanceof Refused && error.errno === 'ENOENT') return undefined;
      if (error instanceof Refused && error.errno === 'ENOTDIR') throw new Refused('EEXIST');
      throw error;
    }
  };
  const seen = await look(whole);
  const there = seen?.type === 'symlink' ? await look(seen.path) : seen;
  const real = seen?.type === 'symlink' ? seen.path : whole;
  const dir = real.replace(/(?<=.)\/[^/]*$|[^/]*$/, '');
  if (there?.type === 'dir') return { into: whole, name };
  if (there !== undefined && mustBeDir) throw new Refused('EEXIST');
  if (there !== undefined && isDir) throw new Refused('EISDIR');
  if (there === undefined && mustBeDir && !isDir) throw new Refused('EINVAL');
  if (there === undefined && (await look(dir)) === undefined) throw new Refused('EEXIST');
  return { into: dir, name: real.slice(real.lastIndexOf('/') + 1) };
}
