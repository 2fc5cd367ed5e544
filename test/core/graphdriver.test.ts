/** What inspect says of the storage driver agrees with the tree on the simulated host. */
import { test } from 'uvu';
import { createSimTarget } from '../../core/index.ts';
import { content, readlink, stat } from '../../core/kernel/pathcalls.ts';
import { contentBytes } from '../../core/vfs/content.ts';
import { checkGraphDrivers } from '../suites/graphdriver.ts';

test('GraphDriver.Data and RootFS.Layers agree with the tree', async () => {
  const target = createSimTarget();
  const { daemon } = target.driver.kernel;
  const name = '/var/lib/docker';
  await checkGraphDrivers(target, {
    name,
    exists: (path) => {
      try {
        return stat(daemon, `${name}/${path}`, true) !== undefined;
      } catch {
        return false;
      }
    },
    text: (path) => Buffer.from(contentBytes(content(daemon, `${name}/${path}`))).toString('utf8'),
    link: (path) => readlink(daemon, `${name}/${path}`),
  });
});

test.run();
