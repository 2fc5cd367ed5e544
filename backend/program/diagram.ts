/**
 * `cutaway diagram`: replays a transcript up to a command and prints the picture of what is there then, with what that
 * command changed marked.
 */
import {
  carryOut,
  chooseContainer,
  drawDrivers,
  drawMermaid,
  drawSvg,
  drawText,
  driversMermaid,
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
import { openedFor, withTarget } from './targets.ts';

export const run: Run = async (call, env) => {
  const kind = (call.values.kind ?? 'stack') as PictureKind | 'storage-drivers';
  if (call.values.format === 'svg' && (kind === 'storage-drivers' || !isSvgKind(kind))) {
    throw new UsageError(
      `--format svg --kind ${kind}: this one is not drawn as SVG`,
      undefined,
      `use --format mermaid or text; as SVG there are: ${svgKinds.join(', ')}`,
    );
  }
  const file = call.args[0]!;
  const transcript = await parseTranscript(await env.readText(file), file);
  const upTo = momentOf(call.values.at, transcript);
  const [now, before] = await withTarget(
    call,
    env,
    (target) => observeAt(transcript, target, upTo),
    openedFor(transcript),
  );
  const scene = toScene(now, before, { all: call.flags.has('all') });
  demandContainer(scene, call.values.container);
  env.out(draw(kind, call, env, scene));
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
  await carryOut(transcript.commands[upTo - 1]!, target);
  return [await target.observe(), before];
}

function demandContainer(scene: Scene, wanted: string | undefined): void {
  if (wanted === undefined || chooseContainer(scene, wanted) !== undefined) return;
  const names = scene.containers.map(({ name }) => name).join(', ');
  const help = names === '' ? 'there is none at this point' : `there are: ${names}`;
  throw new UsageError(`--container ${wanted}: no such container`, undefined, help);
}

function draw(kind: PictureKind | 'storage-drivers', call: Call, env: Env, scene: Scene): string {
  const mermaid = call.values.format === 'mermaid';
  if (kind === 'storage-drivers') return mermaid ? driversMermaid(scene) : drawDrivers(scene, pictureOptions(env));
  const { container } = call.values;
  const whose = container === undefined ? {} : { container };
  if (mermaid) return drawMermaid(kind, scene, whose);
  if (call.values.format === 'svg' && isSvgKind(kind)) return drawSvg(kind, scene);
  return drawText(kind, scene, { ...pictureOptions(env), ...whose });
}
