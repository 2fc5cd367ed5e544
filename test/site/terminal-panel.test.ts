/**
 * The terminal in Chromium: programs that wait, Ctrl-C and Ctrl-D, lines typed ahead and pasted, history, completion, long
 * output, and what of it is announced.
 */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { complete, completionTable } from '../../core/index.ts';
import { holds, openRig, picture, type Rig, until } from './rig.ts';
import { announced, enter, paste, playground, rows, shows, type } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: terminal');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

const prompt = '#prompt';
const value = (page: Page): Promise<string> => page.locator(prompt).inputValue();
const reads = (page: Page, text: string): Promise<void> => holds(async () => assert.is(await value(page), text));
const note = (page: Page): Promise<string> => page.locator('.prompt-note').innerText();
const waits = (page: Page): Promise<void> => page.locator('.waits').waitFor();
const ends = (page: Page): Promise<void> => page.locator('.waits').waitFor({ state: 'detached' });
const focused = (page: Page): Promise<boolean> => page.evaluate(`document.activeElement?.id === 'prompt'`);

/** Types all lines without waiting for any answer, as fast as events can come. */
async function typeAhead(page: Page, lines: readonly string[]): Promise<void> {
  await page.locator(prompt).evaluate((field: HTMLTextAreaElement, all) => {
    for (const line of all) {
      field.value = line;
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    }
  }, lines);
}

test('Ctrl-C: a program without a handler ignores it as PID 1; at the third the client leaves, and it goes on', async ({
  rig,
}) => {
  await rig.page(async (page) => {
    await playground(page);
    await enter(page, 'docker run --name long busybox sleep 10d');
    await waits(page);
    // Each answer makes a new point.
    const point = `Number(document.querySelector('.strip .command').dataset.point)`;
    for (let pressed = 1; pressed <= 2; pressed++) {
      const before = await page.evaluate(point);
      await page.keyboard.press('Control+c');
      await until(page, `${point} > ${before}`);
      assert.ok(await page.locator('.waits').isVisible());
    }
    await picture(page, 'terminal-waits');
    await page.keyboard.press('Control+c');
    await ends(page);
    await shows(page, /got 3 SIGTERM\/SIGINTs, forcefully exiting\s*exit status 1/);
    await type(page, 'docker ps --format "{{.Names}} {{.Status}}"');
    await shows(page, /long Up/);
  });
});

test('Ctrl-C runs a trap, ends a program of the host, and drops what is only typed', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await enter(page, `docker run busybox sh -c "trap 'echo caught; exit 5' INT; while true; do sleep 1; done"`);
    await waits(page);
    await page.keyboard.press('Control+c');
    await shows(page, /caught\s*exit status 5/);
    await enter(page, 'sleep 10d');
    await waits(page);
    await page.keyboard.press('Control+c');
    await shows(page, /exit status 130/);
    await page.keyboard.type('docker rm -f everything');
    await page.keyboard.press('Control+c');
    await reads(page, '');
    // Nothing of it comes later either: what is typed now is the next command.
    await type(page, 'echo next');
    assert.is(await page.locator('.strip .command').count(), 3);
  });
});

test('Ctrl-D ends the input of `docker run -i busybox cat`', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await enter(page, 'docker run -i --name cat busybox cat');
    await waits(page);
    await enter(page, 'one  line');
    await enter(page, '');
    await enter(page, '  another');
    await page.keyboard.press('Control+d');
    await ends(page);
    // Blank lines and leading blanks are input as well.
    await type(page, "docker logs cat | tr ' ' _ | tr '\\n' +");
    await shows(page, /one__line\+\+__another\+/);
  });
});

