/** What uvu prints, read back: run on output that uvu itself makes here, with a passing, a failing and a throwing-hook file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { countsOf, failedFiles } from '../support/uvu-output.ts';

const test = suite("uvu's output");
const root = fileURLToPath(new URL('../..', import.meta.url));
const uvu = (name: string, body: string): string =>
  `import { suite } from ${JSON.stringify(join(root, 'node_modules/uvu/dist/index.mjs'))};\nconst test = suite('${name}');\n${body}\ntest.run();\n`;

const files = {
  'a.test.ts': uvu('good', "test('one', () => {}); test('two', () => {}); test.skip('three', () => {});"),
  'b.test.ts': uvu(
    'bad',
    "test('fine', () => {}); test('breaks', () => { throw new Error('no room left'); }); test('breaks too', () => { throw new Error('nor here'); });",
  ),
  'c.test.ts': uvu('hooked', "test.before(() => { throw new Error('unseen'); }); test('never', () => {});"),
  'd.test.ts': uvu('last', "test('one', () => {});"),
};

async function printed(names: (keyof typeof files)[]): Promise<{ output: string; code: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'cutaway-uvu-'));
  try {
    for (const name of names) writeFileSync(join(dir, name), files[name]);
    const args = ['--import', 'tsx', join(root, 'node_modules/uvu/bin.js'), dir, '\\.test\\.ts$'];
    const { stdout, exitCode } = await execa(process.execPath, args, {
      cwd: root,
      reject: false,
      env: { FORCE_COLOR: '1' },
    });
    return { output: stdout, code: exitCode ?? 1 };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

test('all passed: the counts, and no file', async () => {
  const { output, code } = await printed(['a.test.ts', 'd.test.ts']);
  assert.equal(countsOf(output, code), { passed: 3, failed: 0, skipped: 1 });
  assert.equal(failedFiles(output), []);
});

test('a failed file is named with its words, a hook that threw is found', async () => {
  const { output, code } = await printed(['a.test.ts', 'b.test.ts', 'c.test.ts', 'd.test.ts']);
  const counts = countsOf(output, code);
  assert.is(counts.failed, 3);
  const found = failedFiles(output);
  assert.equal(
    found.map(({ file, failed }) => [file, failed]),
    [
      ['b.test.ts', 2],
      ['c.test.ts', 1],
    ],
  );
  assert.match(found[0]!.words, /"breaks"\s+no room left[\s\S]*"breaks too"\s+nor here/);
  assert.match(found[1]!.words, /hooked .*\(0 \/ 1\): no words from uvu/);
});

test('an output without its end counts as one failure', () => {
  assert.equal(countsOf('a.test.ts\n good •', 0), { passed: 0, failed: 1, skipped: 0 });
  assert.equal(countsOf('  Total:     2\n  Passed:    2\n  Skipped:   0\n', 7), { passed: 2, failed: 1, skipped: 0 });
});

test.run();
