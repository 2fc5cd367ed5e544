/** What people do by hand on a host, topic by topic: the cases, and the file with what a real kernel answered. */
import * as overlay from './cases.ts';
import * as connections from './connections.ts';
import * as mounts from './mounts.ts';
import * as namespaces from './namespaces.ts';
import * as network from './network.ts';
import * as users from './users.ts';

export interface Topic {
  readonly title: string;
  /** Below test/fixtures. */
  readonly file: string;
  /** Before each case. */
  readonly setup: string;
  readonly cases: Readonly<Record<string, readonly string[]>>;
}

export const topics: readonly Topic[] = [
  { title: 'overlay by hand', file: 'overlay-by-hand.json', ...overlay },
  { title: 'mounts by hand', file: 'mounts-by-hand.json', ...mounts },
  { title: 'namespaces by hand', file: 'namespaces-by-hand.json', ...namespaces },
  { title: 'user namespaces by hand', file: 'users-by-hand.json', ...users },
  { title: 'connections by hand', file: 'connections-by-hand.json', ...connections },
  { title: 'network by hand', file: 'network-by-hand.json', ...network },
];
