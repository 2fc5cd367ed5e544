/**
 * Walks the container machine on a target by typing commands: every transition (paths found by xstate/graph) leads where the
 * machine says, every non-transition is refused and changes nothing. With a model beside it, the facts that both targets give
 * after each walk are compared as well.
 *
 * Kept true: each walk begins with no container; a walk that cannot be typed is named with its reason by the machine's own
 * list (core/machines/paths.ts), and nowhere else.
 */
import {
  compareObservations,
  type Difference,
  type LifecyclePath,
  lifecyclePaths,
  refusedPaths,
  type Target,
} from '../../core/index.ts';

export interface Walk {
  /** `running --PAUSE--> paused`, or `paused --EXEC--x`. */
  readonly title: string;
  readonly commands: readonly string[];
  readonly name: string;
  /** `.State.Status` afterwards; undefined: no such container. */
  readonly settles: string | undefined;
  /** The last command must be refused. */
  readonly refused: boolean;
}

export const walks: readonly Walk[] = [
  ...lifecyclePaths()
    .filter((path) => path.internal === undefined)
    .map((path) => ({ ...path, title: `${path.from} --${eventName(path.event)}--> ${path.to}`, refused: false })),
  ...refusedPaths().map((path) => ({
    ...path,
    title: `${path.from} --${eventName(path.event)}--x`,
    settles: path.from,
    refused: true,
  })),
];

/** Transitions that no command line walks, each with its reason. */
export const untyped: readonly LifecyclePath[] = lifecyclePaths().filter((path) => path.internal !== undefined);

function eventName(event: LifecyclePath['event']): string {
  return event.type === 'KILL' ? `KILL ${event.signal}` : event.type;
}

/** Plays one walk and says in sentences what is not as the machine (or the model) has it. */
export async function playWalk(walk: Walk, target: Target, model?: Target): Promise<string[]> {
  const wrong: string[] = [];
  await clean(target);
  if (model !== undefined) await clean(model);
  for (const [index, line] of walk.commands.entries()) {
    const last = index === walk.commands.length - 1;
    const answer = await target.run(line);
    await model?.run(line);
    if (model !== undefined && setsOff.test(line)) await caughtUp(target, model);
    if (last && walk.refused && answer.exitCode === 0) wrong.push(`${line}: was not refused`);
    if (last && walk.refused && answer.stderr === '') wrong.push(`${line}: was refused without a word`);
    if (last && !walk.refused && answer.exitCode !== 0 && !mayFail(walk))
      wrong.push(`${line}: ${answer.stderr.trim()}`);
  }
  const differences = model === undefined ? [] : await compareFacts(model, target);
  wrong.push(...differences.map((difference) => difference.text));
  const status = await statusOf(target, walk.name);
  if (status !== walk.settles)
    wrong.push(`ends ${status ?? 'without a container'}, not ${walk.settles ?? 'without one'}`);
  return wrong;
}

const setsOff = /^docker (run -d|start|restart|exec -d)\b/;
const POLLS = 400;
const POLL_MS = 50;

/**
 * The engine answers a start before the program's own process is up: a signal in that moment meets the runtime's init, which
 * ends with 2, or is lost. So the next line waits until the same programs run as on the model, or for so long that they never will.
 */
async function caughtUp(target: Target, model: Target): Promise<void> {
  const expected = await programsOf(model);
  for (let polls = 0; polls < POLLS && (await programsOf(target)) !== expected; polls++) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function programsOf(target: Target): Promise<string> {
  const { containers } = await target.observe();
  const rows = containers.map(
    ({ name, processes }) => `${name}: ${processes.map(({ args }) => args.join(' ')).sort()}`,
  );
  return rows.sort().join('\n');
}

/** A start that fails is a transition whose command fails. */
const mayFail = (walk: Walk): boolean => walk.title.includes('START_FAILED');

async function compareFacts(model: Target, target: Target): Promise<readonly Difference[]> {
  const [expected, got] = [await model.observe(), await target.observe()];
  return compareObservations(expected, got, { names: [model.name, target.name] });
}

async function statusOf(target: Target, name: string): Promise<string | undefined> {
  await target.observe(); // what is about to end has ended
  const answer = await target.run(`docker inspect --type container -f '{{.State.Status}}' ${name}`);
  return answer.exitCode === 0 ? answer.stdout.trim() : undefined;
}

async function clean(target: Target): Promise<void> {
  for (const name of ['subject', 'other', 'maker']) await target.run(`docker rm -f ${name}`);
  for (const image of ['subject-image', 'busybox-once']) await target.run(`docker rmi -f ${image}`);
}