test('a shell in a container: several commands, typed faster than they are carried out, and exit', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await typeAhead(page, [
      'docker run -it --name shell busybox sh',
      'cd /tmp',
      'echo first > note',
      'echo second >> note',
      'cat /tmp/note | wc -l > /count',
      'exit 4',
      'docker diff shell',
    ]);
    await shows(page, /exit status 4/);
    await shows(page, /A \/tmp\/note/);
    await shows(page, /A \/count/);
    await holds(async () => {
      const commands = await page.locator('.strip .command').count();
      assert.is(commands, 2, 'two commands, the rest was input of the first');
    });
    await type(page, 'docker cp shell:/count - | tail -n 1');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await type(page, 'docker ps -a --format "{{.Names}}: {{.Status}}"');
    await shows(page, /shell: Exited \(4\)/);
  });
});

test('a shell in a container completes what is typed at Tab, and knows how large its window is', async ({ rig }) => {
  await rig.page(async (page) => {
    /** `stty size` says the rows that are shown; asked again until it has heard of a change. */
    const knowsItsSize = (): Promise<void> =>
      holds(async () => {
        await enter(page, 'clear; echo "size: $(stty size)"');
        await shows(page, /size: \d+ \d+/);
        const shown = await page.locator('.xterm-rows > div').count();
        assert.match(await rows(page), new RegExp(`size: ${shown} \\d+`));
      });
    await playground(page);
    await enter(page, 'docker run -it --name shell busybox sh');
    await waits(page);
    await page.keyboard.type('ls /et');
    await page.keyboard.press('Tab');
    await shows(page, /# ls \/etc\//);
    await page.keyboard.type('pass');
    await page.keyboard.press('Tab');
    await shows(page, /# ls \/etc\/passwd/);
    await page.keyboard.press('Enter');
    await shows(page, /# ls \/etc\/passwd\s+\/etc\/passwd\s/);
    await knowsItsSize();
    await page.setViewportSize({ width: 1000, height: 760 });
    await knowsItsSize();
  });
});

test('lines typed ahead are carried out in their order, and none is lost', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    const names = Array.from({ length: 30 }, (_, i) => `n${i}`);
    await typeAhead(page, [
      ...names.map((name) => `docker create --name ${name} busybox`),
      '',
      '   ',
      'docker ps -aq | wc -l',
    ]);
    await until(page, `document.querySelectorAll('.strip .command').length === 31`);
    await shows(page, /^30\s*$/m);
    await holds(async () => {
      const labels = await page
        .locator('.strip .command .moment')
        .evaluateAll((all) => all.map((moment) => moment.getAttribute('title')));
      assert.equal(
        labels.slice(0, 30),
        names.map((name) => `docker create --name ${name} busybox`),
      );
    });
  });
});

test('pasted lines run in order, the last one waits for Enter; a line that is too long stays and nothing fails', async ({
  rig,
}) => {
  await rig.page(async (page) => {
    await playground(page);
    await paste(page, `$ docker create --name aa busybox\r\n$ docker create --name bb busybox\n$ docker ps -a`);
    await until(page, `document.querySelectorAll('.strip .command').length === 2`);
    await reads(page, 'docker ps -a');
    await page.locator(prompt).fill('');
    await paste(page, `docker create --name cc busybox\necho ${'x'.repeat(4_000)}\ndocker create --name dd busybox\n`);
    await until(page, `document.querySelectorAll('.strip .command').length === 3`);
    await holds(async () => assert.match(await note(page), /has 4005 characters; 4000 are the most. Nothing was run/));
    await holds(async () => assert.match(await value(page), /^echo x+\ndocker create --name dd busybox$/));
    await page.locator(prompt).fill('docker ps -a --format "{{.Names}}"');
    await page.keyboard.press('Enter');
    await shows(page, /cc\s+bb\s+aa/);
    assert.is(await page.locator('.broken').count(), 0);
  });
});

