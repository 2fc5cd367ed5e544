/**
 * OverlayFs under the simulated kernel against the real kernel's overlayfs: the same generated operations on both, then the
 * errno and answer of each, the merged view and every layer entry by entry (type, mode, owner, link count, size, device,
 * content, target, xattrs, times that were set) must be equal. Needs root.
 *
 * `OVERLAY_SEED=… OVERLAY_OPS=1` plays the one case of a seed, `OVERLAY_OPS=100000` that many operations.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gated, needs } from '../support/needs.ts';
import { type Case, caseOf, difference, mountLimit, opCount, playForReal, simulate } from './overlay-cases.ts';
import { foundCases } from './overlay-found.ts';

const missing = await needs('root', 'overlay');
const live = gated(test, missing);

const firstSeed = Number(process.env.OVERLAY_SEED ?? 1);
const wanted = Number(process.env.OVERLAY_OPS ?? 12_000);
/** Cases played by one process of the player; bounds what is in memory. */
const BATCH = 60;

function* batches(): Generator<Case[]> {
  let seed = firstSeed;
  for (let left = wanted; left > 0; ) {
    const batch: Case[] = [];
    for (; left > 0 && batch.length < BATCH; seed++) {
      batch.push(caseOf(seed));
      left -= opCount(batch.at(-1)!);
    }
    yield batch;
  }
}

live('generated operations do what the kernel’s overlayfs does', async () => {
  let refusals = 0;
  let count = 0;
  const differences: string[] = [];
  for (const batch of batches()) {
    const real = await playForReal(batch);
    for (const [n, its] of batch.entries()) {
      const found = difference(its, simulate(its), real[n]!);
      if (found !== undefined) differences.push(`OVERLAY_SEED=${its.seed} OVERLAY_OPS=1: ${found}`);
      refusals += real[n]!.results.flat().filter(({ errno }) => errno !== undefined).length;
      count += opCount(its);
    }
  }
  console.log(`${count} operations, ${refusals} refused, ${differences.length} cases with differences`);
  assert.ok(differences.length === 0, differences.slice(0, 5).join('\n'));
  assert.ok(refusals > count / 10 && refusals < (count * 2) / 3, 'some are refused, most are not');
});

const found = missing === undefined ? await playForReal([...foundCases.values()]) : [];

for (const [n, [name, its]] of [...foundCases].entries()) {
  live(name, () => assert.is(difference(its, simulate(its), found[n]!), undefined));
}

live('the comparison notices a model that does not honour whiteouts', async () => {
  const cases = Array.from({ length: 30 }, (_, n) => caseOf(n + 1));
  const real = await playForReal(cases);
  const noticed = cases.filter((its, n) => difference(its, simulate(its, { ignoreWhiteouts: true }), real[n]!));
  assert.ok(noticed.length > cases.length / 3, `${noticed.length} of ${cases.length}`);
});

live('a mount takes 500 lower layers, and options that fit into a page', async () => {
  for (const [count, long, expected] of [
    [127, false, 'mounted'],
    [500, false, 'mounted'],
    [501, false, 'EINVAL'],
    [40, true, 'mounted'],
    // Cut off in the middle of `./././58`: what is left is the directory above all layers.
    [60, true, 'ELOOP'],
  ] as const) {
    assert.equal(await mountLimit(count, long), { model: expected, kernel: expected }, `${count} ${long}`);
  }
});

test.run();
