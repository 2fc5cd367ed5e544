/** How an address that carries a session looks. What reads and writes them (link.ts) is loaded when there is one. */

/** What its fragment begins with. */
export const KEY = '#s=';

export const isShared = (fragment: string): boolean => fragment.startsWith(KEY);
