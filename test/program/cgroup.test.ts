/** One switch chooses the control groups of the host, and a recorded session plays on the same ones again. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTarget } from '../../backend/targets.ts';
import { parseTranscript, replay, UsageError, writeTranscript } from '../../core/index.ts';
import { cutaway } from './fake.ts';

const test = suite<{ folder: string }>('cgroup versions', { folder: '' });
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'cutaway-test-'));
});
test.after((context) => rmSync(context.folder, { recursive: true }));

test('the simulation has the one that is asked for', async () => {
  for (const [cgroup, file] of [
    ['v1', 'cpu/docker/*/cpu.cfs_quota_us'],
    ['v2', 'docker/*/cpu.max'],
  ] as const) {
    const target = await openTarget('sim', { cgroup });
    await target.run('docker run -d --cpus 0.5 busybox sleep 100');
    assert.match((await target.run(`cat /sys/fs/cgroup/${file}`)).stdout, /^50000/);
    assert.match((await target.run('docker info')).stdout, new RegExp(`Cgroup Version: ${cgroup.slice(1)}\n`));
    await target.close();
  }
});

test('record writes it down, and run plays on the same', async ({ folder }) => {
  const file = join(folder, 'v2.md');
  const recorded = await cutaway(['record', file, '--cgroup', 'v2'], { typed: 'docker diff cradle\n' });
  assert.is(recorded.code, 0, recorded.err);
  assert.is(recorded.options[0]?.cgroup, 'v2');
  const text = readFileSync(file, 'utf8');
  assert.match(text, /^---\ncgroup: v2\n---\n\n# v2\n/);
  const played = await cutaway(['run', 'v2.md'], { files: { 'v2.md': text } });
  assert.is(played.options[0]?.cgroup, 'v2');
});

test('what was written on a host with v2 holds on a host with v2', async () => {
  const line = 'ls /sys/fs/cgroup/cgroup.controllers';
  const target = await openTarget('sim', { cgroup: 'v2' });
  const { exitCode, stdout, stderr } = await target.run(line);
  const text = writeTranscript('t', [{ command: line, exitCode, stdout, stderr }], { cgroup: 'v2' });
  const transcript = await parseTranscript(text, 't.md');
  assert.equal(transcript.meta, { cgroup: 'v2' });
  for await (const { mismatches } of replay(transcript, target)) assert.equal(mismatches, []);
});

test('a machine has what it has, and a simulated lab v1', async () => {
  const { cgroupVersion, hierarchies } = await import('../../backend/hierarchies.ts');
  const other = cgroupVersion(hierarchies()) === 'v1' ? 'v2' : 'v1';
  for (const name of ['linux', 'docker']) {
    try {
      await openTarget(name, { cgroup: other });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, UsageError);
      assert.match((error as Error).message, /this machine has cgroup v[12]/);
    }
  }
  const lab = { name: 'x', directory: '/nowhere' };
  await openTarget('sim', { cgroup: 'v2', lab }).then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, /kept lab/),
  );
});

test.run();
