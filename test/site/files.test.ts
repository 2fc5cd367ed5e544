/**
 * Files and links in Chromium: a session saved and opened again, or sent as a link, leads to the same state; what is broken,
 * foreign or hostile is refused in words, runs nothing, and takes nothing away.
 */
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { holds, openRig, picture, type Rig, until } from './rig.ts';
import { enter, playground, shows, type } from './terminal.ts';

const test = suite<{ rig: Rig }>('site: files and links');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

const commands = (page: Page): Promise<(string | null)[]> =>
  page.locator('.strip .command .moment').evaluateAll((all) => all.map((moment) => moment.getAttribute('title')));

/** What is there at the end, as text. */
async function state(page: Page): Promise<string> {
  const text = page.getByRole('button', { name: 'Picture as text' });
  await text.click();
  // Its code is loaded now; of the text itself nothing comes late.
  const twin = page.locator('.text-twin pre');
  await twin.getByText('cat').first().waitFor();
  const read = await twin.innerText();
  await text.click();
  await twin.waitFor({ state: 'detached' });
  return read;
}

/** What is there at the end of a session: waited for until it is `before`. */
async function comesTo(page: Page, before: Readonly<Record<string, unknown>>): Promise<void> {
  await holds(async () => assert.equal(await commands(page), before.commands));
  await holds(async () => assert.equal(await state(page), before.state));
}

async function session(page: Page): Promise<void> {
  await playground(page);
  await type(page, 'docker create --name first busybox touch /x');
  await enter(page, 'docker run -it --name shell busybox sh');
  await page.locator('.waits').waitFor();
  for (const line of ['echo "a --> b" > /note', '', 'exit 3']) await enter(page, line);
  await page.locator('.waits').waitFor({ state: 'detached' });
  await until(page, `document.querySelectorAll('.strip .command').length === 2`);
  await enter(page, 'docker run -i --name cat busybox sh -c "cat > /typed"');
  await page.locator('.waits').waitFor();
  await enter(page, '  two  words');
  await page.keyboard.press('Control+d');
  await page.locator('.waits').waitFor({ state: 'detached' });
  await type(page, 'docker commit shell kept');
  await type(page, 'docker rm nothing');
}

async function share(page: Page, what: string): Promise<void> {
  await page.getByRole('button', { name: /^Share/ }).click();
  await page.getByRole('button', { name: what }).click();
}

async function saved(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), share(page, 'Save as a transcript')]);
  assert.is(download.suggestedFilename(), 'cutaway.md');
  return readFileSync((await download.path())!, 'utf8');
}

async function open(page: Page, name: string, text: string): Promise<void> {
  await page.getByRole('button', { name: /^Share/ }).click();
  await page
    .locator('.menu-list input[type=file]')
    .setInputFiles({ name, mimeType: 'text/markdown', buffer: Buffer.from(text) });
}

test('saved and opened again: the same commands, the same input, the same state, the same file', async ({ rig }) => {
  await rig.page(async (page) => {
    await session(page);
    const before = { commands: await commands(page), state: await state(page), file: await saved(page) };
    assert.match(before.file, /<!-- typed: "echo \\"a --\\u003e b\\" > \/note\\n"|<!-- typed: /);
    await page.getByRole('button', { name: 'Reset: a fresh world' }).click();
    await until(page, `document.querySelectorAll('.strip .command').length === 0`);
    await open(page, 'cutaway.md', before.file);
    await page.getByRole('dialog').waitFor();
    await holds(async () =>
      assert.match(
        await page.getByRole('dialog').innerText(),
        /brings 5 commands[\s\S]*docker run -it --name shell busybox sh and 3 inputs/,
      ),
    );
    await picture(page, 'files-offer');
    await page.getByRole('button', { name: 'Run them' }).click();
    await until(page, `document.querySelectorAll('.strip .command').length === 5`);
    await comesTo(page, before);
    assert.is(await saved(page), before.file);
    await type(page, 'docker cp cat:/typed - | tail -n 1');
  });
});

test('sent as a link: the same', async ({ rig }) => {
  const before = await rig.page(async (page) => {
    await session(page);
    await share(page, 'Copy a link to this state');
    await until(page, `location.hash.startsWith('#s=')`);
    const fragment = new URL(page.url()).hash.slice(1);
    return { fragment, commands: await commands(page), state: await state(page) };
  });
  await rig.page(
    async (page) => {
      await page.getByRole('button', { name: 'Run them' }).click();
      await until(page, `document.querySelectorAll('.strip .command').length === 5`);
      await comesTo(page, before);
    },
    { fragment: before.fragment },
  );
});

