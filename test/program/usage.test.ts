/** What a person gets wrong on the command line or in a file: exit status 2 and a message that helps. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { subcommands } from '../../backend/program/table.ts';
import { cutaway } from './fake.ts';

const files = { 'none.md': '# no command\n', 'bad.md': '```console\n$ ls\n', 'ok.txt': 'docker diff cradle\n' };

const wrong: readonly [argv: string[], message: RegExp][] = [
  [['run', 'none.md'], /^cutaway: no command found \(none\.md\)\n {2}commands are read from ```console blocks/],
  [['run', 'bad.md'], /^cutaway: console block is not closed \(bad\.md:1:1\)\n/],
  [['run', 'gone.md'], /^cutaway: no such file \(gone\.md\)\n/],
  [['run', 'ok.txt', '--on', 'moon'], /^cutaway: unknown target "moon"\n {2}--on takes sim, linux, docker\n/],
  [['verify', 'ok.txt', '--on', 'linux,moon'], /^cutaway: unknown target "moon"\n/],
  [['verify', 'ok.txt', 'gone.md'], /^cutaway: no such file \(gone\.md\)\n/],
  [['run'], /^cutaway: run: FILE\|- is missing\n {2}see cutaway run --help\n/],
  [['run', 'ok.txt', 'more'], /one argument too many: "more"/],
  [['run', '--wat', 'ok.txt'], /Unknown option '--wat'/],
  [['run', 'ok.txt', '--on'], /--on/],
  [['dance'], /^cutaway: no subcommand "dance"\n {2}there are: run, /],
  [['--dance'], /Unknown option '--dance'/],
  [['archive', 'busybox'], /--output FILE is missing/],
  [['help', 'dance'], /no subcommand "dance"/],
];
for (const [argv, message] of wrong) {
  test(`cutaway ${argv.join(' ')}`, async () => {
    const { code, out, err, closed } = await cutaway(argv, { files });
    assert.is(code, 2);
    assert.match(err, message);
    assert.is(out, '', 'nothing was run');
    assert.equal(closed, [], 'no target was opened');
  });
}

test('help of every subcommand comes from its table entry', async () => {
  const overview = await cutaway(['--help']);
  for (const command of subcommands) {
    assert.ok(overview.out.includes(command.summary), command.name);
    const { code, out } = await cutaway([command.name, '--help']);
    assert.is(code, 0);
    assert.ok(out.startsWith(`Usage: cutaway ${command.name}`));
    for (const option of command.options)
      assert.ok(out.includes(`--${option.name}`), `${command.name} --${option.name}`);
    assert.is((await cutaway(['help', command.name])).out, out);
  }
});

test('README shows the subcommands as --help does', async () => {
  const { out } = await cutaway(['--help']);
  const rows = out.split('\n').filter((line) => line.startsWith('cutaway '));
  assert.ok(rows.length > subcommands.length);
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  assert.ok(readme.includes(rows.join('\n')));
});

test.run();
