/** All that reads archives: the part that reading.ts asks for. */
import { gunzipSync } from 'fflate';
import { copyInto, ScratchFs } from '../vfs/scratch.ts';
import { decompressed } from './compression.ts';
import { plainHasher, readLayer } from './layer-read.ts';
import type { Reading } from './reading.ts';
import { readTarFrom } from './tar-read.ts';
import { untar } from './untar.ts';

export const archiveReading: Reading = {
  ScratchFs,
  copyInto,
  decompressed,
  gunzipSync,
  plainHasher,
  readLayer,
  readTarFrom,
  untar,
};
