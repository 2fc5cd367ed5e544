/**
 * What still differs between the world and the goal: both scenes with just that marked, and the same in sentences. Pure.
 *
 * Kept true: things are matched as a learner names them (containers by name, images by tag; without a name of their own in
 * order of appearance), never by id, so another way to the same names is no difference; neither scene tells how anything that
 * is still to be made is made.
 */
import {
  imageName,
  type Scene,
  type SceneContainer,
  type SceneFile,
  type SceneImage,
  type SceneLayer,
  type SceneProcess,
  statusText,
} from '../../core/index.ts';

export interface Differing {
  readonly here: Scene;
  readonly goal: Scene;
  readonly sentences: readonly string[];
}

export function differing(here: Scene, goal: Scene): Differing {
  const images = pairs(here.images, goal.images, imageKeys);
  const containers = pairs(here.containers, goal.containers, ({ name }) => (generated.test(name) ? [] : [name]));
  const ways: Ways = { here: withAll(here), goal: withAll(goal), images };
  return {
    here: side(here, { images, containers, ways }),
    goal: withoutWays(
      side(goal, { images: turned(images), containers: turned(containers), ways: turnedWays(ways) }),
      here,
    ),
    sentences: [...imageSentences(images, ways), ...containerSentences(containers, images)],
  };
}

/** Both as they are, nothing marked: for when nothing that matters differs any more. */
export function unmarked(scene: Scene): Scene {
  return side(scene, undefined);
}

/** A thing of one scene and what it is in the other; one of them is missing where there is no such thing. */
type Pair<T> = readonly [mine: T | undefined, other: T | undefined];

/** A name that the engine gave: an adjective and a surname. */
const generated = /^[a-z]+_[a-z]+\d?$/;

const imageKeys = ({ tags }: SceneImage): readonly string[] => tags;

/** Pairs by a name that both have; of those without any, the first with the first, and so on. */
function pairs<T>(mine: readonly T[], others: readonly T[], keys: (item: T) => readonly string[]): Pair<T>[] {
  const left = new Set(others);
  const take = (other: T | undefined): T | undefined => {
    if (other !== undefined) left.delete(other);
    return other;
  };
  const found = mine.map((item): Pair<T> => {
    const names = keys(item);
    const fits = (other: T): boolean =>
      names.length === 0 ? keys(other).length === 0 : keys(other).some((key) => names.includes(key));
    return [item, take([...left].find(fits))];
  });
  return [...found, ...[...left].map((other): Pair<T> => [undefined, other])];
}

const turned = <T>(list: readonly Pair<T>[]): Pair<T>[] => list.map(([mine, other]) => [other, mine]);

/** The images of both scenes, to say which layers are the same. */
interface Ways {
  readonly here: ReadonlySet<string>;
  readonly goal: ReadonlySet<string>;
  readonly images: readonly Pair<SceneImage>[];
}

const withAll = ({ layers }: Scene): ReadonlySet<string> => new Set(layers.map(({ chainId }) => chainId));
const turnedWays = ({ here, goal, images }: Ways): Ways => ({ here: goal, goal: here, images: turned(images) });

/** The same place in a stack; a layer that both worlds have is only itself. */
function sameLayer(mine: string | undefined, other: string | undefined, { here, goal }: Ways): boolean {
  if (mine === undefined || other === undefined) return false;
  return mine === other || (!goal.has(mine) && !here.has(other));
}

function sameStack(mine: SceneImage, other: SceneImage, ways: Ways): boolean {
  return (
    mine.layers.length === other.layers.length && mine.layers.every((id, i) => sameLayer(id, other.layers[i], ways))
  );
}

interface Sides {
  readonly images: readonly Pair<SceneImage>[];
  readonly containers: readonly Pair<SceneContainer>[];
  readonly ways: Ways;
}

type Marked = { readonly mark?: 'apart' };
const markIf = (apart: boolean): Marked => (apart ? { mark: 'apart' } : {});

function plain<T extends { readonly mark?: unknown }>({ mark: _, ...item }: T): Omit<T, 'mark'> {
  return item;
}

/** The scene of `mine`, marked; without `sides`, with no mark at all. */
function side(scene: Scene, sides: Sides | undefined): Scene {
  const otherImage = new Map(sides?.images);
  const otherContainer = new Map(sides?.containers);
  const layer = (item: SceneLayer): SceneLayer => ({
    ...plain(item),
    ...markIf(sides !== undefined && !hasLayer(item.chainId, sides)),
  });
  const image = (item: SceneImage): SceneImage => {
    const other = otherImage.get(item);
    const same = sides === undefined || (other !== undefined && sameImage(item, other, sides.ways));
    return { ...plain(item), ...markIf(!same) };
  };
  const container = (item: SceneContainer): SceneContainer =>
    sides === undefined ? bare(item) : against(item, otherContainer.get(item), sides.images);
  return {
    ...scene,
    layers: scene.layers.map(layer),
    images: scene.images.map(image),
    containers: scene.containers.map(container),
    gone: [],
  };
}

/** Is there such a layer in the other scene: itself, or at its place in an image of the same name? */
function hasLayer(chainId: string, { images, ways }: Sides): boolean {
  if (ways.goal.has(chainId)) return true;
  return images.some(([mine, other]) => {
    const at = mine?.layers.indexOf(chainId as never) ?? -1;
    return at >= 0 && sameLayer(chainId, other?.layers[at], ways);
  });
}

