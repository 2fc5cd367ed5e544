/**
 * Sequences of command lines that nobody wrote (sequences/lines.ts) on a live target beside the simulation: after each line they
 * must have answered the same and show the same facts.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTarget } from '../../backend/targets.ts';
import type { Target, TargetName } from '../../core/index.ts';
import { gated } from '../support/needs.ts';
import { scriptOf, sequenceOf } from './sequences/lines.ts';
import { mountSequence } from './sequences/mounts.ts';
import { networkSequence } from './sequences/networks.ts';
import { clearTarget, differences, disagreements } from './sequences/play.ts';

export interface SequencesOptions {
  readonly seeds: readonly number[];
  /** Of sequences that remove the base image and prune. */
  readonly ridding: readonly number[];
  /** Of sequences about volumes and mounts. */
  readonly mounting?: readonly number[];
  /** Of sequences about networks, each on an engine of its own that has its bridge. */
  readonly networking?: { readonly seeds: readonly number[]; readonly open: () => Promise<Target> };
  /** Lines of each sequence. */
  readonly length: number;
  /** So many scripts of a few changes, each in a container of its own. */
  readonly scripts?: number;
}

const CHANGES = 6;

/** One test per seed on a live target beside the simulation. */
export function sequencesSuite(name: TargetName, missing: string | undefined, options: SequencesOptions): void {
  const test = suite(`sequences on ${name}`);
  let target: Target;
  if (missing === undefined) {
    test.before(async () => {
      target = await openTarget(name);
    });
    test.after(() => target.close());
  }
  const check = gated(test, missing);
  const all = [
    ...options.seeds.map((seed) => ({ seed, rid: false })),
    ...options.ridding.map((seed) => ({ seed, rid: true })),
  ];
  for (const { seed, rid } of all) {
    check(`seed ${seed}, ${options.length} lines${rid ? ', the base image among what is removed' : ''}`, async () => {
      const model = await openTarget('sim');
      await clearTarget(target);
      await clearTarget(model);
      assert.equal(await disagreements(sequenceOf(seed, options.length, rid), target, model), []);
    });
  }
  for (const seed of options.mounting ?? []) {
    check(`seed ${seed}, ${options.length} lines about mounts`, async () => {
      const model = await openTarget('sim');
      for (const one of [target, model]) await clearTarget(one);
      assert.equal(await disagreements(mountSequence(seed, options.length), target, model), []);
    });
  }
  for (const seed of options.networking?.seeds ?? []) {
    check(`seed ${seed}, ${options.length} lines about networks`, async () => {
      const model = await openTarget('sim', { bridge: true });
      const live = await options.networking!.open();
      try {
        assert.equal(await disagreements(networkSequence(seed, options.length), live, model), []);
      } finally {
        await live.close();
      }
    });
  }
  if (options.scripts !== undefined) {
    check(`${options.scripts} scripts that change files`, async () => {
      const model = await openTarget('sim');
      for (const one of [target, model]) await clearTarget(one);
      const found: string[] = [];
      for (let seed = 1; seed <= options.scripts!; seed++) {
        const text = scriptOf(seed, CHANGES);
        found.push(...(await differences(text, target, model)).map((difference) => `script ${seed}: ${difference}`));
        for (const one of [target, model]) await one.run('docker rm -f end1');
      }
      assert.equal(found, []);
    });
  }
  test.run();
}
