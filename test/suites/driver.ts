/**
 * What every driver must do, told in Ops only: the suite runs on the simulated kernel and on a real one. It needs the layer of
 * the teaching image `busybox` and nothing else.
 *
 * Kept true: a test makes what it needs in a directory of its own and leaves nothing behind, so one driver serves all.
 */
import { suite } from 'uvu';
import type { Driver } from '../../core/driver.ts';
import type { LayerSource } from '../../core/op.ts';
import { Bench, type Boxed } from './driver/bench.ts';
import { files, trees } from './driver/files.ts';
import { firstProcess, freezer } from './driver/first-process.ts';
import { mountsAndGroups } from './driver/groups.ts';
import { layers } from './driver/layers.ts';
import { processes } from './driver/processes.ts';

export interface DriverFixture {
  readonly driver: Driver;
  /** The layer of the busybox image. */
  readonly layer: LayerSource;
}

/** The suite, for whoever makes drivers; the driver is closed at the end. */
export function driverSuite(name: string, factory: () => DriverFixture | Promise<DriverFixture>): void {
  const test = suite(`driver ${name}`);
  let bench: Bench;
  test.before(async () => {
    const { driver, layer } = await factory();
    bench = new Bench(driver, layer);
    await bench.do({ op: 'mkdir', path: bench.home, mode: 0o755, parents: true });
  });
  test.after(async () => {
    await bench.do({ op: 'remove', path: `${bench.home}` });
    await bench.driver.close();
  });

  const boxed: Boxed = (title, body) => {
    test(title, async () => {
      const box = await bench.container();
      try {
        await body(box, bench);
      } finally {
        await box.clean();
      }
    });
  };

  files(test, () => bench);
  trees(test, () => bench);
  layers(boxed);
  mountsAndGroups(test, boxed, () => bench);
  processes(boxed);
  firstProcess(boxed);
  freezer(boxed);
  test.run();
}
