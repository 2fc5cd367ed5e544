/**
 * What a person does at the page, for tests: types a line, and waits until it is answered and the picture is up to date.
 */
import type { Page } from 'playwright-core';
import { until } from './rig.ts';

const log = '[role="log"][aria-label="Output of commands"]';

/** Types a line at the prompt; for one that ends, its answer is announced then and the picture at rest. */
export async function type(page: Page, line: string): Promise<void> {
  const before = await page.evaluate('document.documentElement.dataset.settled ?? "0"');
  const prompt = page.locator('#prompt');
  await prompt.fill(line);
  await prompt.press('Enter');
  const answered = [
    `Number(document.documentElement.dataset.settled) > ${before}`,
    `document.querySelector('.prompt-sign').dataset.busy === 'false'`,
    `(document.querySelector('${log} > p:last-child')?.textContent ?? '').startsWith(${JSON.stringify(line)})`,
  ];
  await until(page, answered.join(' && '));
}

/** All that was announced of the last answers. */
export async function announced(page: Page): Promise<string> {
  return (await page.locator(log).textContent()) ?? '';
}

/** What the terminal shows now: xterm.js keeps it in rows. */
export const rows = (page: Page): Promise<string> => page.locator('.xterm-rows').innerText();

/** Waits until the terminal shows something. */
export async function shows(page: Page, what: RegExp): Promise<void> {
  await until(page, `${what}.test(document.querySelector('.xterm-rows')?.innerText ?? '')`);
}

/** Types a line and goes on at once, for a program that waits or one that takes its time. */
export async function enter(page: Page, line: string): Promise<void> {
  await page.locator('#prompt').fill(line);
  await page.locator('#prompt').press('Enter');
}

export async function paste(page: Page, text: string): Promise<void> {
  await page.locator('#prompt').evaluate((field, pasted) => {
    const data = new DataTransfer();
    data.setData('text/plain', pasted);
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

/** Goes to the playground. */
export async function playground(page: Page): Promise<void> {
  await page.locator('.menu-button').first().click();
  await page.locator('.menu-list').getByRole('button', { name: 'Playground' }).click();
  await page.getByRole('heading', { name: 'Docker with the side taken off' }).waitFor();
  await until(page, `document.querySelectorAll('.strip .command').length === 0`);
}
