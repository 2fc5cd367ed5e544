/**
 * What lies below the data root, for the Observation: asked for in two listings, because below `image` names are deeper than
 * elsewhere (image/overlay2/layerdb/sha256/<chainID>/cache-id), and nobody wants the content of layers here.
 */
import type { StoreFacts } from '../observation.ts';
import { type Flow, type ListEntry, type OpOf, perform, StepError } from '../op.ts';

/** Longest content that is a name or an id: what makes one file point to another. Bytes. */
const shortText = 200;

/** The listings to ask for, below a data root. */
export function storeListings(root: string): readonly [plain: OpOf<'list'>, image: OpOf<'list'>] {
  const list = (path: string, depth: number): OpOf<'list'> => ({ op: 'list', path, depth, text: shortText });
  return [list(root, 3), list(`${root}/image`, 5)];
}

/** Both listings as one, directory by directory. */
export function joinListings(root: string, plain: readonly ListEntry[], image: readonly ListEntry[]): StoreFacts {
  const rest = plain.filter(({ path }) => !path.startsWith('/image/'));
  const at = rest.findIndex(({ path }) => path === '/image') + 1;
  const below = image.map((entry) => ({ ...entry, path: `/image${entry.path}` }));
  return { root, entries: [...rest.slice(0, at), ...below, ...rest.slice(at)] };
}

/** Nothing while the directories are not there, or something in them goes away just then. */
export function* storeFacts(root: string): Flow<{ readonly store?: StoreFacts }> {
  const [plain, image] = storeListings(root);
  const title = 'look where the engine keeps things';
  try {
    const first = yield* perform(title, plain, { quiet: true });
    return { store: joinListings(root, first, yield* perform(title, image, { quiet: true })) };
  } catch (error) {
    if (error instanceof StepError) return {};
    throw error;
  }
}
