/**
 * `cutaway explain`: how an ID, a path or a piece of output came about, in the world that a transcript leaves (or a kept lab, or
 * a fresh host). The answer is that of the line `cutaway explain …` typed there.
 */
import { parseTranscript, quote, replay, type Target } from '../../core/index.ts';
import type { Call, Env, Run } from './env.ts';
import { momentOf } from './moment.ts';
import { withTarget } from './targets.ts';

export const run: Run = (call, env) =>
  withTarget(call, env, async (target) => {
    await prepare(call, env, target);
    const json = call.flags.has('json') ? '--json ' : '';
    const answer = await target.run(`cutaway explain ${json}${quote(call.args[0]!)}`);
    env.out(answer.stdout);
    env.err(answer.stderr);
    return answer.exitCode;
  });

async function prepare(call: Call, env: Env, target: Target): Promise<void> {
  const file = call.args[1];
  if (file === undefined) return;
  const transcript = await parseTranscript(await env.readText(file), file);
  const upTo = momentOf(call.values.at, transcript);
  for await (const _ of replay(transcript, target, { observe: false, upTo }));
}
