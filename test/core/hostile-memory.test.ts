/**
 * Gigabytes that come out of a few megabytes do not get into memory: in a process whose heap is bounded, the peak of all of its
 * memory stays far below what the bomb holds. Coarse on purpose.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('memory of hostile archives');
const child = fileURLToPath(new URL('./bombs-child.ts', import.meta.url));

for (const [name, mebibytes] of [
  ['a gzip bomb', 3072],
  ['a zstd bomb', 4096],
  ['a gzip bomb as a layer', 3072],
] as const) {
  test(name, () => {
    const out = execFileSync(process.execPath, ['--max-old-space-size=256', '--import', 'tsx', child, name]);
    const { code, stderr, peak } = JSON.parse(String(out)) as { code: number; stderr: string; peak: number };
    assert.is(code, 1);
    assert.match(stderr, /more than the 1 GiB/);
    assert.ok(peak < mebibytes / 4, `${peak} MiB`);
  });
}

test.run();
