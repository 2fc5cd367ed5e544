/**
 * The private engine comes and goes without a trace: after stop, after Ctrl-C, after the program failed, and, once the next
 * one starts, after SIGKILL. "Nothing left" means directories, processes, mounts and control groups.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { startDockerEngine, sweep } from '../../backend/dockerd.ts';
import { gated, needs } from '../support/needs.ts';

const check = gated(test, await needs('docker'));

/** Names of our engines that the machine still knows of, wherever; engines of other running programs are not ours to judge. */
function traces(known: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const note = (where: string, text: string): void => {
    for (const [name] of text.matchAll(/cutaway-docker-\w+/g)) if (!known.has(name)) found.push(`${where} ${name}`);
  };
  note('directory', readdirSync(tmpdir()).join('\n'));
  note('mount', readFileSync('/proc/mounts', 'utf8'));
  const groups = '/sys/fs/cgroup';
  for (const hierarchy of ['.', ...readdirSync(groups)]) {
    const dir = join(groups, hierarchy);
    if (existsSync(join(dir, 'cgroup.procs'))) note('control group', readdirSync(dir).join('\n'));
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) note('process', commandOf(pid));
  return found;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Engines that were there before this test. */
function present(): Set<string> {
  return new Set(traces(new Set()).map((trace) => trace.split(' ').at(-1)!));
}

async function holding(): Promise<ReturnType<typeof spawn>> {
  const script = fileURLToPath(new URL('hold.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = await once(child.stdout, 'data');
  assert.is(String(text), 'ready\n');
  return child;
}

check('after close nothing is left, whatever ran', async () => {
  const before = present();
  const target = await createDockerTarget({ archives: await baseArchives() });
  await target.run('docker run -d busybox sleep 300');
  await target.run('docker run -d --name held busybox sleep 300');
  await target.run('docker pause held');
  assert.ok(traces(before).length > 0, 'while it runs it can be seen');
  await target.close();
  assert.equal(traces(before), []);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  check(`after ${signal} nothing is left`, async () => {
    const before = present();
    const child = await holding();
    child.kill(signal);
    await once(child, 'exit');
    assert.equal(traces(before), []);
  });
}

check('what a killed program left is swept by the next one', async () => {
  const before = present();
  const child = await holding();
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(traces(before).length > 0, 'it could not clean up itself');
  sweep();
  assert.equal(traces(before), []);
});

check('an engine that cannot take its images is not left behind', async () => {
  const before = present();
  const archives = [{ kind: 'save', bytes: new TextEncoder().encode('no archive') }] as const;
  let failure: unknown;
  await startDockerEngine({ archives }).catch((error: unknown) => {
    failure = error;
  });
  assert.ok(failure instanceof Error);
  assert.equal(traces(before), []);
});

check('two engines do not see each other', async () => {
  const archives = await baseArchives();
  const targets = await Promise.all([createDockerTarget({ archives }), createDockerTarget({ archives })]);
  await targets[0].run('docker create --name only busybox');
  assert.is((await targets[0].observe()).containers.length, 1);
  assert.is((await targets[1].observe()).containers.length, 0);
  await Promise.all(targets.map((target) => target.close()));
});

test.run();
