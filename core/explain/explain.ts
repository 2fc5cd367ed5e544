/**
 * `cutaway explain SUBJECT`: how a thing came about. A subject is a name, an ID or the beginning of one, a path in a container or
 * on the host, a PID, or a piece of what docker printed.
 *
 * Kept true: nothing is changed by it; what is said of this world was read from it just now.
 */
import { type Container, DockerError, type Engine, type Image, isAlive } from '../engine/index.ts';
import { lookUpImage as lookUp } from '../engine/lookup.ts';
import { UsageError } from '../errors.ts';
import { shortId } from '../image/digest.ts';
import { type Flow, perform } from '../op.ts';
import type { Layer } from '../snapshot/snapshotter.ts';
import { explainContainer, explainPid } from './container.ts';
import type { Explanation } from './explanation.ts';
import { explainHostPath, ownerOf } from './host-path.ts';
import { explainImage } from './image.ts';
import { explainLayer, type LayerName } from './layer.ts';
import { explainOutput, outputExamples } from './output.ts';
import { explainPath } from './path.ts';

/** Throws UsageError when nothing here goes by that name. Several answers: one beginning of an ID may fit several things. */
export function* explain(engine: Engine, given: string): Flow<readonly Explanation[]> {
  const subject = given.trim();
  const path = yield* ofPath(engine, subject);
  if (path !== undefined) return path;
  const answers: Explanation[] = yield* ofProcess(engine, subject);
  const found = things(engine, subject);
  for (const thing of found) answers.push(yield* thing);
  if (answers.length > 0) return answers;
  const phrase = explainOutput(engine, subject);
  if (phrase !== undefined) return [phrase];
  throw new UsageError(`explain: nothing here is called "${subject}"`, undefined, understood(engine));
}

function understood(engine: Engine): string {
  const container = Object.values(engine.world.containers).at(-1);
  const image = Object.keys(engine.world.images.tags)[0];
  const examples = [
    image ?? 'busybox',
    ...(container === undefined ? [] : [container.name, shortId(container.id), `${container.name}:/etc/hosts`]),
    ...outputExamples.map((phrase) => `'${phrase}'`),
  ];
  return `a name, an ID or its beginning, CONTAINER:/PATH, a path on the host, a PID, or a piece of output, such as ${examples.join(', ')}`;
}

/** `web:/etc/hosts`, `busybox:/bin/sh`, `/var/lib/docker/…`, and any other absolute path in each container. */
function* ofPath(engine: Engine, subject: string): Flow<readonly Explanation[] | undefined> {
  const inside = /^([^/\s][^\s]*?):(\/.*)$/.exec(subject);
  if (inside !== null) {
    const [, name = '', path = ''] = inside;
    const container = containerNamed(engine, name);
    if (container !== undefined) return [yield* explainPath(engine, subject, { container }, path)];
    const image = imageNamed(engine, name);
    if (image !== undefined) return [yield* explainPath(engine, subject, { image }, path)];
    throw new UsageError(`explain: no container and no image is called "${name}"`, undefined, understood(engine));
  }
  if (!subject.startsWith('/')) return undefined;
  const { dataRoot } = engine.facts;
  if (subject === dataRoot || subject.startsWith(`${dataRoot}/`)) {
    const answer = explainHostPath(engine, subject);
    return answer === undefined ? undefined : [answer];
  }
  const answers: Explanation[] = [];
  for (const container of Object.values(engine.world.containers)) {
    answers.push(yield* explainPath(engine, subject, { container }, subject));
  }
  return answers.length === 0 ? undefined : answers;
}

function containerNamed(engine: Engine, given: string): Container | undefined {
  const { containers, names } = engine.world;
  const named = names[given];
  if (named !== undefined) return containers[named];
  return /^[0-9a-f]{4,64}$/.test(given) ? Object.values(containers).find(({ id }) => id.startsWith(given)) : undefined;
}

/** A name that cannot be one of an image is none. */
function imageNamed(engine: Engine, given: string): Image | undefined {
  try {
    return lookUp(engine.world.images, given);
  } catch (error) {
    if (error instanceof DockerError) return undefined;
    throw error;
  }
}

function* ofProcess(engine: Engine, subject: string): Flow<Explanation[]> {
  if (!/^\d{1,7}$/.test(subject)) return [];
  for (const container of Object.values(engine.world.containers).filter(isAlive)) {
    const group = `docker/${container.id}`;
    const processes = yield* perform('list the processes of the cgroup', { op: 'processes', group }, { quiet: true });
    const found = processes.find(({ pid }) => pid === Number(subject));
    if (found !== undefined) return [explainPid(subject, container, found)];
  }
  return [];
}

/** All that goes by that name; images and containers before the parts that they are made of. */
function things(engine: Engine, subject: string): Flow<Explanation>[] {
  const { containers, layers } = engine.world;
  const found: Flow<Explanation>[] = [];
  const image = imageNamed(engine, subject);
  if (image !== undefined) found.push(explainImage(engine, subject, image));
  const container = containerNamed(engine, subject);
  if (container !== undefined) found.push(explainContainer(engine, subject, container));
  if (image !== undefined || container !== undefined) return [...found, ...layersNamed(engine, subject, image)];
  const owner = ownerOf(engine, subject);
  if (owner !== undefined && 'container' in owner) found.push(explainContainer(engine, subject, owner.container));
  const link = Object.values(containers).find(({ layer }) => layer.link === subject || layer.initLink === subject);
  if (link !== undefined) found.push(explainContainer(engine, subject, link));
  for (const layer of Object.values(layers)) {
    const name = nameUsed(layer, subject);
    if (name !== undefined) found.push(explainLayer(engine, subject, layer, name));
  }
  return found;
}

/** An image of one layer with one name: its diffID may begin like its ID. */
function layersNamed(engine: Engine, subject: string, image: Image | undefined): Flow<Explanation>[] {
  if (!/^(sha256:)?[0-9a-f]{4,64}$/.test(subject)) return [];
  return Object.values(engine.world.layers)
    .filter((layer) => image?.id !== layer.diffId)
    .flatMap((layer) => {
      const name = nameUsed(layer, subject);
      return name === undefined ? [] : [explainLayer(engine, subject, layer, name)];
    });
}

/** The lowest layer's chainID is its diffID, and is explained as that. */
function nameUsed(layer: Layer, subject: string): LayerName | undefined {
  if (subject === layer.link) return 'link';
  const hex = subject.replace(/^sha256:/, '');
  if (!/^[0-9a-f]{4,64}$/.test(hex)) return undefined;
  if (layer.diffId.startsWith(`sha256:${hex}`)) return 'diffID';
  if (layer.chainId.startsWith(`sha256:${hex}`)) return 'chainID';
  return layer.cacheId.startsWith(hex) ? 'cache-id' : undefined;
}
