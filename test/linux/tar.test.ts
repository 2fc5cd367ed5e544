/** Our tar against tar(1): archives that we write are unpacked by it, archives that it writes in each format are read by us. */
import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TarEntry } from '../../core/image/tar.ts';
import { readTar } from '../../core/image/tar-read.ts';
import { tarBytes } from '../../core/image/tar-write.ts';
import { contentText, textContent } from '../../core/vfs/content.ts';

const dir = mkdtempSync(join(tmpdir(), 'tar-'));
test.after(() => rmSync(dir, { recursive: true, force: true }));

const long = `${'deep/'.repeat(30)}${'name'.repeat(30)}`;
const time = 1_600_000_000_000;
const owner = { uid: process.getuid!(), gid: process.getgid!(), mtime: time };

test('tar(1) unpacks what we write', () => {
  const entries: TarEntry[] = [
    { path: 'd', type: 'dir', mode: 0o1777, ...owner },
    { path: 'd/f', type: 'file', mode: 0o640, ...owner, content: textContent('hello') },
    { path: 'd/hard', type: 'hardlink', mode: 0o640, ...owner, target: 'd/f' },
    { path: 'd/ünï', type: 'symlink', mode: 0o777, ...owner, target: 't'.repeat(150) },
    { path: long, type: 'file', mode: 0o600, ...owner, content: textContent('far down') },
    { path: 'fifo', type: 'fifo', mode: 0o600, ...owner },
  ];
  const to = join(dir, 'ours');
  mkdirSync(to);
  execFileSync('tar', ['-xpf', '-', '-C', to], { input: tarBytes(entries) });
  assert.is(statSync(join(to, 'd')).mode & 0o7777, 0o1777);
  assert.is(statSync(join(to, 'd')).mtimeMs, time);
  assert.is(readFileSync(join(to, 'd/f'), 'utf8'), 'hello');
  assert.is(statSync(join(to, 'd/f')).nlink, 2);
  assert.is(statSync(join(to, 'd/hard')).ino, statSync(join(to, 'd/f')).ino);
  assert.is(readlinkSync(join(to, 'd/ünï')), 't'.repeat(150));
  assert.is(readFileSync(join(to, long), 'utf8'), 'far down');
  assert.ok(lstatSync(join(to, 'fifo')).isFIFO());
});

test('we read what tar(1) writes, in every format that holds long names', () => {
  const from = join(dir, 'theirs');
  mkdirSync(join(from, 'deep/'.repeat(30)), { recursive: true });
  writeFileSync(join(from, long), 'far down');
  writeFileSync(join(from, 'a'), 'first', { mode: 0o755 });
  linkSync(join(from, 'a'), join(from, 'b'));
  symlinkSync('t'.repeat(150), join(from, 'c'));
  utimesSync(join(from, 'a'), 1_600_000_000.25, 1_600_000_000.25);
  for (const format of ['gnu', 'oldgnu', 'pax']) {
    const bytes = execFileSync('tar', [`--format=${format}`, '--sort=name', '-C', from, '-cf', '-', '.']);
    const entries = new Map([...readTar(bytes)].map((entry) => [entry.path, entry]));
    const far = entries.get(long);
    assert.is(far === undefined ? undefined : contentText(far.content!), 'far down', format);
    assert.is(entries.get('a')!.mode, 0o755);
    // Only pax has fractions of seconds.
    assert.is(entries.get('a')!.mtime, format === 'pax' ? time + 250 : time);
    assert.equal([entries.get('b')!.type, entries.get('b')!.target], ['hardlink', 'a']);
    assert.equal([entries.get('c')!.type, entries.get('c')!.target], ['symlink', 't'.repeat(150)]);
    assert.is(entries.get('')!.type, 'dir', 'the root itself');
  }
});

test.run();
