/**
 * `cutaway diagram`: replays a transcript up to a command and prints the picture of what is there then, with what that
 * command changed marked.
 */
import {
  drawMermaid,
  drawSvg,
  drawText,
  isSvgKind,
  type Observation,
  type PictureKind,
  parseTranscript,
  replay,
  type Scene,
  svgKinds,
  type Target,
  type Transcript,
  toScene,
  UsageError,
} from '../../core/index.ts';
import type { Call, Env, Run } from './env.ts';
import { momentOf } from './moment.ts';
import { pictureOptions } from './show.ts';
import { withTarget } from './targets.ts';

export const run: Run = async (call, env) => {
  const kind = (call.values.kind ?? 'stack') as PictureKind;
  if (call.values.format === 'svg' && !isSvgKind(kind)) {
    throw new UsageError(
      `--format svg --kind ${kind}: only Mermaid draws this one`,
      undefined,
      `use --format mermaid or text; as SVG there are: ${svgKinds.join(', ')}`,
    );
  }
  const file = call.args[0]!;
  const transcript = await parseTranscript(await env.readText(file), file);
  const upTo = momentOf(call.values.at, transcript);
  const [now, before] = await withTarget(call, env, (target) => observeAt(transcript, target, upTo));
  env.out(draw(kind, call, env, toScene(now, before, { all: call.flags.has('all') })));
  return 0;
};

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

function draw(kind: PictureKind, call: Call, env: Env, scene: Scene): string {
  if (call.values.format === 'mermaid') return drawMermaid(kind, scene);
  if (call.values.format === 'svg' && isSvgKind(kind)) return drawSvg(kind, scene);
  return drawText(kind, scene, pictureOptions(env));
}
