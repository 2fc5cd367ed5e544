/**
 * `npm run measure:site`: what the site costs a reader, on the built site in Chromium. Script that is sent before the prompt can
 * be used, time until then with the processor slowed four times, from Enter to the picture at rest, memory after 1,000
 * commands. Numbers are printed with their aims, never asserted.
 */
import { loadavg } from 'node:os';
import type { CDPSession } from 'playwright-core';
import { median } from '../bench/measure.ts';
import { marks, openRig, type Rig, slowed, until, visit } from './rig.ts';
import { countSent, type Sent, scriptsOf, sizeOf } from './sent.ts';
import { type } from './terminal.ts';

const rounds = 20;

function row(what: string, value: string, aim = ''): void {
  console.log(`  ${what.padEnd(58)} ${value.padStart(12)}   ${aim}`);
}

/** What the server sends on a first visit until nothing is asked for any more, counted on its way. */
async function firstVisit(rig: Rig): Promise<readonly Sent[]> {
  const counter = await countSent(rig.server);
  const context = await rig.browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${counter.origin}/`);
    await page.waitForSelector(marks.ready, { state: 'attached' });
    for (let known = -1; known < counter.sent.length; await page.waitForTimeout(8_000)) known = counter.sent.length;
    return [...counter.sent];
  } finally {
    await context.close();
    await counter.close();
  }
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

/** What Runtime.getHeapUsage answers: bytes of objects, and of what stands in arrays of bytes beside them. */
interface Usage {
  readonly usedSize?: number;
  readonly backingStorageSize?: number;
}

/** Bytes of JavaScript objects, after a collection, of the page and of the engine's worker (CDP, Runtime.getHeapUsage). */
async function heap(session: CDPSession): Promise<readonly [page: number, worker: number]> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const sessionId = await new Promise<string>((found) => {
    // The service worker is announced too.
    session.on('Target.attachedToTarget', (target) => target.targetInfo.type === 'worker' && found(target.sessionId));
    void session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  });
  const ask = (id: number, method: string): Promise<Usage> =>
    new Promise((answered) => {
      const listen = ({ message, sessionId: from }: { readonly message: string; readonly sessionId: string }): void => {
        const reply = JSON.parse(message);
        if (from !== sessionId || reply.id !== id) return;
        session.off('Target.receivedMessageFromTarget', listen);
        answered(reply.result ?? {});
      };
      session.on('Target.receivedMessageFromTarget', listen);
      void session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    });
  await ask(1, 'HeapProfiler.collectGarbage');
  const worker = await ask(2, 'Runtime.getHeapUsage');
  await session.send('Target.setAutoAttach', { autoAttach: false, waitForDebuggerOnStart: false, flatten: false });
  return [usedSize, (worker.usedSize ?? Number.NaN) + (worker.backingStorageSize ?? 0)];
}

function memory(rig: Rig, commands: number): Promise<readonly (readonly [page: number, worker: number])[]> {
  return rig.page(async (page) => {
    const session = await page.context().newCDPSession(page);
    const before = await heap(session);
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
    return [before, await heap(session)];
  });
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;

const rig = await openRig();
try {
  console.log('the site, built, in Chromium, over the loopback, nothing in its caches');
  row('load average of the machine', loadavg()[0]!.toFixed(1));
  const sent = await firstVisit(rig);
  const scripts = scriptsOf(sent);
  row('script sent on the first load (gzip)', kilobytes(sizeOf(scripts)), 'aim: at most 250 kB without Mermaid');
  for (const { path, bytes } of scripts) row(`  ${path.split('/').at(-1)}`, kilobytes(bytes));
  const kept = sent.filter(({ by }) => by === 'service worker');
  row('fetched afterwards by the service worker, to work offline', kilobytes(sizeOf(kept)), 'Mermaid included');
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
  const heaps = await memory(rig, 1000);
  const megabytes = (bytes: readonly number[]): string => bytes.map((size) => (size / 1e6).toFixed(0)).join(' + ');
  row('heaps of page + engine, before and after 1000 commands', `${heaps.map(megabytes).join(' → ')} MB`);
  row('load average of the machine', loadavg()[0]!.toFixed(1));
} finally {
  await rig.close();
}
