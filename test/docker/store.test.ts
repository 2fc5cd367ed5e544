/**
 * The host picture of the same lines on simulation, linux backend and real Docker: the same directories with the same things
 * in them belong to the same layers, images and containers. Only ids and the order that follows from them differ.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import { ownerText, type StoreRow, type TargetName, toScene } from '../../core/index.ts';
import { gated, needs } from '../support/needs.ts';

const check = gated(test, await needs('docker', ...linuxNeeds));

const lines = [
  'docker run -d --name web busybox sleep 1000',
  'docker run --name cradle busybox touch /happiness.txt',
  'docker commit cradle happy',
  'docker run --name gone happy true',
  'docker rm gone',
  'docker pause web',
];

/** Databases of parts of the real engine that we do not have. */
const others = /^(buildkit|network|volumes|plugins|containerd)\//;

async function rows(name: TargetName): Promise<string[]> {
  const target = await openTarget(name);
  try {
    for (const line of lines) await target.run(line);
    const scene = toScene(await target.observe());
    const plain = (text: string): string => text.replace(/[0-9a-f]{12}…/g, 'ID').replace(/[A-Z2-7]{8}…/g, 'LINK');
    const told = (row: StoreRow): string => {
      const whose = row.owner === undefined ? '' : `: ${ownerText(scene, row.owner)}`;
      const note = row.note
        .split(' ')
        .filter((word) => !others.test(word) && word !== '')
        .map(plain)
        .sort();
      return plain(`${'  '.repeat(row.level)}${row.level === 0 ? '' : row.name} ${note.join(' ')}${whose}`);
    };
    return (scene.store?.rows ?? []).map(told).sort();
  } finally {
    await target.close();
  }
}

check('what lies where, and whose it is, on all three targets', async () => {
  const [sim, linux, docker] = [await rows('sim'), await rows('linux'), await rows('docker')];
  assert.ok(sim.length > 25);
  assert.equal(linux, sim);
  assert.equal(docker, sim);
});

test.run();
