/** What the simulation's programs were asked for and do not have is counted, and said at the end of a run. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Person } from './person.ts';

const test = suite<{ folder: string }>('what is missing is counted');
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'cutaway-lacking-'));
});
test.after.each(({ folder }) => rm(folder, { recursive: true }));

test('run names each option and applet that was asked for, with how often', async ({ folder }) => {
  const file = join(folder, 'list.txt');
  await writeFile(file, 'tar -J -cf x x\ndocker run --rm busybox sh -c "tar -J -cf x x; vi"\nls -u /\n');
  const one = new Person(folder, ['run', file]);
  assert.is(await one.left(), 0);
  assert.match(one.err, /sim: busybox has these, the simulation has not yet: tar -J \(2 times\), vi, ls -u\n$/);
  assert.match(one.out, /tar: -J: busybox has this option, the simulation has not yet/);
});

test('a run that asks for nothing of the kind ends without a word about it', async ({ folder }) => {
  const file = join(folder, 'list.txt');
  await writeFile(file, 'ls -l /\n');
  const one = new Person(folder, ['run', file]);
  await one.left();
  assert.not.match(one.err, 'has not yet');
});

test.run();
