/**
 * Tar archives byte by byte, for tests that need wrong ones: every field can be said, also what no tar program would write.
 *
 * Kept true: nothing is corrected; only the checksum is computed, unless it is given.
 */
import { createHash } from 'node:crypto';

export type Bytes = Uint8Array;

export interface RawMember {
  /** As it stands in the name field: at most 100 bytes, cut off after that. */
  readonly name?: string | Bytes;
  /** The type flag; default `0`, a file. */
  readonly type?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds. */
  readonly mtime?: number;
  readonly link?: string;
  readonly data?: string | Bytes;
  /** What the size field says, when it is not the data's length. */
  readonly size?: number;
  readonly rdev?: readonly [number, number];
  readonly prefix?: string;
  /** Default `ustar\0` and `00`. */
  readonly magic?: string;
  readonly checksum?: number;
  /** Bytes put over the finished header (before its checksum), by offset. */
  readonly patch?: Readonly<Record<number, string | Bytes>>;
}

export const bytesOf = (text: string | Bytes): Bytes => (typeof text === 'string' ? Buffer.from(text) : text);

export const join = (...parts: readonly Bytes[]): Bytes => Buffer.concat(parts);

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;

/** One member: header, data, padding. */
export function raw(member: RawMember): Bytes {
  const data = bytesOf(member.data ?? '');
  const header = Buffer.alloc(512);
  const put = (at: number, most: number, text: string | Bytes): void => {
    const bytes = Buffer.from(bytesOf(text)).subarray(0, most);
    bytes.copy(header, at);
  };
  put(0, 100, member.name ?? 'file');
  put(100, 8, octal(member.mode ?? 0o644, 7));
  put(108, 8, octal(member.uid ?? 0, 7));
  put(116, 8, octal(member.gid ?? 0, 7));
  put(124, 12, octal(member.size ?? data.length, 11));
  put(136, 12, octal(member.mtime ?? 1_600_000_000, 11));
  put(156, 1, member.type ?? '0');
  put(157, 100, member.link ?? '');
  put(257, 8, member.magic ?? 'ustar\x0000');
  put(329, 8, octal(member.rdev?.[0] ?? 0, 7));
  put(337, 8, octal(member.rdev?.[1] ?? 0, 7));
  put(345, 155, member.prefix ?? '');
  for (const [at, text] of Object.entries(member.patch ?? {})) put(Number(at), 512, text);
  header.fill(' ', 148, 156);
  const sum = member.checksum ?? header.reduce((total, byte) => total + byte, 0);
  put(148, 8, `${sum.toString(8).padStart(6, '0')}\0 `);
  return join(header, data, Buffer.alloc((512 - (data.length % 512)) % 512));
}

/** The two zero blocks at the end. */
export const end: Bytes = new Uint8Array(1024);

/** An archive of these members, with its end. */
export const archive = (...members: readonly (RawMember | Bytes)[]): Bytes =>
  join(...members.map((member) => (member instanceof Uint8Array ? member : raw(member))), end);

/** One pax record as it has to be: `<length> <key>=<value>\n`. */
export function record(key: string, value: string | Bytes): Bytes {
  const rest = join(bytesOf(` ${key}=`), bytesOf(value), bytesOf('\n'));
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return join(bytesOf(String(length)), rest);
}

/** A pax header for the member after it; `type` g: for all that follow. */
export const pax = (records: Readonly<Record<string, string | Bytes>>, type = 'x'): Bytes =>
  raw({ name: 'pax', type, data: join(...Object.entries(records).map(([key, value]) => record(key, value))) });

/** Twelve (or eight) bytes of GNU's base-256: the highest bit set, then the number, big-endian. */
export function base256(value: bigint, length = 12): Bytes {
  const field = Buffer.alloc(length);
  let rest = BigInt.asUintN(length * 8, value);
  for (let at = length - 1; at >= 0; at--, rest >>= 8n) field[at] = Number(rest & 0xffn);
  field[0] = (field[0] ?? 0) | 0x80;
  return field;
}

export const sha256 = (data: string | Bytes): string => createHash('sha256').update(data).digest('hex');

export interface RawImage {
  /** Layer archives as they are put in. */
  readonly layers?: readonly Bytes[];
  /** diffIDs, when they are not the layers' own (uncompressed) digests. */
  readonly diffIds?: readonly string[];
  readonly tags?: readonly string[] | null;
  /** Changes to the config before it is written. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The config's whole text instead. */
  readonly configText?: string | Bytes;
  /** Changes to the image's entry of manifest.json. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** manifest.json's whole text instead. */
  readonly manifestText?: string;
  /** More members, put before all others. */
  readonly before?: readonly (RawMember | Bytes)[];
  /** Names of members that are left out. */
  readonly without?: readonly string[];
}

/** The members of an archive as `docker save` writes it, with what is wrong in it. */
export function imageMembers(image: RawImage = {}): RawMember[] {
  const layers = image.layers ?? [smallLayer];
  const config = bytesOf(image.configText ?? configText(layers, image));
  const name = `${sha256(config)}.json`;
  const paths = layers.map((_, n) => `layer${n}/layer.tar`);
  const item = { Config: name, RepoTags: image.tags === undefined ? ['hostile:latest'] : image.tags, Layers: paths };
  const manifest = image.manifestText ?? JSON.stringify([{ ...item, ...image.manifest }]);
  const members: RawMember[] = [
    { name, data: config },
    ...layers.map((data, n) => ({ name: paths[n] ?? '', data })),
    { name: 'manifest.json', data: manifest },
  ];
  return members.filter(({ name: given }) => !image.without?.includes(String(given)));
}

export const image = (one: RawImage = {}): Bytes => archive(...(one.before ?? []), ...imageMembers(one));

/** A layer with one small file. */
export const smallLayer: Bytes = archive({ name: 'hello', data: 'hello\n' });

export function configText(layers: readonly Bytes[], { diffIds, config }: RawImage = {}): string {
  return JSON.stringify({
    architecture: 'amd64',
    config: { Cmd: ['sh'] },
    created: '2020-09-13T12:26:40Z',
    history: layers.map((_, n) => ({ created: '2020-09-13T12:26:40Z', created_by: `layer ${n}` })),
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: diffIds ?? layers.map((layer) => `sha256:${sha256(layer)}`) },
    ...config,
  });
}
