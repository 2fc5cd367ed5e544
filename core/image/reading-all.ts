/** All that reads archives: the part that reading.ts asks for. */
import { decompressed } from './compression.ts';
import { plainHasher, readLayer } from './layer-read.ts';
import type { Reading } from './reading.ts';
import { readTarFrom } from './tar-read.ts';
import { untar } from './untar.ts';

export const archiveReading: Reading = { decompressed, plainHasher, readLayer, readTarFrom, untar };
