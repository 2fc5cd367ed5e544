/** Two moments of one history beside each other: what differs in words, and the later one's scene marked against the earlier. */
import { compareObservations, type Normaliser, type Observation, toScene } from '../../core/index.ts';
import type { Apart } from './protocol.ts';

/** `names` are what the moments are called in the sentences: they follow the word "on". */
export function apart(earlier: Observation, later: Observation, names: readonly [string, string]): Apart {
  // One world: what has the same id at both moments is the same thing, so nothing is numbered anew.
  const same: Normaliser = { observation: (facts) => facts, text: (text) => text };
  const differences = compareObservations(earlier, later, { names, normalisers: [same, same] });
  return {
    scenes: [toScene(earlier), toScene(later, earlier)],
    differences: differences.map(({ path, text }) => ({ path, text })),
  };
}
