/** gzip, gunzip and zcat (RFC 1952), by fflate and the readers of core/image. */
import { gzipSync } from 'fflate';
import { ArchiveError } from '../../image/archive-error.ts';
import { decompressed } from '../../image/compression.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, attempt, type Ctx, Die, reason } from '../lib/applet.ts';
import { concat, fromBytes } from '../lib/bytes.ts';
import { readAll } from '../lib/io.ts';

const suffix = /\.(gz|Z)$|\.tgz$/;

/** undefined: the bytes are not of a compressed file. Throws ArchiveError when they are damaged. */
export function unpacked(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return undefined;
  const pieces = [...decompressed([bytes])];
  return pieces.length === 0 ? new Uint8Array(0) : concat(pieces);
}

/** gzip with no name and no time in its header, so that the same bytes always give the same bytes. */
export const packed = (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { mtime: 0 });

function applet(name: 'gzip' | 'gunzip' | 'zcat'): Applet {
  return {
    usage: name === 'zcat' ? '[FILE]...' : name === 'gzip' ? '[-cfkdt] [FILE]...' : '[-cfkt] [FILE]...',
    *main(ctx) {
      const options = ctx.options(name === 'gzip' ? 'cfkdtq123456789n' : name === 'gunzip' ? 'cfktqn' : 'cfkt');
      const job: Job = {
        unpack: name !== 'gzip' || options.has('d') || options.has('t'),
        test: options.has('t'),
        keep: options.has('k') || options.has('c') || options.has('t') || name === 'zcat',
        force: options.has('f'),
        stdout: options.has('c') || name === 'zcat',
      };
      if (options.rest.length === 0) yield* one(ctx, { ...job, stdout: true }, '-');
      for (const path of options.rest) yield* one(ctx, job, path);
      return ctx.status;
    },
  };
}

interface Job {
  readonly unpack: boolean;
  readonly test: boolean;
  readonly keep: boolean;
  readonly force: boolean;
  readonly stdout: boolean;
}

function* one(ctx: Ctx, job: Job, path: string): Call<void> {
  const toFile = !job.stdout && !job.test && path !== '-';
  const fd = yield* ctx.open(path, path);
  if (fd === undefined) return;
  try {
    if (toFile && job.unpack && !suffix.test(path)) return yield* ctx.warn(`${path}: unknown suffix - ignored`);
    // A directory is read as if it were empty.
    const bytes = yield* readAll(ctx.sys, fd, () => undefined);
    const done = yield* transformed(ctx, job, bytes);
    if (done === undefined || job.test) return;
    if (!toFile) ctx.out.raw(fromBytes(done));
    else yield* replaceFile(ctx, job, path, done);
  } catch (error) {
    if (error instanceof Die) throw error;
    yield* ctx.warn(`${path === '-' ? 'read error' : path}: ${reason(error)}`);
  } finally {
    ctx.close(fd);
  }
}

function* transformed(ctx: Ctx, job: Job, bytes: Uint8Array): Call<Uint8Array | undefined> {
  if (!job.unpack) return packed(bytes);
  try {
    const plain = unpacked(bytes);
    if (plain !== undefined) return plain;
    if (ctx.name === 'zcat') throw new Die(bytes.length === 0 ? 'short read' : 'no gzip/bzip2/xz magic');
    yield* ctx.warn('invalid magic');
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    yield* ctx.warn(/checksum/.test(error.message) ? 'crc error' : 'corrupted data');
  }
  return undefined;
}

function* replaceFile(ctx: Ctx, job: Job, path: string, bytes: Uint8Array): Call<void> {
  const { sys } = ctx;
  const to = job.unpack ? path.replace(/\.tgz$/, '.tar').replace(/\.(gz|Z)$/, '') : `${path}.gz`;
  if (!job.force && attempt(() => sys.lstat(to)) !== undefined)
    return yield* ctx.warn(`can't open '${to}': File exists`);
  const before = sys.stat(path);
  const fd = sys.open(to, { write: true, create: true, truncate: true }, before.mode);
  yield* sys.write(fd, bytes);
  sys.close(fd);
  sys.chmod(to, before.mode);
  sys.setattr(to, { mtime: before.mtime });
  try {
    if (!job.keep) sys.unlink(path);
  } catch (error) {
    throw new Die(`can't remove file '${path}': ${reason(error)}`);
  }
}

export const gzip = applet('gzip');
export const gunzip = applet('gunzip');
export const zcat = applet('zcat');
