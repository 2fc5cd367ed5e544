/** sha256sum, sha1sum, sha512sum, md5sum: digests, and -c to check a list of them. A file known by its SHA-256 has that one. */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { SysError } from '../../errors.ts';
import { hex } from '../../host.ts';
import type { Call } from '../../kernel/sys.ts';
import { type Applet, type Ctx, reason, Usage } from '../lib/applet.ts';
import { fromUtf8 } from '../lib/bytes.ts';
import type { Options } from '../lib/getopt.ts';
import { readAll, splitLines } from '../lib/io.ts';

/** A hash that is fed piece by piece, and the CPU time that a byte takes busybox, milliseconds (measured). */
interface Hash {
  create(): { update(bytes: Uint8Array): unknown; digest(): Uint8Array };
  readonly cost: number;
}

const hashes = {
  md5: { create: () => md5.create(), cost: 2e-6 },
  sha1: { create: () => sha1.create(), cost: 2e-6 },
  sha256: { create: () => sha256.create(), cost: 4e-6 },
  sha512: { create: () => sha512.create(), cost: 3e-6 },
} as const;

function* digest(ctx: Ctx, hash: Hash, path: string): Call<string> {
  const { sys } = ctx;
  if (path !== '-' && hash === hashes.sha256 && sys.stat(path).type === 'file' && sys.access(path, 'r')) {
    const content = sys.content(path);
    if ('digest' in content) return content.digest.slice('sha256:'.length);
  }
  const fd = path === '-' ? 0 : sys.open(path, { read: true });
  try {
    const sum = hash.create();
    for (;;) {
      const bytes = yield* sys.read(fd);
      if (bytes.length === 0) return hex(sum.digest());
      sum.update(bytes);
      sys.use(bytes.length * hash.cost);
    }
  } finally {
    ctx.close(fd);
  }
}

function summer(hash: Hash): Applet {
  return {
    usage: '[-c[sw]] [FILE]...',
    *main(ctx) {
      const options = ctx.options('scwbt');
      if (!options.has('c') && (options.has('s') || options.has('w'))) throw new Usage();
      const paths = options.rest.length === 0 ? ['-'] : options.rest;
      for (const path of paths) {
        try {
          if (options.has('c')) yield* check(ctx, hash, path, options);
          else ctx.out.put(`${yield* digest(ctx, hash, path)}  ${path}\n`);
        } catch (error) {
          if (!(error instanceof SysError)) throw error;
          const openFailed = !['EISDIR', 'EIO'].includes(error.errno) && !options.has('c');
          yield* ctx.warn(
            openFailed
              ? `can't open '${path}': ${reason(error)}`
              : `${options.has('c') ? `${path}: ` : `can't read '${path}': `}${reason(error)}`,
          );
        }
      }
      return ctx.status;
    },
  };
}

function* check(ctx: Ctx, hash: Hash, path: string, options: Options): Call<void> {
  const silent = options.has('s');
  const fd = path === '-' ? 0 : ctx.sys.open(path, { read: true });
  const rows = splitLines(fromUtf8(yield* readAll(ctx.sys, fd)));
  ctx.close(fd);
  let failed = 0;
  for (const row of rows) {
    const [, wanted, name] = /^([0-9a-f]+) [ *](.*)$/.exec(row) ?? [];
    if (wanted === undefined || name === undefined) {
      failed++;
      if (options.has('w')) yield* ctx.warn('invalid format');
      continue;
    }
    let good = false;
    try {
      good = (yield* digest(ctx, hash, name)) === wanted;
    } catch (error) {
      yield* ctx.warn(`can't open '${name}': ${reason(error)}`);
    }
    if (!good) failed++;
    if (!silent) ctx.out.put(`${name}: ${good ? 'OK' : 'FAILED'}\n`);
  }
  if (failed > 0) {
    ctx.status = 1;
    if (!silent) yield* ctx.warn(`WARNING: ${failed} of ${rows.length} computed checksums did NOT match`);
  }
}

export const sha256sum = summer(hashes.sha256);
export const sha512sum = summer(hashes.sha512);
export const sha1sum = summer(hashes.sha1);
export const md5sum = summer(hashes.md5);
