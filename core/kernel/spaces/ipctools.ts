/**
 * ipcs, ipcmk and ipcrm of the host, in the words of util-linux 2.38: System V IPC of the caller's namespace. They belong to the
 * host, as iptables does, and are in no image.
 */
import { SysError } from '../../errors.ts';
import type { IpcKind, IpcObject } from '../ipc.ts';
import type { Call, Program, Sys } from '../sys.ts';

const kinds: readonly IpcKind[] = ['msg', 'shm', 'sem'];
const PAGE = 4096;

const cell = (value: number | string, width: number): string => String(value).padEnd(width);
const hexKey = (key: number): string => `0x${(key >>> 0).toString(16).padStart(8, '0')}`;
/** One user has a name here; the others are told by number. */
const owner = (uid: number): string => (uid === 0 ? 'root' : String(uid));

const tables: Readonly<Record<IpcKind, { title: string; head: string; row: (of: IpcObject) => string }>> = {
  msg: {
    title: 'Message Queues',
    head: 'key        msqid      owner      perms      used-bytes   messages    ',
    row: (of) => `${start(of)} ${cell(0, 12)} ${cell(0, 12)}`,
  },
  shm: {
    title: 'Shared Memory Segments',
    head: 'key        shmid      owner      perms      bytes      nattch     status      ',
    row: (of) => `${start(of)} ${cell(of.size, 10)} ${cell(0, 10)} ${cell('', 6)} ${cell('', 6)}`,
  },
  sem: {
    title: 'Semaphore Arrays',
    head: 'key        semid      owner      perms      nsems     ',
    row: (of) => `${start(of)} ${cell(of.size, 10)}`,
  },
};

const start = ({ key, id, uid, mode }: IpcObject): string =>
  `${hexKey(key)} ${cell(id, 10)} ${cell(owner(uid), 10)} ${cell(mode.toString(8), 10)}`;

function* refuse(sys: Sys, text: string, help?: string): Call<number> {
  yield* sys.write(2, `${text}\n${help === undefined ? '' : `Try '${help} --help' for more information.\n`}`);
  return 1;
}

const letters: Readonly<Record<string, IpcKind>> = { m: 'shm', q: 'msg', s: 'sem' };

function* ipcs(sys: Sys, argv: readonly string[]): Call<number> {
  const given = argv
    .slice(1)
    .flatMap((arg) => (arg.startsWith('--') ? [longNames[arg.slice(2)] ?? arg] : [...arg.replace(/^-/, '')]));
  const bad = given.find((letter) => !'mqsalu'.includes(letter) || letter.length !== 1);
  if (bad !== undefined) return yield* refuse(sys, `ipcs: invalid option -- '${bad}'`, 'ipcs');
  const wanted = kinds.filter((kind) => given.some((letter) => letters[letter] === kind));
  const shown = wanted.length === 0 || given.includes('a') ? kinds : wanted;
  const view = given.includes('l') ? limitsOf : given.includes('u') ? summary : listing;
  yield* sys.write(1, `\n${shown.map((kind) => `${view(sys, kind)}\n`).join('')}`);
  return 0;
}

const longNames: Readonly<Record<string, string>> = {
  shmems: 'm',
  queues: 'q',
  semaphores: 's',
  all: 'a',
  limits: 'l',
  summary: 'u',
};

function listing(sys: Sys, kind: IpcKind): string {
  const { title, head, row } = tables[kind];
  const rows = sys.more.ipc.list(kind).map((object) => `${row(object)}\n`);
  return `------ ${title} --------\n${head}\n${rows.join('')}`;
}

function limitsOf(sys: Sys, kind: IpcKind): string {
  const limit = (name: string): bigint => sys.more.ipc.limit(name);
  switch (kind) {
    case 'msg':
      return (
        `------ Messages Limits --------\nmax queues system wide = ${limit('msgmni')}\n` +
        `max size of message (bytes) = ${limit('msgmax')}\ndefault max size of queue (bytes) = ${limit('msgmnb')}\n`
      );
    case 'shm': {
      const kilobytes = limit('shmall') * BigInt(PAGE / 1024);
      return (
        `------ Shared Memory Limits --------\nmax number of segments = ${limit('shmmni')}\n` +
        `max seg size (kbytes) = ${limit('shmmax') / 1024n}\n` +
        `max total shared memory (kbytes) = ${kilobytes < 2n ** 64n ? kilobytes : 2n ** 64n - 4n}\nmin seg size (bytes) = 1\n`
      );
    }
    case 'sem':
      return (
        `------ Semaphore Limits --------\nmax number of arrays = ${limit('semmni')}\n` +
        `max semaphores per array = ${limit('semmsl')}\nmax semaphores system wide = ${limit('semmns')}\n` +
        `max ops per semop call = ${limit('semopm')}\nsemaphore max value = 32767\n`
      );
  }
}

