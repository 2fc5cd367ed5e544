/**
 * `cutaway archive`: writes the archive of a teaching image, made from this machine's busybox; the very bytes that all three
 * targets are given, and those that `docker save` gives. Instead of an image's name it takes an archive of `docker save`, so
 * that what was made in a lab can be written as an OCI image layout. That is our own word: `docker save` of 20.10 has no such
 * flag, and gets none here.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type ArchivedImage,
  archiveEntries,
  contentBytes,
  goHeader,
  imageId,
  makeBusybox,
  ociEntries,
  ociImage,
  ociLayout,
  readArchive,
  tarBytes,
  UsageError,
} from '../../core/index.ts';
import { machineBusybox } from '../base.ts';
import type { Run } from './env.ts';

export const run: Run = async (call, env) => {
  const images = await imagesOf(call.args[0]!);
  const file = call.values.output!;
  const format = call.values.format ?? 'docker';
  const bytes = await writing(file, () => write(images, format, file));
  for (const image of images) {
    const names = image.tags.length > 0 ? image.tags.join(', ') : '<none>';
    const manifest = format === 'docker' ? '' : `, manifest ${ociImage(image).digest}`;
    env.err(`${file}: ${names}, ${imageId(image.json)}${manifest}\n`);
  }
  env.err(`${file}: ${bytes} bytes\n`);
  return 0;
};

async function imagesOf(source: string): Promise<readonly ArchivedImage[]> {
  if (source === 'busybox' || source === 'busybox:latest') {
    const { bytes, applets } = await machineBusybox();
    const { layerTar, description } = makeBusybox(bytes, applets);
    return [{ json: description.config, tags: [description.reference], layers: [{ bytes: layerTar }] }];
  }
  if (!existsSync(source)) {
    throw new UsageError(
      `archive: no teaching image "${source}"`,
      undefined,
      'there is: busybox; or name a file that `docker save` wrote',
    );
  }
  try {
    return readArchive(await readFile(source));
  } catch (error) {
    throw new UsageError(`archive: cannot be read: ${(error as Error).message}`, { file: source });
  }
}

/** Answers how many bytes were written. */
async function write(images: readonly ArchivedImage[], format: string, file: string): Promise<number> {
  if (format === 'oci-dir') return writeLayout(images, file);
  const bytes = format === 'oci' ? tarBytes(ociEntries(images)) : tarBytes(archiveEntries(images), goHeader);
  await writeFile(file, bytes);
  return bytes.length;
}

async function writeLayout(images: readonly ArchivedImage[], directory: string): Promise<number> {
  let size = 0;
  for (const [path, content] of ociLayout(images)) {
    const bytes = contentBytes(content);
    await mkdir(join(directory, dirname(path)), { recursive: true });
    await writeFile(join(directory, path), bytes);
    size += bytes.length;
  }
  return size;
}

async function writing<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new UsageError(`archive: cannot write the file: ${error.message}`, { file });
  }
}
