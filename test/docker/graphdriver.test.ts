/** What inspect says of the storage driver agrees with the tree on the host: on docker, on the simulation and in a lab. */
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { suite } from 'uvu';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { startDockerEngine } from '../../backend/dockerd.ts';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { checkGraphDrivers, type Files } from '../suites/graphdriver.ts';
import { gated, needs } from '../support/needs.ts';

const onDisk = (dir: string, name: string): Files => ({
  name,
  exists: (path) => existsSync(`${dir}/${path}`),
  text: (path) => readFileSync(`${dir}/${path}`, 'utf8'),
  link: (path) => readlinkSync(`${dir}/${path}`),
});

const test = suite('GraphDriver.Data and RootFS.Layers');

gated(test, await needs('docker'))('docker: they agree with the tree', async () => {
  const archives = await baseArchives();
  const engine = await startDockerEngine({ archives });
  try {
    const target = await createDockerTarget({ archives, engine });
    const name = `${engine.directory}/data`;
    await checkGraphDrivers(target, onDisk(engine.inside(name), name));
  } finally {
    await engine.stop();
  }
});

gated(test, await needs(...linuxNeeds))('linux: they agree with the tree', async () => {
  const target = await createLinuxTarget();
  try {
    await checkGraphDrivers(target, onDisk(`${target.driver.lab.root}/var/lib/docker`, '/var/lib/docker'));
  } finally {
    await target.close();
  }
});

test.run();
