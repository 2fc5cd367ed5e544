/**
 * `npm run isolation`: attempts to get out of a container, or to see too much, on the linux backend and under the defaults of a
 * real Docker, side by side. Exit code 1 when one of them comes to anything else than it must, on either.
 */
import { probe } from '../backend/probe.ts';
import { openTarget } from '../backend/targets.ts';
import { type Played, playAttempts } from './suites/isolation/play.ts';

async function play(name: 'linux' | 'docker'): Promise<readonly Played[]> {
  const target = await openTarget(name);
  try {
    return await playAttempts(target);
  } finally {
    await target.close();
  }
}

const explained: Readonly<Record<string, string>> = {
  'control groups': "a container here has no /sys/fs/cgroup at all, Docker's shows its own groups, read-only",
  'a program that is a named pipe': 'runc finds it out one step later than we do',
  'a fork bomb under --pids-limit': 'how many got through before the limit depends on what the start itself needed',
};

const short = (played: Played | undefined): string => {
  if (played === undefined) return '(not here)';
  const lines = played.said.split('\n');
  const text = (lines.length > 1 ? lines.slice(0, -1).join(' / ') : (lines[0] ?? '')).replace(/[\t ]+/g, ' ');
  return `${played.holds ? '' : '!! '}${text.length > 58 ? `${text.slice(0, 57)}…` : text}`;
};

const here = await play('linux');
const [docker] = await probe(['docker']);
const there = docker?.met === true ? await play('docker') : undefined;
console.log(`${'attempt'.padEnd(48)} ${'linux'.padEnd(60)} Docker's defaults`);
here.forEach((played, n) => {
  console.log(`${played.name.padEnd(48)} ${short(played).padEnd(60)} ${short(there?.[n])}`);
});
const wrong = [...here, ...(there ?? [])].filter(({ holds }) => !holds);
const differ = there === undefined ? [] : here.filter(({ said }, n) => said !== there[n]?.said);
console.log(
  `\n${here.length} attempts: ${wrong.length} came to what they must not; ${differ.length} were answered in other words than Docker's`,
);
for (const { name } of differ)
  console.log(`  in other words: ${name}${name in explained ? ` (${explained[name]})` : ''}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
