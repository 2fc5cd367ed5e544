/**
 * How much an archive may make us do: the one place of these numbers. An archive is small and what comes out of it need not
 * be; whoever reads one stops at these bounds with a message that names the bound.
 *
 * Docker has none of them but `layers` and `header`: it goes on until the disk is full. The simulation keeps in memory what
 * Docker keeps on disk, hence `bytes` and `members`.
 */
export const archiveLimits = {
  /** Bytes that come out of one archive after decompression, headers and padding included; holes of sparse files count. */
  bytes: 2 ** 30,
  /** Members of one archive. */
  members: 500_000,
  /** Bytes behind an archive's end, which belong to its digest and to nothing else; tar fills up to 10 KiB. */
  behind: 16 * 2 ** 20,
  /** Bytes of a pax or GNU header: Go's archive/tar, maxSpecialFileSize. */
  header: 2 ** 20,
  /** Bytes of manifest.json, of a config, and of each other JSON file that is read as a whole. */
  json: 16 * 2 ** 20,
  /** Bytes of zstd's window: as much as zstd(1) takes without being asked (RFC 8878, 3.1.1.1.2, recommends 8 MiB at least). */
  zstdWindow: 128 * 2 ** 20,
  /** Layers of an image: moby/layer, maxLayerDepth. */
  layers: 125,
  /** How deep the indexes of an OCI layout may lie in each other. */
  indexDepth: 8,
} as const;
