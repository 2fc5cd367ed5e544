/** All that reads archives: the part that reading.ts asks for. */
import { gunzipSync } from 'fflate';
import { copyInto, ScratchFs } from '../vfs/scratch.ts';
import { decompressed } from './compression.ts';
import { plainHasher, readLayer } from './layer-read.ts';
import type { Reading } from './reading.ts';
import { JoinError, joinedTar, splitText } from './tar-join.ts';
import { readTarFrom } from './tar-read.ts';
import { untar } from './untar.ts';

export const archiveReading: Reading = {
  JoinError,
  ScratchFs,
  copyInto,
  decompressed,
  gunzipSync,
  joinedTar,
  plainHasher,
  readLayer,
  readTarFrom,
  splitText,
  untar,
};
