/**
 * What a person does at the page, for tests: types a line, and waits until it is answered.
 */
import type { Page } from 'playwright-core';
import { until } from './rig.ts';

const log = '[role="log"][aria-label="Output of commands"]';

/** The number of the timeline's newest point; each answer makes a new one, also when its line went on. */
const newest = `Number(document.querySelector('.strip .command:last-child')?.dataset.point ?? 0)`;

/**
 * Types a line at the prompt, and waits until its point is in the timeline, its answer announced, and nothing runs. (Whether
 * the picture was drawn anew says nothing: a command that only looks leaves it as it is.)
 */
export async function type(page: Page, line: string): Promise<void> {
  const before = await page.evaluate(`[...document.querySelectorAll('.strip .command')]
    .reduce((most, { dataset }) => Math.max(most, Number(dataset.point)), 0)`);
  const prompt = page.locator('#prompt');
  await prompt.fill(line);
  await prompt.press('Enter');
  const answered = [
    `${newest} > ${before}`,
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
