/** The answer to `cutaway explain …` as text, or with `--json` as data: one object a line. */
import { UsageError } from '../errors.ts';
import type { Flow } from '../op.ts';
import { explain } from './explain.ts';
import type { Asking } from './line.ts';
import { explanationText } from './text.ts';

const json = /^--json\s+/;

export function* answer({ engine, out, err }: Asking, asked: string): Flow<number> {
  const subject = unquoted(asked.replace(json, ''));
  try {
    if (subject === '')
      throw new UsageError(
        'explain: what?',
        undefined,
        "such as: cutaway explain busybox, cutaway explain 'Exited (137)'",
      );
    const answers = yield* explain(engine, subject);
    out(
      answers
        .map((one) => (json.test(asked) ? `${JSON.stringify(one)}\n` : explanationText(one)))
        .join(json.test(asked) ? '' : '\n'),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    err(`cutaway: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
    return error.exitCode;
  }
}

/** `'Exited (137)'` and `"<none>"` as a shell would give them. */
function unquoted(asked: string): string {
  const text = asked.trim();
  const match = /^(['"])(.*)\1$/.exec(text);
  return match?.[2] ?? text;
}