function summary(sys: Sys, kind: IpcKind): string {
  const objects = sys.more.ipc.list(kind);
  switch (kind) {
    case 'msg':
      return `------ Messages Status --------\nallocated queues = ${objects.length}\nused headers = 0\nused space = 0 bytes\n`;
    case 'shm': {
      const pages = objects.reduce((sum, { size }) => sum + Math.ceil(size / PAGE), 0);
      return (
        `------ Shared Memory Status --------\nsegments allocated ${objects.length}\npages allocated ${pages}\n` +
        'pages resident  0\npages swapped   0\nSwap performance: 0 attempts\t 0 successes\n'
      );
    }
    case 'sem': {
      const count = objects.reduce((sum, { size }) => sum + size, 0);
      return `------ Semaphore Status --------\nused arrays = ${objects.length}\nallocated semaphores = ${count}\n`;
    }
  }
}

/** Pairs of letter and value, `-M 4096` or `-M4096`; long names as they are told. */
function valued(
  argv: readonly string[],
  spec: string,
  long: Readonly<Record<string, string>>,
): [string, string][] | string {
  const found: [string, string][] = [];
  const args = [...argv.slice(1)];
  for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
    const [, name = '', value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const letter = long[name] ?? (/^-[a-zA-Z]/.test(arg) ? arg[1]! : '');
    const at = letter === '' ? -1 : spec.indexOf(letter);
    if (at < 0) return arg.replace(/^-/, '');
    const attached = name === '' ? arg.slice(2) : value;
    const takes = spec[at + 1] === ':';
    found.push([letter, takes ? attached || args.shift() || '' : '']);
  }
  return found;
}

/** `1k`, `2MiB`, `4096`; undefined when it is none. */
function sizeOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)(?:([KMGT])i?B?)?$/i.exec(text) ?? [];
  return digits === undefined
    ? undefined
    : Number(digits) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(unit.toUpperCase());
}

const made = { shm: 'Shared memory id', msg: 'Message queue id', sem: 'Semaphore id' } as const;
const named = { shm: 'share memory', msg: 'message queue', sem: 'semaphore' } as const;

function* ipcmk(sys: Sys, argv: readonly string[]): Call<number> {
  const options = valued(argv, 'M:S:Qp:', { shmem: 'M', semaphore: 'S', queue: 'Q', mode: 'p' });
  if (typeof options === 'string') return yield* refuse(sys, `ipcmk: invalid option -- '${options}'`, 'ipcmk');
  const mode = Number.parseInt(options.find(([letter]) => letter === 'p')?.[1] ?? '644', 8);
  const wanted = options.filter(([letter]) => letter !== 'p');
  if (wanted.length === 0) return yield* refuse(sys, 'ipcmk: bad usage', 'ipcmk');
  let status = 0;
  for (const [letter, value] of wanted) {
    const kind: IpcKind = letter === 'M' ? 'shm' : letter === 'S' ? 'sem' : 'msg';
    const size = kind === 'msg' ? 0 : sizeOf(value);
    if (size === undefined) return yield* refuse(sys, `ipcmk: failed to parse size: '${value}': Invalid argument`);
    try {
      yield* sys.write(1, `${made[kind]}: ${sys.more.ipc.make(kind, size, mode)}\n`);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      status = yield* refuse(sys, `ipcmk: create ${named[kind]} failed: ${error.message}`);
    }
  }
  return status;
}

const removing: Readonly<Record<string, { readonly kind: IpcKind; readonly by: 'id' | 'key' }>> = {
  m: { kind: 'shm', by: 'id' },
  M: { kind: 'shm', by: 'key' },
  q: { kind: 'msg', by: 'id' },
  Q: { kind: 'msg', by: 'key' },
  s: { kind: 'sem', by: 'id' },
  S: { kind: 'sem', by: 'key' },
};

function* ipcrm(sys: Sys, argv: readonly string[]): Call<number> {
  const long = {
    ...{
      'shmem-id': 'm',
      'shmem-key': 'M',
      'queue-id': 'q',
      'queue-key': 'Q',
      'semaphore-id': 's',
      'semaphore-key': 'S',
    },
    all: 'a',
  };
  const options = valued(argv, 'm:M:q:Q:s:S:a', long);
  if (typeof options === 'string') return yield* refuse(sys, `ipcrm: invalid option -- '${options}'`, 'ipcrm');
  let status = 0;
  for (const [letter, value] of options) {
    if (letter === 'a')
      for (const kind of kinds) for (const { id } of sys.more.ipc.list(kind)) sys.more.ipc.remove(kind, id);
    else status = (yield* removeOne(sys, letter, value)) || status;
  }
  return status;
}

function* removeOne(sys: Sys, letter: string, value: string): Call<number> {
  const { kind, by } = removing[letter]!;
  const number = /^(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) return yield* refuse(sys, `ipcrm: failed to parse argument: '${value}'`);
  const found = sys.more.ipc.list(kind).find((each) => (by === 'id' ? each.id === number : each.key >>> 0 === number));
  if (found === undefined) return yield* refuse(sys, `ipcrm: invalid ${by} (${value})`);
  try {
    sys.more.ipc.remove(kind, found.id);
    return 0;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return yield* refuse(sys, `ipcrm: permission denied for ${by} (${value})`);
  }
}

export const ipcTools: Readonly<Record<'ipcs' | 'ipcmk' | 'ipcrm', Program>> = { ipcs, ipcmk, ipcrm };
