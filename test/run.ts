/**
 * Runs the suites group by group, each group in a process of its own, and adds up what uvu counted. Output of a group is
 * passed on as it comes. Kept true: a group that ends without its counts counts as one failure; with CI=true a skipped test
 * is a failure; the last line is "N passed, N failed, N skipped".
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const groups = process.argv[2] === 'fast' ? ['core'] : ['core', 'program', 'linux', 'docker', 'interop', 'site'];

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** uvu's closing lines: `Total:`, `Passed:`, `Skipped:`, with colours in between on a terminal. */
function counted(coloured: string, exitCode: number): Counts {
  const output = stripVTControlCharacters(coloured);
  const number = (label: string): number | undefined => {
    const match = [...output.matchAll(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'gm'))].at(-1);
    return match === undefined ? undefined : Number(match[1]);
  };
  const total = number('Total');
  const passed = number('Passed');
  const skipped = number('Skipped');
  if (total === undefined || passed === undefined || skipped === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const failed = total - passed;
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed, skipped };
}

function runGroup(group: string): Promise<Counts> {
  const args = ['--import', 'tsx', 'node_modules/uvu/bin.js', `test/${group}`, '\\.test\\.ts$'];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      process.stdout.write(chunk);
    });
    child.on('close', (code) => resolve(counted(output, code ?? 1)));
  });
}

const sum: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const group of groups.filter((name) => existsSync(`${root}/test/${name}`))) {
  process.stdout.write(`\n== test/${group}\n`);
  const counts = await runGroup(group);
  sum.passed += counts.passed;
  sum.failed += counts.failed;
  sum.skipped += counts.skipped;
}
const strict = process.env.CI === 'true' && sum.skipped > 0;
if (strict) process.stdout.write(`\n${sum.skipped} skipped, and CI allows none\n`);
process.stdout.write(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
process.exitCode = sum.failed > 0 || sum.passed === 0 || strict ? 1 : 0;
