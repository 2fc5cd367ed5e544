/** `--at N`: the moment of a transcript that a picture or an explanation is about. */
import { type Transcript, UsageError } from '../../core/index.ts';

/** How many commands come before it: all of them unless `at` says otherwise; 0 is the start. Throws UsageError. */
export function momentOf(at: string | undefined, transcript: Transcript): number {
  const last = transcript.commands.length;
  const n = at === undefined ? last : Number(at);
  if (at !== '' && Number.isInteger(n) && n >= 0 && n <= last) return n;
  throw new UsageError(
    `--at ${at}: not a command of this file`,
    { file: transcript.file },
    `it has ${last}; 0 is the start`,
  );
}
