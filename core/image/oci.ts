/**
 * The OCI image layout: content-addressed blobs and an index that names manifests. Source: OCI image spec, image-layout.md,
 * manifest.md, descriptor.md.
 *
 * Kept true: deterministic, compressed layers too (gzip without name and time); every digest and size is that of the very
 * bytes beside it. The config is Docker's text unchanged, so that the image ID stays the same.
 */
import { gzipSync } from 'fflate';
import type { Digest } from '../op.ts';
import { contentBytes, textContent } from '../vfs/content.ts';
import type { Content } from '../vfs/fs.ts';
import type { ArchivedImage } from './archive.ts';
import type { ImageConfig } from './config.ts';
import { digestHex, digestOf } from './digest.ts';
import { goJson } from './json.ts';
import { parseNamed } from './reference.ts';
import type { TarEntry } from './tar.ts';

/** What travels, by its hash: descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly architecture: string; readonly os: string };
}

export interface OciManifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export const ociTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  gzipLayer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

export interface OciOptions {
  /** Layers as they are, instead of gzipped. */
  readonly plain?: boolean;
}

/** An image as it travels: its manifest's text, and everything that the manifest points at. */
export interface OciImage {
  readonly manifest: string;
  /** sha256 of the manifest's text: what `images --digests` shows of an image that was pushed or pulled. */
  readonly digest: Digest;
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
}

const encoder = new TextEncoder();

/** An image's manifest and blobs. Layers must be known by their bytes. */
export function ociImage(image: ArchivedImage, options: OciOptions = {}): OciImage {
  const blobs = new Map<Digest, Uint8Array>();
  const put = (mediaType: string, bytes: Uint8Array): Descriptor => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const config = put(ociTypes.config, encoder.encode(image.json));
  const layers = image.layers.map((layer) => {
    const bytes = contentBytes(layer);
    return options.plain === true ? put(ociTypes.layer, bytes) : put(ociTypes.gzipLayer, zipped(bytes));
  });
  const manifest = goJson({ schemaVersion: 2, mediaType: ociTypes.manifest, config, layers } satisfies OciManifest);
  const { digest } = put(ociTypes.manifest, encoder.encode(manifest));
  return { manifest, digest, blobs };
}

/** gzip as Go and GNU gzip -n write it: no name, no time, system unknown. */
function zipped(bytes: Uint8Array): Uint8Array {
  const packed = gzipSync(bytes, { level: 6, mtime: 0 });
  packed[9] = 0xff;
  return packed;
}

/** The files of a layout that holds these images, sorted by path. */
export function ociLayout(images: readonly ArchivedImage[], options: OciOptions = {}): ReadonlyMap<string, Content> {
  const files = new Map<string, Content>();
  const manifests: Descriptor[] = [];
  const tags = images.flatMap((image) => image.tags.map((name) => parseNamed(name).tag ?? 'latest'));
  for (const image of images) {
    const { manifest, digest, blobs } = ociImage(image, options);
    for (const [hash, bytes] of blobs) files.set(`blobs/sha256/${digestHex(hash)}`, { bytes });
    const { architecture, os } = JSON.parse(image.json) as ImageConfig;
    const size = encoder.encode(manifest).length;
    const descriptor = { mediaType: ociTypes.manifest, digest, size };
    const platform = { architecture, os };
    if (image.tags.length === 0) manifests.push({ ...descriptor, platform });
    for (const name of image.tags) manifests.push({ ...descriptor, annotations: annotationsOf(name, tags), platform });
  }
  files.set('index.json', textContent(goJson({ schemaVersion: 2, mediaType: ociTypes.index, manifests })));
  files.set('oci-layout', textContent('{"imageLayoutVersion":"1.0.0"}'));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The tag is the name in the layout, or the whole name where several images have that tag; beside it what containerd asks for. */
function annotationsOf(name: string, tags: readonly string[]): Readonly<Record<string, string>> {
  const { domain, path, tag = 'latest' } = parseNamed(name);
  const alone = tags.filter((other) => other === tag).length === 1;
  return {
    'io.containerd.image.name': `${domain}/${path}:${tag}`,
    'org.opencontainers.image.ref.name': alone ? tag : name,
  };
}

/** The layout as members of one archive, for tools that take it so. */
export function ociEntries(images: readonly ArchivedImage[], options: OciOptions = {}): TarEntry[] {
  const plain = { mtime: 0, uid: 0, gid: 0 };
  const dirs = ['blobs', 'blobs/sha256'].map((path): TarEntry => ({ path, type: 'dir', mode: 0o755, ...plain }));
  const files = [...ociLayout(images, options)].map(
    ([path, content]): TarEntry => ({ path, type: 'file', mode: 0o644, ...plain, content }),
  );
  return [...dirs, ...files];
}
