/** `--bridge`: the engine gets docker0, in the simulation and in a lab; the docker target does not take the option. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('a kept lab of the simulation has the bridge that it was made with, and no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutaway-test-'));
  const world = { files: { l: 'docker diff cradle\n' }, vars: { XDG_STATE_HOME: folder } };
  try {
    await cutaway(['run', 'l', '--lab', 'nets', '--bridge'], world);
    const again = await cutaway(['run', 'l', '--lab', 'nets'], world);
    assert.is(again.code, 0);
    assert.is(again.options[0]?.bridge, true);
    assert.is(again.out.match(/A \/happiness/g)?.length, 1, 'what is kept says nothing');
    await cutaway(['run', 'l', '--lab', 'plain'], world);
    const { code, err } = await cutaway(['run', 'l', '--lab', 'plain', '--bridge'], world);
    assert.is(code, 2);
    assert.match(err, 'lab "plain" was made without docker0');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
