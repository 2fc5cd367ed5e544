/** The page in Chromium: terminal, timeline, lesson, links, offline, narrow screens, keyboard and screen readers. */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accessibilityFaults, holds, marks, openRig, type Rig, visit } from './rig.ts';

const test = suite<{ rig: Rig }>('page');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

/** What the terminal shows: xterm.js keeps it in rows. */
const screen = (page: Page): Promise<string> => page.locator('.xterm-rows').innerText();
const drawn = async (page: Page): Promise<string> => (await page.locator('.picture svg').textContent()) ?? '';
const draws = (page: Page, what: RegExp): Promise<void> => holds(async () => assert.match(await drawn(page), what));
const moments = (page: Page): Promise<string[]> => page.locator('.strip .moment').allInnerTexts();

async function shows(page: Page, what: RegExp): Promise<void> {
  await page.waitForFunction(
    ([source, flags]) => new RegExp(source!, flags).test(document.querySelector('.xterm-rows')?.textContent ?? ''),
    [what.source, what.flags],
  );
}

async function type(page: Page, line: string): Promise<void> {
  await page.locator('#prompt').fill(line);
  await page.keyboard.press('Enter');
}

async function done(page: Page, count: number): Promise<void> {
  await page.waitForFunction((n) => document.querySelectorAll('.strip .command').length === n, count);
}

async function playground(page: Page): Promise<void> {
  await page.locator('.menu-button').first().click();
  await page.locator('.menu-list').getByRole('button', { name: 'Playground' }).click();
  await page.getByRole('heading', { name: 'Docker with the side taken off' }).waitFor();
}

test('a command is run: output, picture, steps, timeline, and it is announced', async ({ rig }) => {
  await rig.page(async (page) => {
    await type(page, 'docker run --name first busybox echo hello');
    await shows(page, /hello/);
    await holds(async () => assert.match(await page.locator('[role="log"]').innerText(), /hello/));
    await holds(async () => assert.ok((await page.locator('.steps li').count()) >= 5));
    await draws(page, /first/);
    await holds(async () => assert.match((await moments(page)).join(), /run/));
  });
});

test('tables are not broken, however narrow the terminal is', async ({ rig }) => {
  await rig.page(
    async (page) => {
      await type(page, 'docker run --name first busybox true; docker ps -a');
      await shows(page, /NAMES/);
      await holds(async () => {
        const rows = (await screen(page)).split('\n').filter((row) => /CONTAINER ID/.test(row));
        assert.match(rows.join(), /CONTAINER ID.*NAMES/);
      });
    },
    { size: [360, 740] },
  );
});

test('Tab completes where there is something to complete, and leaves otherwise', async ({ rig }) => {
  await rig.page(async (page) => {
    const prompt = page.locator('#prompt');
    const focused = (): Promise<boolean> => prompt.evaluate((field) => field === document.activeElement);
    await prompt.focus();
    await page.keyboard.press('Tab');
    await holds(async () => assert.not.ok(await focused()));
    for (const [typed, completed] of [
      ['docker imag', 'docker image'],
      ['docker run busy', 'docker run busybox '],
    ] as const) {
      await prompt.fill(typed);
      await page.keyboard.press('Tab');
      await holds(async () => assert.is(await prompt.inputValue(), completed));
      assert.ok(await focused(), 'what is completed is not left');
    }
    await page.keyboard.press('Tab');
    await holds(async () => assert.not.ok(await focused()));
    for (const key of ['Shift+Tab', 'Escape']) {
      await prompt.focus();
      await page.keyboard.press(key);
      await holds(async () => assert.not.ok(await focused(), key));
    }
  });
});

/** Keeps back the answers to some requests until `go` is called. */
async function heldBack(page: Page, what: RegExp): Promise<() => void> {
  let go: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    go = resolve;
  });
  await page.route(what, async (route) => {
    await gone;
    await route.continue();
  });
  return go;
}

/** Without a service worker, which would have what the tests hold back. */
const uncached = {
  blank: true,
  context: { serviceWorkers: 'block' },
  expected: /Service Worker registration/,
} as const;