test('a file that is broken or foreign is refused with line and expectation, and nothing is lost', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    await type(page, 'docker create --name mine busybox');
    for (const [name, text, said] of [
      ['a.md', '# Notes\n\nNothing to run.\n', /a\.md: no command found[\s\S]*```console blocks/],
      [
        'b.md',
        '# B\n\n```console\noutput\n$ docker ps\n```\n',
        /b\.md:4:1: output before the first command[\s\S]*"\$ command"/,
      ],
      [
        'c.md',
        '```console\n$ docker ps\n? many\n```\n',
        /c\.md:3:1: "\? many": not an exit status[\s\S]*N from 0 to 255/,
      ],
      ['d.md', '```console\n$ docker ps\n', /d\.md:1:1: console block is not closed[\s\S]*```/],
      ['e.md', `\`\`\`console\n$ docker ps\n\`\`\`\n<!-- typed: oops -->\n`, /e\.md:4:12: "oops -->": not something/],
      [
        'f.md',
        `\`\`\`console\n$ docker ps\n$ echo ${'x'.repeat(5_000)}\n\`\`\`\n`,
        /f\.md:3:1: this command cannot be carried out here[\s\S]*4000 characters/,
      ],
      ['g.txt', 'docker ps\n'.repeat(2_001), /g\.txt:2001: more than 2000 commands/],
      ['h.md', 'x'.repeat(400_001), /more than 400000 are not read/],
      ['i.md', '---\nid: x\ntitle: A\nminutes: many\n---\n# A\n\n```console\n$ docker ps\n```\n', /i\.md:4/],
      ['j.png', '\x89PNG\r\n\x1a\n\0\0', /j\.png/],
    ] as const) {
      await open(page, name, text);
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      await holds(async () => assert.match(await dialog.innerText(), said, name));
      if (name === 'c.md') await picture(page, 'files-refused');
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    }
    assert.equal(await commands(page), ['docker create --name mine busybox']);
    await type(page, 'docker ps -a --format "{{.Names}}"');
    await shows(page, /^mine/m);
  });
});

const packed = (json: string): string => `s=${deflateRawSync(Buffer.from(json)).toString('base64url')}`;
const link = (c: unknown, more: object = {}): string => packed(JSON.stringify({ v: 1, p: 'playground', c, ...more }));

const hostile: readonly (readonly [what: string, fragment: string, said: RegExp])[] = [
  ['not base64', 's=%%%', /damaged/],
  ['not deflated', 's=AAAA', /damaged/],
  ['no JSON', packed('docker ps'), /damaged/],
  ['another version', packed('{"v":2,"p":"playground","c":[]}'), /holds no session/],
  ['a zip bomb', packed(`{"v":1,"p":"playground","c":["${'x'.repeat(20_000_000)}"]}`), /damaged|too long/],
  ['a million commands', link(Array(1_000_000).fill('')), /damaged|too long|more than 2000/],
  ['too many commands', link(Array(2_001).fill('ls')), /more than 2000 commands/],
  ['control characters', link(['docker ps', 'echo \u001b[2J']), /its command 2 is none/],
  ['a line end in a command', link(['ls\nrm -rf /']), /its command 1 is none/],
  ['text that is turned round', link(['echo \u202ematp']), /its command 1 is none/],
  ['a line without end', link(['x'.repeat(4_001)]), /its command 1 is none/],
  ['objects for commands', link([{ line: 'ls' }]), /its command 1 is none/],
  ['unknown keys', link(['ls'], { constructor: { prototype: { polluted: 1 } } }), /holds no session|none/],
  ['too long', `s=${'A'.repeat(40_000)}`, /too long/],
  ['a place that is no place', link(['ls'], { p: '../../etc' }), /holds no session/],
];

for (const [what, fragment, said] of hostile) {
  test(`a hostile link: ${what}`, async ({ rig }) => {
    await rig.page(
      async (page) => {
        await until(page, `document.querySelectorAll('.said').length > 0 && ${said}.test(document.body.innerText)`);
        await holds(async () => assert.match(await page.locator('body').innerText(), /This link cannot be used: /));
        // The world is there, so that something could have been run in it.
        await page.locator('.picture svg').first().waitFor();
        assert.is(await page.getByRole('dialog').count(), 0);
        assert.is(await page.locator('.strip .command').count(), 0);
      },
      { fragment },
    );
  });
}

test('a link with keys of the prototype changes no prototype, and runs nothing unasked', async ({ rig }) => {
  const fragment = packed('{"v":1,"p":"playground","c":["docker ps"],"__proto__":{"polluted":1}}');
  await rig.page(
    async (page) => {
      await until(page, `document.querySelectorAll('dialog, .said:not(:empty)').length > 0`);
      await page.locator('.picture svg').first().waitFor({ state: 'attached' });
      assert.is(await page.evaluate('({}).polluted'), undefined);
      assert.is(await page.locator('.strip .command').count(), 0);
    },
    { fragment },
  );
});

test.run();