test('history: up, down, Ctrl-R, also of lines that were taken back; inside a program its own', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    for (const line of ['docker create --name one busybox', 'echo two', 'echo three']) await type(page, line);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator(prompt).fill('draft');
    await page.keyboard.press('ArrowUp');
    await reads(page, 'echo three');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await reads(page, 'docker create --name one busybox');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    await reads(page, 'draft');
    await page.locator(prompt).fill('echo');
    await page.keyboard.press('Control+r');
    await reads(page, 'echo three');
    await page.keyboard.press('Control+r');
    await reads(page, 'echo two');
    await holds(async () => assert.match(await note(page), /earlier line with “echo”/));
    await page.keyboard.press('Control+r');
    await holds(async () => assert.match(await note(page), /no earlier line with “echo”/));
    await reads(page, 'echo two');
    await enter(page, 'docker run -it busybox sh');
    await waits(page);
    await page.keyboard.press('ArrowUp');
    await reads(page, '');
    await enter(page, 'pwd');
    // Before its answer is there as well.
    await page.keyboard.press('ArrowUp');
    await reads(page, 'pwd');
    await shows(page, /pwd\s*\/\s/);
    await page.keyboard.press('ArrowUp');
    await reads(page, 'pwd');
  });
});

test('Tab completes commands, flags and names, says what there is, and then leaves', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await type(page, 'docker create --name cradle busybox');
    for (const [typed, completed] of [
      ['docker insp', 'docker inspect '],
      ['docker run --nam', 'docker run --name '],
      ['docker start cra', 'docker start cradle '],
      ['docker run busy', 'docker run busybox '],
    ] as const) {
      await page.locator(prompt).fill(typed);
      await page.keyboard.press('Tab');
      await reads(page, completed);
      await holds(async () => assert.ok(await focused(page)));
    }
    // In every place what the core says in Node.
    const table = completionTable();
    for (const typed of [
      'do',
      'ca',
      'docker c',
      'docker image hi',
      'docker ps --fo',
      'docker run --en',
      'docker stop c',
    ]) {
      const found = complete(table, { containers: ['cradle'], images: ['busybox'] }, typed);
      assert.ok(found, typed);
      await page.locator(prompt).fill(typed);
      await page.keyboard.press('Tab');
      await reads(page, typed.slice(0, found.from) + found.common + (found.options.length === 1 ? ' ' : ''));
      const offered = page.locator('.offered code');
      const more = found.options.length === 1 ? [] : found.options;
      await holds(async () => assert.equal(await offered.allInnerTexts(), more, typed));
    }
    await page.locator(prompt).fill('docker container ');
    await page.keyboard.press('Tab');
    const status = page.locator('.offered');
    await holds(async () => assert.match(await status.innerText(), /\d+ completions:[\s\S]*restart/));
    assert.is(await status.getAttribute('role'), 'status');
    await picture(page, 'terminal-completions');
    await page.keyboard.press('Tab');
    await holds(async () => assert.not.ok(await focused(page), 'a second Tab leaves'));
    const described = await page.locator(prompt).getAttribute('aria-describedby');
    assert.match(await page.locator(`#${described}`).innerText(), /Tab completes, else leaves/);
  });
});

test('a narrow terminal scrolls sideways: no column of `docker ps` is broken', async ({ rig }) => {
  await rig.page(
    async (page) => {
      await playground(page);
      await type(page, 'docker run -d --name narrow busybox sleep 1000');
      await type(page, 'docker ps');
      await holds(async () => {
        const table = (await rows(page)).split('\n').filter((line) => /CONTAINER ID|narrow\s*$/.test(line));
        const [head = '', row = ''] = table.slice(-2);
        assert.ok(head.includes('NAMES'));
        assert.is(head.indexOf('NAMES'), row.indexOf('narrow'));
      });
      const screen = page.locator('.screen');
      await holds(async () => assert.ok(await screen.evaluate((element) => element.scrollWidth > element.clientWidth)));
      await screen.focus();
      await page.keyboard.press('ArrowRight');
      await until(page, `document.querySelector('.screen').scrollLeft > 0`);
      assert.ok(await page.evaluate(`document.documentElement.scrollWidth <= innerWidth`));
    },
    { size: [360, 740] },
  );
});

