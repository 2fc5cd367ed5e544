/** The storage drivers that index.ts has to be given. */
import { aufs } from './aufs.ts';
import { vfs } from './vfs.ts';

export const otherSnapshotters = { aufs, vfs };
