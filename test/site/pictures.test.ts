/**
 * The pictures in a real Chromium, on the gallery page and under the site's Content-Security-Policy: pointing, keys, motion,
 * what axe-core finds, whether texts really fit into the boxes that the layout gave them.
 *
 * Kept true: a page that logs an error or asks for anything that the policy forbids fails its test.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { which } from '../../backend/tools.ts';
import { sceneOf, stories } from '../../site/pictures/gallery/scenes.ts';
import { holds, slowed, slowness } from './rig.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'cutaway-pictures-'));
const policy = /content="(default-src[^"]*)"/.exec(readFileSync(join(root, 'site/index.html'), 'utf8'))?.[1] ?? '';
const html =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>pictures</title><link rel="icon" href="data:,">' +
  '<link rel="stylesheet" href="/main.css"></head><body><script type="module" src="/main.js"></script></body></html>';

let browser: Browser;
let server: Server;

const test = suite('pictures');

test.before(async () => {
  assert.match(policy, /script-src 'self'/);
  await build({
    entryPoints: [join(root, 'site/pictures/gallery/main.tsx')],
    bundle: true,
    splitting: true,
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    outdir: folder,
    logLevel: 'error',
  });
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const type = pathname.endsWith('.css') ? 'text/css' : pathname.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.setHeader('content-type', `${type}; charset=utf-8`);
    response.setHeader('content-security-policy', policy);
    response.end(pathname === '/' ? html : readFileSync(join(folder, pathname)));
  }).listen(0, '127.0.0.1');
  browser = await chromium.launch({
    executablePath: which('chromium') ?? 'chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
  });
});

test.after(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Look {
  readonly story: string;
  readonly kind?: string;
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
  readonly motion?: 'no';
  readonly steps?: true;
  readonly reduced?: boolean;
}

async function look<T>(options: Look, use: (page: Page) => Promise<T>): Promise<T> {
  const { story, kind = 'stack', width = 900, theme = 'light', motion, steps, reduced = false } = options;
  const page = await browser.newPage({
    viewport: { width: width + 24, height: 800 },
    reducedMotion: reduced ? 'reduce' : 'no-preference',
  });
  if (slowness > 1) await slowed(page, slowness);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  const query = new URLSearchParams({
    story,
    kind,
    width: String(width),
    theme,
    ...(motion === undefined ? {} : { motion }),
    ...(steps === undefined ? {} : { steps: 'yes' }),
  });
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?${query}`);
    await page.waitForSelector('main');
    const result = await use(page);
    assert.equal(errors, []);
    return result;
  } finally {
    await page.close();
  }
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

async function violations(page: Page): Promise<string[]> {
  // The page's own policy allows no script from elsewhere; evaluating one is the test's privilege.
  await page.evaluate(axe);
  const found = await page.evaluate<readonly Violation[]>('axe.run().then((result) => result.violations)');
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
}

const words = (page: Page): Promise<string> => page.locator('.picture-words').innerText();

for (const theme of ['light', 'dark'] as const) {
  for (const story of ['written', 'paused', 'twice', 'twenty']) {
    test(`axe-core finds nothing wrong with ${story}, ${theme}`, async () => {
      const width = theme === 'light' ? 900 : 360;
      // Not while something moves in: what is half transparent has little contrast.
      assert.equal(await look({ story, theme, width, motion: 'no' }, violations), []);
    });
  }
  for (const story of ['shared', 'by-hand', 'published', 'crowd']) {
    test(`axe-core finds nothing wrong with the network picture of ${story}, ${theme}`, async () => {
      const width = theme === 'light' ? 900 : 360;
      assert.equal(await look({ story, kind: 'network', theme, width, motion: 'no' }, violations), []);
    });
  }
  for (const kind of ['union', 'lifecycle', 'text-stack', 'text-network']) {
    test(`axe-core finds nothing wrong with the ${kind} picture, ${theme}`, async () => {
      const found = await look({ story: 'written', kind, theme }, async (page) => {
        if (kind === 'lifecycle') await page.waitForSelector('.chart-picture img', { timeout: 60_000 });
        return violations(page);
      });
      assert.equal(found, []);
    });
  }
}

/** Texts that end right of the box that they stand in. */
const tooWide = `[...document.querySelectorAll('.box')].flatMap((box) => {
  const edge = box.querySelector('.face').getBoundingClientRect().right;
  return [...box.querySelectorAll('text')]
    .filter((text) => text.closest('.mark') === null && text.getBoundingClientRect().right > edge + 2)
    .map((text) => text.textContent);
})`;

