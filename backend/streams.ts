/**
 * The standard streams of a process in the lab: pipes or a terminal on its side; here what it wrote, kept, logged and shown to
 * who watches.
 */
import { openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setImmediate as nextLook, setTimeout as sleep } from 'node:timers/promises';
import type { OutputChunk, Spawn } from '../core/index.ts';
import { JsonLog } from './jsonlog.ts';
import type { Lab } from './lab.ts';
import { type Pipes, pipeReader, pipeWriter } from './pipe.ts';

/** What a starting process is connected to. */
export interface Streams {
  readonly child: readonly [number, number, number];
  readonly stdin: Writable | undefined;
  readonly output: OutputChunk[];
  /** Told of every chunk as it comes. */
  readonly watchers: Set<(chunk: OutputChunk) => void>;
  /** Both output streams have ended, or nothing has come for a while (a process in the background still holds them). */
  readonly drained: () => Promise<void>;
  /** What a terminal shows is output, too. */
  readonly read: (terminal: Readable) => void;
}

/** After so many looks, 20 ms apart, at output that an ended process no longer writes, nothing more is waited for. */
const quietLooks = 3;

export async function connect(lab: Lab, pipes: Pipes, spec: Spawn): Promise<Streams> {
  const [out, err] = [await pipes.take(), await pipes.take()];
  const log = spec.log === undefined ? undefined : new JsonLog(lab.path(spec.log));
  const output: OutputChunk[] = [];
  const watchers: Streams['watchers'] = new Set();
  const add = (chunk: OutputChunk): void => {
    output.push(chunk);
    log?.add(chunk);
    for (const show of watchers) show(chunk);
  };
  // With a terminal these two carry only what goes wrong before the program has it.
  const ownLog = spec.tty ? undefined : log;
  const ends = [
    collect(pipeReader(out.read), 'stdout', add, ownLog),
    collect(pipeReader(err.read), 'stderr', add, ownLog),
  ];
  const read = (terminal: Readable): void => {
    ends.push(collect(terminal, 'stdout', add, log));
  };
  // Counted in looks, not by the clock: each comes round to the pipes, however late, and what the process wrote is there.
  const drained = async (): Promise<void> => {
    const ended = Promise.all(ends).then(() => true);
    for (let looks = 0, seen = output.length; looks < quietLooks; seen = output.length) {
      if (await Promise.race([ended, sleep(20).then(() => nextLook(false))])) return;
      looks = output.length === seen ? looks + 1 : 0;
    }
  };
  const [stdinFd, stdin] = await standardInput(pipes, spec.tty ? 'none' : spec.stdin);
  return { child: [stdinFd, out.write, err.write], stdin, output, watchers, drained, read };
}

async function standardInput(pipes: Pipes, from: Spawn['stdin']): Promise<readonly [number, Writable | undefined]> {
  if (from === 'none') return [openSync('/dev/null', 'r+'), undefined];
  const pipe = await pipes.take();
  const stdin = pipeWriter(pipe.write);
  // The process may end, or close its input, with text still on its way.
  stdin.on('error', () => undefined);
  if (from !== 'open') stdin.end(from.text);
  return [pipe.read, stdin];
}

/** Resolves when no more comes. */
function collect(
  reader: Readable & { unref?(): unknown },
  stream: OutputChunk['stream'],
  add: (chunk: OutputChunk) => void,
  log: JsonLog | undefined,
): Promise<void> {
  const decoder = new StringDecoder('utf8');
  const take = (text: string): void => {
    if (text !== '') add({ stream, text, time: Date.now() });
  };
  const ended = new Promise<void>((resolve) => {
    reader.on('data', (data: Buffer) => take(decoder.write(data)));
    reader.on('error', () => undefined);
    reader.on('close', () => {
      take(decoder.end());
      log?.end(stream);
      resolve();
    });
  });
  reader.unref?.();
  return ended;
}
