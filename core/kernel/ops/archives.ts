/**
 * The Ops on whole archives: extract, digest. What is wrong with an archive is a refusal, and leaves everything as it was.
 */

import { SysError } from '../../errors.ts';
import { ArchiveError } from '../../image/archive-error.ts';
import { detectCompression } from '../../image/magic.ts';
import { reading } from '../../image/reading.ts';
import { TarError } from '../../image/tar.ts';
import type { OpOf, OpResults, Outcome } from '../../op.ts';
import { contentBytes, contentDigest, contentSize, emptyContent } from '../../vfs/content.ts';
import { resolve } from '../namei.ts';
import * as paths from '../pathcalls.ts';
import type { Process } from '../process.ts';
import { contentIn } from './files.ts';
import { membersOf, untarInto } from './layers.ts';

export function extract(by: Process, { archive, into }: OpOf<'extract'>): undefined {
  const content = paths.content(by, archive);
  const { readTarFrom, decompressed } = reading();
  const entries = membersOf(content) ?? [...readTarFrom(decompressed([contentBytes(content)]))];
  const { mount, ino } = resolve(by, into);
  if (mount.fs.readdir(ino).length > 0) throw new SysError('ENOTEMPTY', into);
  untarInto(entries, mount.fs, ino, { marks: 'plain', now: by.kernel.now() });
  return undefined;
}

/** Read as a layer, so that what promises too much is refused before it is unpacked. */
export function digest(by: Process, { file, root }: OpOf<'digest'>): OpResults['digest'] {
  const content = contentIn(by, file, root);
  const own = { digest: contentDigest(content), size: contentSize(content) };
  if (!('bytes' in content) || detectCompression(content.bytes) === 'none') return { ...own, diffId: own.digest };
  const { diffId } = reading().readLayer([content.bytes], { place: () => emptyContent });
  return { ...own, diffId };
}

/** The answer to what an archive made us throw; undefined for any other error. */
export function refusal(error: unknown): Outcome | undefined {
  if (error instanceof TarError) return { ok: false, errno: 'EINVAL', message: error.message };
  if (!(error instanceof ArchiveError)) return undefined;
  return { ok: false, errno: error.errno === 'EFBIG' ? 'EFBIG' : 'EINVAL', message: error.message };
}
