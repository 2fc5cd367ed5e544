/**
 * The real outside of the terminal program: standard streams, files, targets.
 */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { UsageError } from '../../core/index.ts';
import type { Env } from './env.ts';

export function realEnv(): Env {
  const { stdin, stdout, stderr, env } = process;
  const interactive = stdin.isTTY === true && stdout.isTTY === true;
  return {
    out: (part) => void stdout.write(part),
    err: (part) => void stderr.write(part),
    readText: (file) => (file === '-' ? text(stdin) : readTextFile(file)),
    openTarget: async (name, options) => (await import('../targets.ts')).openTarget(name, options),
    lines: () => createInterface({ input: stdin, output: stdout, terminal: interactive, historySize: 1000 }),
    interactive,
    columns: stdout.columns ?? (Number(env.COLUMNS) || 100),
    // no-color.org, and nothing but text into files and pipes.
    colour: stdout.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
    ascii: !/utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || 'UTF-8') || env.TERM === 'linux',
    vars: env,
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'this is a directory',
  EACCES: 'permission denied',
};

async function readTextFile(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const reason = reasons[code] ?? (error instanceof TypeError ? 'not a text file (UTF-8)' : String(error));
    throw new UsageError(reason, { file });
  }
}
