/**
 * A lesson with model and reality side by side, in Chromium with the linux target: each command of the lesson is compared, undo
 * and forks are followed, and what the linux target cannot do is named, not shown as a difference.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { gated, needs } from '../support/needs.ts';
import { holds, openRig, picture, type Rig } from './rig.ts';
import { enter, playground, type } from './terminal.ts';

const test = suite('site: a lesson and reality');
const check = gated(test, await needs('chromium', ...linuxNeeds));
let rig: Rig;
test.before(async () => {
  rig = await openRig({ linux: true });
});
test.after(() => rig?.close());

check('a lesson is walked with the real kernel beside it; undo and a fork are followed', async () => {
  await rig.page(async (page) => {
    await page.getByRole('tab', { name: 'Reality' }).click();
    const reality = page.locator('.reality');
    await reality.getByText('Both begin alike.').waitFor({ timeout: 60_000 });
    await type(page, 'docker images');
    await type(page, 'docker create --name cradle busybox touch /happiness.txt');
    await type(page, 'docker start -a cradle');
    await reality.getByText('The same after 3 of 3 commands.').waitFor({ timeout: 60_000 });
    assert.is(await reality.locator('mark').count(), 0);
    await picture(page, 'reality-lesson');
    await page.getByRole('button', { name: 'Undo the last command' }).click();
    await reality.getByText('The same after 2 of 2 commands.').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Command back' }).click();
    await type(page, 'docker create --name other busybox touch /x');
    await type(page, 'docker ps -a --format "{{.Names}}"');
    await reality.getByText('The same after 3 of 3 commands.').waitFor({ timeout: 60_000 });
    const real = reality.getByRole('region', { name: 'Real kernel', exact: true });
    await holds(async () => assert.match(await real.innerText(), /other/));
    assert.not.match(await real.innerText(), /cradle/);
  });
});

check('a terminal in a container is compared, key by key', async () => {
  await rig.page(async (page) => {
    await playground(page);
    await page.getByRole('tab', { name: 'Reality' }).click();
    const reality = page.locator('.reality');
    await reality.getByText('Both begin alike.').waitFor({ timeout: 60_000 });
    await enter(page, 'docker run -it --name shell busybox sh');
    await page.locator('.waits').waitFor();
    await enter(page, 'exit');
    await reality.getByText('The same after 1 of 1 command.').waitFor({ timeout: 60_000 });
    await picture(page, 'reality-tty');
    const real = reality.getByRole('region', { name: 'Real kernel', exact: true });
    assert.match(await real.innerText(), /Enter 'help' for a list of built-in commands/);
  });
});

check('what the linux target does not carry out is named and no difference', async () => {
  await rig.page(async (page) => {
    await playground(page);
    await page.getByRole('tab', { name: 'Reality' }).click();
    const reality = page.locator('.reality');
    await reality.getByText('Both begin alike.').waitFor({ timeout: 60_000 });
    await type(page, 'docker run --name held --privileged busybox true');
    await reality.getByRole('heading', { name: /not compared/ }).waitFor({ timeout: 60_000 });
    await picture(page, 'reality-cannot');
    await reality
      .getByText('docker run --privileged is not carried out on this machine, so this ran in the model alone.')
      .waitFor();
    assert.is(await reality.locator('.reality-differences li').count(), 0);
    // What follows from it is none either; all else is compared as ever.
    await type(page, 'docker create --name next busybox');
    await reality.getByText('The same after 1 of 2 commands.').waitFor({ timeout: 60_000 });
  });
});

test.run();
