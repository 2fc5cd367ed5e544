/**
 * What the comparison of overlay.test.ts once found the model to do otherwise than the kernel, as named cases. The first list
 * fills the lower layer as a plain directory, the second is played on the union.
 */
import { CAPABILITY, type FileOp } from '../core/vfs/ops.ts';
import type { Case } from './overlay-cases.ts';

const file = (path: string, mode = 0o644): FileOp => ({ do: 'open', path, flags: 'wcx', mode, text: 'text', at: 0 });
const open = (path: string, flags: string): FileOp => ({ do: 'open', path, flags, mode: 0o644, text: 'x', at: 1 });
const mkdir = (path: string, mode = 0o755): FileOp => ({ do: 'mkdir', path, mode });
const symlink = (path: string, target: string): FileOp => ({ do: 'symlink', path, target });
const whiteout = (path: string): FileOp => ({ do: 'mknod', path, type: 'char', mode: 0, major: 0, minor: 0 });
const rename = (path: string, to: string): FileOp => ({ do: 'rename', path, to, noreplace: false });
const link = (path: string, to: string): FileOp => ({ do: 'link', path, to });
const chown = (path: string): FileOp => ({ do: 'chown', path, uid: 1000, gid: 100, follow: true });
const setxattr = (path: string, name: string, how: 'any' | 'replace' = 'any', value = 'v'): FileOp => ({
  ...{ do: 'setxattr', path, name, value, how, follow: true },
});

const found: Readonly<Record<string, readonly [lower: FileOp[], union: FileOp[]]>> = {
  'opening for writing copies up, though nothing is written': [
    [mkdir('/d'), file('/d/f')],
    [
      { do: 'hold', slot: 0, path: '/d/f', flags: 'rw' },
      { do: 'fstat', slot: 0 },
    ],
  ],
  'a refused setxattr has copied up': [
    [file('/f'), file('/g'), mkdir('/d')],
    [setxattr('/f', 'user.a', 'replace'), setxattr('/g', 'nothing'), setxattr('/d', 'user.')],
  ],
  'names of one lower file show one number until each is copied up': [
    [file('/a'), link('/a', '/b'), link('/a', '/c')],
    [open('/a', 'w'), { do: 'lstat', path: '/b' }, { do: 'unlink', path: '/c' }],
  ],
  'whiteouts in a directory of one layer are listed and not found': [
    [mkdir('/d'), whiteout('/d/w'), file('/d/f')],
    [
      { do: 'readdir', path: '/d' },
      { do: 'lstat', path: '/d/w' },
      { do: 'unlink', path: '/d/f' },
      { do: 'rmdir', path: '/d' },
    ],
  ],
  'a device that would be a whiteout is refused in a union only': [[whiteout('/w')], [whiteout('/w'), whiteout('/v')]],
  'mkdir knows no set-id bits, and takes them from its directory': [
    [mkdir('/d', 0o6755), chown('/d'), { do: 'chmod', path: '/d', mode: 0o2775 }],
    [mkdir('/d/e', 0o6700), file('/d/f', 0o644), { do: 'lstat', path: '/d/e' }, { do: 'lstat', path: '/d/f' }],
  ],
  'chown takes set-id bits and capabilities, a write the capabilities': [
    [file('/f', 0o6755), file('/g', 0o2644), file('/h', 0o4755)],
    [
      ...['/f', '/g', '/h'].map((path) => setxattr(path, 'security.capability', 'any', CAPABILITY)),
      ...[chown('/f'), chown('/g'), open('/h', 'w')],
    ],
  ],
  'a slash at the end': [
    [mkdir('/d'), file('/f'), symlink('/l', 'd'), symlink('/to', 'new/')],
    [
      ...[file('/new/'), file('/f/'), open('/to', 'wc'), open('/../', 'wcx'), symlink('/x/', 'f'), mkdir('/m/')],
      ...[{ do: 'unlink', path: '/f/' } as const, { do: 'rmdir', path: '/l/' } as const, rename('/f', '/g/')],
      { do: 'unlink', path: '/d/' },
    ],
  ],
  'a path that ends in dots': [
    [mkdir('/d'), file('/f')],
    [
      ...[
        { do: 'rmdir', path: '/d/.' } as const,
        { do: 'rmdir', path: '/d/..' } as const,
        { do: 'rmdir', path: '/' } as const,
      ],
      ...[rename('/d/.', '/e'), rename('/f', '/d/..'), { do: 'rmdir', path: '/f/.' } as const, mkdir('/d/..')],
    ],
  ],
  'O_EXCL and O_DIRECTORY do not follow': [
    [symlink('/loop', 'loop'), symlink('/l', 'd'), mkdir('/d')],
    [open('/loop', 'wcx'), open('/loop', 'r'), open('/l', 'rdn'), open('/l', 'rn'), open('/l', 'rd')],
  ],
  'what is missing is said before what is too long': [
    [mkdir('/d')],
    [rename('/none', `/${'n'.repeat(256)}`), rename('/d', `/${'n'.repeat(256)}`), symlink('/s', 'x/'.repeat(2100))],
  ],
};

/** As cases for both sides, by name. */
export const foundCases: ReadonlyMap<string, Case> = new Map(
  Object.entries(found).map(([name, [lower, union]]) => [
    name,
    {
      seed: 0,
      rounds: [
        { kind: 'raw', layer: 0, ops: lower },
        { kind: 'union', layer: 1, ops: union },
      ],
    } satisfies Case,
  ]),
);
