/** A program in the foreground at the terminal: it runs until somebody lets time pass, and what was typed to it is recorded. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Person } from './person.ts';

const test = suite<{ folder: string }>('foreground at the terminal');
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'cutaway-foreground-'));
});
test.after.each(({ folder }) => rm(folder, { recursive: true }));

test('sleep 300 waits for Enter; a line typed meanwhile is run when it has ended', async ({ folder }) => {
  const one = new Person(folder, []);
  one.type(':picture off');
  one.type('docker run --name slow busybox sleep 300');
  await one.sees(/runs in the foreground for 0 s now: Enter lets 5 min pass, Ctrl-C interrupts it\)/);
  one.type('docker inspect -f "{{.State.Status}} {{.State.ExitCode}}" slow');
  await one.sees(/this line waits until the one before it has ended/);
  one.type('');
  await one.sees(/exited 0\n/);
  one.type(':quit');
  assert.is(await one.left(), 0);
});

test('Ctrl-C goes to PID 1, which does not notice it; at the third the client leaves', async ({ folder }) => {
  const one = new Person(folder, []);
  one.type(':picture off');
  one.type('docker run --name slow busybox sleep 300');
  await one.sees(/Ctrl-C interrupts it\)/);
  for (const _ of [1, 2]) {
    one.interrupt();
    await one.sees(/it goes on all the same: PID 1/);
  }
  one.interrupt();
  await one.sees(/forcefully exiting/);
  one.type('docker inspect -f "{{.State.Status}} still" slow');
  await one.sees(/running still\n/);
  one.type(':quit');
  await one.left();
});

test('a recording holds what was typed and that time passed, and leads to the same when it is run', async ({
  folder,
}) => {
  const file = join(folder, 'mine.md');
  const one = new Person(folder, ['record', file]);
  one.type(':picture off');
  one.type('docker run -i --name talk busybox cat');
  await one.sees(/waits for input/);
  one.type('hello');
  one.type(':eof');
  one.type('docker run --name slow busybox sleep 300');
  await one.sees(/Enter lets 5 min pass/);
  one.type('');
  one.type('docker run --name deaf busybox sleep 300');
  await one.sees(/Enter lets 5 min pass/);
  for (const _ of [1, 2, 3]) one.interrupt();
  await one.sees(/forcefully exiting/);
  one.type('docker ps -a --format "{{.Names}} {{.Status}}"');
  await one.sees(/talk Exited \(0\)/);
  one.type(':quit');
  assert.is(await one.left(), 0);
  const text = await readFile(file, 'utf8');
  assert.match(text, /<!-- typed: "hello\\n" Ctrl-D -->/);
  assert.match(text, /<!-- typed: time -->/);
  assert.match(text, /<!-- typed: Ctrl-C Ctrl-C Ctrl-C -->/);
  const again = new Person(folder, ['run', file]);
  assert.is(await again.left(), 0, again.err);
  assert.is(again.err, `${file} on sim: 4 commands, all as expected\n`);
});

test.run();
