/**
 * Without a mouse, and for those who listen: every place can be reached and left by keys, the focus is always seen, and
 * axe-core finds nothing in any state.
 */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accessibilityFaults, holds, openRig, picture, type Rig, until } from './rig.ts';
import { playground, shows, type } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: keyboard');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

/** What has the focus, as one would call it, and whether that can be seen: by an outline, a shadow or a frame around it. */
interface Stop {
  readonly name: string;
  readonly where: string;
  readonly seen: boolean;
}

const focusNow = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return { name: 'nothing', where: '', seen: true };
  const marked = (one) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
  };
  const box = element.getBoundingClientRect();
  const inView = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  const around = element.closest('.prompt');
  const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent ?? '';
  const where = element.closest('[role=dialog], dialog, header, nav, section, article, aside, main');
  return {
    name: label.trim().slice(0, 60),
    where: where?.getAttribute('aria-label') ?? where?.className ?? '',
    // Boxes of a picture have no outline: their frames change (pictures.test.ts looks at that).
    seen: element.ownerSVGElement !== undefined || (marked(element) || (around !== null && marked(around))) && (inView || element.matches('.unseen, input[type=file]')),
  };
})()`;

async function stop(page: Page): Promise<Stop> {
  return (await page.evaluate(focusNow)) as Stop;
}

/** What is called so has the focus, in the end. */
const comesTo = (page: Page, name: RegExp): Promise<void> =>
  holds(async () => assert.match((await stop(page)).name, name));

/** Presses a key until what has the focus is called so; every stop on the way must be seen. */
async function goTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < 150; i++) {
    const now = await stop(page);
    assert.ok(now.seen, `the focus on “${now.name}” (${now.where}) is not seen`);
    if (name.test(now.name)) return;
    passed.push(now.name);
    await page.keyboard.press(key);
  }
  throw new Error(`never came to ${name}; passed ${passed.join(' | ')}`);
}

test('a lesson by keys alone: commands, pictures, timeline, menu, colours, and back', async ({ rig }) => {
  await rig.page(async (page) => {
    // The first command of the lesson, from the top of the page.
    await page.locator('.commands .next').waitFor();
    await goTo(page, /docker images/);
    await page.keyboard.press('Enter');
    await shows(page, /REPOSITORY/);
    await page.locator('.commands .done').waitFor();
    await picture(page, 'keyboard-lesson');
    await goTo(page, /^\$Command$/);
    await page.keyboard.type('docker create --name cradle busybox touch /happiness.txt');
    await page.keyboard.press('Enter');
    await until(page, `document.querySelectorAll('.strip .command').length === 2`);
    // The prompt is left backwards; the picture's tabs are one stop, with arrows inside.
    await goTo(page, /^Stack$/, 'Shift+Tab');
    await page.keyboard.press('ArrowRight');
    await comesTo(page, /^Union$/);
    await page.keyboard.press('ArrowLeft');
    await comesTo(page, /^Stack$/);
    await goTo(page, /^Command back$/);
    await page.keyboard.press('Enter');
    await page.locator('.earlier').waitFor();
    await page.keyboard.press('End');
    await page.locator('.earlier').waitFor({ state: 'detached' });
    await goTo(page, /^Share/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.locator('.menu-list').waitFor();
    await goTo(page, /^Save as a transcript$/);
    await picture(page, 'keyboard-menu');
    await goTo(page, /^Open a transcript/);
    await page.keyboard.press('Escape');
    await comesTo(page, /^Share/);
    await goTo(page, /^Dark colours$/);
    await page.keyboard.press('Space');
    await until(page, `document.documentElement.dataset.theme === 'dark'`);
    await goTo(page, /^Lessons and playground/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.locator('.menu-list').waitFor();
    await goTo(page, /Playground$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Docker with the side taken off' }).waitFor();
  });
});

for (const place of ['lesson', 'playground'] as const) {
  test(`the Tab key goes round the whole page and traps nobody: ${place}`, async ({ rig }) => {
    await rig.page(async (page) => {
      if (place === 'playground') await playground(page);
      await type(page, 'docker run --name first busybox touch /x');
      for (const key of ['Tab', 'Shift+Tab']) {
        await page.locator('#prompt').focus();
        const passed: string[] = [];
        for (let i = 0; i < 400; i++) {
          await page.keyboard.press(key);
          const now = await stop(page);
          assert.ok(now.seen, `${key}: the focus on “${now.name}” (${now.where}) is not seen`);
          passed.push(now.name);
          if (now.name === '$Command') break;
        }
        assert.is(passed.at(-1), '$Command', `${key} comes round: ${passed.slice(-5).join(' | ')}`);
        for (const name of [/^Undo/, /^Stack$/, /^Step back$/, /^Share/]) {
          assert.ok(
            passed.some((one) => name.test(one)),
            `${key} passes ${name}`,
          );
        }
      }
    });
  });
}

test('the colours follow the system until somebody chooses, and the choice is kept', async ({ rig }) => {
  await rig.page(
    async (page) => {
      const theme = (): Promise<unknown> => page.evaluate('document.documentElement.dataset.theme');
      const paper = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');
      const becomes = (wanted: string): Promise<void> => holds(async () => assert.is(await theme(), wanted));
      await becomes('dark');
      const dark = await paper();
      await page.emulateMedia({ colorScheme: 'light' });
      await until(page, `document.documentElement.dataset.theme === 'light'`);
      await holds(async () => assert.is.not(await paper(), dark));
      const other = page.getByRole('button', { name: 'Dark colours' });
      await holds(async () => assert.is(await other.count(), 1, 'the switch offers the other one'));
      await other.click();
      await becomes('dark');
      await page.reload();
      await page.waitForSelector('html[data-ready="true"]', { state: 'attached' });
      await becomes('dark');
      // The system changes its mind, and the page has heard of it.
      await page.emulateMedia({ colorScheme: 'dark' });
      const heard = page.evaluate(`new Promise((resolve) =>
        matchMedia('(prefers-color-scheme: light)').addEventListener('change', ({ matches }) => matches && requestAnimationFrame(resolve)))`);
      await page.emulateMedia({ colorScheme: 'light' });
      await heard;
      assert.is(await theme(), 'dark', 'what was chosen stays');
    },
    { context: { colorScheme: 'dark' } },
  );
});

test('nothing moves for a reader who prefers that', async ({ rig }) => {
  const moving = `document.getAnimations().filter(({ playState, effect }) =>
    playState === 'running' && effect.getComputedTiming().endTime > 250).length`;
  await rig.page(async (page) => {
    await playground(page);
    await type(page, 'docker run --name first busybox touch /x');
    assert.is(await page.evaluate(moving), 0);
    await page.getByRole('button', { name: 'Command back' }).click();
    await page.locator('.earlier').waitFor();
    assert.is(await page.evaluate(moving), 0);
  });
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const size of [
    [1280, 800],
    [360, 740],
  ] as const) {
    test(`axe-core finds nothing in any state: ${colorScheme}, ${size[0]} pixels`, async ({ rig }) => {
      await rig.page(
        async (page) => {
          const look = async (state: string): Promise<void> => {
            assert.is((await accessibilityFaults(page)).join('\n'), '', state);
            await picture(page, `axe-${colorScheme}-${size[0]}-${state}`);
          };
          await page.locator('[data-now]').waitFor({ state: 'attached' });
          await look('lesson');
          await page.locator('.menu-button').first().click();
          await page.locator('.menu-list').waitFor();
          await look('places');
          await page.keyboard.press('Escape');
          await playground(page);
          await type(page, 'docker run --name first busybox touch /x');
          await look('playground');
          await page.getByRole('button', { name: /Share/ }).click();
          await page.locator('.menu-list').waitFor();
          await look('share');
          await page.keyboard.press('Escape');
          await page.getByRole('button', { name: 'Step back' }).click();
          await page.locator('.timeline .dot[aria-current]').waitFor({ state: 'attached' });
          await look('earlier');
          await page.locator('#prompt').fill('docker run -it busybox sh');
          await page.locator('#prompt').press('Enter');
          await page.locator('.waits').waitFor();
          await look('waits');
        },
        { size, context: { colorScheme } },
      );
    });
  }
}

test.run();
