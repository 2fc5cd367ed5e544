/** `mkdir -p` of the backend: directories on the way, what is there already, and an end where nothing can be made. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeDirs } from '../../backend/make-dirs.ts';

const test = suite('make directories');
const place = mkdtempSync(join(tmpdir(), 'cutaway-dirs-'));
test.after(() => rmSync(place, { recursive: true }));

const refused = (path: string): string | undefined => {
  try {
    makeDirs(path);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

test('makes those above, with the mode, and says whether it made anything', () => {
  assert.is(makeDirs(join(place, 'a/b/c'), 0o750), true);
  assert.is(makeDirs(join(place, 'a/b/c')), false);
  for (const path of ['a', 'a/b', 'a/b/c']) assert.is(statSync(join(place, path)).mode & 0o777, 0o750);
});

test('a file in the way, on the way, a link to nothing', () => {
  writeFileSync(join(place, 'file'), '');
  symlinkSync('nothing', join(place, 'link'));
  assert.is(refused(join(place, 'file')), 'EEXIST');
  assert.is(refused(join(place, 'file/x')), 'ENOTDIR');
  assert.is(refused(join(place, 'link')), 'EEXIST');
});

test('below a process that has ended it is refused, and not tried for ever', () => {
  const { pid } = spawnSync('true');
  assert.is(refused(`/proc/${pid}/root/x/y`), 'ENOENT');
});

test.run();
