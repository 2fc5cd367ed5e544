/**
 * `cutaway explain`: how an ID, a path or a piece of output came about, in the world that a transcript leaves (or a kept lab, or
 * a fresh host). The answer is that of the line `cutaway explain …` typed there.
 */
import { parseTranscript, quote, replay, type Target, type Transcript } from '../../core/index.ts';
import type { Call, Run } from './env.ts';
import { momentOf } from './moment.ts';
import { hostFor, withTarget } from './targets.ts';

export const run: Run = async (call, env) => {
  const file = call.args[1];
  const transcript = file === undefined ? undefined : await parseTranscript(await env.readText(file), file);
  const use = async (target: Target): Promise<number> => {
    if (transcript !== undefined) await prepare(call, transcript, target);
    const json = call.flags.has('json') ? '--json ' : '';
    const answer = await target.run(`cutaway explain ${json}${quote(call.args[0]!)}`);
    env.out(answer.stdout);
    env.err(answer.stderr);
    return answer.exitCode;
  };
  return withTarget(call, env, use, transcript === undefined ? {} : hostFor(transcript));
};

async function prepare(call: Call, transcript: Transcript, target: Target): Promise<void> {
  const upTo = momentOf(call.values.at, transcript);
  for await (const _ of replay(transcript, target, { observe: false, upTo }));
}
