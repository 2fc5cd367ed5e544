/** Hostile archives, first table: names and links that try to lead out, and names that are none. */
import { archive, bytesOf, image, join, pax, raw } from '../../support/raw-tar.ts';
import { type HostileCase, imported, load } from './case.ts';

const deep = (levels: number): Uint8Array => {
  const members = [];
  for (let n = 1; n <= levels; n++) {
    const name = `${'d/'.repeat(n)}`;
    if (name.length > 100) members.push(pax({ path: name }));
    members.push(raw({ name: name.slice(0, 100), type: '5', mode: 0o755 }));
  }
  return archive(...members);
};

const gnuLong = (name: string): Uint8Array => raw({ name: '././@LongLink', type: 'L', data: `${name}\0` });

export const pathCases: readonly HostileCase[] = [
  imported('an absolute path', () => archive({ name: '/etc/absolute', data: 'x' })),
  imported('a path that climbs out', () => archive({ name: '../../escape', data: 'x' })),
  imported('a path that climbs out behind a directory', () => archive({ name: 'a/../../escape', data: 'x' })),
  imported('an absolute path that climbs', () => archive({ name: '/../../escape', data: 'x' })),
  imported('dots that stay inside', () => archive({ name: 'a/./b//../c', data: 'x' })),
  imported('a name of two dots', () => archive({ name: '..', type: '5', mode: 0o700 })),
  imported('an empty name', () => archive({ name: '', data: 'x' })),
  imported('the root itself, with a mode', () =>
    archive({ name: './', type: '5', mode: 0o700 }, { name: 'a', data: 'x' }),
  ),
  imported('the root as a file', () => archive({ name: './', data: 'x' })),
  imported('the root as a link', () => archive({ name: '.', type: '2', link: '/etc' })),
  imported('an absolute symbolic link, written through', () =>
    archive({ name: 'out', type: '2', link: '/etc' }, { name: 'out/written', data: 'x' }),
  ),
  imported('a climbing symbolic link, written through', () =>
    archive({ name: 'out', type: '2', link: '../../../../../../tmp' }, { name: 'out/written', data: 'x' }),
  ),
  imported('a symbolic link to what exists, written through', () =>
    archive(
      { name: 'd/', type: '5', mode: 0o755 },
      { name: 'out', type: '2', link: 'd' },
      { name: 'out/written', data: 'x' },
    ),
  ),
  imported('a directory over a symbolic link', () =>
    archive(
      { name: 'd/', type: '5', mode: 0o755 },
      { name: 'l', type: '2', link: 'd' },
      { name: 'l/', type: '5', mode: 0o700 },
      { name: 'l/in', data: 'x' },
    ),
  ),
  imported('a file over a symbolic link that leads out', () =>
    archive({ name: 'l', type: '2', link: '/etc/passwd' }, { name: 'l', data: 'mine' }),
  ),
  imported('links in a circle, written through', () =>
    archive({ name: 'a', type: '2', link: 'b' }, { name: 'b', type: '2', link: 'a' }, { name: 'a/x', data: 'x' }),
  ),
  load('a link in a lower layer, written through', () =>
    image({
      layers: [
        archive({ name: 'out', type: '2', link: '../../../../../../etc' }),
        archive({ name: 'out/written', data: 'x' }),
      ],
    }),
  ),
  imported('a hard link to a file of the host', () => archive({ name: 'h', type: '1', link: '/etc/passwd' })),
  imported('a hard link that climbs', () => archive({ name: 'h', type: '1', link: '../../../../etc/passwd' })),
  imported('a hard link to nothing', () => archive({ name: 'h', type: '1', link: 'missing' })),
  imported('a hard link to itself', () => archive({ name: 'h', type: '1', link: 'h' })),
  imported('a hard link to a file that comes later', () =>
    archive({ name: 'h', type: '1', link: 'late' }, { name: 'late', data: 'x' }),
  ),
  imported('a hard link to a directory', () =>
    archive({ name: 'd/', type: '5', mode: 0o755 }, { name: 'h', type: '1', link: 'd' }),
  ),
  imported('a hard link to a symbolic link that leads out', () =>
    archive({ name: 'l', type: '2', link: '/etc/passwd' }, { name: 'h', type: '1', link: 'l', mode: 0o777 }),
  ),
  imported('a hard link through a symbolic link', () =>
    archive(
      { name: 'd/', type: '5', mode: 0o755 },
      { name: 'd/f', data: 'x' },
      { name: 'l', type: '2', link: '/d' },
      { name: 'h', type: '1', link: 'l/f', mode: 0o644 },
    ),
  ),
  imported('a hard link with a mode, an owner and a time of its own', () =>
    archive({ name: 'f', data: 'x' }, { name: 'h', type: '1', link: 'f', mode: 0o4711, uid: 7, gid: 8, mtime: 1 }),
  ),
  imported('a file below a file', () => archive({ name: 'f', data: 'x' }, { name: 'f/below', data: 'x' })),
  imported('a file in place of a full directory', () =>
    archive({ name: 'd/', type: '5' }, { name: 'd/in', data: 'x' }, { name: 'd', data: 'now a file' }),
  ),
  imported('a directory in place of a file', () =>
    archive({ name: 'f', data: 'x' }, { name: 'f/', type: '5', mode: 0o755 }, { name: 'f/in', data: 'x' }),
  ),
  imported('a link in place of a full directory', () =>
    archive(
      { name: 'd/', type: '5' },
      { name: 'd/in', data: 'x' },
      { name: 'd', type: '2', link: '/etc' },
      { name: 'd/in', data: 'y' },
    ),
  ),
  imported('the same file twice', () =>
    archive({ name: 'f', data: 'first', mode: 0o600 }, { name: 'f', data: 'second', mode: 0o640 }),
  ),
  imported('the same directory twice', () =>
    archive(
      { name: 'd/', type: '5', mode: 0o700, uid: 1 },
      { name: 'd/in', data: 'x' },
      { name: 'd/', type: '5', mode: 0o755, uid: 2, mtime: 5 },
    ),
  ),
  imported('directories that the archive does not mention', () => archive({ name: 'a/b/c', data: 'x', uid: 9 })),
  imported('a name that is not UTF-8', () => archive({ name: Buffer.from([0x61, 0xff, 0xfe, 0x62]), data: 'x' }), {
    differs: {
      refused: /^archive: the name "a��b" is not UTF-8/,
      why: 'names are text everywhere in Cutaway; Docker keeps the bytes',
    },
  }),
  imported('names with control characters', () =>
    archive({ name: 'new\nline', data: 'x' }, { name: 'tab\tand\\slash', data: 'x' }, { name: ' blank ', data: 'x' }),
  ),
  imported('a name with a part of 256 bytes', () =>
    archive(pax({ path: 'n'.repeat(256) }), { name: 'short', data: 'x' }),
  ),
  imported('a path of 5,000 bytes in a pax record', () =>
    archive(pax({ path: 'long/'.repeat(1000) }), { name: 'short', type: '5', mode: 0o755 }),
  ),
  imported('a path of 5,000 bytes in a GNU header', () =>
    archive(gnuLong('long/'.repeat(1000)), { name: 'short', type: '5', mode: 0o755 }),
  ),
  imported('directories 1,000 deep', () => deep(1000)),
  imported('directories deeper than a path can be', () => deep(2100)),
  imported('a link with a target of 5,000 bytes', () =>
    archive(pax({ linkpath: 'l'.repeat(5000) }), { name: 's', type: '2' }),
  ),
  imported('a link with an empty target', () => archive({ name: 's', type: '2', link: '' })),
  imported('a GNU header with nothing after it', () => join(gnuLong('name'), new Uint8Array(1024))),
  imported('two GNU headers in a row', () =>
    archive(gnuLong('first'), gnuLong('second'), { name: 'short', data: 'x' }),
  ),
  imported('a prefix that climbs', () => archive({ prefix: '../..', name: 'escape', data: 'x' })),
  imported('names of object prototypes', () =>
    archive(
      { name: '__proto__', data: 'x' },
      { name: 'constructor/', type: '5' },
      { name: 'constructor/toString', data: 'y' },
    ),
  ),
  imported('a NUL inside of a name field', () => archive({ name: bytesOf('seen\0hidden'), data: 'x' })),
];
