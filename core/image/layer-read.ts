/**
 * A layer's archive, read in one pass, compressed or not: its members, the digest of what was compressed (the diffID), and
 * what tar-split keeps of it. Both drivers read layers by it, one from memory and one from a disk.
 *
 * Kept true: nothing is kept of the archive but what the members' contents hold on to; the digest is of every byte to the end
 * of the stream, as the engine's is.
 */
import type { Digest } from '../op.ts';
import { type Hasher, newHasher } from '../sha256.ts';
import { contentSize, textContent } from '../vfs/content.ts';
import type { Content } from '../vfs/fs.ts';
import type { Pieces } from './bytes.ts';
import { decompressed } from './compression.ts';
import { Crc64 } from './crc64.ts';
import type { TarEntry } from './tar.ts';
import { readTarFrom, type TarWatcher } from './tar-read.ts';
import type { SplitEntry } from './tar-split.ts';

export { type Hasher, newHasher as plainHasher } from '../sha256.ts';

export interface ReadLayerOptions {
  /** Default: our own. */
  readonly hasher?: Hasher;
  /** Sees the archive's plain bytes go by. */
  readonly tap?: (bytes: Uint8Array) => void;
  /** As in ReadOptions: contents are not read, but known by their place in the plain archive. */
  readonly place?: (at: number, size: number) => Content;
  readonly split?: boolean;
}

export interface ReadLayer {
  readonly entries: readonly TarEntry[];
  readonly diffId: Digest;
  /** Bytes of files and links: what `docker history` calls the layer's size. */
  readonly size: number;
  readonly split?: readonly SplitEntry[];
}

/** Throws TarError and ArchiveError. */
export function readLayer(pieces: Pieces, options: ReadLayerOptions = {}): ReadLayer {
  const { hasher = newHasher(), tap, place } = options;
  const split = options.split === true ? new Splitter() : undefined;
  const plain = (function* () {
    for (const piece of decompressed(pieces)) {
      hasher.update(piece);
      tap?.(piece);
      yield piece;
    }
  })();
  const watch = split === undefined ? {} : { watch: split };
  const entries = [...readTarFrom(plain, { ...watch, ...(place === undefined ? {} : { place }) })];
  const read = { entries, diffId: hasher.digest(), size: sizeOf(entries) };
  return split === undefined ? read : { ...read, split: split.finish() };
}

function sizeOf(entries: readonly TarEntry[]): number {
  let size = 0;
  for (const { type, content, target } of entries) {
    if (type === 'file' && content !== undefined) size += contentSize(content);
    if (type === 'symlink') size += contentSize(textContent(target ?? ''));
  }
  return size;
}

/** What tar-split writes down while the archive goes by. */
class Splitter implements TarWatcher {
  readonly #entries: SplitEntry[] = [];
  #raw: Uint8Array[] = [];
  #file: { readonly name: string; readonly size: number; readonly sum: Crc64 } | undefined;

  raw(bytes: Uint8Array): void {
    this.#closeFile();
    this.#raw.push(bytes);
  }

  member(name: string, size: number): void {
    this.#closeFile();
    this.#flush();
    this.#file = { name, size, sum: new Crc64() };
  }

  content(bytes: Uint8Array): void {
    this.#file?.sum.update(bytes);
  }

  end(): void {
    this.#closeFile();
    this.#flush();
  }

  finish(): readonly SplitEntry[] {
    this.#closeFile();
    if (this.#raw.length > 0) this.#flush();
    this.#entries.push({ kind: 'bytes', bytes: new Uint8Array(0) });
    return this.#entries;
  }

  #closeFile(): void {
    if (this.#file === undefined) return;
    const { name, size, sum } = this.#file;
    const bytes = Uint8Array.from(name, (one) => one.charCodeAt(0));
    this.#entries.push({ kind: 'file', name: bytes, size, ...(size > 0 ? { crc: sum.digest() } : {}) });
    this.#file = undefined;
  }

  #flush(): void {
    // Copies: a header must not keep the whole archive alive.
    const size = this.#raw.reduce((sum, part) => sum + part.length, 0);
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const part of this.#raw) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#raw = [];
    this.#entries.push({ kind: 'bytes', bytes });
  }
}
