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
