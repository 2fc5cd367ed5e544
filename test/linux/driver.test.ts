/** What every driver must do, on a real kernel. */
import { createLinuxDriver } from '../../backend/driver.ts';
import { busyboxHere } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { driverSuite } from '../suites/driver.ts';
import { needs } from '../support/needs.ts';

const missing = await needs(...linuxNeeds);
if (missing !== undefined) {
  if (process.env.CI === 'true') throw new Error(`nothing may be skipped here, but ${missing}`);
  console.log(`skipped: the driver suite on linux: ${missing}`);
} else {
  const { description, layerTar } = await busyboxHere();
  const blob = description.layers[0]!.diffId;
  driverSuite('linux', async () => ({
    driver: await createLinuxDriver({ blobs: new Map([[blob, layerTar]]) }),
    layer: { blob },
  }));
}