test('Tab before the engine has said which names there are: completed then; a second Tab leaves', async ({ rig }) => {
  await rig.page(async (page) => {
    const go = await heldBack(page, /\/engine-[\w-]+\.js$/);
    await visit(page, rig.server);
    const prompt = page.locator('#prompt');
    const focused = (): Promise<boolean> => prompt.evaluate((field) => field === document.activeElement);
    await prompt.fill('docker run busy');
    await page.keyboard.press('Tab');
    assert.ok(await focused(), 'it may be that there is something to complete');
    await page.keyboard.press('Tab');
    await holds(async () => assert.not.ok(await focused(), 'nobody is held'));
    await prompt.fill('docker run busyb');
    await page.keyboard.press('Tab');
    assert.is(await prompt.inputValue(), 'docker run busyb');
    go();
    await holds(async () => assert.is(await prompt.inputValue(), 'docker run busybox '));
    assert.ok(await focused());
  }, uncached);
});

test('what is typed before its place is there waits for it', async ({ rig }) => {
  await rig.page(async (page) => {
    const go = await heldBack(page, /\/(01|where)[\w-]*\.js$/);
    await visit(page, rig.server);
    await type(page, 'docker create --name early busybox');
    await type(page, 'docker ps -a');
    await page.locator('.queued', { hasText: '2 waiting' }).waitFor();
    assert.is(await page.getByRole('heading', { name: 'Where is happiness?' }).count(), 0, 'it is not there yet');
    go();
    await page.getByRole('heading', { name: 'Where is happiness?' }).waitFor();
    await done(page, 2);
    await draws(page, /early/);
  }, uncached);
});

