/** The Ops on whole archives of the lab: extract, digest (core/op.ts). */
import { lstatSync, readdirSync } from 'node:fs';
import { emptyContent, type OpOf, type OpResults, readLayer, ScratchFs, untar } from '../core/index.ts';
import { writeDisk } from './disk.ts';
import { Refused } from './errno.ts';
import { reach, reachIn } from './files.ts';
import type { Lab } from './lab.ts';
import { filePieces, inArchive, nodeHasher, withArchive, withFile } from './stored.ts';

export function extract(lab: Lab, op: OpOf<'extract'>): Promise<undefined> {
  const into = reach(lab, op.into);
  if (readdirSync(into).length > 0) throw new Refused('ENOTEMPTY');
  return withArchive(reach(lab, op.archive), into, false, async ({ entries }) => {
    const fs = new ScratchFs(Date.now());
    const { mode, uid, gid } = lstatSync(into);
    fs.setattr(fs.root, { mode: mode & 0o7777, uid, gid });
    inArchive(() => untar(entries, fs, { marks: 'plain', now: Date.now() }));
    await writeDisk(fs, into);
    return undefined;
  });
}

export function digest(lab: Lab, op: OpOf<'digest'>): Promise<OpResults['digest']> {
  return withFile(reachIn(lab, op.file, op.root), (fd) => {
    const [own, plain] = [nodeHasher(), nodeHasher()];
    let size = 0;
    const pieces = (function* () {
      for (const piece of filePieces(fd)) {
        own.update(piece);
        size += piece.length;
        yield piece;
      }
    })();
    // Read as a layer, so that what promises too much is refused before it is unpacked.
    const { diffId } = inArchive(() => readLayer(pieces, { hasher: plain, place: () => emptyContent }));
    return { digest: own.digest(), size, diffId };
  });
}
