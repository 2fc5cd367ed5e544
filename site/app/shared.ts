/** How an address that carries a session looks. What reads and writes them (link.ts) is loaded when there is one. */

import type { Made } from '../engine/protocol.ts';

/** What its fragment begins with. */
export const KEY = '#s=';

/** Nothing about the host was chosen. */
export const isUsual = (made: Made): boolean => made.cgroup === undefined && made.bridge === undefined;

/** The host in a few words. */
export const hostWords = ({ cgroup, bridge }: Made): string =>
  `control groups ${cgroup ?? 'v1'}, ${bridge === true ? 'with' : 'without'} docker0`;

export const isShared = (fragment: string): boolean => fragment.startsWith(KEY);
