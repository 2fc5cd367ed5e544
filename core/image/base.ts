/**
 * The teaching image `busybox:latest`: one deterministic layer, made from the bytes of a static busybox. Whoever has the
 * bytes (terminal program, reference engine) makes the real archive; whoever has not (a browser) uses the recorded description,
 * in which busybox is known by size and digest.
 *
 * Kept true: the same bytes and applets give the same archive, layer digest and image ID everywhere. The tree is that of the
 * official image: /bin/busybox with a hard link for each applet, and Debian-free /etc, /home, /root, /tmp, /usr and /var.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Digest } from '../op.ts';
import { textContent } from '../vfs/content.ts';
import type { Content } from '../vfs/fs.ts';
import { archiveEntries } from './archive.ts';
import record from './busybox.json' with { type: 'json' };
import { emptyRunConfig, type ImageConfig, imageId, imageJson } from './config.ts';
import { crc64 } from './crc64.ts';
import { digestHex, digestOf } from './digest.ts';
import { layerSize } from './layer.ts';
import type { TarEntry } from './tar.ts';
import { goHeader } from './tar-go.ts';
import type { Checksums } from './tar-split.ts';
import { tarBytes } from './tar-write.ts';

/** An image that every engine starts with. */
export interface BaseImage {
  readonly reference: string;
  /** The config's exact text. */
  readonly config: string;
  readonly id: Digest;
  readonly layers: readonly BaseLayer[];
}

export interface BaseLayer {
  readonly diffId: Digest;
  /** Bytes of its regular files. */
  readonly size: number;
  /** Its members; the content of big files may be known by digest only. */
  readonly entries: readonly TarEntry[];
}

/** What is recorded of a busybox, so that the image can be described without its bytes. */
export interface BusyboxRecord {
  /** Where the bytes are from, for people. */
  readonly source: string;
  readonly size: number;
  readonly digest: Digest;
  /** CRC-64 in hexadecimal, as tar-split keeps it. */
  readonly crc64: string;
  readonly applets: readonly string[];
  readonly diffId: Digest;
}

/** When the image says that it was made; also the time of all its files. */
const CREATED = '2023-05-18T22:34:17Z';

const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
sync:x:4:100:sync:/bin:/bin/sync
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
`;

const group = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
lp:x:7:
mail:x:8:
kmem:x:9:
wheel:x:10:root
cdrom:x:11:
dialout:x:18:
floppy:x:19:
video:x:28:
audio:x:29:
tape:x:32:
www-data:x:33:
operator:x:37:
utmp:x:43:
plugdev:x:46:
staff:x:50:
lock:x:54:
netdev:x:82:
users:x:100:
nobody:x:65534:
`;

const shadow = ['root', 'daemon', 'bin', 'sys', 'sync', 'mail', 'www-data', 'operator', 'nobody']
  .map((name) => `${name}:${name === 'root' ? '' : '*'}:10933:0:99999:7:::\n`)
  .join('');

const nsswitch = `passwd: files
group: files
shadow: files
hosts: files dns
`;

type Place = Omit<TarEntry, 'mtime' | 'uid' | 'gid'> & { readonly owner?: number };

const around: readonly Place[] = [
  { path: 'dev', type: 'dir', mode: 0o755 },
  { path: 'etc', type: 'dir', mode: 0o755 },
  { path: 'etc/group', type: 'file', mode: 0o644, content: textContent(group) },
  { path: 'etc/nsswitch.conf', type: 'file', mode: 0o644, content: textContent(nsswitch) },
  { path: 'etc/passwd', type: 'file', mode: 0o644, content: textContent(passwd) },
  { path: 'etc/shadow', type: 'file', mode: 0o600, content: textContent(shadow) },
  { path: 'home', type: 'dir', mode: 0o755, owner: 65534 },
  { path: 'root', type: 'dir', mode: 0o700 },
  { path: 'tmp', type: 'dir', mode: 0o1777 },
  { path: 'usr', type: 'dir', mode: 0o755 },
  { path: 'usr/bin', type: 'dir', mode: 0o755 },
  { path: 'usr/bin/env', type: 'symlink', mode: 0o777, target: '../../bin/env' },
  { path: 'usr/sbin', type: 'dir', mode: 0o755, owner: 1 },
  { path: 'var', type: 'dir', mode: 0o755 },
  { path: 'var/spool', type: 'dir', mode: 0o755 },
  { path: 'var/spool/mail', type: 'dir', mode: 0o755, owner: 8 },
  { path: 'var/www', type: 'dir', mode: 0o755, owner: 33 },
];

