/** Layers: unpacked, packed, whiteouts and opaque directories, through the union view. */
import * as assert from 'uvu/assert';
import type { Boxed } from './bench.ts';

export function layers(boxed: Boxed): void {
  boxed(
    'layers: the union shows what was written, the upper directory holds it, and it survives an archive',
    async (box, b) => {
      const script = 'echo joy > /happiness.txt; rm /etc/passwd; mkdir /new; echo x > /new/f; ln -s f /new/l';
      assert.is((await box.run(['sh', '-c', script])).code, 0);
      const upper = await b.do({ op: 'tree', path: `${box.dir}/upper` });
      const of = (path: string) => upper.find((entry) => entry.path === path)?.type;
      assert.equal(['/happiness.txt', '/etc/passwd', '/new', '/new/f', '/new/l', '/bin/sh'].map(of), [
        'file',
        'whiteout',
        'dir',
        'file',
        'symlink',
        undefined,
      ]);
      const union = await b.do({ op: 'tree', path: box.root });
      assert.ok(union.some(({ path }) => path === '/bin/sh'));
      assert.not.ok(union.some(({ path }) => path === '/etc/passwd'));

      const { diffId } = await b.do({ op: 'archive', from: `${box.dir}/upper`, to: `${box.dir}/layer.tar` });
      assert.match(diffId, /^sha256:[0-9a-f]{64}$/);
      const again = `${box.dir}/again`;
      await b.do({ op: 'mkdir', path: again, mode: 0o755 });
      await b.do({ op: 'unpack', layer: { file: `${box.dir}/layer.tar` }, into: again });
      assert.equal(await b.do({ op: 'tree', path: again }), upper);
    },
  );

  boxed('layers: unpacking over what is there is refused, and so is what is not there', async (box, b) => {
    const empty = `${box.dir}/empty`;
    await b.do({ op: 'mkdir', path: empty, mode: 0o755 });
    await b.do({ op: 'writeFile', path: `${box.dir}/upper/x`, data: '' });
    assert.is(await b.errno({ op: 'unpack', layer: b.layer, into: `${box.dir}/none` }), 'ENOENT');
    assert.is(await b.errno({ op: 'unpack', layer: b.layer, into: `${box.dir}/upper` }), 'ENOTEMPTY');
    assert.is(await b.errno({ op: 'unpack', layer: { file: `${box.dir}/none` }, into: empty }), 'ENOENT');
  });

  boxed('copyOut: files and directories come out, links do not lead out of the root', async (box, b) => {
    await box.run(['sh', '-c', 'echo in > /f; mkdir /d; echo deep > /d/g; ln -s /f /abs; ln -s ../../../f /up']);
    const to = `${box.dir}/out`;
    await b.do({ op: 'mkdir', path: to, mode: 0o755 });
    const copy = (path: string, target: string, followLink = false) =>
      b.do({ op: 'copyOut', root: box.root, path, to: target, followLink });
    await copy('/f', `${to}/renamed`);
    await copy('/d', to);
    await copy('/abs', `${to}/viaabs`, true);
    await copy('/up', `${to}/viaup`, true);
    assert.is(await b.do({ op: 'readFile', path: `${to}/renamed` }), 'in\n');
    assert.is(await b.do({ op: 'readFile', path: `${to}/d/g` }), 'deep\n');
    assert.is(await b.do({ op: 'readFile', path: `${to}/viaabs` }), 'in\n');
    assert.is(await b.do({ op: 'readFile', path: `${to}/viaup` }), 'in\n');
    assert.is(await b.errno({ op: 'copyOut', root: box.root, path: '/none', to }), 'ENOENT');
  });

  boxed('copyOut: a symlink that leads out of where it is copied to ends it, as docker cp ends', async (box, b) => {
    const links = 'ln -s ../in /e/b; ln -s /etc/passwd /e/c; ln -s ../../far /e/m';
    await box.run(['sh', '-c', `mkdir /e; echo first > /e/a; ${links}; echo last > /e/z`]);
    const to = `${box.dir}/out`;
    await b.do({ op: 'mkdir', path: to, mode: 0o755 });
    const copied = { op: 'copyOut', root: box.root, path: '/e', to } as const;
    assert.equal(await b.try(copied), {
      ok: false,
      errno: 'EXDEV',
      message: `invalid symlink "${to}/e/m" -> "../../far"`,
    });
    assert.is(await b.do({ op: 'readFile', path: `${to}/e/a` }), 'first\n');
    const entries = await b.do({ op: 'tree', path: to });
    assert.equal(
      entries.map(({ path }) => path),
      ['/e', '/e/a', '/e/b', '/e/c'],
    );
    // Into that directory itself nothing but itself is meant: what leads to its neighbour leads out.
    const contents = await b.try({ ...copied, path: '/e/.', to: `${to}/e` });
    assert.equal(contents, { ok: false, errno: 'EXDEV', message: `invalid symlink "${to}/e/b" -> "../in"` });
  });

  boxed('exportTree: the whole root becomes one archive', async (box, b) => {
    const { size } = await b.do({ op: 'exportTree', root: box.root, to: `${box.dir}/export.tar` });
    assert.ok(size > 1_000_000 && size % 512 === 0);
  });
}
