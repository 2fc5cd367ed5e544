/** Hostile archives, second table: whiteouts, kinds of members, headers that are wrong, sizes that are lies. */
import { archive, base256, bytesOf, end, join, pax, raw, record } from '../../support/raw-tar.ts';
import { type HostileCase, imported } from './case.ts';

const cut = (bytes: Uint8Array, at: number): Uint8Array => bytes.subarray(0, at);
const two = (): Uint8Array => archive({ name: 'a', data: 'x'.repeat(700) }, { name: 'b', data: 'y' });
const paxBytes = (data: string | Uint8Array): Uint8Array => raw({ name: 'pax', type: 'x', data });

/** Old GNU sparse member: up to four segments in the header, then the real size (GNU tar manual, "Old GNU Format"). */
const sparse = (segments: readonly (readonly [bigint, bigint])[], real: bigint, data: string): Uint8Array =>
  raw({
    name: 'sparse',
    type: 'S',
    magic: 'ustar  \0',
    data,
    patch: {
      345: new Uint8Array(167),
      ...Object.fromEntries(
        segments.flatMap(([at, length], n) => [
          [386 + 24 * n, base256(at)],
          [398 + 24 * n, base256(length)],
        ]),
      ),
      483: base256(real),
    },
  });

const sparse10 = (map: string, real: string, data: string): Uint8Array => {
  const head = Buffer.alloc(512);
  head.write(map);
  return archive(
    pax({
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.name': 'sparse',
      'GNU.sparse.realsize': real,
    }),
    { name: 'GNUSparseFile.1/sparse', data: join(head, bytesOf(data)) },
  );
};

const holes = 100n * 2n ** 30n;
const tooLarge = {
  differs: {
    refused: /^archive: .* more than the 1 GiB that an archive may hold/,
    why: 'Docker writes it out until the disk is full',
  },
  notOnDocker: 'it would fill the disk',
} as const;

const promised = {
  differs: {
    refused: /^archive: .* more than the 1 GiB that an archive may hold/,
    why: 'what a header promises is compared with the limit before the data are waited for; Docker waits for them',
  },
} as const;

