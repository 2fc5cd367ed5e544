/**
 * "Under the hood": what it says where there is no step, and the steps inside of a command of the host, each with its picture.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accessibilityFaults, holds, openRig, picture, type Rig } from './rig.ts';
import { playground, type } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: under the hood');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

const words: readonly (readonly [line: string, said: RegExp, why?: RegExp])[] = [
  ['docker rm nobody', /It was refused: nothing was changed\./, /No such container: nobody/],
  ['docker run nothing/like/this', /It was refused: nothing was changed\./, /Unable to find image/],
  ['docker run --no-such-flag busybox', /It was refused: nothing was changed\./, /unknown flag: --no-such-flag/],
  ['docker ps -a', /It only looked: no step changed anything\./],
];

test('a command without a step: refused, with the reason, or one that only looked', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    for (const [line, said, why] of words) {
      await type(page, line);
      await holds(async () => {
        const panel = await page.locator('.steps').innerText();
        assert.match(panel, said, line);
        if (why !== undefined) assert.match(panel, why, line);
        assert.is(await page.locator('.steps li').count(), 0, line);
      });
    }
    assert.equal(await accessibilityFaults(page), []);
  });
});

test('inside of a command of the host: its calls, and the picture after each', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    const script = 'mkdir -p l u w m; mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w m; touch m/f';
    await type(page, `${script}; umount m; unshare -m mount -t tmpfs none m`);
    const steps = page.locator('.steps li.inside');
    await holds(async () =>
      assert.equal(await steps.locator('.step').allInnerTexts(), [
        'mount overlay on m',
        'unmount /root/m',
        'new namespaces: mnt',
        '/ becomes private, and all mounts below it',
        'mount tmpfs on m',
      ]),
    );
    assert.match(await steps.first().innerText(), /mount\("o", "m", "overlay", 0, "lowerdir=l,upperdir=u,workdir=w"\)/);
    // At the end nothing is mounted; after its first call there is a union, which the next takes away.
    const unions = page.locator('.picture svg').getByText('union view');
    await holds(async () => assert.is(await unions.count(), 0));
    await steps.first().getByRole('button').first().click();
    await holds(async () => assert.ok((await unions.count()) > 0));
    await picture(page, 'inside-a-host-command');
    assert.equal(await accessibilityFaults(page), []);
    await steps.nth(1).getByRole('button').first().click();
    await holds(async () => assert.is(await unions.count(), 0));
  });
});

test('the head of the picture stays in one row at 1280 pixels, with a kernel beside', async ({ rig }) => {
  await rig.page(
    async (page) => {
      await page.getByRole('tab', { name: 'Reality' }).waitFor();
      const rows = await page.locator('.panel-head button').evaluateAll((buttons) =>
        buttons.map((button) => {
          const { top, bottom } = button.getBoundingClientRect();
          return Math.round((top + bottom) / 2);
        }),
      );
      assert.ok(rows.length >= 8, 'tabs and buttons');
      assert.ok(Math.max(...rows) - Math.min(...rows) <= 4, `they stand at ${rows.join()}`);
      const body = await page.locator('.panel-head').evaluate((head) => head.scrollWidth - head.clientWidth);
      assert.ok(body <= 0, `${body} pixels too wide`);
    },
    { fragment: `token=${'a'.repeat(43)}` },
  );
});

test.run();
