/**
 * docker-init, which is tini: PID 1 that starts one child, passes signals on to it, reaps every zombie, and ends as the child
 * ended. Source: README of krallin/tini; `docker run --init`.
 *
 * It stands here and not among the teaching programs because it belongs to the host: the driver binds it into containers.
 */
import { SysError, strerror } from '../errors.ts';
import type { Signal } from '../op.ts';
import { envValue } from './launch.ts';
import { signalNumber } from './signal.ts';
import type { Call, Program, Sys } from './sys.ts';

/** tini passes on everything but the signals of faults and of children. */
const OWN: readonly Signal[] = [
  'FPE',
  'ILL',
  'SEGV',
  'BUS',
  'ABRT',
  'TRAP',
  'SYS',
  'TTIN',
  'TTOU',
  'CHLD',
  'KILL',
  'STOP',
];

const forwarded = (Object.keys(signalNumber) as Signal[]).filter((signal) => !OWN.includes(signal));

export const tini: Program = function* (sys, argv) {
  const command = argv.slice(argv[1] === '--' ? 2 : 1);
  const name = command[0];
  if (name === undefined) {
    yield* sys.write(2, 'tini (tini version 0.19.0)\nUsage: tini [OPTIONS] PROGRAM -- [ARGS]\n');
    return 1;
  }
  for (const signal of forwarded) sys.sigaction(signal, 'handler');
  const main = sys.fork((child) => start(child, command));
  for (;;) {
    const code = yield* reapOne(sys, main);
    for (const signal of sys.takeSignals()) pass(sys, main, signal);
    if (code !== undefined) {
      yield* reapRest(sys);
      return code;
    }
  }
};

/** The child: a session and process group of its own, signals as they were, then the program. */
function* start(sys: Sys, command: readonly string[]): Call<number> {
  for (const signal of forwarded) sys.sigaction(signal, 'default');
  sys.setpgid(0, 0);
  const name = command[0]!;
  let refusal = new SysError('ENOENT');
  for (const path of candidates(name, envValue(sys.environ, 'PATH') ?? '')) {
    try {
      yield* sys.execve(path, command, sys.environ);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      refusal = error;
      if (error.errno !== 'ENOENT' && error.errno !== 'ENOTDIR') break;
    }
  }
  yield* sys.write(2, `[FATAL tini (${sys.pid})] exec ${name} failed: ${strerror[refusal.errno]}\n`);
  return refusal.errno === 'ENOENT' ? 127 : refusal.errno === 'EACCES' ? 126 : 1;
}

function candidates(name: string, path: string): string[] {
  return name.includes('/') ? [name] : path.split(':').map((dir) => `${dir}/${name}`);
}

/** Waits for a child to end or a signal to come; the exit code when it was the main child. */
function* reapOne(sys: Sys, main: number): Call<number | undefined> {
  try {
    const ended = yield* sys.wait(-1, { interruptible: true });
    if (ended === undefined || ended.pid !== main) return undefined;
    return ended.signal === undefined ? (ended.code ?? 0) : 128 + signalNumber[ended.signal];
  } catch (error) {
    if (error instanceof SysError && error.errno === 'EINTR') return undefined;
    throw error;
  }
}

function* reapRest(sys: Sys): Call<void> {
  try {
    while ((yield* sys.wait(-1, { nohang: true })) !== undefined) {}
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}

function pass(sys: Sys, main: number, signal: Signal): void {
  try {
    sys.kill(main, signal);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}
