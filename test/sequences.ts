/**
 * `npm run sequences [-- TARGET [LINES [SEED [ABOUT]]]]`: generated command lines (suites/sequences) on a live target beside the simulation,
 * in sequences of 50, at least 2,000 lines when nothing is said; every third sequence removes the base image, too. ABOUT: `all` (the
 * default), `mounts` (volumes and mounts, by turns with propagation where a host can be typed on) or `passing` (propagation
 * alone). Prints how many lines were given and each difference; a sequence ends at its first one. Exit code 1 when there was any.
 */
import { openTarget } from '../backend/targets.ts';
import { sequenceOf } from './suites/sequences/lines.ts';
import { mountSequence } from './suites/sequences/mounts.ts';
import { passingSequence } from './suites/sequences/passing.ts';
import { clearTarget, differences } from './suites/sequences/play.ts';

const LENGTH = 50;
const [name = 'linux', wanted = '2000', from = '1', about = 'all'] = process.argv.slice(2);
if (!['all', 'mounts', 'passing'].includes(about)) throw new Error(`nothing is known about: ${about}`);
if (name !== 'linux' && name !== 'docker') throw new Error(`no live target: ${name} (there are linux and docker)`);
const [lines, seed] = [Number(wanted), Number(from)];

function linesOf(n: number): readonly string[] {
  const passes = about === 'passing' || (name === 'linux' && n % 2 === 1);
  if (about === 'all' && n % 5 < 3) return sequenceOf(seed + n, LENGTH, n % 3 === 2);
  return passes ? passingSequence(seed + n, LENGTH) : mountSequence(seed + n, LENGTH);
}

const target = await openTarget(name);
const found: string[] = [];
let given = 0;
try {
  for (let n = 0; given < lines; n++) {
    const model = await openTarget('sim');
    for (const one of [target, model]) {
      await clearTarget(one);
      // Else an archive of the sequence before could be loaded, which the model has never seen.
      await one.run('docker save -o saved.tar busybox');
    }
    for (const [at, text] of linesOf(n).entries()) {
      given++;
      const said = await differences(text, target, model);
      if (said.length === 0) continue;
      found.push(...said.map((one) => `seed ${seed + n}, line ${at + 1}, ${text}: ${one}`));
      // What follows a difference follows from it.
      break;
    }
    if (n % 5 === 4) console.log(`  ${given} lines, ${found.length} differences`);
  }
} finally {
  await target.close();
}
for (const difference of found) console.log(`- ${difference}`);
console.log(`${given} generated lines on sim and ${name}: ${found.length} differences`);
process.exitCode = found.length > 0 ? 1 : 0;
