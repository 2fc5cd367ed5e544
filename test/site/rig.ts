/**
 * The rig of the site's tests: builds the site when it is older than its sources, serves it as `cutaway serve` does, and opens
 * pages in Chromium. Pages of one test share nothing with those of another.
 *
 * Kept true: a test fails when its page logs an error, throws, breaks its Content-Security-Policy or asks anybody but its own
 * server; a failed test leaves a screenshot and says where.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type SiteServer, startServer } from '../../backend/server.ts';
import { openTarget } from '../../backend/targets.ts';
import { which } from '../../backend/tools.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** CUTAWAY_SLOWED=6 slows the processor of every page six times: what a test then misses, it does not wait for. */
export const slowness = Number(process.env.CUTAWAY_SLOWED ?? 1);

export interface RigOptions {
  /** Carry the linux target to the pages. */
  readonly linux?: boolean;
}

export interface PageOptions {
  /** Window size; default 1280 × 800. */
  readonly size?: readonly [width: number, height: number];
  /** What follows the `#` of the address. */
  readonly fragment?: string;
  readonly context?: BrowserContextOptions;
  /** Errors that the test provokes on purpose. */
  readonly expected?: RegExp;
  /** Open nothing: the test goes to the page itself. */
  readonly blank?: boolean;
}

/** The marks that the page sets for tests and measurements. */
export const marks = {
  /** The prompt can be typed at. */
  ready: 'html[data-ready="true"]',
  /** Counts the pictures that are up to date and at rest. */
  settled: 'data-settled',
} as const;

export interface Rig {
  readonly server: SiteServer;
  readonly browser: Browser;
  /** Gives a page that is ready to `use`, then looks whether it had errors. */
  page<T>(use: (page: Page) => Promise<T>, options?: PageOptions): Promise<T>;
  close(): Promise<void>;
}

export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const folder = await builtSite();
  const target = () => openTarget('linux', { interactive: true });
  const server = await startServer(options.linux === true ? { folder, openTarget: target } : { folder });
  const browser = await chromium.launch({
    executablePath: which('chromium') ?? 'chromium',
    // Containers often have 64 MB of /dev/shm, on which Chromium ends part-way: it keeps what it shares elsewhere then.
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
  });
  return {
    server,
    browser,
    page: (use, pageOptions = {}) => withPage(browser, server, pageOptions, use),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

async function withPage<T>(
  browser: Browser,
  server: SiteServer,
  options: PageOptions,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const [width, height] = options.size ?? [1280, 800];
  const context = await browser.newContext({
    viewport: { width, height },
    reducedMotion: 'reduce',
    ...options.context,
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  if (slowness > 1) await slowed(page, slowness);
  const errors = watchErrors(page, server.origin);
  try {
    if (options.blank !== true) await visit(page, server, options.fragment);
    const result = await use(page);
    // What the page said until now has come when this has.
    if (!page.isClosed()) await page.evaluate('0');
    const unexpected = errors.filter((error) => options.expected?.test(error) !== true);
    if (unexpected.length > 0) throw new Error(`the page had errors:\n${unexpected.join('\n')}`);
    return result;
  } catch (error) {
    const place = await picture(page, 'failed').catch(() => 'no screenshot');
    const said = errors.length > 0 ? `\nthe page said: ${errors.join('\n')}` : '';
    // The very error goes on: uvu shows what an assertion expected and what it got.
    const failed = error instanceof Error ? error : new Error(String(error));
    failed.message += `\n(${place})${said}`;
    throw failed;
  } finally {
    await context.close();
  }
}

/** Goes to the page, with the token where the server has one, and waits until it can be used. */
export async function visit(page: Page, server: SiteServer, fragment?: string): Promise<void> {
  await page.goto(fragment === undefined ? server.url : `${server.origin}/#${fragment}`);
  await page.waitForSelector(marks.ready, { state: 'attached' });
}

/**
 * Makes an assertion until it holds, as everything that follows an action in a page is to be asserted: how long the page takes is
 * nobody's promise.
 *
 * @param check - asserts; it may read the page, and is called again from its beginning.
 * @param seconds - a bound against hanging, not a timing.
 * @throws what the last call threw, when it held at no time.
 */
export async function holds(check: () => void | Promise<void>, seconds = 20): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await sleep(20);
  }
}

/** Waits until an expression holds in the page. (Playwright's own waiting evaluates text in it, which its policy forbids.) */
export async function until(page: Page, expression: string, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await page.evaluate(expression))) {
    if (Date.now() > end) throw new Error(`this did not come to hold: ${expression}`);
    await page.waitForTimeout(10);
  }
}

function watchErrors(page: Page, origin: string): string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => errors.push(`thrown: ${error.stack ?? error.message}`));
  page.context().on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) errors.push(`asked somebody else: ${url}`);
  });
  return errors;
}

let pictures: string | undefined;

/** Takes a screenshot; returns where it is. CUTAWAY_SCREENSHOTS names a folder to keep them in. */
export async function picture(page: Page, name: string): Promise<string> {
  pictures ??= process.env.CUTAWAY_SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'cutaway-site-'));
  mkdirSync(pictures, { recursive: true });
  const path = join(pictures, `${name}.png`);
  await page.screenshot({ path });
  return path;
}

/** A processor slowed so many times (Chrome DevTools Protocol, Emulation.setCPUThrottlingRate). */
export async function slowed(page: Page, rate: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate });
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeViolation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** What axe-core finds wrong, a line each: WCAG 2.2 A and AA, its best practices, and names that do not hold what is seen. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const result = await page.evaluate(
    `axe.run(document, { rules: { 'label-content-name-mismatch': { enabled: true } } })`,
  );
  const { violations } = result as { readonly violations: readonly AxeViolation[] };
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}\n${failureSummary}`),
  );
}

/** The built site: dist/site, built anew when a source is younger; CUTAWAY_SITE names another folder, taken as it is. */
export async function builtSite(): Promise<string> {
  const given = process.env.CUTAWAY_SITE;
  if (given !== undefined) return given;
  const folder = join(root, 'dist', 'site');
  const built = modified(join(folder, 'index.html'));
  const sources = ['site', 'core', 'lessons', 'vite.config.ts'].map((name) => newest(join(root, name)));
  if (built > Math.max(...sources)) return folder;
  const { build } = await import('vite');
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'error' });
  return folder;
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(path: string): number {
  if (statSync(path).isFile()) return modified(path);
  const below = readdirSync(path, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return Math.max(0, ...below.map((entry) => modified(join(entry.parentPath, entry.name))));
}