/** The members of the layer: the program first, since a hard link must come after what it links to. */
export function busyboxEntries(busybox: Content, applets: readonly string[]): TarEntry[] {
  const links = [...new Set(applets)].filter((name) => name !== 'busybox').sort();
  const places: Place[] = [
    { path: 'bin', type: 'dir', mode: 0o755 },
    { path: 'bin/busybox', type: 'file', mode: 0o755, content: busybox },
    ...links.map((name): Place => ({ path: `bin/${name}`, type: 'hardlink', mode: 0o755, target: 'bin/busybox' })),
    ...around,
  ];
  const mtime = Date.parse(CREATED);
  return places.map(({ owner = 0, ...place }) => ({ ...place, uid: owner, gid: owner, mtime }));
}

function describe(entries: readonly TarEntry[], diffId: Digest, busybox: Digest, architecture: string): BaseImage {
  const config = imageJson(busyboxConfig(diffId, busybox, architecture));
  const layer = { diffId, size: layerSize(entries), entries };
  return { reference: 'busybox:latest', config, id: imageId(config), layers: [layer] };
}

/** As the official image's, which is built by a Dockerfile of two lines. */
function busyboxConfig(diffId: Digest, busybox: Digest, architecture: string): ImageConfig {
  const config = {
    ...emptyRunConfig,
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    Cmd: ['sh'],
  };
  return {
    architecture,
    config,
    created: CREATED,
    docker_version: '20.10.24',
    history: [
      { created: CREATED, created_by: `/bin/sh -c #(nop) ADD file:${digestHex(busybox)} in / ` },
      { created: CREATED, created_by: '/bin/sh -c #(nop)  CMD ["sh"]', empty_layer: true },
    ],
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [diffId] },
  };
}

export interface MadeImage {
  /** A tar that `docker load` takes. */
  readonly archive: Uint8Array;
  /** The tar of its one layer. */
  readonly layerTar: Uint8Array;
  readonly description: BaseImage;
}

/** Makes the image from the bytes of a static busybox and the names that it answers to (`busybox --list`). */
export function makeBusybox(bytes: Uint8Array, applets: readonly string[], architecture = 'amd64'): MadeImage {
  const entries = busyboxEntries({ bytes }, applets);
  const layerTar = tarBytes(entries);
  const description = describe(entries, digestOf(layerTar), digestOf(bytes), architecture);
  const image = { json: description.config, tags: [description.reference], layers: [{ bytes: layerTar }] };
  return { archive: tarBytes(archiveEntries([image]), goHeader), layerTar, description };
}

/** What is to be recorded of an image just made, for `describeBusybox`. */
export function recordBusybox(source: string, bytes: Uint8Array, applets: readonly string[]): BusyboxRecord {
  const { diffId } = makeBusybox(bytes, applets).description.layers[0]!;
  return { source, size: bytes.length, digest: digestOf(bytes), crc64: bytesToHex(crc64(bytes)), applets, diffId };
}

/** The image without the bytes. Equal in all ids to the one made from them. */
export function describeBusybox(its: BusyboxRecord): BaseImage {
  const entries = busyboxEntries({ size: its.size, digest: its.digest }, its.applets);
  return describe(entries, its.diffId, its.digest, 'amd64');
}

/** The recorded busybox: Debian 12's busybox-static on amd64. */
export const recordedBusybox: BusyboxRecord = record as BusyboxRecord;

/** What is known of contents that have no bytes here. */
export const recordedChecksums: Checksums = { [recordedBusybox.digest]: recordedBusybox.crc64 };

/** `busybox:latest` as recorded; what the simulation uses when it has no bytes. */
export const busyboxImage: BaseImage = describeBusybox(recordedBusybox);
