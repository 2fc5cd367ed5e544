/**
 * The private engine comes and goes without a trace: after stop, after Ctrl-C, after the program failed, and, once the next
 * one starts, after SIGKILL. "Nothing left" means directories, processes, mounts and control groups.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

/** Engines of those whom this file starts are made here: what others on this machine sweep or leave is not seen. */
const place = mkdtempSync(join(tmpdir(), 'cutaway-engines-'));
test.after(() => rmSync(place, { recursive: true, force: true }));

/** Names of the engines that a process has made. Engines of other running programs are not ours to judge. */
function enginesOf(pid: number | undefined, parent: string): ReadonlySet<string> {
  const owned = (name: string): boolean => textOf(join(parent, name, 'owner')).startsWith(`${pid} `);
  return new Set(readdirSync(parent).filter((name) => name.startsWith('cutaway-docker-') && owned(name)));
}

/** Where the machine still knows of those engines. */
function traces(of: ReadonlySet<string>, parent: string): string[] {
  assert.ok(of.size > 0, 'there was an engine');
  const found: string[] = [];
  const note = (where: string, text: string): void => {
    for (const [name] of text.matchAll(/cutaway-docker-\w+/g)) if (of.has(name)) found.push(`${where} ${name}`);
  };
  note('directory', readdirSync(parent).join('\n'));
  note('mount', readFileSync('/proc/mounts', 'utf8'));
  const groups = '/sys/fs/cgroup';
  for (const hierarchy of ['.', ...readdirSync(groups)]) {
    const dir = join(groups, hierarchy);
    if (existsSync(join(dir, 'cgroup.procs'))) note('control group', readdirSync(dir).join('\n'));
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    note('process', textOf(`/proc/${pid}/cmdline`));
  return found;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function holding(): Promise<ReturnType<typeof spawn>> {
  const script = fileURLToPath(new URL('hold.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: place },
  });
  const [text] = await once(child.stdout, 'data');
  assert.is(String(text), 'ready\n');
  return child;
}

check('after close nothing is left, whatever ran', async () => {
  const target = await createDockerTarget({ archives: await baseArchives() });
  const mine = enginesOf(process.pid, tmpdir());
  await target.run('docker run -d busybox sleep 300');
  await target.run('docker run -d --name held busybox sleep 300');
  await target.run('docker pause held');
  assert.ok(traces(mine, tmpdir()).length > 0, 'while it runs it can be seen');
  await target.close();
  assert.equal(traces(mine, tmpdir()), []);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  check(`after ${signal} nothing is left`, async () => {
    const child = await holding();
    const its = enginesOf(child.pid, place);
    child.kill(signal);
    await once(child, 'exit');
    assert.equal(traces(its, place), []);
  });
}

check('what a killed program left is swept by the next one', async () => {
  const child = await holding();
  const its = enginesOf(child.pid, place);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(traces(its, place).length > 0, 'it could not clean up itself');
  sweep(place);
  assert.equal(traces(its, place), []);
});

check('an engine that cannot take its images is not left behind', async () => {
  const archives = [{ kind: 'save', bytes: new TextEncoder().encode('no archive') }] as const;
  let failure: unknown;
  const starting = startDockerEngine({ archives, parent: place }).catch((error: unknown) => {
    failure = error;
  });
  let mine: ReadonlySet<string> = new Set();
  while (mine.size === 0 && failure === undefined) {
    await new Promise((resolve) => setImmediate(resolve));
    mine = enginesOf(process.pid, place);
  }
  await starting;
  assert.ok(failure instanceof Error);
  assert.equal(traces(mine, place), []);
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
