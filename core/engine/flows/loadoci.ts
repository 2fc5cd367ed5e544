/**
 * `docker load` of an OCI image layout (OCI image spec, image-layout.md): index.json names manifests, these name config and
 * layers, all of them blobs that are called by their digest. Docker 20.10 refuses such archives, Docker reads them from version
 * 25 on; Cutaway reads them and says so.
 *
 * Kept true: each blob is compared with its digest and its size before it is used.
 */
import { digestOf, isDigest } from '../../image/digest.ts';
import { parseGoJson } from '../../image/go-json.ts';
import { fit, shape } from '../../image/go-shape.ts';
import { archiveLimits } from '../../image/limits.ts';
import { familiarString, tagNameOnly } from '../../image/reference.ts';
import type { Digest, Flow } from '../../op.ts';
import { DockerError } from '../errors.ts';
import type { Engine } from '../world.ts';
import { goJson, imageOf, keepNamed, type Loaded, nameOf } from './loadarchive.ts';
import { registerLayers } from './register.ts';
import { digestIn, layerIn, readText, readTextIfAny } from './unpacked.ts';

interface Descriptor {
  readonly mediaType?: string;
  readonly digest?: string;
  readonly size?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
}

const descriptor = shape.struct('v1.Descriptor', {
  mediaType: shape.text,
  digest: shape.text,
  size: shape.int,
  annotations: shape.map(shape.text),
  platform: shape.struct('v1.Platform', { os: shape.text, architecture: shape.text }),
});
const indexShape = shape.struct('v1.Index', { manifests: shape.list(descriptor) });
const manifestShape = shape.struct('v1.Manifest', { config: descriptor, layers: shape.list(descriptor) });

interface Manifest {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const configTypes = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];

const wrong = (message: string): DockerError => new DockerError(`OCI image layout: ${message}`, 'invalid');

export function* isOciLayout(dir: string): Flow<boolean> {
  return (yield* readTextIfAny(dir, 'oci-layout', 'whether it is an OCI image layout')) !== undefined;
}

export function* loadOci(engine: Engine, dir: string): Flow<Loaded> {
  const found = yield* imagesIn(dir, yield* readText(dir, 'index.json', 'the index'), 'index.json', {}, 0);
  if (found.length === 0) throw wrong('there is no image in it for linux/amd64');
  const said: string[] = [];
  const ids: string[] = [];
  for (const { manifest, name } of found) {
    const { id, lines } = yield* loadManifest(engine, dir, manifest, name);
    said.push(...lines);
    if (name === undefined) ids.push(`Loaded image ID: ${id}`);
  }
  const beyondDocker = `open ${dir}/blobs/json: no such file or directory`;
  return { said: [...said, ...ids].map((line) => `${line}\n`).join(''), beyondDocker };
}

interface Found {
  readonly manifest: Manifest;
  readonly name: string | undefined;
}

/** The images that an index names, those of the indexes in it included. */
function* imagesIn(
  dir: string,
  text: string,
  what: string,
  above: Readonly<Record<string, string>>,
  depth: number,
): Flow<Found[]> {
  if (depth > archiveLimits.indexDepth) {
    throw wrong(`indexes lie more than ${archiveLimits.indexDepth} deep in each other`);
  }
  const { manifests = [] } = typed<{ manifests?: readonly Descriptor[] }>(text, indexShape, what);
  const images: Found[] = [];
  for (const one of manifests.filter(isOurs)) {
    const annotations = { ...above, ...one.annotations };
    const blob = yield* readBlob(dir, one);
    if (indexTypes.includes(one.mediaType ?? '')) {
      images.push(...(yield* imagesIn(dir, blob, one.digest!, annotations, depth + 1)));
    } else images.push({ manifest: typed<Manifest>(blob, manifestShape, one.digest!), name: nameIn(annotations) });
  }
  return images;
}

/** An image for another system or processor is passed over, as where several lie in one index. */
const isOurs = ({ platform = {} }: Descriptor): boolean =>
  (platform.os ?? 'linux') === 'linux' && ['amd64', undefined].includes(platform.architecture);

/** A whole name; a tag alone (`latest`, as umoci writes it) names no repository. */
function nameIn(annotations: Readonly<Record<string, string>>): string | undefined {
  const own = (key: string): string | undefined => (Object.hasOwn(annotations, key) ? annotations[key] : undefined);
  const given = own('io.containerd.image.name') ?? own('org.opencontainers.image.ref.name');
  if (given === undefined || !/[:/]/.test(given)) return undefined;
  return familiarString(tagNameOnly(nameOf(given)));
}

function* loadManifest(
  engine: Engine,
  dir: string,
  { config, layers = [] }: Manifest,
  name: string | undefined,
): Flow<{ id: Digest; lines: string[] }> {
  if (config === undefined || !configTypes.includes(config.mediaType ?? '')) {
    throw wrong(`"${config?.mediaType ?? ''}" is no image config`);
  }
  const image = imageOf(yield* readBlob(dir, config));
  const { diff_ids } = image.config.rootfs;
  if (diff_ids.length !== layers.length) throw wrong(`${layers.length} layers for ${diff_ids.length} diffIDs`);
  yield* registerLayers(engine, diff_ids, function* (index) {
    const layer = layers[index]!;
    const path = blobPath(layer);
    const { digest, size } = yield* digestIn(dir, path);
    check(layer, digest, size);
    return yield* layerIn(dir, path);
  });
  return { id: image.id, lines: yield* keepNamed(engine, image, name === undefined ? [] : [name]) };
}

function* readBlob(dir: string, one: Descriptor): Flow<string> {
  const text = yield* readText(dir, blobPath(one), `blob ${one.digest!.slice(7, 19)}`);
  check(one, digestOf(text), new TextEncoder().encode(text).length);
  return text;
}

function check({ digest, size }: Descriptor, got: Digest, length: number): void {
  if (size !== undefined && size !== length) throw wrong(`the blob ${digest} is ${length} bytes long, not ${size}`);
  if (digest !== got) throw wrong(`the blob ${digest} is not what its digest says: it is ${got}`);
}

function blobPath({ digest = '' }: Descriptor): string {
  if (!isDigest(digest)) throw wrong(`"${digest}" is no digest (sha256: and 64 hexadecimal digits)`);
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

function typed<T>(text: string, wanted: Parameters<typeof fit>[1], what: string): T {
  try {
    return goJson(() => (fit(parseGoJson(text, 'document'), wanted) ?? {}) as T);
  } catch (error) {
    if (error instanceof DockerError) throw wrong(`${what}: ${error.message}`);
    throw error;
  }
}