test('no label of the network picture is wider than its box', async () => {
  for (const story of ['shared', 'own-network', 'by-hand', 'crowd'])
    for (const width of [360, 900]) {
      const wide = await look({ story, kind: 'network', width, motion: 'no' }, (page) =>
        page.evaluate<string[]>(tooWide),
      );
      assert.equal(wide, [], `${story} at ${width}`);
    }
});

test('in the network picture a device lights its other end, by pointer and by keys', async () => {
  await look({ story: 'published', kind: 'network' }, async (page) => {
    const device = (key: RegExp) => page.locator('.box-device').filter({ hasText: key }).first();
    await device(/^eth0/).hover();
    await holds(async () => {
      assert.match(await words(page), /^eth0: one end of a pair, up, with the address 172\.17\.0\.2\/16; .* of host/);
      assert.is(await page.locator('.box-bridge.lit').count(), 1);
      assert.is(await page.locator('.link-wire.lit').count(), 1);
    });
    await page.locator('.box-rule').filter({ hasText: '8080/tcp' }).focus();
    await holds(async () => {
      assert.match(await words(page), /port 8080\/tcp of the host goes on to 172\.17\.0\.2:80 of web/);
      assert.is(await page.locator('.link-nat.lit').count(), 1);
    });
    await page.keyboard.press('Home');
    await holds(async () => assert.match(await words(page), /^Network namespace of host: lo, docker0, veth/));
  });
});

test('no label is wider than its box, in any story and width', async () => {
  const late: string[] = [];
  for (const story of ['written', 'twice', 'twenty', 'many', 'shelves']) {
    for (const width of [360, 900]) {
      const wide = await look({ story, width, motion: 'no' }, (page) => page.evaluate<string[]>(tooWide));
      late.push(...wide.map((text) => `${story} at ${width}: ${text}`));
    }
  }
  assert.equal(late, []);
});

test('nothing scrolls sideways at 360 pixels', async () => {
  for (const story of ['written', 'twice', 'twenty', 'many']) {
    const over = await look({ story, width: 336 }, (page) =>
      page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    );
    assert.is(over, 0, story);
  }
});

test('pointing at a deleted path lights the layer that hides it and the one where it still is', async () => {
  await look({ story: 'written' }, async (page) => {
    await page.locator('.picture .box-row[data-key$="/etc/passwd"]').hover();
    await holds(async () =>
      assert.is(
        await words(page),
        '/etc/passwd is not seen: hidden by a whiteout in the read-write layer; it is still there in layer 1.',
      ),
    );
    await holds(async () => assert.is(await page.locator('.picture .box-upper.lit').count(), 1));
    await holds(async () => assert.is(await page.locator('.picture .box-layer.under').count(), 1));
    await holds(async () => assert.is(await page.locator('.beam').count(), 2));
    await page.mouse.move(1, 1);
    await holds(async () => assert.is(await page.locator('.beam').count(), 0));
  });
});

test('the picture is one stop of the Tab key, and the arrows walk in it', async () => {
  await look({ story: 'written', steps: true }, async (page) => {
    for (let i = 0; i < 4; i += 1) await page.locator('#next').click();
    await page.keyboard.press('Tab');
    await page.keyboard.press('End');
    await holds(async () => assert.match(await words(page), /^Layer 1 is read-only: in use by web/));
    await page.keyboard.press('Home');
    const inside = "document.activeElement.closest('svg') !== null";
    await holds(async () => assert.is(await words(page), '/.dockerenv comes from the init layer.'));
    const described = "document.activeElement.getAttribute('aria-description')";
    await holds(async () => assert.is(await page.evaluate(described), await words(page)));
    await page.keyboard.press('Tab');
    await holds(async () => assert.is(await page.evaluate(inside), false));
    await page.keyboard.press('Shift+Tab');
    await holds(async () => assert.is(await page.evaluate(inside), true));
  });
});

test('a card is opened by click and by Enter', async () => {
  await look({ story: 'twenty' }, async (page) => {
    const open = (count: number): Promise<void> =>
      holds(async () => assert.is(await page.locator('.picture .box-container').count(), count));
    await open(1);
    await page.locator('.picture .box-card').first().click();
    await open(2);
    await page.locator('.picture .box-card').last().focus();
    await page.keyboard.press('Enter');
    await holds(async () => {
      const names = await page.locator('.picture .box-container .label-strong').allTextContents();
      assert.ok(names.includes('c20'), names.join());
      const focused = await page.evaluate<string>("document.activeElement.getAttribute('aria-description')");
      assert.match(focused, /^The read-write layer of c20 is empty/);
    });
  });
});

