/**
 * Runs the suites group by group, each group in a process of its own, and adds up what uvu counted. Output of a group is
 * passed on as it comes, with the files that took longest after each group. Kept true: a group that ends without its counts
 * counts as one failure; with CI=true a skipped test is a failure; what failed is said again at the very end, so that the
 * tail of a long log is enough; the last line is "N passed, N failed, N skipped".
 *
 * The groups that use the machine itself (a kernel, an engine, a browser) share it with whatever else runs there. A file of
 * theirs in which a test failed is run once more, alone, in a process of its own. The second result counts, and a file that
 * needed it is named at the end as unsteady, with what failed first: it is to be mended, not to be lived with.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { type Counts, countsOf, type FailedFile, failedFiles } from './support/uvu-output.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const fast = process.argv[2] === 'fast';
const groups = fast ? ['core'] : ['core', 'program', 'linux', 'docker', 'interop', 'site'];
const onMachine = ['linux', 'docker', 'interop', 'site'];

/** Pure, but too slow for the inner loop: what runs away until its limit, bombs in archives, and long recordings. */
const slow = '(programs/runaway|^hostile|kernel/(process|many|host-lines))\\.test';

interface Ran {
  counts: Counts;
  failed: FailedFile[];
  /** Whether uvu came to its closing lines. */
  whole: boolean;
}

function runFiles(group: string, pattern: string): Promise<Ran> {
  const left = fast ? ['-i', slow] : [];
  const args = ['--import', 'tsx', 'node_modules/uvu/bin.js', `test/${group}`, pattern, ...left];
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
      const whole = /^\s*Total:/m.test(stripVTControlCharacters(output));
      resolve({ counts: countsOf(output, code ?? 1), failed: failedFiles(output), whole });
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
const unsteady: string[] = [];
const broken: string[] = [];

/** Runs a failed file again, alone; what then passes moves from the failed to the passed. */
async function again(group: string, first: FailedFile, counts: Counts): Promise<void> {
  const name = `test/${group}/${first.file}`;
  process.stdout.write(`\n== ${name}, once more\n`);
  const second = await runFiles(group, `^${first.file.replace(/[.]/g, '\\.')}$`);
  const still = second.whole ? second.counts.failed : first.failed;
  const mended = Math.max(0, first.failed - still);
  counts.failed -= mended;
  counts.passed += mended;
  if (still > 0) broken.push(`${name}\n${second.failed.map((file) => file.words).join('\n') || first.words}`);
  else unsteady.push(`${name}\n${first.words}`);
}

for (const group of groups.filter((name) => existsSync(`${root}/test/${name}`))) {
  process.stdout.write(`\n== test/${group}\n`);
  const { counts, failed, whole } = await runFiles(group, '\\.test\\.ts$');
  if (!whole) broken.push(`test/${group} ended before its counts: see its output above`);
  for (const file of failed) {
    if (whole && onMachine.includes(group)) await again(group, file, counts);
    else broken.push(`test/${group}/${file.file}\n${file.words}`);
  }
  sum.passed += counts.passed;
  sum.failed += counts.failed;
  sum.skipped += counts.skipped;
}
const strict = process.env.CI === 'true' && sum.skipped > 0;
if (unsteady.length > 0) process.stdout.write(`\nUnsteady, failed first and passed alone:\n${unsteady.join('\n')}\n`);
if (broken.length > 0) process.stdout.write(`\nFailed:\n${broken.join('\n')}\n`);
if (fast) process.stdout.write(`\nLeft out here, run by npm test: ${slow}\n`);
if (strict) process.stdout.write(`\n${sum.skipped} skipped, and CI allows none\n`);
process.stdout.write(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
process.exitCode = sum.failed > 0 || sum.passed === 0 || strict ? 1 : 0;
