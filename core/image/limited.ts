/** Bytes that are only looked at, up to what an archive may hold. */
import { ArchiveError } from './archive-error.ts';
import type { Pieces } from './bytes.ts';
import { archiveLimits } from './limits.ts';

/** Passes pieces on; ArchiveError (EFBIG) when they become too many. */
export function* limited(pieces: Pieces): Generator<Uint8Array> {
  let size = 0;
  for (const piece of pieces) {
    size += piece.length;
    if (size > archiveLimits.bytes) throw tooLarge();
    yield piece;
  }
}

export const tooLarge = (): ArchiveError =>
  new ArchiveError(
    `archive: it unpacks to more than the ${archiveLimits.bytes / 2 ** 30} GiB that an archive may hold`,
    'EFBIG',
  );
