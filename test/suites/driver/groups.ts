/** Mounts and control groups: what is made, and what is refused. */
import * as assert from 'uvu/assert';
import type { Bench, Boxed, Test } from './bench.ts';

export function mountsAndGroups(test: Test, boxed: Boxed, bench: () => Bench): void {
  test('mounts: what is refused, and how', async () => {
    const b = bench();
    const dir = await b.dir();
    const tmpfs = { type: 'tmpfs', source: 'tmpfs', options: [] } as const;
    const overlay = { type: 'overlay', source: 'overlay', options: [`lowerdir=${dir}/none`] } as const;
    assert.is(await b.errno({ op: 'mount', mount: tmpfs, at: `${dir}/none` }), 'ENOENT');
    assert.is(await b.errno({ op: 'mount', mount: overlay, at: dir }), 'ENOENT');
    assert.is(await b.errno({ op: 'umount', at: dir }), 'EINVAL');
    await b.do({ op: 'mount', mount: tmpfs, at: dir });
    assert.ok((await b.do({ op: 'mounts' })).some(({ at, type }) => at === dir && type === 'tmpfs'));
    assert.is(await b.errno({ op: 'remove', path: dir }), 'EBUSY');
    await b.do({ op: 'mkdir', path: `${dir}/below`, mode: 0o755 });
    await b.do({ op: 'mount', mount: tmpfs, at: `${dir}/below` });
    assert.is(await b.errno({ op: 'umount', at: dir }), 'EBUSY');
    await b.do({ op: 'umount', at: `${dir}/below` });
    await b.do({ op: 'umount', at: dir });
    assert.not.ok((await b.do({ op: 'mounts' })).some(({ at }) => at === dir));
    await b.do({ op: 'remove', path: dir });
  });

  test('cgroups: what is refused, and how', async () => {
    const b = bench();
    const group = 'suite/refusals';
    const file = { op: 'cgroupWrite', group, controller: 'pids', file: 'pids.max' } as const;
    assert.is(await b.errno({ op: 'cgroupRemove', group }), 'ENOENT');
    assert.is(await b.errno({ ...file, value: '1' }), 'ENOENT');
    await b.do({ op: 'cgroupCreate', group });
    assert.is(await b.errno({ op: 'cgroupCreate', group }), 'EEXIST');
    if (b.driver.facts.cgroup === 'v1') {
      await b.do({ ...file, value: '7' });
      assert.is(await b.do({ ...file, op: 'cgroupRead' }), '7\n');
      assert.is(await b.errno({ ...file, value: 'many' }), 'EINVAL');
      assert.is(await b.errno({ ...file, file: 'pids.none', value: '1' }), 'ENOENT');
      const freezer = { op: 'cgroupWrite', group, controller: 'freezer', file: 'freezer.state' } as const;
      assert.is(await b.errno({ ...freezer, value: 'COLD' }), 'EINVAL');
    }
    await b.do({ op: 'cgroupRemove', group });
  });

  boxed('cgroups: a group with a process in it cannot be removed', async (box, b) => {
    await box.start(['sleep', '100']);
    assert.is(await b.errno({ op: 'cgroupRemove', group: box.group }), 'EBUSY');
  });

  boxed('mounts: the view stays mounted while a container uses it, in a namespace of its own', async (box, b) => {
    const pid = await box.start(['sleep', '100']);
    const inside = (await box.end(await box.enter(pid, ['cat', '/proc/mounts']))).out;
    assert.match(inside, / \/ overlay /);
    assert.match(inside, / \/proc proc /);
    assert.not.ok((await b.do({ op: 'mounts' })).some(({ at }) => at === `${box.root}/proc`));
  });
}
