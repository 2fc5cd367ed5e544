/**
 * Two targets given the same lines: how a line is given, when what it began has come to rest, and what then differs.
 */
import { compareObservations, compareOutcomes, type Target } from '../../../core/index.ts';

/** `echo text | docker …`: the reference runs no program but docker, so it is given the text. */
export function give(target: Target, text: string): ReturnType<Target['run']> {
  const piped = target.name === 'docker' ? /^echo (\w+) \| (docker .*)$/s.exec(text) : null;
  return piped === null ? target.run(text) : target.run(piped[2]!, { stdin: `${piped[1]}\n` });
}

/** Back to nothing but the base image, which is kept in an archive in case that a sequence removes it. */
export async function clearTarget(target: Target): Promise<void> {
  const there = (await target.run('docker images -q busybox')).stdout !== '';
  await target.run(there ? 'docker save -o base.tar busybox' : 'docker load -i base.tar');
  const containers = (await target.run('docker ps -aq')).stdout.split('\n').filter((id) => id !== '');
  if (containers.length > 0) await target.run(`docker rm -f ${containers.join(' ')}`);
  const volumes = (await target.run('docker volume ls -q')).stdout.split('\n').filter((name) => name !== '');
  if (volumes.length > 0) await target.run(`docker volume rm ${volumes.join(' ')}`);
  await target.run('docker tag busybox keep');
  const list = await target.run(`docker images -a --format '{{.ID}} {{.Repository}}:{{.Tag}}'`);
  const base = (await target.run(`docker images -q keep`)).stdout.trim();
  for (let images = list.stdout.split('\n'), rounds = 0; rounds < 2; rounds++) {
    for (const row of images) {
      const [id, name = ''] = row.split(' ');
      if (id === undefined || id === '' || name === 'keep:latest') continue;
      if (!name.includes('<none>')) await target.run(`docker rmi -f ${name}`);
      else if (id !== base) await target.run(`docker rmi -f ${id}`);
    }
    images = (await target.run(`docker images -a --format '{{.ID}} {{.Repository}}:{{.Tag}}'`)).stdout.split('\n');
  }
  await target.run('docker tag keep busybox');
  await target.run('docker rmi keep');
}

/** What a started container needs to come to rest: the shell sets its traps and starts its children. */
const SETTLE_MS = 200;
const setsOff = /^docker (run -d|start|restart|exec -d|kill)/;
const MOST_POLLS = 50;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Layers keep whole seconds: what is touched within the second in which it was made looks unchanged to `docker diff`. */
const seals = /^docker commit/;
const SECOND_MS = 1000;

/** Lets so much time pass that the next line does not depend on how fast this one was. */
export async function comeToRest(text: string, targets: readonly Target[]): Promise<void> {
  if (setsOff.test(text)) await pause(SETTLE_MS);
  if (!seals.test(text)) return;
  if (targets.some(({ name }) => name !== 'sim')) await pause(SECOND_MS);
  for (const target of targets) if (target.name === 'sim') await target.run('sleep 1');
}

/** The client says so or not, whichever of two answers of the engine comes first. */
const raced = /^time="[^"]*" level=error msg="error waiting for container: context canceled"\s*$/;

/** Where a program goes through a directory, the file system decides in which order it complains. */
const anyOrder = <T extends { readonly stderr: string }>(answer: T): T => ({
  ...answer,
  stderr: answer.stderr
    .split('\n')
    .filter((line) => !raced.test(line))
    .sort()
    .join('\n'),
});

/** What a line answered on both, and what is there afterwards, in sentences. */
export async function differences(text: string, target: Target, model: Target): Promise<string[]> {
  const options = { names: [model.name, target.name] as const };
  const [expected, got] = [await give(model, text), await give(target, text)];
  await comeToRest(text, [target, model]);
  const compared = async () => compareObservations(await model.observe(), await target.observe(), options);
  let seen = await compared();
  // A busy machine takes longer to come to rest; what stays different until then is a difference.
  for (let polls = 0; seen.length > 0 && setsOff.test(text) && polls < MOST_POLLS; polls++) {
    await pause(SETTLE_MS);
    seen = await compared();
  }
  return [...compareOutcomes(anyOrder(expected), anyOrder(got), text, options), ...seen].map(({ text: said }) => said);
}

/** Gives both the same lines; what differs, in sentences, each with the line after which it was seen. */
export async function disagreements(lines: readonly string[], target: Target, model: Target): Promise<string[]> {
  for (const [at, text] of lines.entries()) {
    const found = await differences(text, target, model);
    // What follows a difference follows from it.
    if (found.length > 0) return found.map((difference) => `line ${at + 1}, ${text}: ${difference}`);
  }
  return [];
}
