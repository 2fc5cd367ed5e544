/** The storage drivers of the simulation, side by side; and each of them when a step fails. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../core/index.ts';
import { snapshotterSuite } from '../suites/snapshotter.ts';

snapshotterSuite({
  name: 'sim',
  missing: undefined,
  others: ['vfs', 'aufs'],
  open: async (storageDriver) => createSimTarget({ storageDriver }),
  scripts: 10,
});

const places = `cd /var/lib/docker; ls -A containers image/*/layerdb/* image/*/imagedb/*/* tmp vfs/dir aufs/* 2>/dev/null`;

// overlay2 is taken through all verbs in engine/undo.test.ts.
for (const storageDriver of ['vfs', 'aufs'] as const) {
  for (const command of ['docker create --name one busybox true', 'docker commit made new']) {
    test(`${storageDriver}: ${command}: whichever step fails, nothing is left`, () => {
      let failures = 0;
      let done = false;
      for (let failAt = 0; failAt < 200; failAt++) {
        const target = createSimTarget({ storageDriver });
        target.runSync('docker run --name made busybox touch /x');
        const list = (): string => target.runSync(places).stdout;
        const before = list();
        const { exitCode } = target.runSync(command, { failAt });
        if (exitCode === 0) {
          done = true;
          break;
        }
        failures++;
        assert.is(list(), before, `step ${failAt}`);
      }
      assert.ok(done, 'without a failure it is carried out');
      assert.ok(failures > 5);
    });
  }
}

test('an aufs branch holds deletions as files, and an image of it has overlay’s for overlay2', () => {
  const target = createSimTarget({ storageDriver: 'aufs' });
  target.runSync("docker run --name one busybox sh -c 'rm /etc/group; rm -r /home; mkdir /home'");
  const rw = target.runSync('cat /var/lib/docker/image/aufs/layerdb/mounts/*/mount-id').stdout;
  const marks = target.runSync(`cd /var/lib/docker/aufs/diff/${rw}; find . -name '.wh*' | sort`).stdout;
  assert.equal(marks.trim().split('\n'), [
    './.wh..wh.aufs',
    './.wh..wh.orph',
    './.wh..wh.plnk',
    './etc/.wh.group',
    './home/.wh..wh..opq',
  ]);
  assert.is(target.runSync(`cat /var/lib/docker/aufs/layers/${rw} | wc -l`).stdout.trim(), '2');
  const [mount] = target
    .runSync('docker start one; docker run -d busybox sleep 9; grep aufs /proc/mounts')
    .stdout.match(/^none .*/m)!;
  assert.match(
    mount,
    /^none \/var\/lib\/docker\/aufs\/mnt\/[0-9a-f]{64} aufs rw,relatime,si=[0-9a-f]{16},dio,dirperm1 0 0$/,
  );
});

test.run();