export const memberCases: readonly HostileCase[] = [
  imported('a whiteout after its target', () => archive({ name: 'f', data: 'x' }, { name: '.wh.f' })),
  imported('a whiteout before its target', () => archive({ name: '.wh.f' }, { name: 'f', data: 'x' })),
  imported('a whiteout of a directory that is there', () =>
    archive({ name: 'd/', type: '5' }, { name: 'd/in', data: 'x' }, { name: '.wh.d' }),
  ),
  imported('a whiteout with owner, mode and content', () =>
    archive({ name: '.wh.f', data: 'content', mode: 0o4777, uid: 5, gid: 6 }),
  ),
  imported('a whiteout that is a directory', () =>
    archive({ name: '.wh.f/', type: '5' }, { name: '.wh.f/in', data: 'x' }),
  ),
  imported('a bare .wh.', () => archive({ name: '.wh.' })),
  imported('a bare .wh. in a directory', () => archive({ name: 'd/', type: '5' }, { name: 'd/.wh.' })),
  imported('.wh.. and what it would delete', () => archive({ name: 'd/', type: '5' }, { name: 'd/.wh..' })),
  imported('.wh... climbing', () => archive({ name: 'd/', type: '5' }, { name: 'd/.wh...' })),
  imported('.wh... as a directory on the way', () => archive({ name: '.wh.../x', data: 'x' })),
  imported('a whiteout of a whiteout', () => archive({ name: '.wh..wh.f' })),
  imported('the same whiteout twice', () => archive({ name: '.wh.f' }, { name: '.wh.f' })),
  imported('a whiteout through a link', () =>
    archive({ name: 'd/', type: '5' }, { name: 'l', type: '2', link: '/d' }, { name: 'l/.wh.f' }),
  ),
  imported('a whiteout through a link that leads out', () =>
    archive({ name: 'l', type: '2', link: '../../../etc' }, { name: 'l/.wh.passwd' }),
  ),
  imported('an opaque mark in the root', () => archive({ name: '.wh..wh..opq' }, { name: 'a', data: 'x' })),
  imported('an opaque mark in a directory that is not mentioned', () => archive({ name: 'd/.wh..wh..opq' })),
  imported('an opaque mark below a file', () => archive({ name: 'f', data: 'x' }, { name: 'f/.wh..wh..opq' })),
  imported('an opaque mark after its directory was filled', () =>
    archive({ name: 'd/', type: '5', mode: 0o755 }, { name: 'd/in', data: 'x' }, { name: 'd/.wh..wh..opq' }),
  ),
  imported('an opaque mark through a link', () =>
    archive({ name: 'd/', type: '5' }, { name: 'l', type: '2', link: 'd' }, { name: 'l/.wh..wh..opq' }),
  ),
  imported('directories of aufs', () =>
    archive({ name: '.wh..wh.aufs' }, { name: '.wh..wh.plnk/', type: '5' }, { name: '.wh..wh.orph/', type: '5' }),
  ),
  imported('the mark of an opaque directory as an xattr', () =>
    archive(pax({ 'SCHILY.xattr.trusted.overlay.opaque': 'y' }), { name: 'd/', type: '5', mode: 0o755 }),
  ),
  imported('a redirect of overlay as an xattr', () =>
    archive(pax({ 'SCHILY.xattr.trusted.overlay.redirect': '/etc' }), { name: 'd/', type: '5', mode: 0o755 }),
  ),
  imported('an xattr of 70,000 bytes', () =>
    archive(pax({ 'SCHILY.xattr.trusted.big': 'x'.repeat(70_000) }), { name: 'f', data: 'x' }),
  ),
  imported('an xattr with a name of 300 bytes', () =>
    archive(pax({ [`SCHILY.xattr.trusted.${'n'.repeat(300)}`]: 'x' }), { name: 'f', data: 'x' }),
  ),
  imported('an xattr of no known class', () =>
    archive(pax({ 'SCHILY.xattr.nonsense': 'x' }), { name: 'f', data: 'x' }),
  ),
  imported('devices and pipes', () =>
    archive(
      { name: 'mem', type: '3', rdev: [1, 1], mode: 0o666 },
      { name: 'sda', type: '4', rdev: [8, 0], mode: 0o660 },
      { name: 'pipe', type: '6', mode: 0o622 },
    ),
  ),
  imported('a device 0:0, which is a whiteout to overlay', () =>
    archive({ name: 'gone', type: '3', rdev: [0, 0], mode: 0 }),
  ),
  imported('setuid, setgid and sticky', () =>
    archive(
      { name: 'su', data: 'x', mode: 0o4755 },
      { name: 'sg', data: 'x', mode: 0o2755 },
      { name: 't/', type: '5', mode: 0o1777 },
    ),
  ),
  imported('mode bits beyond the twelve', () => archive({ name: 'f', data: 'x', mode: 0o177644 })),
  imported('a time before 1970', () =>
    archive({ name: 'f', data: 'x', patch: { 136: base256(-86_400n) } }, pax({ mtime: '-1.5' }), {
      name: 'g',
      data: 'x',
    }),
  ),
  imported('a time far in the future', () => archive({ name: 'f', data: 'x', patch: { 136: base256(2n ** 62n) } })),
  imported('a time with a fraction', () => archive(pax({ mtime: '1600000000.123456789' }), { name: 'f', data: 'x' })),
  imported('an owner beyond 32 bits', () => archive({ name: 'f', data: 'x', patch: { 108: base256(2n ** 40n, 8) } })),
  imported('a negative owner', () => archive({ name: 'f', data: 'x', patch: { 108: base256(-5n, 8) } })),
  imported('a type that nobody knows', () => archive({ name: 'f', type: 'Q' }, { name: 'g', data: 'x' })),
  imported('a contiguous file', () => archive({ name: 'f', type: '7', data: 'x' })),
  imported('a member of the old format', () =>
    archive({ name: 'f', type: '\0', magic: '', data: 'x' }, { name: 'd/', type: '\0', magic: '' }),
  ),
  imported('a directory with data', () =>
    archive({ name: 'd/', type: '5', mode: 0o755, data: 'x'.repeat(600) }, { name: 'f', data: 'x' }),
  ),
  imported('a link with data', () =>
    archive({ name: 's', type: '2', link: 't', data: 'x'.repeat(600) }, { name: 'f', data: 'x' }),
  ),
  imported('a global pax header', () => archive(pax({ uid: '77', comment: 'c' }, 'g'), { name: 'f', data: 'x' })),
  imported('a NUL in a pax path', () => archive(pax({ path: 'a\0b' }), { name: 'f', data: 'x' })),
  imported('a NUL in a pax xattr', () => archive(pax({ 'SCHILY.xattr.trusted.z': 'a\0b' }), { name: 'f', data: 'x' })),
  imported('a pax record of the wrong length', () => archive(paxBytes('99 path=x\n'), { name: 'f', data: 'x' })),
  imported('a pax record of no length', () => archive(paxBytes('path=x\n'), { name: 'f', data: 'x' })),
  imported('a pax record without a newline', () => archive(paxBytes('8 path=xx'), { name: 'f', data: 'x' })),
  imported('a pax record without a key', () => archive(paxBytes(record('', 'x')), { name: 'f', data: 'x' })),
  imported('a pax size that is negative', () => archive(pax({ size: '-1' }), { name: 'f', data: 'x' })),
  imported('a pax size beyond all numbers', () =>
    archive(pax({ size: '99999999999999999999' }), { name: 'f', data: 'x' }),
  ),
  imported('a pax header with nothing after it', () => join(pax({ path: 'x' }), end)),
  imported('a bad checksum', () => archive({ name: 'f', data: 'x', checksum: 1 })),
  imported('a bad checksum in the second header', () =>
    archive({ name: 'a', data: 'x' }, { name: 'f', data: 'x', checksum: 1 }),
  ),
  imported('a checksum over signed bytes', () => {
    const member = Buffer.from(raw({ name: 'caf\u00e9', data: 'x' }));
    member.fill(' ', 148, 156);
    const sum = member.subarray(0, 512).reduce((total, byte) => total + ((byte << 24) >> 24), 0);
    return archive({ name: 'caf\u00e9', data: 'x', checksum: sum });
  }),
  imported('a negative size', () => archive({ name: 'f', data: 'x', patch: { 124: base256(-1n) } })),
  imported('a size of 2^62', () => archive({ name: 'f', data: 'x', patch: { 124: base256(2n ** 62n) } }), promised),
  imported('a size beyond 64 bits', () => archive({ name: 'f', data: 'x', patch: { 124: base256(2n ** 80n) } })),
  imported('a size of 8 GiB, and no data', () => archive({ name: 'f', data: 'x', size: 8 ** 11 - 1 }), promised),
  imported('a size that is no number', () => archive({ name: 'f', data: 'x', patch: { 124: '0000009x001\0' } })),
  ...[1, 100, 511, 512, 600, 1211, 1300, 1536, 1537, 2000, 2048, 2560, 3071].map((at) =>
    imported(`cut off after ${at} bytes`, () => cut(two(), at)),
  ),
  imported('without its end', () => cut(two(), 2560)),
  imported('something after the end', () => join(two(), bytesOf('garbage'.repeat(300)))),
  imported('another archive after the end', () => join(two(), archive({ name: 'second', data: 'x' }))),
  imported('a single block of zeros between members', () =>
    join(raw({ name: 'a', data: 'x' }), new Uint8Array(512), raw({ name: 'b', data: 'y' }), end),
  ),
  imported('a sparse file', () =>
    join(
      sparse(
        [
          [4096n, 5n],
          [8192n, 0n],
        ],
        8192n,
        'hello',
      ),
      end,
    ),
  ),
  imported('a sparse file of pax 1.0', () => sparse10('1\n1000\n5\n', '2000', 'hello')),
  imported('a sparse file of pax 0.1', () =>
    archive(
      pax({
        'GNU.sparse.size': '2000',
        'GNU.sparse.numblocks': '1',
        'GNU.sparse.map': '1000,5',
        'GNU.sparse.name': 's',
      }),
      { name: 'GNUSparseFile.1/s', data: 'hello' },
    ),
  ),
  imported('a sparse file whose pieces overlap', () =>
    join(
      sparse(
        [
          [0n, 4n],
          [2n, 4n],
        ],
        6n,
        'overlapp',
      ),
      end,
    ),
  ),
  imported('a sparse file with a piece beyond its end', () => join(sparse([[100n, 5n]], 50n, 'hello'), end)),
  imported('a sparse map with too many pieces', () => sparse10('99999999\n0\n1\n', '10', 'x')),
  imported('a sparse map without an end', () => sparse10('2\n0\n1\n', '10', 'x')),
  imported('100 GB of holes', () => join(sparse([[holes, 0n]], holes, ''), end), {
    differs: {
      refused: /^unhandled tar header type 83/,
      why: 'Docker says the same, after its tar-split has counted all the zeros',
    },
    notOnDocker: 'it takes minutes',
  }),
  imported('100 GB of holes in pax 1.0', () => sparse10(`1\n${holes}\n0\n`, String(holes), ''), tooLarge),
];