test('`clear` and Ctrl-L clear what is shown and lose nothing', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await type(page, 'echo before');
    await shows(page, /before/);
    await type(page, 'clear');
    await until(page, `!/before/.test(document.querySelector('.xterm-rows').textContent)`);
    await type(page, 'echo between');
    await shows(page, /between/);
    await page.locator(prompt).focus();
    await page.keyboard.press('Control+l');
    await until(page, `!/between/.test(document.querySelector('.xterm-rows').textContent)`);
    await type(page, 'echo after');
    await shows(page, /after/);
    await until(page, `document.querySelectorAll('.strip .command').length === 4`);
    await page.getByRole('button', { name: 'Command back' }).click();
    await page.getByRole('button', { name: 'Command back' }).click();
    await page.getByRole('button', { name: 'Command back' }).click();
    await shows(page, /\bbefore\b/);
  });
});

test('very long output: its end is shown, one can scroll back, and little of it is announced', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await enter(page, 'docker run busybox seq 1 20000');
    await shows(page, /^20000\s*$/m);
    await holds(async () => assert.match(await announced(page), /20000 lines, which end in: /));
    assert.ok((await announced(page)).length < 3_000);
    await page.locator('.screen').focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('PageUp');
    await until(page, `!/^20000$/m.test(document.querySelector('.xterm-rows').innerText)`);
    await shows(page, /^19\d\d\d/m);
    await type(page, 'echo still there');
    await shows(page, /still there/);
  });
});

test('answers are announced once each, those of a program that goes on only with what is new, and not without bound', async ({
  rig,
}) => {
  await rig.page(async (page) => {
    await playground(page);
    const log = page.locator('[role="log"]');
    await enter(page, 'docker run -i busybox cat');
    await waits(page);
    await enter(page, 'first');
    await until(page, `/first/.test(document.querySelector('[role="log"]').textContent)`);
    await enter(page, 'second');
    await until(page, `/second/.test(document.querySelector('[role="log"]').textContent)`);
    await holds(async () => assert.not.match(await log.locator('p').last().innerText(), /first/));
    await page.keyboard.press('Control+d');
    await ends(page);
    for (let i = 0; i < 15; i++) await type(page, `echo ${i}`);
    const last = log.locator('p').last();
    await holds(async () => assert.match(await last.innerText(), /^echo 14: 14$/));
    assert.is(await log.locator('p').count(), 10);
    await type(page, 'cat /nowhere');
    await holds(async () => assert.match(await last.innerText(), /No such file or directory, exit status 1/));
  });
});

test('after hundreds of commands one goes back, forks and goes on; what is typed meanwhile is not lost', async ({
  rig,
}) => {
  await rig.page(async (page) => {
    await playground(page);
    const many = Array.from({ length: 200 }, (_, i) => [`docker run --name m${i} busybox touch /x`, `docker rm m${i}`]);
    await paste(page, `${many.flat().join('\n')}\n`);
    await until(page, `document.querySelectorAll('.strip .command').length === 400`, 300);
    for (let i = 0; i < 5; i++) await page.getByRole('button', { name: 'Undo' }).click();
    await typeAhead(page, ['docker ps -a --format "left: {{.Names}}"']);
    await until(page, `document.querySelectorAll('.strip .command').length === 396`, 300);
    await shows(page, /left: m197/);
    await page.locator('.strip .moment').nth(101).click();
    await page.locator('.earlier').waitFor();
    await typeAhead(page, ['docker ps -a --format "here: {{.Names}}"']);
    await until(page, `document.querySelectorAll('.strip .command').length === 102`, 300);
    await shows(page, /here: m50/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(page, `document.querySelectorAll('.strip .command').length === 396`, 300);
  });
});

test.run();