const sameImage = (mine: SceneImage, other: SceneImage, ways: Ways): boolean =>
  sameStack(mine, other, ways) && [...mine.tags].sort().join() === [...other.tags].sort().join();

function bare(container: SceneContainer): SceneContainer {
  const { statusMark: _, ...item } = plain(container);
  return {
    ...item,
    processes: item.processes.map(plain),
    init: item.init.map(plain),
    upper: item.upper.map(plain),
    union: { ...item.union, rows: item.union.rows.map(plain) },
  };
}

function against(
  mine: SceneContainer,
  other: SceneContainer | undefined,
  images: readonly Pair<SceneImage>[],
): SceneContainer {
  const item = bare(mine);
  if (other === undefined) return { ...item, mark: 'apart' };
  const sameStatus = statusText(mine) === statusText(other);
  const [processes, files] = [
    lacking(mine.processes, other.processes, argsOf),
    lacking(mine.upper, other.upper, wholeOf),
  ];
  return {
    ...item,
    ...markIf(!sameStatus || !sameBase(mine, other, images)),
    ...(sameStatus ? {} : { statusMark: 'apart' }),
    processes: item.processes.map((one, i) => ({ ...one, ...markIf(processes.has(mine.processes[i]!)) })),
    upper: item.upper.map((one, i) => ({ ...one, ...markIf(files.has(mine.upper[i]!)) })),
  };
}

/** Made from the same image, as a learner names it. */
const sameBase = (mine: SceneContainer, other: SceneContainer, images: readonly Pair<SceneImage>[]): boolean =>
  mine.imageId === other.imageId || images.some(([a, b]) => a?.id === mine.imageId && b?.id === other.imageId);

const argsOf = ({ args }: SceneProcess): string => args.join(' ');
/** What stands in it counts too. */
const wholeOf = (file: SceneFile): string => `${factsOf(file)}\0${file.content}`;
const factsOf = ({ path, type, kind, opaque }: SceneFile): string => [path, type, kind, opaque].join('\0');

/** Those that the others have no match for; two that are alike need two. */
function lacking<T>(mine: readonly T[], others: readonly T[], facts: (item: T) => string): ReadonlySet<T> {
  const left = others.map(facts);
  return new Set(
    mine.filter((item) => {
      const at = left.indexOf(facts(item));
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    }),
  );
}

/** What a layer was made by is a command, so that of a layer which is still to be made is left out. */
function withoutWays(goal: Scene, here: Scene): Scene {
  const there = withAll(here);
  const layers = goal.layers.map((layer) => (there.has(layer.chainId) ? layer : { ...layer, createdBy: '' }));
  return { ...goal, layers };
}

function imageSentences(images: readonly Pair<SceneImage>[], ways: Ways): string[] {
  return images.flatMap(([mine, other]) => {
    const name = imageName((mine ?? other)!);
    if (mine === undefined) return [`image ${name} is still missing`];
    if (other === undefined) return [`image ${name} is not in the goal`];
    if (mine.layers.length !== other.layers.length)
      return [`image ${name} has ${layersText(mine)}, in the goal ${other.layers.length}`];
    if (!sameStack(mine, other, ways)) return [`image ${name} stands on other layers in the goal`];
    return sameImage(mine, other, ways) ? [] : [`image ${name} has other names in the goal: ${other.tags.join(', ')}`];
  });
}

const layersText = ({ layers: { length } }: SceneImage): string => `${length} layer${length === 1 ? '' : 's'}`;

function containerSentences(
  containers: readonly Pair<SceneContainer>[],
  images: readonly Pair<SceneImage>[],
): string[] {
  return containers.flatMap(([mine, other]) => {
    const name = `container ${(mine ?? other)!.name}`;
    if (mine === undefined) return [`${name} is still missing`];
    if (other === undefined) return [`${name} is not in the goal`];
    const [is, wanted] = [statusText(mine), statusText(other)];
    return [
      ...(sameBase(mine, other, images) ? [] : [`${name} is made from ${mine.image}, in the goal from ${other.image}`]),
      ...(is === wanted ? [] : [`${name} is ${is}, in the goal ${wanted}`]),
      ...both(name, 'process', [mine.processes, other.processes], argsOf, argsOf),
      ...both(name, 'change of', [mine.upper, other.upper], factsOf, ({ path, kind }) =>
        kind === undefined ? path : `${path} (${kind})`,
      ),
      ...mine.upper
        .filter((file) => other.upper.some((one) => factsOf(one) === factsOf(file) && one.content !== file.content))
        .map(({ path }) => `${name}: something else stands in ${path} in the goal`),
    ];
  });
}

/** What is missing here, then what is too much. */
function both<T>(
  whose: string,
  what: string,
  [mine, others]: readonly [readonly T[], readonly T[]],
  facts: (item: T) => string,
  say: (item: T) => string,
): string[] {
  return [
    ...[...lacking(others, mine, facts)].map((item) => `${whose}: ${what} ${say(item)} is still missing`),
    ...[...lacking(mine, others, facts)].map((item) => `${whose}: ${what} ${say(item)} is not in the goal`),
  ];
}
