/** The image store after every line of generated sequences, and the sizes that the engine tells. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../../core/index.ts';
import { sequenceOf } from '../../suites/sequences/lines.ts';
import { checkStore } from '../../suites/store.ts';
import { simStore } from '../../support/store.ts';

for (let seed = 1; seed <= 12; seed++) {
  test(`seed ${seed}: layers lie on the host as long as they are needed, once each`, async () => {
    const target = createSimTarget();
    await checkStore(target, simStore(target), sequenceOf(seed, 40, seed % 2 === 0));
  });
}

test('a layer that two images share is there once, and goes with the second', async () => {
  const target = createSimTarget();
  const root = simStore(target);
  const layers = (): number => root.list('image/overlay2/layerdb/sha256').length;
  for (const line of [
    'run --name one busybox touch /x',
    'commit one i1',
    'run --name two i1 touch /y',
    'commit two i2',
  ]) {
    await target.run(`docker ${line}`);
  }
  assert.is(layers(), 3);
  await target.run('docker rm one two');
  await target.run('docker commit -m again two');
  assert.is((await target.run('docker rmi i1')).stdout, 'Untagged: i1:latest\n');
  assert.is(layers(), 3, 'i2 stands on it');
  const removed = (await target.run('docker rmi i2')).stdout.match(/^Deleted: /gm)!;
  assert.is(removed.length, 4, 'two images, two layers');
  assert.is(layers(), 1);
});

test.run();
