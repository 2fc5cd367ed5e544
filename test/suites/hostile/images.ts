/** Hostile archives, third table: what `docker load` reads first, manifest, configs, names; OCI layouts; compression. */
import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import {
  archive,
  bytesOf,
  configText,
  end,
  image,
  imageMembers,
  join,
  sha256,
  smallLayer,
} from '../../support/raw-tar.ts';
import { type HostileCase, load } from './case.ts';

const small = (): Uint8Array => image();
const cut = (at: (length: number) => number): Uint8Array => small().subarray(0, at(small().length));

const compress = (program: string, bytes: Uint8Array): Uint8Array =>
  execFileSync(program, ['-c'], { input: bytes, maxBuffer: 1 << 28 });

const oneLayer = `sha256:${sha256(smallLayer)}`;
const config = bytesOf(configText([smallLayer]));

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}
const types = {
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
};
const described = (mediaType: string, data: Uint8Array, more: Partial<Descriptor> = {}): Descriptor => ({
  mediaType,
  digest: `sha256:${sha256(data)}`,
  size: data.length,
  ...more,
});
const json = (value: unknown): Uint8Array => bytesOf(JSON.stringify(value));

/** An OCI image layout as a tar: blobs by their digest, index.json. */
function layout(
  blobs: readonly Uint8Array[],
  manifests: readonly unknown[],
  names: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array {
  return archive(
    { name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' },
    ...blobs.map((data) => ({ name: `blobs/sha256/${sha256(data)}`, data })),
    ...Object.entries(names).map(([name, data]) => ({ name, data })),
    { name: 'index.json', data: json({ schemaVersion: 2, manifests }) },
  );
}
const manifestOf = (layer: Descriptor, more: object = {}): Uint8Array =>
  json({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: described(types.config, config),
    layers: [layer],
    ...more,
  });
const plainManifest = manifestOf(described(types.layer, smallLayer));
const named = { annotations: { 'org.opencontainers.image.ref.name': 'oci:one' } };
const taken = {
  differs: { taken: true, why: 'Docker reads OCI layouts from version 25 on; Cutaway does, and says so' },
} as const;
const oci = (words: RegExp): Partial<HostileCase> => ({
  differs: { refused: words, why: 'Docker 20.10.24 refuses every OCI layout, and for that reason' },
});

export const imageCases: readonly HostileCase[] = [
  load('nothing at all', () => new Uint8Array(0)),
  load('text', () => bytesOf('this is no archive\n')),
  load('a kilobyte of noise', () => Uint8Array.from({ length: 1024 }, (_, n) => (n * 89 + 7) & 0xff)),
  load('only zeros', () => new Uint8Array(10_240)),
  load('an archive of nothing', () => end),
  load('an archive without manifest.json', () => image({ without: ['manifest.json'] })),
  load('manifest.json is no JSON', () => image({ manifestText: '[{"Config":' })),
  load('manifest.json is empty', () => image({ manifestText: '' })),
  load('manifest.json is an object', () => image({ manifestText: '{"Config":"x"}' })),
  load('manifest.json is null', () => image({ manifestText: 'null' })),
  load('manifest.json is an empty list', () => image({ manifestText: '[]' })),
  load('manifest.json with a null in it', () => image({ manifestText: '[null]' })),
  load('manifest.json with something after it', () => {
    const [a, b, { data } = { data: '' }] = imageMembers();
    return archive(a!, b!, { name: 'manifest.json', data: `${data} and more` });
  }),
  load('manifest.json of wrong types', () => image({ manifest: { Layers: 'layer0/layer.tar' } })),
  load('manifest.json with keys in other case', () => {
    const [a, b, { data } = { data: '' }] = imageMembers();
    return archive(a!, b!, {
      name: 'manifest.json',
      data: String(data).replace('Config', 'CONFIG').replace('Layers', 'layers'),
    });
  }),
  load('manifest.json is a directory', () =>
    archive({ name: 'manifest.json/', type: '5', mode: 0o755 }, { name: 'manifest.json/in', data: 'x' }),
  ),
  load('manifest.json is a link out', () =>
    archive(...imageMembers({ without: ['manifest.json'] }), {
      name: 'manifest.json',
      type: '2',
      link: '../../../../../../etc/passwd',
    }),
  ),
  load('a config that is not there', () => image({ manifest: { Config: 'missing.json' } })),
  load('a config outside', () => image({ manifest: { Config: '../../../../../../etc/hostname' } })),
  load('an absolute config', () => image({ manifest: { Config: '/etc/passwd' } })),
  load('a config without a name', () => image({ manifest: { Config: '' } })),
  load('a config that is a directory', () => image({ manifest: { Config: 'layer0' } })),
  load('a config that is no JSON', () => image({ configText: 'no JSON' })),
  load('an empty config', () => image({ configText: '' })),
  load('a config that is a list', () => image({ configText: '[]' })),
  load('a config that is null', () => image({ configText: 'null' })),
  load('a config without rootfs', () => image({ configText: '{"architecture":"amd64","os":"linux"}' })),
  load('a config with a rootfs that is text', () => image({ config: { rootfs: 'layers' } })),
  load('a config with numbers for diffIDs', () => image({ config: { rootfs: { type: 'layers', diff_ids: [1] } } })),
  load('a config with a history that is text', () => image({ config: { history: 'long ago' } })),
  load('a config whose Cmd is a number', () => image({ config: { config: { Cmd: 5 } } })),
  load('a config with a date that is none', () => image({ config: { created: 'yesterday' } })),
  load('a config with prototype keys', () => {
    const text = configText([smallLayer]).replace(
      '{',
      '{"__proto__":{"os":"windows"},"constructor":{"prototype":{"os":"x"}},',
    );
    return image({ configText: text, tags: ['constructor:latest'] });
  }),
  load('a config for another system', () => image({ config: { os: 'windows' } })),
  load('a config without a system', () => image({ config: { os: '' } })),
  load('a config for another processor', () => image({ config: { architecture: 'sparc' } })),
  load(
    'a config that is not UTF-8',
    () =>
      image({
        configText: join(
          bytesOf('{"author":"'),
          Uint8Array.of(0xff),
          bytesOf(`",${configText([smallLayer]).slice(1)}`),
        ),
      }),
    {
      differs: {
        refused: /^the config of the image is not UTF-8/,
        why: 'its ID hashes bytes that Cutaway would not keep',
      },
    },
  ),
  load('a layer that is not there', () => image({ manifest: { Layers: ['missing/layer.tar'] } })),
  load('a layer outside', () => image({ manifest: { Layers: ['../../../../../../etc/passwd'] } })),
  load('an absolute layer', () => image({ manifest: { Layers: ['/etc/passwd'] } })),
  load('a layer that is a directory', () =>
    image({ manifest: { Layers: ['layer0'] }, before: [{ name: 'layer0/', type: '5', mode: 0o755 }] }),
  ),
  load('a layer that is a link to itself', () =>
    archive(...imageMembers({ without: ['layer0/layer.tar'] }), {
      name: 'layer0/layer.tar',
      type: '2',
      link: 'layer.tar',
    }),
  ),
  load(
    'a layer that is a link out',
    () =>
      archive(...imageMembers({ without: ['layer0/layer.tar'] }), {
        name: 'layer0/layer.tar',
        type: '2',
        link: '../../../../../../../etc/passwd',
      }),
    {
      differs: {
        refused: /^open .*\/layer0\/layer\.tar: no such file or directory/,
        why: 'Docker names what the link leads to',
      },
    },
  ),
  load('a layer that is a link to another', () =>
    archive(...imageMembers({ layers: [smallLayer, smallLayer], without: ['layer1/layer.tar'] }), {
      name: 'layer1/layer.tar',
      type: '2',
      link: '../layer0/layer.tar',
    }),
  ),
  load('a layer that is no archive', () => image({ layers: [bytesOf('no archive at all'.repeat(100))] })),
  load('a layer that is empty', () => image({ layers: [new Uint8Array(0)] })),
  load('a layer that is cut off', () =>
    image({ layers: [archive({ name: 'a', data: 'x'.repeat(2000) }).subarray(0, 1000)] }),
  ),
  load('a layer that is not what its diffID says', () => image({ diffIds: [`sha256:${'0'.repeat(64)}`] })),
  load('the second layer is not what its diffID says', () =>
    image({ layers: [smallLayer, archive({ name: 'b', data: 'x' })], diffIds: [oneLayer, `sha256:${'0'.repeat(64)}`] }),
  ),
  load('a diffID that is none', () => image({ diffIds: ['sha256:short'] })),
  load('a diffID of another algorithm', () => image({ diffIds: [`sha512:${'0'.repeat(128)}`] })),
  load('fewer layers than diffIDs', () => image({ manifest: { Layers: [] } })),
  load('more layers than diffIDs', () => image({ diffIds: [] })),
  load('no layers at all', () => image({ layers: [] })),
  load('a tag that is none', () => image({ tags: ['Hostile:latest'] })),
  load('a tag without a tag', () => image({ tags: ['hostile'] })),
  load('a tag that is a digest', () => image({ tags: [`hostile@${oneLayer}`] })),
  load('a tag that is empty', () => image({ tags: [''] })),
  load('a tag that climbs', () => image({ tags: ['../../hostile:latest'] })),
  load('no tag', () => image({ tags: null })),
  load('the same image twice', () => {
    const [a, b, { data } = { data: '' }] = imageMembers();
    const one = String(data).slice(1, -1);
    return archive(a!, b!, { name: 'manifest.json', data: `[${one},${one}]` });
  }),
  load('an image that is its own parent', () => {
    const [a, b, { data } = { data: '' }] = imageMembers();
    const id = `sha256:${sha256(bytesOf(a!.data ?? ''))}`;
    return archive(a!, b!, { name: 'manifest.json', data: String(data).replace('{', `{"Parent":"${id}",`) });
  }),
  load('the first image good, the second bad', () => {
    const [a, b, { data } = { data: '' }] = imageMembers();
    const one = String(data).slice(1, -1);
    return archive(a!, b!, { name: 'manifest.json', data: `[${one},{"Config":"missing.json","Layers":[]}]` });
  }),
  load('128 layers', () =>
    image({ layers: Array.from({ length: 128 }, (_, n) => archive({ name: `f${n}`, data: String(n) })) }),
  ),
  load('125 layers', () =>
    image({ layers: Array.from({ length: 125 }, (_, n) => archive({ name: `f${n}`, data: String(n) })) }),
  ),
  load('126 layers', () =>
    image({ layers: Array.from({ length: 126 }, (_, n) => archive({ name: `f${n}`, data: String(n) })) }),
  ),
  load('cut off in the first header', () => cut(() => 300)),
  load('cut off in the config', () => cut(() => 700)),
  load('cut off in the layer', () => cut((length) => length - 4000)),
  load('cut off in manifest.json', () => cut((length) => length - 1500)),
  load('cut off before the end', () => cut((length) => length - 1024)),
  load('compressed with gzip', () => gzipSync(small())),
  load('compressed with bzip2', () => compress('bzip2', small())),
  load('compressed with xz', () => compress('xz', small())),
  load('compressed with zstd', () => compress('zstd', small()), {
    differs: { taken: true, why: 'Docker knows zstd from version 23 on; Cutaway reads it' },
  }),
  load('compressed twice', () => gzipSync(gzipSync(small()))),
  load('a layer compressed with gzip', () => image({ layers: [gzipSync(smallLayer)], diffIds: [oneLayer] })),
  load('gzip that is cut off', () => gzipSync(small()).subarray(0, 300)),
  load('gzip with a wrong checksum', () => {
    const bytes = Buffer.from(gzipSync(small()));
    bytes.writeUInt32LE(0, bytes.length - 8);
    return bytes;
  }),
  load(
    'gzip with damage inside',
    () => {
      const bytes = Buffer.from(gzipSync(small()));
      bytes.fill(0xff, 200, 240);
      return bytes;
    },
    { differs: { refused: /^gzip: invalid/, why: 'Docker’s unpacking process only notices that no more comes' } },
  ),
  load('gzip in two pieces', () => join(gzipSync(small().subarray(0, 700)), gzipSync(small().subarray(700)))),
  load('a gzip header and nothing else', () => Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), {
    differs: { refused: /^unexpected EOF/, why: 'Docker notices it on the other side of its pipe, and words it so' },
  }),
  load('legacy: a repositories file alone', () => archive({ name: 'repositories', data: '{}' })),
  load('legacy: a name that points nowhere', () =>
    archive({ name: 'repositories', data: `{"a":{"b":"${'0'.repeat(64)}"}}` }),
  ),
  load('legacy: an image of the old format', () => {
    const id = '1'.repeat(64);
    const v1 = JSON.stringify({
      id,
      created: '2020-09-13T12:26:40Z',
      config: { Cmd: ['sh'] },
      architecture: 'amd64',
      os: 'linux',
    });
    return archive(
      { name: `${id}/`, type: '5', mode: 0o755 },
      { name: `${id}/VERSION`, data: '1.0' },
      { name: `${id}/json`, data: v1 },
      { name: `${id}/layer.tar`, data: smallLayer },
      { name: 'repositories', data: `{"legacy":{"one":"${id}"}}` },
    );
  }),
  load('legacy: a directory without a json', () =>
    archive({ name: 'd/', type: '5', mode: 0o755 }, { name: 'repositories', data: '{}' }),
  ),
  load(
    'OCI: an image',
    () => layout([config, smallLayer, plainManifest], [described(types.manifest, plainManifest, named)]),
    taken,
  ),
  load(
    'OCI: an index in an index',
    () => {
      const inner = json({ schemaVersion: 2, manifests: [described(types.manifest, plainManifest)] });
      return layout([config, smallLayer, plainManifest, inner], [described(types.index, inner, named)]);
    },
    taken,
  ),
  load(
    'OCI: indexes without an end',
    () => {
      let blobs: Uint8Array[] = [json({ schemaVersion: 2, manifests: [] })];
      for (let n = 0; n < 20; n++)
        blobs = [json({ schemaVersion: 2, manifests: [described(types.index, blobs[0]!)] }), ...blobs];
      return layout(blobs, [described(types.index, blobs[0]!)]);
    },
    oci(/^OCI image layout: indexes lie more than 8 deep in each other/),
  ),
  load(
    'OCI: an index that names itself',
    () => {
      const digest = `sha256:${'a'.repeat(64)}`;
      const inner = json({ schemaVersion: 2, manifests: [{ mediaType: types.index, digest, size: 1 }] });
      return layout([], [{ mediaType: types.index, digest, size: inner.length }], {
        [`blobs/sha256/${'a'.repeat(64)}`]: inner,
      });
    },
    oci(/^OCI image layout: the blob sha256:a{64} is not what its digest says/),
  ),
  load(
    'OCI: a blob that is not there',
    () => layout([config, plainManifest], [described(types.manifest, plainManifest, named)]),
    oci(/^open .*\/blobs\/sha256\/[0-9a-f]{64}: no such file or directory/),
  ),
  load(
    'OCI: a manifest that is not what its digest says',
    () =>
      layout([config, smallLayer], [{ ...described(types.manifest, plainManifest, named) }], {
        [`blobs/sha256/${sha256(plainManifest)}`]: join(plainManifest, bytesOf(' ')),
      }),
    oci(/^OCI image layout: the blob sha256:[0-9a-f]{64} is (not what its digest says|\d+ bytes long, not)/),
  ),
  load(
    'OCI: a layer that is not what its digest says',
    () =>
      layout([config, plainManifest], [described(types.manifest, plainManifest, named)], {
        [`blobs/sha256/${sha256(smallLayer)}`]: archive({ name: 'hello', data: 'HELLO\n' }),
      }),
    oci(/^OCI image layout: the blob sha256:[0-9a-f]{64} is not what its digest says|^invalid diffID for layer 0/),
  ),
  load(
    'OCI: a size that is wrong',
    () => {
      const wrong = manifestOf(described(types.layer, smallLayer, { size: 7 }));
      return layout([config, smallLayer, wrong], [described(types.manifest, wrong, named)]);
    },
    oci(/^OCI image layout: the blob sha256:[0-9a-f]{64} is 2048 bytes long, not 7/),
  ),
  load(
    'OCI: a digest that is a path',
    () => {
      const wrong = manifestOf({
        ...described(types.layer, smallLayer),
        digest: 'sha256:../../../../../../etc/passwd',
      });
      return layout([config, smallLayer, wrong], [described(types.manifest, wrong, named)]);
    },
    oci(/^OCI image layout: "sha256:\.\.\/.*" is no digest/),
  ),
  load('OCI: no image in it', () => layout([], []), oci(/^OCI image layout: there is no image in it/)),
  load(
    'OCI: a thing that is no image',
    () => {
      const wrong = manifestOf(described(types.layer, smallLayer), {
        config: described('application/vnd.example.cake', config),
      });
      return layout([config, smallLayer, wrong], [described(types.manifest, wrong, named)]);
    },
    oci(/^OCI image layout: "application\/vnd\.example\.cake" is no image config/),
  ),
  load(
    'OCI: index.json is no JSON',
    () => archive({ name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' }, { name: 'index.json', data: '{' }),
    oci(/^OCI image layout: index\.json/),
  ),
  load(
    'OCI: manifests of wrong types',
    () =>
      archive(
        { name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' },
        { name: 'index.json', data: '{"manifests":{"__proto__":1}}' },
      ),
    oci(/^OCI image layout: index\.json/),
  ),
];
