/**
 * `npm run measure:site`: what the site costs a reader, on the built site in Chromium. Script that is sent before the prompt can
 * be used, time until then with the processor slowed four times, from Enter to the picture at rest, memory after 1,000
 * commands. Numbers are printed with their aims, never asserted.
 */
import type { CDPSession, Page } from 'playwright-core';
import { median } from '../bench/measure.ts';
import { openRig, type Rig, slowed, until, visit } from './rig.ts';
import { type } from './terminal.ts';

const rounds = 20;

function row(what: string, value: string, aim = ''): void {
  console.log(`  ${what.padEnd(58)} ${value.padStart(12)}   ${aim}`);
}

/** Bytes of each script as it was sent, the worker's included (Resource Timing, encodedBodySize). */
async function scriptBytes(rig: Rig): Promise<readonly (readonly [name: string, bytes: number])[]> {
  const entries = await rig.page((page) =>
    page.evaluate(
      "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).map(({ name, encodedBodySize }) => [name.split('/').at(-1), encodedBodySize])",
    ),
  );
  return entries as (readonly [string, number])[];
}

/** Milliseconds from the start of the navigation to a prompt that can be used, in a browser that has nothing of the site. */
function promptAfter(rig: Rig, rate: number): Promise<number> {
  return rig.page(
    async (page) => {
      await slowed(page, rate);
      const start = performance.now();
      await visit(page, rig.server);
      return performance.now() - start;
    },
    { blank: true },
  );
}

/** Runs in the page: presses Enter and resolves with the milliseconds until the picture is up to date and painted. */
const timeEnter = `() => new Promise((resolve) => {
  const root = document.documentElement;
  const start = performance.now();
  new MutationObserver((_, observer) => {
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
  }).observe(root, { attributeFilter: ['data-settled'] });
  document.querySelector('#prompt').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
})`;

function enterToPicture(rig: Rig): Promise<number> {
  return rig.page(async (page) => {
    await type(page, 'docker run busybox true');
    const times: number[] = [];
    for (let n = 0; n < rounds; n++) {
      await page.locator('#prompt').fill(`docker run --name c${n} busybox touch /f${n}`);
      times.push((await page.evaluate(`(${timeEnter})()`)) as number);
      await until(page, "document.querySelector('.prompt-sign').dataset.busy === 'false'");
    }
    return median(times);
  });
}

async function heap(page: Page, session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const workers = await Promise.all(
    page.workers().map((worker) => worker.evaluate('performance.memory?.usedJSHeapSize ?? 0') as Promise<number>),
  );
  return workers.reduce((sum, size) => sum + size, usedSize);
}

function memory(rig: Rig, commands: number): Promise<readonly [before: number, after: number]> {
  return rig.page(async (page) => {
    const session = await page.context().newCDPSession(page);
    const before = await heap(page, session);
    const lines = Array.from({ length: commands / 2 }, (_, n) => [
      `docker run --name m${n} busybox touch /f`,
      `docker rm m${n}`,
    ]);
    const flat = lines.flat();
    // Pasted, a hundred at a time: the queue takes them one after the other.
    for (let from = 0; from < flat.length; from += 100) {
      const part = flat.slice(from, from + 100);
      await page.evaluate(
        `(() => {
          const data = new DataTransfer();
          data.setData('text/plain', ${JSON.stringify(`${part.join('\n')}\n`)});
          document.querySelector('#prompt').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        })()`,
      );
      const last = JSON.stringify(`${part.at(-1)}:`);
      await until(
        page,
        `(document.querySelector('[role="log"] > p:last-child')?.textContent ?? '').startsWith(${last})`,
        120,
      );
    }
    return [before, await heap(page, session)] as const;
  });
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;

const rig = await openRig();
try {
  console.log('the site, built, in Chromium, over the loopback, nothing in its caches');
  const scripts = await scriptBytes(rig);
  const all = scripts.reduce((sum, [, size]) => sum + size, 0);
  row('script sent on the first load (gzip)', kilobytes(all), 'aim: at most 250 kB without Mermaid');
  for (const [name, size] of scripts) row(`  ${name}`, kilobytes(size));
  for (const rate of [1, 4]) {
    const times: number[] = [];
    for (let n = 0; n < 5; n++) times.push(await promptAfter(rig, rate));
    const slow = rate === 1 ? '' : `, processor slowed ${rate} times`;
    row(`usable prompt${slow} (median of 5)`, `${median(times).toFixed(0)} ms`, rate === 4 ? 'aim: under 1500 ms' : '');
  }
  row(
    `Enter to the picture at rest (median of ${rounds})`,
    `${(await enterToPicture(rig)).toFixed(0)} ms`,
    'aim: under 50 ms',
  );
  const [before, after] = await memory(rig, 1000);
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  row('memory (JavaScript heaps) before and after 1000 commands', `${megabytes(before)} → ${megabytes(after)} MB`);
} finally {
  await rig.close();
}
