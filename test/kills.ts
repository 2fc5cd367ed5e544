/**
 * `npm run kills [-- KILLS [SEED]]`: lets every step of every flow of the linux backend fail once, then kills a program at random
 * points, at least 1,000 times; prints what was found afterwards. Exit code 1 when the world was not whole once. `KILLS` 0:
 * failing steps alone.
 */
import { createLinuxTarget } from '../backend/linux-target.ts';
import { failEverywhere } from './suites/wreck/fail.ts';
import { killAtRandom } from './suites/wreck/kill.ts';

const [kills = 1000, seed = 1] = process.argv.slice(2).map(Number);
const seconds = (since: number): string => `${Math.round((Date.now() - since) / 1000)} s`;
const wrong: string[] = [];

if (!process.argv.includes('--no-fail')) {
  const began = Date.now();
  const target = await createLinuxTarget({});
  const failed = await failEverywhere(target, () => true);
  await target.close();
  wrong.push(...failed.wrong);
  console.log(
    `steps that failed: ${failed.runs}, all steps of ${failed.flows} flows; not whole: ${failed.wrong.length} (${seconds(began)})`,
  );
}
if (kills > 0) {
  const began = Date.now();
  const played = await killAtRandom(kills, seed, (n) => {
    if (n % 100 === 0) console.log(`  ${n} of ${kills} (${seconds(began)})`);
  });
  wrong.push(...played.wrong);
  const where = `${played.killed} by SIGKILL at random points, ${played.late} had ended before it, ${played.flows} flows`;
  console.log(`programs: ${where}; not whole or left behind: ${played.wrong.length} (${seconds(began)})`);
}
for (const what of wrong) console.log(`- ${what}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
