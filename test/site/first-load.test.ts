/** What a new reader is sent before anything is typed: a budget in bytes, so that it cannot grow unnoticed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtSite, holds, marks, openRig, type Rig, slowed, slowness } from './rig.ts';
import { type Counter, countSent, scriptsOf, sizeOf } from './sent.ts';

/** Bytes of script, gzip, Mermaid and what the service worker keeps for later left out. */
const BUDGET = 250_000;

/** Parts of the core and of the page that wait until somebody needs them, by the names of their files. */
const later =
  /\/(first|docker|shell|mixed|files|text|host|spaces|tables|verbs|others(-all)?|reading-all|answer|beside|compare|union|lifecycle|twin|markdown|mermaid[^/]*)-[\w-]{8}\.js$/;

/** Scripts that others load when they are needed; one that is imported at once may have the same name (core/vfs/union). */
function loadedOnDemand(folder: string): readonly string[] {
  const assets = join(folder, 'assets');
  const texts = readdirSync(assets)
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(assets, name), 'utf8'));
  const asked = texts.flatMap((text) => [...text.matchAll(/\bimport\([`'"]\.\/([\w-]+\.js)[`'"]\)/g)]);
  return asked.map(([, name]) => `/assets/${name}`).filter((path) => later.test(path));
}

let rig: Rig;
let counter: Counter;
const firstLoad = suite('first load');

firstLoad.before(async () => {
  rig = await openRig();
  counter = await countSent(rig.server);
});
firstLoad.after(async () => {
  await counter.close();
  await rig.close();
});

firstLoad('script sent to the page and its engine stays within the budget, and the rest waits', async () => {
  const context = await rig.browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  if (slowness > 1) await slowed(page, slowness);
  await page.goto(`${counter.origin}/`);
  await page.waitForSelector(marks.ready, { state: 'attached' });
  // The engine has answered, and the lesson stands there: what they need was sent. What comes unasked comes in a quiet moment.
  await page.locator('.picture svg').first().waitFor();
  await page.locator('[data-now]').waitFor();
  await page.waitForLoadState('networkidle');
  const atFirst = scriptsOf(counter.sent);
  const names = atFirst.map(({ path }) => path);
  assert.ok(
    names.some((name) => name.includes('/engine-')),
    'the worker was counted',
  );
  const list = atFirst.map(({ path, bytes }) => `${path} ${bytes}`).join('\n');
  assert.ok(sizeOf(atFirst) <= BUDGET, `${sizeOf(atFirst)} bytes of script are more than ${BUDGET}:\n${list}`);
  const waiting = loadedOnDemand(await builtSite());
  assert.ok(waiting.length > 15, waiting.join());
  assert.equal(
    names.filter((name) => waiting.includes(name)),
    [],
    'loaded too early',
  );
  await page.locator('#prompt').fill('docker ps');
  await page.locator('#prompt').press('Enter');
  await page.locator('[role="log"] > p').first().waitFor({ state: 'attached' });
  await holds(() => {
    const now = scriptsOf(counter.sent).map(({ path }) => path);
    assert.ok(
      now.some((name) => waiting.includes(name)),
      'what waited is loaded when it is needed',
    );
  });
  await context.close();
});

firstLoad.run();
