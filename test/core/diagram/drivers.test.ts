/** btrfs, zfs and devicemapper explained on the layers and containers that are there: snapshots of snapshots, no whiteouts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawDrivers, driversMermaid } from '../../../core/index.ts';
import { sceneOf, stories } from '../../../site/pictures/gallery/scenes.ts';
import { parseMermaid } from './mermaid-parser.ts';

test('each layer and container is a snapshot of what it stands on, in the words of each driver', () => {
  const text = drawDrivers(sceneOf(stories.written!), { width: 200 });
  assert.match(text, /btrfs subvolume create layer1\n|btrfs subvolume create layer1 /);
  assert.match(text, /btrfs subvolume snapshot layer1 web-init/);
  assert.match(text, /zfs clone -o mountpoint=legacy POOL\/web-init@N POOL\/web /);
  assert.match(text, /create_snap layer1 BASE'/);
  assert.match(text, /create_snap web web-init'/);
  assert.is(text.match(/deleted here, no whiteout: \/etc\/passwd/g)?.length, 3);
  assert.is(text.match(/written: [^·]*\/happiness\.txt/g)?.length, 3);
});

test('two stacks on one layer keep apart; Mermaid takes it; nothing is wider than asked for', async () => {
  const scene = sceneOf(stories.shelves!);
  const text = drawDrivers(scene, { width: 80 });
  assert.match(text, /layer2b ◀ layer1 /);
  assert.ok(text.split('\n').every((row) => [...row].length <= 80));
  for (const story of Object.values(stories))
    assert.is(await parseMermaid(driversMermaid(sceneOf(story))), 'flowchart-v2');
});

test.run();
