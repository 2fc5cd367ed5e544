/**
 * Reading of archives that come as bytes. Its code (tar in all its forms, four decompressors) is large and a session seldom
 * needs it, so that it is a part of its own, which a page loads when an archive is first read (core/parts.ts).
 */
import type { gunzipSync } from 'fflate';
import { PartNeeded } from '../errors.ts';
import type { copyInto, ScratchFs } from '../vfs/scratch.ts';
import type { decompressed } from './compression.ts';
import type { plainHasher, readLayer } from './layer-read.ts';
import type { JoinError, joinedTar, splitText } from './tar-join.ts';
import type { readTarFrom } from './tar-read.ts';
import type { untar } from './untar.ts';

export interface Reading {
  readonly JoinError: typeof JoinError;
  readonly ScratchFs: typeof ScratchFs;
  readonly copyInto: typeof copyInto;
  readonly decompressed: typeof decompressed;
  readonly gunzipSync: typeof gunzipSync;
  readonly joinedTar: typeof joinedTar;
  readonly plainHasher: typeof plainHasher;
  readonly readLayer: typeof readLayer;
  readonly readTarFrom: typeof readTarFrom;
  readonly splitText: typeof splitText;
  readonly untar: typeof untar;
}

let known: Reading | undefined;

export function registerReading(reading: Reading): void {
  known = reading;
}

/** Throws PartNeeded. */
export function reading(): Reading {
  if (known === undefined) throw new PartNeeded('archives');
  return known;
}
