/** `cutaway verify`, as built, against the real kernel and the real engine: what a validator sees of it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { gated, needs } from '../support/needs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'dist', 'cutaway.mjs');
const lesson = join('lessons', '01-where-is-happiness.md');

const test = suite('verify');
const context = { folder: '' };
test.before(() => {
  if (!existsSync(program)) spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  context.folder = mkdtempSync(join(tmpdir(), 'cutaway-test-'));
});
test.after(() => rmSync(context.folder, { recursive: true }));
const onBoth = gated(test, await needs(...linuxNeeds, 'docker'));

function verify(...argv: readonly string[]): { code: number | null; out: string; err: string } {
  const done = spawnSync(process.execPath, [program, 'verify', ...argv], {
    cwd: root,
    encoding: 'utf8',
    timeout: 180_000,
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

onBoth('the first lesson is the same on all three', () => {
  const { code, out, err } = verify(lesson, '--on', 'linux,docker');
  assert.is(code, 0, err);
  assert.match(out, /01-where-is-happiness\.md: \d+ commands, the same on sim, linux, docker\n$/);
});

onBoth('one expected line changed: exit status 1, and the line and the difference are named', () => {
  const text = readFileSync(join(root, lesson), 'utf8').replace('A /happiness.txt', 'A /sadness.txt');
  const file = join(context.folder, 'changed.md');
  writeFileSync(file, text);
  const line = text.split('\n').indexOf('A /sadness.txt') + 1;
  const { code, err } = verify(file, '--on', 'linux,docker');
  assert.is(code, 1);
  assert.ok(err.includes(`${file}:${line}:`), err);
  assert.match(err, /expected {2}A \/sadness\.txt\n {2}got {7}A \/happiness\.txt/);
});

onBoth('a simulation that ignores whiteouts is found out, and both pictures are shown', () => {
  const file = join(context.folder, 'whiteout.txt');
  writeFileSync(file, 'docker run --name thief busybox rm /etc/passwd\n');
  for (const other of ['linux', 'docker']) {
    const { code, out, err } = verify(file, '--on', other, '--fault', 'whiteouts');
    assert.is(code, 1, err);
    assert.ok(err.includes(`${file}:1:1`) && err.includes('/etc/passwd'), err);
    const [, sim = '', real = ''] =
      new RegExp(`sim after command 1([^]+)${other} after command 1([^]+)`).exec(out) ?? [];
    assert.match(sim, /read-write layer/);
    assert.match(real, /D \/etc\/passwd {2}whiteout/);
  }
});

test.run();
