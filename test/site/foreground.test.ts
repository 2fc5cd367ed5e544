/** A program in the foreground, in Chromium: it runs until somebody lets time pass; Ctrl-C can be tried; pasted lines do not stop. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accessibilityFaults, holds, openRig, picture, type Rig } from './rig.ts';
import { enter, paste, playground, shows, type } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: foreground');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

test('a foreground program runs until time is let pass, by button or Enter; Ctrl-C can be tried', async ({ rig }) => {
  await rig.page(async (page) => {
    const waits = page.locator('.waits');
    const pictureText = (): Promise<string> => page.locator('.picture').innerText();
    await playground(page);
    await enter(page, 'docker run --name slow busybox sleep 300');
    await holds(async () =>
      assert.match(await waits.innerText(), /^Running for 0 s now\. Let 5 min pass \(or Enter\), Ctrl-C interrupts\./),
    );
    await holds(async () => assert.match(await page.locator('.strip .moment').last().innerText(), /…/));
    await holds(async () => assert.match(await pictureText(), /running/));
    await picture(page, 'terminal-running');
    assert.equal(await accessibilityFaults(page), []);
    await waits.getByRole('button', { name: 'Ctrl-C' }).click();
    await shows(page, /\^C/);
    await holds(async () => assert.match(await waits.innerText(), /goes on all the same: PID 1/));
    await waits.getByRole('button', { name: 'Let 5 min pass' }).click();
    await waits.waitFor({ state: 'detached' });
    await holds(async () => assert.match(await pictureText(), /exited/));
    await enter(page, 'docker start -a slow');
    await waits.waitFor();
    await page.locator('#prompt').press('Enter');
    await waits.waitFor({ state: 'detached' });
  });
});

test('lines pasted or loaded with it let time pass; a line typed while it runs waits', async ({ rig }) => {
  await rig.page(async (page) => {
    const strip = (): Promise<number> => page.locator('.strip .command').count();
    await playground(page);
    await paste(
      page,
      'docker run --name one busybox sleep 300\ndocker run --name two busybox sleep 600\ndocker ps -a\n',
    );
    await holds(async () => assert.is(await strip(), 3));
    await type(page, 'docker ps -a --format "{{.Names}} {{.Status}}"');
    await shows(page, /one Exited \(0\)/);
    await enter(page, 'docker run --name three busybox sleep 300');
    await page.locator('.waits').waitFor();
    await enter(page, 'docker inspect -f "three {{.State.Status}}" three');
    await holds(async () => assert.match(await page.locator('.queued').innerText(), /1 waiting: docker inspect/));
    await page.locator('.waits').getByRole('button', { name: /^Let/ }).click();
    await shows(page, /three exited/);
    await page.reload();
    await holds(async () => assert.is(await strip(), 6));
    await type(page, 'docker inspect -f "{{.Name}} again {{.State.Status}}" two');
    await shows(page, /two again exited/);
  });
});

test.run();
