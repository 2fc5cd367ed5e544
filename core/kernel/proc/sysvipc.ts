/** /proc/sysvipc, proc(5): the shared memory segments, message queues and semaphores of the reader's IPC namespace. */
import { type IpcKind, type IpcObject, ipcOf } from '../ipc.ts';
import type { Kernel } from '../kernel.ts';
import type { Plan } from './plan.ts';
import { reader } from './plan.ts';

const right = (value: number | string, width: number): string => String(value).padStart(width);
const seconds = (ms: number): number => Math.floor(ms / 1000);
const octal = (mode: number): string => right(mode.toString(8), 5);

const heads = {
  shm: '       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n',
  msg: '       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n',
  sem: '       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n',
} as const;

const rows: Readonly<Record<IpcKind, (object: IpcObject) => string>> = {
  shm: (of) =>
    `${start(of)}  ${right(of.size, 20)} ${right(of.creator, 5)} ${right(0, 5)}  ${right(0, 5)} ${owners(of)} ` +
    `${right(0, 10)} ${right(0, 10)} ${right(seconds(of.changed), 10)} ${right(0, 21)} ${right(0, 21)}`,
  msg: (of) =>
    `${start(of)}  ${right(0, 10)} ${right(0, 10)} ${right(0, 5)} ${right(0, 5)} ${owners(of)} ` +
    `${right(0, 10)} ${right(0, 10)} ${right(seconds(of.changed), 10)}`,
  sem: (of) => `${start(of)} ${right(of.size, 10)} ${owners(of)} ${right(0, 10)} ${right(seconds(of.changed), 10)}`,
};

const start = ({ key, id, mode }: IpcObject): string => `${right(key | 0, 10)} ${right(id, 10)} ${octal(mode)}`;
const owners = ({ uid, gid }: IpcObject): string => [uid, gid, uid, gid].map((id) => right(id, 5)).join(' ');

const table =
  (kind: IpcKind) =>
  (kernel: Kernel): string => {
    const { objects } = ipcOf(reader(kernel).ns.ipc)[kind];
    return heads[kind] + [...objects.values()].map((object) => `${rows[kind](object)}\n`).join('');
  };

export const ipcTables: readonly Plan[] = [
  ['msg', table('msg')],
  ['sem', table('sem')],
  ['shm', table('shm')],
];
