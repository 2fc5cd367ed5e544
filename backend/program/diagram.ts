/**
 * `cutaway diagram`: replays a transcript up to a command and prints the picture of what is there then, with what that
 * command changed marked.
 */
import {
  drawMermaid,
  drawText,
  type Observation,
  type PictureKind,
  parseTranscript,
  replay,
  type Target,
  type Transcript,
  toScene,
  UsageError,
} from '../../core/index.ts';
import type { Call, Env, Run } from './env.ts';
import { pictureOptions } from './show.ts';
import { withTarget } from './targets.ts';

export const run: Run = async (call, env) => {
  if (call.values.format === 'svg') {
    throw new UsageError(
      '--format svg is drawn by the site, not in the terminal',
      undefined,
      'use --format text or --format mermaid',
    );
  }
  const file = call.args[0]!;
  const transcript = await parseTranscript(await env.readText(file), file);
  const upTo = moment(call.values.at, transcript);
  const [now, before] = await withTarget(call, env, (target) => observeAt(transcript, target, upTo));
  env.out(draw(call, env, now, before));
  return 0;
};

function moment(at: string | undefined, transcript: Transcript): number {
  const last = transcript.commands.length;
  const n = at === undefined ? last : Number(at);
  if (Number.isInteger(n) && n >= 0 && n <= last) return n;
  throw new UsageError(
    `--at ${at}: not a command of this file`,
    { file: transcript.file },
    `it has ${last}; 0 is the start`,
  );
}

async function observeAt(
  transcript: Transcript,
  target: Target,
  upTo: number,
): Promise<[Observation, Observation | undefined]> {
  if (upTo === 0) return [await target.observe(), undefined];
  for await (const _ of replay(transcript, target, { observe: false, upTo: upTo - 1 }));
  const before = await target.observe();
  await target.run(transcript.commands[upTo - 1]!.command);
  return [await target.observe(), before];
}

function draw(call: Call, env: Env, now: Observation, before: Observation | undefined): string {
  const kind = call.values.kind ?? 'stack';
  const mermaid = call.values.format === 'mermaid';
  const scene = toScene(now, before, { all: call.flags.has('all') });
  return mermaid ? drawMermaid(kind as PictureKind, scene) : drawText(kind as PictureKind, scene, pictureOptions(env));
}
