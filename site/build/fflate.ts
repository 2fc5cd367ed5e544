/**
 * fflate twice, for the modules that unpack and for those that only pack: a package's file goes whole into one chunk, and what
 * packs is needed at once, what unpacks only when an archive is read.
 */
import type { Plugin } from 'vite';

/** Modules that unpack; all of them are loaded late. */
const unpacking = /\/(core\/image\/(compression|reading-all)|site\/app\/link)\.ts$/;

export function twoFflates(): Plugin {
  return {
    name: 'cutaway-fflate',
    apply: 'build',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (source !== 'fflate' || importer === undefined || !unpacking.test(importer)) return undefined;
      const found = await this.resolve(source, importer, { skipSelf: true });
      return found === null ? undefined : `${found.id}?unpacking`;
    },
  };
}
