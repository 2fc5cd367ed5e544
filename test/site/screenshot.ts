/**
 * `npm run screenshot`: takes README's picture of the site anew (site/screenshot.png), in the built site as a learner sees it.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openRig, until } from './rig.ts';

const file = fileURLToPath(new URL('../../site/screenshot.png', import.meta.url));

/** What was typed until the picture was taken: a commit, and a container on the new image; few enough to be seen whole. */
const lines = [
  'docker run --name where busybox touch /happiness.txt',
  'docker commit where happy',
  'docker rm where',
  'docker run -d --name here happy sleep 300',
  'docker exec here rm /bin/ls',
];

const rig = await openRig();
try {
  await rig.page(
    async (page) => {
      for (const [n, line] of lines.entries()) {
        await page.locator('#prompt').fill(line);
        await page.keyboard.press('Enter');
        await until(page, `document.querySelectorAll('.strip .command').length === ${n + 1}`);
      }
      await page.waitForTimeout(1000);
      writeFileSync(file, await page.screenshot());
    },
    { size: [1400, 1000] },
  );
} finally {
  await rig.close();
}
console.log(file);