test('history, several pasted lines in order, and Ctrl-C', async ({ rig }) => {
  await rig.page(async (page) => {
    const prompt = page.locator('#prompt');
    await prompt.focus();
    await prompt.evaluate((field) => {
      const data = new DataTransfer();
      data.setData(
        'text/plain',
        '$ docker create --name one busybox\n$ docker create --name two busybox\ndocker ps -a',
      );
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await done(page, 2);
    const reads = (value: string): Promise<void> => holds(async () => assert.is(await prompt.inputValue(), value));
    await reads('docker ps -a');
    await page.keyboard.press('Control+c');
    await reads('');
    await page.keyboard.press('ArrowUp');
    await reads('docker create --name two busybox');
    await page.keyboard.press('ArrowUp');
    await reads('docker create --name one busybox');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await reads('');
  });
});

test('a program that waits gets what is typed, and its end', async ({ rig }) => {
  await rig.page(async (page) => {
    await type(page, 'docker run -it --name shell busybox sh');
    await page.locator('.waits').waitFor();
    await type(page, 'echo in$((1+1))side');
    await shows(page, /in2side/);
    await type(page, 'exit 3');
    await shows(page, /exit status 3/);
  });
});

test('look back, fork, undo and redo', async ({ rig }) => {
  await rig.page(async (page) => {
    for (const name of ['aa', 'bb', 'cc']) await type(page, `docker create --name ${name} busybox`);
    await done(page, 3);
    await page.getByRole('button', { name: 'Command back' }).click();
    await page.getByRole('button', { name: 'Command back' }).click();
    await page.locator('.earlier').waitFor();
    await draws(page, /aa/);
    await holds(async () => assert.not.match(await drawn(page), /bb/));
    await type(page, 'docker create --name dd busybox');
    await page.locator('.earlier').waitFor({ state: 'detached' });
    await done(page, 2);
    await type(page, 'docker ps -a --format "{{.Names}}"');
    await shows(page, /dd\s*aa/);
    const undo = page.getByRole('button', { name: 'Undo' });
    await undo.click();
    await done(page, 2);
    await undo.click();
    await undo.click();
    await done(page, 3);
    await draws(page, /cc/);
    await page.getByRole('button', { name: 'Redo' }).click();
    await done(page, 1);
  });
});

test('inside a command: each step shows its own state', async ({ rig }) => {
  await rig.page(async (page) => {
    await type(page, 'docker run --name first busybox touch /x');
    await done(page, 1);
    await page.locator('.dot').first().click();
    await page.waitForFunction(() => !/first/.test(document.querySelector('.picture svg')?.textContent ?? ''));
    await page.locator('.steps button.step', { hasText: 'start touch' }).click();
    await page.waitForFunction(() => /running/.test(document.querySelector('.picture svg')?.textContent ?? ''));
    await page.getByRole('button', { name: 'Step forward' }).press('End');
    await page.waitForFunction(() => /exited/.test(document.querySelector('.picture svg')?.textContent ?? ''));
  });
});

test('a click on a command of the lesson runs it, and the lesson goes on', async ({ rig }) => {
  await rig.page(async (page) => {
    const next = page.locator('.commands .next button');
    const first = await next.locator('code').innerText();
    await next.click();
    await done(page, 1);
    // xterm.js draws in a frame of its own, after the point is there.
    await shows(page, new RegExp(`\\$\\s${first.slice(0, 12)}`));
    const ticked = (): Promise<void> => holds(async () => assert.is(await page.locator('.commands .done').count(), 1));
    await ticked();
    await page.reload();
    await page.waitForSelector(marks.ready, { state: 'attached' });
    await done(page, 1);
    await ticked();
  });
});

test('a link carries the state, and runs nothing before one agrees', async ({ rig }) => {
  const link = await rig.page(async (page) => {
    await playground(page);
    await type(page, 'docker create --name linked busybox');
    await done(page, 1);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Copy a link' }).click();
    await page.waitForFunction(() => location.hash.startsWith('#s='));
    return page.url();
  });
  await rig.page(
    async (page) => {
      await page.goto(link);
      await page.waitForSelector(marks.ready, { state: 'attached' });
      await holds(async () =>
        assert.match(await page.locator('dialog').innerText(), /docker create --name linked busybox/),
      );
      // The world is there, so that something could have been run in it.
      await draws(page, /busybox/);
      assert.is(await page.locator('.strip .command').count(), 0);
      await page.getByRole('button', { name: 'Run them' }).click();
      await done(page, 1);
      await draws(page, /linked/);
    },
    { blank: true },
  );
});

test('damaged and hostile links are refused in words', async ({ rig }) => {
  for (const fragment of ['s=AAAA', 's=%3Cscript%3E', `s=${'A'.repeat(40_000)}`]) {
    await rig.page(
      async (page) => {
        await holds(async () => assert.match(await page.locator('.said').last().innerText(), /cannot be used/));
        assert.is(await page.locator('dialog').count(), 0);
      },
      { fragment },
    );
  }
});

test('output of programs is text, whatever it holds', async ({ rig }) => {
  await rig.page(async (page) => {
    await type(page, "printf '<img src=x onerror=document.title=1>\\033]0;owned\\007\\033[2Jstill here\\n'");
    await shows(page, /still here/);
    await holds(async () => assert.match(await screen(page), /<img src=x/));
    assert.is(await page.title(), 'Cutaway');
  });
});

test('works without a network after the first visit', async ({ rig }) => {
  await rig.page(
    async (page) => {
      await visit(page, rig.server);
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      await page.context().setOffline(true);
      await page.reload();
      await page.waitForSelector(marks.ready, { state: 'attached' });
      await type(page, 'docker run busybox echo offline');
      await shows(page, /offline/);
    },
    { blank: true },
  );
});

test('on a phone nothing is wider than the screen, and the prompt is there in every pane', async ({ rig }) => {
  await rig.page(
    async (page) => {
      for (const name of ['Text', 'Picture', 'Steps']) {
        await page.getByRole('tab', { name, exact: true }).click();
        await page.locator(`.page[data-pane="${name.toLowerCase()}"]`).waitFor();
        await holds(async () => {
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(width <= 360, `${name}: ${width}`);
          assert.ok(await page.locator('#prompt').isVisible());
        });
      }
      const box = (await page.locator('#prompt').boundingBox())!;
      const hit = await page.evaluate(([x, y]) => document.elementFromPoint(x!, y!)?.id, [box.x + 20, box.y + 10]);
      assert.is(hit, 'prompt');
    },
    { size: [360, 740] },
  );
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing, ${colorScheme}, wide and narrow`, async ({ rig }) => {
    for (const size of [
      [1280, 800],
      [360, 740],
    ] as const) {
      await rig.page(
        async (page) => {
          await type(page, 'docker run --name first busybox touch /x');
          await done(page, 1);
          assert.is((await accessibilityFaults(page)).join('\n'), '');
          await playground(page);
          assert.is((await accessibilityFaults(page)).join('\n'), '');
        },
        { size, context: { colorScheme } },
      );
    }
  });
}

test.run();
