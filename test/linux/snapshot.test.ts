/** Storage drivers on a real kernel: overlay2 and vfs; aufs is refused, for no kernel of today carries it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { UsageError } from '../../core/index.ts';
import { snapshotterSuite } from '../suites/snapshotter.ts';
import { gated, needs } from '../support/needs.ts';

const missing = await needs(...linuxNeeds);

snapshotterSuite({
  name: 'linux',
  missing,
  others: ['vfs'],
  open: (storageDriver) => createLinuxTarget({ storageDriver }),
  scripts: 6,
});

gated(test, missing)('aufs is refused, with what to do instead', async () => {
  try {
    const target = await createLinuxTarget({ storageDriver: 'aufs' });
    await target.close();
    assert.unreachable('it was opened');
  } catch (error) {
    assert.instance(error, UsageError);
    assert.match((error as Error).message, /aufs needs a kernel/);
  }
});

test.run();
