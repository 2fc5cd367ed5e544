/** The driver suite on the simulated kernel, on both kinds of cgroup hosts. */
import { busyboxImage } from '../../../core/image/base.ts';
import { createSimDriver } from '../../../core/kernel/driver.ts';
import '../../../core/parts-all.ts';
import { busybox, programs } from '../../../core/programs/index.ts';
import { contentDigest } from '../../../core/vfs/content.ts';
import { driverSuite } from '../../suites/driver.ts';

const [layer] = busyboxImage.layers;
const binary = layer!.entries.find(({ path }) => path === 'bin/busybox')!.content!;

for (const cgroup of ['v1', 'v2'] as const) {
  driverSuite(`sim, cgroup ${cgroup}`, () => ({
    driver: createSimDriver({
      cgroup,
      programs,
      binaries: { [contentDigest(binary)]: busybox },
      layers: (blob) => (blob === layer!.diffId ? layer!.entries : undefined),
      startTime: Date.UTC(2026, 0, 5),
    }),
    layer: { blob: layer!.diffId },
  }));
}
