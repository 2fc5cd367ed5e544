/** The built program as a process of its own: what a shell sees of it. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'dist', 'cutaway.mjs');

const test = suite<{ folder: string }>('process', { folder: '' });
test.before((context) => {
  if (!existsSync(program)) spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  context.folder = mkdtempSync(join(tmpdir(), 'cutaway-test-'));
});
test.after((context) => rmSync(context.folder, { recursive: true }));

function cutaway(argv: readonly string[], input = ''): { code: number | null; out: string; err: string } {
  const done = spawnSync(process.execPath, [program, ...argv], { input, encoding: 'utf8' });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

test('--version and --help', () => {
  const version = cutaway(['--version']);
  assert.equal([version.code, version.err], [0, '']);
  assert.match(version.out, /^cutaway \d+\.\d+\.\d+\n$/);
  assert.match(cutaway(['--help']).out, /cutaway verify FILE\.\.\./);
});

test('a file without a command, an unknown target, a file that is not there: exit status 2', ({ folder }) => {
  const [list, prose] = [join(folder, 'l.txt'), join(folder, 'p.md')];
  writeFileSync(list, 'docker ps\n');
  writeFileSync(prose, '# Only prose\n');
  for (const name of ['run', 'verify', 'diagram']) {
    const results = [
      cutaway([name, prose]),
      cutaway([name, list, '--on', 'moon']),
      cutaway([name, join(folder, 'gone')]),
    ];
    assert.equal(
      results.map((done) => [done.code, done.out]),
      [
        [2, ''],
        [2, ''],
        [2, ''],
      ],
      name,
    );
    assert.equal(
      results.map((done) => done.err.split('\n')[0]),
      [
        `cutaway: no command found (${prose})`,
        'cutaway: unknown target "moon"',
        `cutaway: no such file (${join(folder, 'gone')})`,
      ],
    );
  }
});

test('standard input is read for "-"; what is no text is refused', ({ folder }) => {
  const empty = cutaway(['run', '-'], '# nothing\n');
  assert.equal([empty.code, empty.err.split('\n')[0]], [2, 'cutaway: no command found (-)']);
  const binary = join(folder, 'b');
  writeFileSync(binary, Buffer.from([0xff, 0xfe, 0x80]));
  assert.equal([cutaway(['run', binary]).code, cutaway(['run', folder]).code], [2, 2]);
});

test('output that cannot be written is said in a line, with an exit status of its own', ({ folder }) => {
  if (!existsSync('/dev/full')) return;
  const list = join(folder, 'full.txt');
  writeFileSync(list, 'docker ps\n');
  for (const argv of [['--version'], ['run', list]]) {
    const full = openSync('/dev/full', 'w');
    const done = spawnSync(process.execPath, [program, ...argv], { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    closeSync(full);
    assert.is(done.status, 74);
    assert.match(done.stderr, /^cutaway: the output cannot be written \(ENOSPC: .*\)$/m);
  }
});

test.run();
