/** The storage drivers by name. */
import type { StorageDriver } from '../driver.ts';
import { aufs } from './aufs.ts';
import { overlay2 } from './overlay2.ts';
import type { Snapshotter } from './snapshotter.ts';
import { vfs } from './vfs.ts';

const makers: Readonly<Record<StorageDriver, (dataRoot: string) => Snapshotter>> = { overlay2, vfs, aufs };

export const makeSnapshotter = (driver: StorageDriver, dataRoot: string): Snapshotter => makers[driver](dataRoot);
