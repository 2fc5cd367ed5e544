/** A program with a terminal of its own, at the terminal program: keys, detaching, another terminal, and the recording of it all. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutEcho } from '../../backend/program/echo.ts';
import { Person } from './person.ts';

const test = suite<{ folder: string }>('a terminal in the terminal program');
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'cutaway-terminal-'));
});
test.after.each(({ folder }) => rm(folder, { recursive: true }));

test('run -it: lines, Ctrl-C, Ctrl-Z, jobs, detaching and attaching again', async ({ folder }) => {
  const one = new Person(folder, []);
  one.type(':picture off');
  one.type('docker run -it --name shell busybox sh');
  await one.sees(/it has a terminal/);
  one.type('pwd');
  await one.sees(/\/ # \/\n/);
  one.type('sleep 100');
  await one.sees(/runs in the foreground/);
  one.press('\x1a');
  await one.sees(/\^Z\[1\]\+ {2}Stopped +sleep 100/);
  one.type('fg');
  await one.sees(/runs in the foreground/);
  one.interrupt();
  await one.sees(/\^C\n/);
  one.type('echo status $?');
  await one.sees(/status 130\n/);
  one.press('\x10');
  one.press('\x11');
  one.type('docker inspect -f "{{.State.Status}} still" shell');
  await one.sees(/running still\n/);
  one.type('docker attach shell');
  await one.sees(/it has a terminal/);
  one.type('exit 3');
  await one.sees(/exit status 3/);
  one.type(':quit');
  assert.is(await one.left(), 0);
});

test('exec -it and logs -f, while another terminal goes on', async ({ folder }) => {
  const one = new Person(folder, []);
  one.type(':picture off');
  one.type('docker run -dit --name shell busybox sh');
  one.type('docker exec -it shell sh');
  await one.sees(/it has a terminal/);
  one.type('tty');
  await one.sees(/\/dev\/pts\/1\n/);
  one.type('exit');
  one.type('docker logs -f shell');
  await one.sees(/runs in the foreground/);
  one.type(':also docker exec shell sh -c "echo news > /proc/1/fd/1"');
  await one.sees(/news/);
  one.interrupt();
  await one.sees(/exit status 130/);
  one.type(':quit');
  assert.is(await one.left(), 0);
});

test('a loop without end in a terminal is ended by Ctrl-C', async ({ folder }) => {
  const one = new Person(folder, []);
  one.type(':picture off');
  one.type('docker run -it busybox sh');
  await one.sees(/it has a terminal/);
  one.type('while :; do :; done');
  await one.sees(/runs in the foreground/);
  one.interrupt();
  await one.sees(/\^C\n/);
  one.type('exit');
  await one.sees(/exit status 130/);
  one.type(':quit');
  assert.is(await one.left(), 0);
});

test('a recording holds keys with Ctrl and those that detach, and leads to the same when it is run', async ({
  folder,
}) => {
  const file = join(folder, 'mine.md');
  const one = new Person(folder, ['record', file]);
  one.type(':picture off');
  one.type('docker run -it --name shell busybox sh');
  await one.sees(/it has a terminal/);
  one.type('sleep 100');
  await one.sees(/runs in the foreground/);
  one.press('\x1a');
  await one.sees(/Stopped/);
  one.press('\x10');
  one.press('\x11');
  one.type('docker ps --format "{{.Names}} is there"');
  await one.sees(/shell is there\n/);
  one.type(':quit');
  assert.is(await one.left(), 0);
  const text = await readFile(file, 'utf8');
  assert.match(text, /<!-- typed: "sleep 100\\n" Ctrl-Z Ctrl-P Ctrl-Q -->/);
  assert.match(text, /\^Z\[1\]\+ {2}Stopped {20}sleep 100\n/);
  const again = new Person(folder, ['run', file]);
  assert.is(await again.left(), 0, again.err);
  assert.is(again.err, `${file} on sim: 2 commands, all as expected\n`);
});

test('what was typed is not shown twice', () => {
  assert.equal(withoutEcho('pwd\n', 'pwd\r\n/\r\n'), { echo: '', rest: '/\r\n' });
  assert.equal(withoutEcho('pwd\n', 'pw'), { echo: 'd\n', rest: '' });
  assert.equal(withoutEcho('pwd\n', 'p\r\r\nwd\r\n/\r\n'), { echo: '', rest: '/\r\n' });
  assert.equal(withoutEcho('pwd\n', '[1]+  Done\r\n'), { echo: '', rest: '[1]+  Done\r\n' });
});

test.run();
