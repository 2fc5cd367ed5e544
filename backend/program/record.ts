/**
 * `cutaway record`: the interactive program, written down as a transcript that `run` and `verify` read.
 *
 * Kept true: the file is complete after every command, so nothing is lost when the program ends; a file that is there is
 * only written over when asked for.
 */
import { access, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageError, type WrittenCommand, writeTranscript } from '../../core/index.ts';
import type { Run } from './env.ts';
import { converse, type Listener, whereTyped } from './interactive.ts';
import { metaFor, withTarget } from './targets.ts';

export const run: Run = async (call, env) => {
  const file = call.args[0]!;
  if (!call.flags.has('force') && (await exists(file))) {
    throw new UsageError(
      'record: the file is there already',
      { file },
      'name another one, or write over it with --force',
    );
  }
  const written: WrittenCommand[] = [];
  const title = basename(file).replace(/\.\w+$/, '');
  const note: Listener = async (command, { exitCode, skipped, stderr, stdout }, typed) => {
    if (skipped !== undefined) return;
    written.push({ command, exitCode, stdout, stderr, typed });
    await save(file, writeTranscript(title, written, metaFor(call)));
  };
  await withTarget(call, env, (target) => converse(target, env, note), whereTyped(env));
  env.err(written.length === 0 ? 'nothing typed, nothing written\n' : `${file}: ${written.length} commands written\n`);
  return 0;
};

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function save(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: Error) => {
    throw new UsageError(`record: ${error.message}`, { file });
  });
}
