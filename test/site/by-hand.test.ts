/**
 * A container built by hand in the playground, in Chromium: the host commands of test/fixtures/container-by-hand.md are typed one
 * by one, and the same picture that `docker run` changes shows what they make.
 */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTranscript } from '../../core/index.ts';
import { accessibilityFaults, holds, openRig, picture, type Rig } from './rig.ts';
import { playground, type } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: by hand');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

const file = new URL('../fixtures/container-by-hand.md', import.meta.url);
const { commands } = await parseTranscript(readFileSync(file, 'utf8'), 'container-by-hand.md');

test('host commands change the picture as docker run does: the mount, the process space, what is written', async ({
  rig,
}) => {
  await rig.page(async (page) => {
    const box = (name: RegExp) => page.locator('.picture-body').getByRole('group', { name });
    await playground(page);
    for (const { command } of commands) {
      await type(page, command.replace(/\\\n/g, ''));
      if (/^mount -t overlay/.test(command)) {
        await box(/^By hand: \/c\/merged, mounted, no process space/)
          .first()
          .waitFor();
        await picture(page, 'by-hand-mounted');
      }
    }
    await box(/^By hand: byhand, running, process space/)
      .first()
      .waitFor();
    const body = page.locator('#picture-body');
    await holds(async () => {
      const text = await body.innerText();
      for (const part of ['read-write: /c/upper', 'directory /c/init', 'happiness.txt', 'cgroup /docker/byhand'])
        assert.ok(text.includes(part), `${part} in:\n${text}`);
    });
    assert.equal(await accessibilityFaults(page), []);
    await type(page, 'docker run -d --name docker busybox sleep 300');
    await holds(async () => assert.match(await body.innerText(), /\bbyhand\b/));
    await picture(page, 'by-hand-beside');
    await page.getByRole('button', { name: 'Picture as text' }).click();
    await holds(async () => assert.match(await body.innerText(), /by hand byhand · running · PID 1 sleep 300/));
    await page.getByRole('button', { name: 'Picture as text' }).click();
    await page.getByRole('tab', { name: 'Host' }).click();
    await box(/^By hand: byhand, running/)
      .first()
      .waitFor();
    await picture(page, 'by-hand-host');
    await page.getByRole('tab', { name: 'Union' }).click();
    await picture(page, 'by-hand-union');
    await page.getByRole('tab', { name: 'Stack' }).click();
    await page.getByRole('button', { name: 'Undo the last command' }).click();
    await box(/^By hand: byhand, running, process space/)
      .first()
      .waitFor();
  });
});

test.run();
