/**
 * Without root: the program starts itself once more as root of a user namespace of its own, user_namespaces(7), where it may
 * make the other namespaces and mounts that a lab needs. Nothing outside of it becomes possible by that: files that it makes
 * are the user's.
 *
 * Kept true: whoever ends the program that was called ends the other as well, also by SIGKILL (prctl(2), PR_SET_PDEATHSIG), and
 * with it go its labs; its exit status is handed on.
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { run, start } from './exec.ts';
import { which } from './tools.ts';

/** How a user gets into a namespace: with the numbers of /etc/subuid, or as its only user. */
export type Mapping = 'many' | 'one';

const words: Readonly<Record<Mapping, readonly string[]>> = {
  many: ['--user', '--map-root-user', '--map-auto'],
  one: ['--user', '--map-root-user'],
};

/** Arguments of unshare(1). */
export const mappingWords = (mapping: Mapping): readonly string[] => words[mapping];

/** Which of them works here, tried; undefined: neither, and `why` is what the kernel or the utility said of the simpler. */
export async function findMapping(): Promise<{ readonly mapping?: Mapping; readonly why: string }> {
  const tried: string[] = [];
  for (const mapping of ['many', 'one'] as const) {
    if (mapping === 'many' && which('newuidmap') === undefined) continue;
    const ran = await run('unshare', [...words[mapping], 'true'], { timeoutMs: 60_000 });
    if (ran.code === 0) return { mapping, why: tried.join('; ') };
    tried.push(ran.stderr.trim().split('\n')[0] ?? 'refused');
  }
  return { why: tried.at(-1) ?? 'refused' };
}

/** Ours, for who starts us: that its own call is not the one to be started again. */
const PARENT = 'CUTAWAY_STARTED_BY';

/** Was the program that started us killed before we could be told to go with it? */
export function isOrphan(env: NodeJS.ProcessEnv = process.env): boolean {
  const parent = env[PARENT];
  delete env[PARENT];
  return (
    parent !== undefined &&
    Number(/^PPid:\s+(\d+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) !== Number(parent)
  );
}

const passedOn: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP'];

/** Runs this very program in a user namespace; its exit status. undefined: there can be none, and it is as before. */
export async function again(argv: readonly string[]): Promise<number | undefined> {
  const { mapping } = await findMapping();
  const script = process.argv[1];
  if (mapping === undefined || script === undefined) return undefined;
  // A key pressed at the terminal reaches both; what becomes of it is the other's business.
  const hold = (): void => undefined;
  process.on('SIGINT', hold);
  const { pid, exited } = start(
    'unshare',
    [...words[mapping], 'setpriv', '--pdeathsig', 'KILL', process.execPath, ...process.execArgv, script, ...argv],
    { stdio: [0, 1, 2], env: { ...process.env, [PARENT]: String(process.pid) } },
  );
  const pass = (signal: NodeJS.Signals): void => {
    if (pid !== undefined) process.kill(pid, signal);
  };
  for (const signal of passedOn) process.on(signal, pass);
  try {
    const { code, signal } = await exited;
    return code ?? 128 + constants.signals[signal as NodeJS.Signals];
  } finally {
    for (const each of passedOn) process.off(each, pass);
    process.off('SIGINT', hold);
  }
}
