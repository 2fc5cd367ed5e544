/**
 * The picture panel of the built site: every tab draws, has its text twin, and copies the very Mermaid text of the core, which
 * Mermaid takes strictly; the chart's code comes only when its tab is opened; on a phone every tab can be reached.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget, drawMermaid, drawText, type PictureKind, pictureKinds, toScene } from '../../core/index.ts';
import { accessibilityFaults, holds, openRig, picture, type Rig, until } from './rig.ts';
import { playground, type } from './terminal.ts';

const mermaidSource = readFileSync(createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js'), 'utf8');

const test = suite<{ rig: Rig }>('pictures on the page');
test.before(async (context) => {
  context.rig = await openRig();
});
test.after((context) => context.rig.close());

const lines = [
  'docker run -d --name web busybox sh -c "sleep 1000; true"',
  'docker exec web sh -c \'rm /etc/passwd; echo x > "/happy]--.txt"\'',
  'docker commit web happy',
];

/** What the page must show: the same lines on the core itself. */
const target = createSimTarget({ interactive: true });
const moments = [target.observeSync()];
for (const line of lines) {
  target.runSync(line, { steps: false });
  moments.push(target.observeSync());
}
const scene = toScene(moments.at(-1)!, moments.at(-2));

const tabs: Readonly<Record<PictureKind, { readonly name: string; readonly drawn: string }>> = {
  stack: { name: 'Stack', drawn: '.picture .box-upper' },
  union: { name: 'Union', drawn: '.union-picture table' },
  images: { name: 'Images', drawn: '.picture .box-image' },
  host: { name: 'Host', drawn: '.picture .box-path' },
  network: { name: 'Network', drawn: '.picture .box-netspace' },
  lifecycle: { name: 'Lifecycle', drawn: '.chart-picture img' },
};

async function open(page: Page, kind: PictureKind): Promise<void> {
  await page.getByRole('tab', { name: tabs[kind].name, exact: true }).click();
  await page.locator(tabs[kind].drawn).first().waitFor({ timeout: 60_000 });
}

test('the table of this test names all kinds', () => {
  assert.equal(Object.keys(tabs).sort(), [...pictureKinds].sort());
});

test('each tab draws, has a text twin, and copies the Mermaid text of the core, which Mermaid renders strictly', async ({
  rig,
}) => {
  const copied: Partial<Record<PictureKind, string>> = {};
  await rig.page(
    async (page) => {
      await playground(page);
      for (const line of lines) await type(page, line);
      for (const kind of pictureKinds) {
        await open(page, kind);
        await page.getByRole('button', { name: 'copy as Mermaid' }).click();
        const begins = JSON.stringify(drawMermaid(kind, scene).slice(0, 120));
        await until(page, `navigator.clipboard.readText().then((text) => text.startsWith(${begins}))`);
        copied[kind] = await page.evaluate<string>('navigator.clipboard.readText()');
        assert.is(copied[kind], drawMermaid(kind, scene), kind);
        await page.getByRole('button', { name: 'Picture as text' }).click();
        const widths = Array.from({ length: 141 }, (_, i) => 60 + i);
        const texts = widths.map((width) => drawText(kind, scene, { width }).trimEnd());
        await holds(async () => {
          const twin = await page.locator('.text-twin pre').innerText();
          assert.ok(
            texts.includes(twin.trimEnd()),
            `${kind}: the text of the core, as wide as the panel, but:\n${twin}`,
          );
        });
        await page.getByRole('button', { name: 'Picture as text' }).click();
        await page.locator('.text-twin').waitFor({ state: 'detached' });
      }
    },
    { context: { permissions: ['clipboard-read', 'clipboard-write'] } },
  );
  const page = await rig.browser.newPage();
  await page.addScriptTag({ content: mermaidSource });
  await page.evaluate(`mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', maxTextSize: 100000 })`);
  for (const [kind, text] of Object.entries(copied)) {
    const svg = await page.evaluate<string>(
      `mermaid.render('x${kind}', ${JSON.stringify(text)}).then(({ svg }) => svg)`,
    );
    assert.match(svg, /^<svg/, kind);
    assert.not.match(svg, /Syntax error|<script/, kind);
    assert.match(svg, kind === 'host' || kind === 'lifecycle' ? /web/ : /happy|web/, kind);
  }
  await page.close();
});

test('the code of the chart is fetched when its tab is opened, and not before', async ({ rig }) => {
  await rig.page(async (page) => {
    const large: string[] = [];
    page.on('request', (request) => {
      if (/mermaid/i.test(request.url())) large.push(request.url());
    });
    await playground(page);
    await type(page, lines[0]!);
    for (const kind of ['union', 'images', 'host', 'stack'] as const) await open(page, kind);
    assert.equal(large, []);
    await open(page, 'lifecycle');
    await holds(() => assert.ok(large.length > 0, 'something of Mermaid was fetched then'));
    const alt = async (): Promise<string> => (await page.locator('.chart-picture img').getAttribute('alt')) ?? '';
    await holds(async () => assert.match(await alt(), /web is running/));
  });
});

test('pointing at a layer of the host lights its directories, and a directory its layer', async ({ rig }) => {
  await rig.page(async (page) => {
    await playground(page);
    for (const line of lines) await type(page, line);
    await open(page, 'host');
    await page.locator('.picture .box-layer').last().hover();
    await holds(async () => assert.is(await page.locator('.picture .box-path.lit').count(), 3));
    await page.locator('.picture .box-path.lit').first().hover();
    await holds(async () => assert.is(await page.locator('.picture .box-layer.lit').count(), 1));
    await holds(async () =>
      assert.match(await page.locator('.picture-words').innerText(), /^\/var\/lib\/docker\/.*layer 1/),
    );
    await picture(page, 'host');
  });
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no tab has a fault that axe-core finds, and none scrolls the page sideways on a phone, ${colorScheme}`, async ({
    rig,
  }) => {
    await rig.page(
      async (page) => {
        await playground(page);
        for (const line of lines) await type(page, line);
        await page.getByRole('tab', { name: 'Picture', exact: true }).click();
        for (const kind of ['union', 'images', 'host'] as const) {
          await open(page, kind);
          await picture(page, `phone-${kind}-${colorScheme}`);
          await holds(async () => {
            const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
            assert.ok(wide <= 360, `${kind}: ${wide}`);
          });
          assert.is((await accessibilityFaults(page)).join('\n'), '', kind);
        }
      },
      { size: [360, 740], context: { colorScheme } },
    );
  });
}

test.run();
