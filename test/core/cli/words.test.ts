/** What commands say where no recording can be: what the recorded lines say is in test/core/recorded.test.ts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../../core/simtarget.ts';

test('an import from the network is refused by name; what is no address is a file', async () => {
  const target = createSimTarget();
  for (const address of ['http://example.com/rootfs.tar', 'https://example.com/rootfs.tar.gz']) {
    const { exitCode, stdout, stderr } = await target.run(`docker import ${address} x`);
    assert.equal([exitCode, stdout], [1, '']);
    assert.is(stderr, `cutaway: there is no network to fetch ${address} from\n`);
  }
  // As the real client says it: only http and https are addresses to it.
  assert.is((await target.run('docker import git://x/y x')).stderr, 'open git://x/y: no such file or directory\n');
  assert.equal((await target.run('docker images -q x')).stdout, '');
});

test.run();