/** The longest that anything moves, in milliseconds, right after a step. */
async function movement(options: Look): Promise<number> {
  return look({ ...options, story: 'written', steps: true }, async (page) => {
    // All within the page: what moves for 200 ms may be over before anybody asks from outside.
    return page.evaluate<number>(`new Promise((resolve, reject) => {
      const before = document.querySelector('.picture').innerHTML;
      document.querySelector('#next').click();
      requestAnimationFrame(() => {
        if (document.querySelector('.picture').innerHTML === before) return reject(new Error('the step changed nothing'));
        const moving = document.getAnimations().map((item) => Number(item.effect.getComputedTiming().duration));
        resolve(Math.max(0, ...moving));
      });
    })`);
  });
}

test('what is new moves in within 200 ms, and not at all for those who want no motion', async () => {
  const moving = await movement({ story: 'written' });
  assert.ok(moving > 0 && moving <= 200, `${moving} ms`);
  assert.is(await movement({ story: 'written', motion: 'no' }), 0);
  assert.is(await movement({ story: 'written', reduced: true }), 0);
});

/** What an SVG file is read as: an error, or its boxes with all that is written in them, and what could do more than be seen. */
const readFile = `(text) => {
  const page = new DOMParser().parseFromString(text, 'image/svg+xml');
  const error = page.querySelector('parsererror')?.textContent ?? '';
  const boxes = [...page.querySelectorAll('g.box')].filter((box) => box.closest('.legend') === null)
    .map((box) => box.getAttribute('class') + ' ' + box.textContent.replaceAll(/\\s/g, ''));
  return { error, boxes, live: page.querySelectorAll('script, foreignObject, image, a, [href]').length };
}`;

test('a picture in a file has the boxes of the live one, word for word', async () => {
  const { drawSvg } = await import('../../core/index.ts');
  for (const story of ['written', 'twice', 'twenty']) {
    await look({ story, motion: 'no' }, async (page) => {
      const text = drawSvg('stack', sceneOf(stories[story]!), { width: 900 });
      const file = await page.evaluate<{ error: string; boxes: string[]; live: number }>(
        `(${readFile})(${JSON.stringify(text)})`,
      );
      const shown = await page.evaluate<string[]>(
        `[...document.querySelectorAll('svg g.box[data-key]')].map((box) => box.getAttribute('class') + ' ' + box.textContent.replaceAll(/\\s/g, ''))`,
      );
      assert.is(file.error, '');
      assert.is(file.live, 0);
      assert.ok(file.boxes.length > 10);
      assert.equal([...file.boxes].sort(), [...shown].sort());
    });
  }
});

test('a picture in a file is well-formed whatever the names in it', async () => {
  const { drawSvg } = await import('../../core/index.ts');
  const scene = sceneOf(stories.written!);
  const names = [
    '</svg><script>alert(1)</script>',
    '"><image href="http://x/y"/>',
    '&amp;&#0;',
    ']]>',
    'a\u0000b\ud800c\uffff',
    '<!--',
  ];
  await look({ story: 'nothing' }, async (page) => {
    for (const name of names) {
      const containers = scene.containers.map((item) => ({
        ...item,
        name,
        upper: item.upper.map((file) => ({ ...file, path: `/${name}` })),
      }));
      const text = drawSvg('stack', { ...scene, containers });
      const file = await page.evaluate<{ error: string; live: number }>(`(${readFile})(${JSON.stringify(text)})`);
      assert.equal([file.error, file.live], ['', 0], name);
    }
  });
});

test('the lifecycle chart is an image, marked where the container is, and follows light and dark', async () => {
  const chart = (theme: 'light' | 'dark') =>
    look({ story: 'paused', kind: 'lifecycle', theme }, async (page) => {
      const image = page.locator('.chart-picture img');
      await image.waitFor({ timeout: 60_000 });
      const size =
        "(async (item) => { await item.decode(); return item.naturalWidth; })(document.querySelector('img'))";
      assert.ok((await page.evaluate<number>(size)) > 300);
      assert.match((await image.getAttribute('alt')) ?? '', /web is paused/);
      return decodeURIComponent((await image.getAttribute('src')) ?? '');
    });
  const [light, dark] = [await chart('light'), await chart('dark')];
  assert.match(light.replace(/<[^>]*>/g, ''), /web\s*\(changed\)/);
  assert.not.match(light, /foreignObject|<script|onerror/i);
  assert.is.not(light, dark);
});

test('the union table names origin, hidden and whiteout in words, and points as the stack does', async () => {
  await look({ story: 'written', kind: 'union' }, async (page) => {
    const row = page.locator('tr', { hasText: '/etc/passwd' });
    for (const word of ['hidden', 'whiteout', 'deleted: whiteout in the read-write layer'])
      await holds(async () => assert.match(await row.innerText(), word));
    await row.hover();
    await holds(async () => assert.match(await words(page), /still there in layer 1/));
  });
});

test.run();
