/** What every driver does with files, and with whole trees of them. */
import * as assert from 'uvu/assert';
import type { NewEntry, Op } from '../../../core/op.ts';
import type { Bench, Test } from './bench.ts';

const seedling: readonly NewEntry[] = [
  { path: '/d', type: 'dir', mode: 0o1750 },
  { path: '/d/f', type: 'file', mode: 0o640, data: 'grüße\n' },
  { path: '/d/l', type: 'symlink', target: '../../nowhere' },
  { path: '/e', type: 'file', mode: 0o755, data: '' },
];

export function trees(test: Test, bench: () => Bench): void {
  test('writeTree: a directory with all that is in it, modes as they were asked for', async () => {
    const b = bench();
    const parent = await b.dir();
    const path = `${parent}/new`;
    await b.do({ op: 'writeTree', path, mode: 0o711, entries: seedling });
    const [top] = await b.do({ op: 'tree', path: parent });
    assert.is(top?.mode, 0o711);
    const all = await b.do({ op: 'tree', path });
    assert.equal(
      all.map(({ path: at, type, mode, size, target }) => [at, type, type === 'symlink' ? 0 : mode, size, target]),
      [
        ['/d', 'dir', 0o1750, 0, undefined],
        ['/d/f', 'file', 0o640, 8, undefined],
        ['/d/l', 'symlink', 0, 0, '../../nowhere'],
        ['/e', 'file', 0o755, 0, undefined],
      ],
    );
    assert.is(await b.do({ op: 'readFile', path: `${path}/d/f` }), 'grüße\n');
  });

  test('list: names so many levels deep, with what is in small files', async () => {
    const b = bench();
    const dir = await b.dir();
    await b.do({ op: 'writeTree', path: `${dir}/top`, mode: 0o711, entries: seedling });
    const list = async (depth: number, text: number) => {
      const entries = await b.do({ op: 'list', path: dir, depth, text });
      return entries.map((entry) => [entry.path, entry.type, entry.text ?? entry.target ?? entry.size]);
    };
    assert.equal(await list(1, 100), [['/top', 'dir', 0]]);
    assert.equal(await list(2, 100), [
      ['/top', 'dir', 0],
      ['/top/d', 'dir', 0],
      ['/top/e', 'file', ''],
    ]);
    assert.equal(await list(3, 8), [
      ['/top', 'dir', 0],
      ['/top/d', 'dir', 0],
      ['/top/d/f', 'file', 'grüße\n'],
      ['/top/d/l', 'symlink', '../../nowhere'],
      ['/top/e', 'file', ''],
    ]);
    assert.equal((await list(3, 7))[2], ['/top/d/f', 'file', 8]);
    assert.is(await b.errno({ op: 'list', path: `${dir}/none`, depth: 1, text: 0 }), 'ENOENT');
    assert.is(await b.errno({ op: 'list', path: `${dir}/top/e`, depth: 1, text: 0 }), 'ENOTDIR');
  });

  test('writeTree: all or nothing', async () => {
    const b = bench();
    const dir = await b.dir();
    const file = (path: string): NewEntry => ({ path, type: 'file', mode: 0o644, data: '' });
    const write = (path: string, entries: readonly NewEntry[]) =>
      b.errno({ op: 'writeTree', path: `${dir}/${path}`, mode: 0o755, entries });
    assert.is(await write('no/new', []), 'ENOENT');
    assert.is(await write('a', [...seedling, file('/none/f')]), 'ENOENT');
    assert.is(await write('a', [...seedling, file('/e')]), 'EEXIST');
    assert.equal(await b.do({ op: 'tree', path: dir }), []);
    assert.is(await write('a', [file('/kept')]), 'ok');
    assert.is(await write('a', [file('/other')]), 'EEXIST');
    const left = await b.do({ op: 'tree', path: dir });
    assert.equal(
      left.map(({ path }) => path),
      ['/a', '/a/kept'],
    );
  });
}

export function files(test: Test, bench: () => Bench): void {
  test('files: written, read, renamed, removed', async () => {
    const b = bench();
    const dir = await b.dir();
    await b.do({ op: 'writeFile', path: `${dir}/a`, data: 'first\n', mode: 0o600 });
    assert.is(await b.do({ op: 'readFile', path: `${dir}/a` }), 'first\n');
    await b.do({ op: 'symlink', target: 'a', path: `${dir}/link` });
    assert.is(await b.do({ op: 'readFile', path: `${dir}/link` }), 'first\n');
    await b.do({ op: 'rename', from: `${dir}/a`, to: `${dir}/b` });
    const tree = await b.do({ op: 'tree', path: dir });
    assert.equal(
      tree.map(({ path, type, mode, size }) => [path, type, type === 'file' ? mode : 0, size]),
      [
        ['/b', 'file', 0o600, 6],
        ['/link', 'symlink', 0, 0],
      ],
    );
    await b.do({ op: 'remove', path: dir });
    assert.is(await b.errno({ op: 'readFile', path: `${dir}/b` }), 'ENOENT');
  });

  test('files: what is refused, and how', async () => {
    const b = bench();
    const dir = await b.dir();
    await b.do({ op: 'writeFile', path: `${dir}/file`, data: '' });
    const cases: readonly [Op, string][] = [
      [{ op: 'mkdir', path: dir, mode: 0o755 }, 'EEXIST'],
      [{ op: 'mkdir', path: `${dir}/no/dir`, mode: 0o755 }, 'ENOENT'],
      [{ op: 'mkdir', path: `${dir}/file/dir`, mode: 0o755 }, 'ENOTDIR'],
      [{ op: 'readFile', path: `${dir}/none` }, 'ENOENT'],
      [{ op: 'readFile', path: dir }, 'EISDIR'],
      [{ op: 'writeFile', path: `${dir}/no/file`, data: '' }, 'ENOENT'],
      [{ op: 'symlink', target: 'x', path: `${dir}/file` }, 'EEXIST'],
      [{ op: 'rename', from: `${dir}/none`, to: `${dir}/x` }, 'ENOENT'],
      [{ op: 'remove', path: `${dir}/none` }, 'ok'],
      [{ op: 'tree', path: `${dir}/none` }, 'ENOENT'],
    ];
    for (const [op, errno] of cases) assert.is(await b.errno(op), errno, JSON.stringify(op));
    await b.do({ op: 'mkdir', path: `${dir}/x/y/z`, mode: 0o700, parents: true });
    await b.do({ op: 'mkdir', path: `${dir}/x/y/z`, mode: 0o700, parents: true });
    await b.do({ op: 'remove', path: dir });
  });
}
