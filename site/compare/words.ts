/** What differs between two moments, sorted by what it is about. Pure: the sentences come from core's comparison. */
import type { Apart } from '../engine/protocol.ts';

/** Stand for the two moments in the engine's sentences ("… is there on A but not on B"), for it knows targets, not moments. */
export const placeholders = ['\u2045A\u2046', '\u2045B\u2046'] as const;

export interface Group {
  readonly name: string;
  readonly sentences: readonly string[];
}

const kinds: readonly (readonly [name: string, paths: RegExp])[] = [
  ['Images', /^images\//],
  ['Processes', /\/processes\/|\/cgroup\/pids$/],
  ['Files', /^layers\/|^containers\/[^/]+\/(union|upper|init|changes)/],
  ['Containers', /^containers\//],
];

/** `moments` are how the two are said: "at the start", "after command 3". */
export function grouped(differences: Apart['differences'], moments: readonly [string, string]): Group[] {
  const groups = kinds.map(([name]): { name: string; sentences: string[] } => ({ name, sentences: [] }));
  for (const { path, text } of differences) {
    const sentence = placeholders.reduce((said, name, i) => said.replaceAll(`on ${name}`, moments[i]!), text);
    groups[kinds.findIndex(([, paths]) => paths.test(path))]?.sentences.push(sentence);
  }
  return groups;
}
