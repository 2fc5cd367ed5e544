/**
 * Runs the suites group by group, each group in a process of its own, and adds up what uvu counted. Output of a group is
 * passed on as it comes, with the files that took longest after each group. Kept true: a group that ends without its counts counts as one failure; with CI=true a skipped test
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
    const clock = new FileClock();
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      process.stdout.write(chunk);
      clock.see(output);
    });
    child.on('close', (code) => {
      process.stdout.write(clock.slowest());
      resolve(counted(output, code ?? 1));
    });
  });
}

/** How long each file took: uvu names a file on a line of its own before it runs what is in it. */
class FileClock {
  private readonly begun = new Map<string, number>();
  private seen = 0;

  see(output: string): void {
    const end = output.lastIndexOf('\n') + 1;
    const lines = stripVTControlCharacters(output.slice(this.seen, end)).split('\n');
    this.seen = Math.max(this.seen, end);
    for (const line of lines) if (/^\S+\.test\.ts$/.test(line)) this.begun.set(line, performance.now());
  }

  slowest(most = 5): string {
    const all = [...this.begun];
    const ends = [...all.slice(1).map(([, at]) => at), performance.now()];
    const took = all.map(([name, at], i) => ({ name, seconds: (ends[i]! - at) / 1000 }));
    took.sort((a, b) => b.seconds - a.seconds);
    const words = took.slice(0, most).map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`);
    return words.length === 0 ? '' : `  Slowest:   ${words.join(', ')}\n`;
  }
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
