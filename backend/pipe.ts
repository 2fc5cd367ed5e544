/**
 * Pipes for the standard streams of processes. Node would give a child sockets, on which `echo x >/dev/stderr` fails with
 * ENXIO, and FIFOs block who opens /dev/stdin after the writer has gone; so pipe(7) it must be, which Node cannot make. A
 * shell can: a pipeline whose stages only wait. Both ends are opened here through /proc/<stage>/fd, then the stages end.
 */
import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { duplexOf, type Started, start } from './exec.ts';
import { childrenOf } from './lab.ts';
import { which } from './tools.ts';

/** Pipes that one pipeline makes. */
const batch = 16;
const pipeline = `s() { read -r -u 3 _; }; ${Array.from({ length: batch + 1 }, () => 's').join(' | ')}`;

export interface Pipe {
  readonly read: number;
  readonly write: number;
}

export class Pipes {
  private readonly ready: Pipe[] = [];
  private making: Promise<void> | undefined;
  private closed = false;

  /** Makes pipes ahead of need. */
  async refill(): Promise<void> {
    this.making ??= this.make().finally(() => {
      this.making = undefined;
    });
    await this.making;
  }

  async take(): Promise<Pipe> {
    let pipe = this.ready.pop();
    while (pipe === undefined) {
      await this.refill();
      pipe = this.ready.pop();
    }
    if (this.ready.length < batch / 2) void this.refill().catch(() => undefined);
    return pipe;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.making?.catch(() => undefined);
    for (const { read, write } of this.ready.splice(0)) {
      closeSync(read);
      closeSync(write);
    }
  }

  private async make(): Promise<void> {
    if (this.closed) throw new Error('the lab has been closed');
    const shell = start(which('busybox') as string, ['sh', '-c', pipeline], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const talk = duplexOf(shell, 3);
    talk.on('error', () => undefined);
    try {
      const stages = await stagesOf(shell);
      for (let n = 0; n < batch; n++) {
        const read = openSync(`/proc/${stages[n + 1]}/fd/0`, constants.O_RDONLY);
        this.ready.push({ read, write: openSync(`/proc/${stages[n]}/fd/1`, constants.O_WRONLY) });
      }
    } finally {
      talk.destroy();
    }
  }
}

/** The stages of the pipeline, in order, once all are there and have their ends of the pipes. */
async function stagesOf(shell: Started): Promise<readonly number[]> {
  const isPipe = (pid: number, fd: number): boolean => readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('pipe:');
  let alive = shell.pid !== undefined;
  void shell.exited.then(() => {
    alive = false;
  });
  while (alive) {
    const stages = childrenOf(shell.pid as number);
    const connected = stages.every((pid, n) => (n === 0 || isPipe(pid, 0)) && (n === batch || isPipe(pid, 1)));
    if (stages.length === batch + 1 && connected) return stages;
    await sleep(1);
  }
  throw new Error('no pipes could be made: the shell that makes them ended');
}

/** Our end of a pipe as a stream; closing it closes the descriptor. */
export const pipeReader = (fd: number): Socket => new Socket({ fd, readable: true, writable: false });
export const pipeWriter = (fd: number): Socket => new Socket({ fd, readable: false, writable: true });
