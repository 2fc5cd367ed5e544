/** `--bridge`: the engine gets docker0, in the simulation and in a lab; the docker target does not take the option. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTarget } from '../../backend/targets.ts';
import { cutaway } from './fake.ts';

test('the simulation has docker0 with it, and only with it', async () => {
  for (const bridge of [true, false]) {
    const target = await openTarget('sim', bridge ? { bridge } : {});
    const { exitCode } = await target.run('ip link show docker0');
    assert.is(exitCode === 0, bridge);
    await target.close();
  }
});

test('the docker target refuses it', async () => {
  try {
    await openTarget('docker', { bridge: true });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, 'the engine of the docker target runs without a bridge');
  }
});

test('run hands it on', async () => {
  const { code } = await cutaway(['run', '--bridge', 'l.txt'], { files: { 'l.txt': 'docker ps\n' } });
  assert.is(code, 0);
});

test.run();
