/**
 * Who the process runs as: `user[:group]` by name or number, looked up in the container's own /etc/passwd and /etc/group
 * (opencontainers/runc libcontainer/user).
 */
import type { Flow, Spawn } from '../../op.ts';
import { DockerError } from '../errors.ts';

export interface Identity {
  readonly user: Spawn['user'];
  readonly home: string;
}

export function* userOf(wanted: string, root: string): Flow<Identity> {
  const [name = '', group] = wanted.split(':');
  const passwd = table(yield* read(`${root}/etc/passwd`));
  const uid = name === '' ? '0' : name;
  const entry = passwd.find((fields) => fields[0] === uid) ?? passwd.find((fields) => fields[2] === uid);
  if (entry === undefined && !/^\d+$/.test(uid)) {
    throw new DockerError(`unable to find user ${uid}: no matching entries in passwd file`, 'invalid');
  }
  const gid = group === undefined ? Number(entry?.[3] ?? 0) : yield* groupId(group, root);
  const more = group === undefined ? yield* memberships(entry?.[0] ?? uid, root) : [];
  return { user: { uid: Number(entry?.[2] ?? uid), gid, groups: [gid, ...more] }, home: entry?.[5] || '/' };
}

/** Without a group of one's choice one is in all that list the user (daemon/oci_linux.go getUser). */
function* memberships(name: string, root: string): Flow<readonly number[]> {
  const groups = table(yield* read(`${root}/etc/group`));
  return groups.filter((fields) => fields[3]?.split(',').includes(name)).map((fields) => Number(fields[2]));
}

function* groupId(group: string, root: string): Flow<number> {
  if (/^\d+$/.test(group)) return Number(group);
  const entry = table(yield* read(`${root}/etc/group`)).find((fields) => fields[0] === group);
  if (entry === undefined) {
    throw new DockerError(`unable to find group ${group}: no matching entries in group file`, 'invalid');
  }
  return Number(entry[2]);
}

/** Content of a file of the container, empty when it has none. */
function* read(path: string): Flow<string> {
  const outcome = yield { title: 'look up the user', op: { op: 'readFile', path }, quiet: true };
  return outcome.ok ? (outcome.value as string) : '';
}

/** The tables read last: containers of one image have the same files. */
const readLately = new Map<string, readonly string[][]>();
const MOST_READ = 20;

function table(text: string): readonly string[][] {
  let rows = readLately.get(text);
  if (rows === undefined) {
    rows = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(':'));
    if (readLately.size >= MOST_READ) readLately.clear();
    readLately.set(text, rows);
  }
  return rows;
}
