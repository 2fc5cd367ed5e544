/**
 * `cutaway serve` as a process of its own with the linux target: what it prints, and that nothing of its labs is left when a
 * page goes or when the program is ended, by whatever signal.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hierarchies } from '../../backend/hierarchies.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { gated, needs } from '../support/needs.ts';
import { PageSession, post, type Served } from './page-session.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'dist', 'cutaway.mjs');

const test = suite('serve: the process');
const check = gated(test, await needs(...linuxNeeds));
const folder = mkdtempSync(join(tmpdir(), 'cutaway-serve-'));
test.before(() => {
  if (!existsSync(program)) spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Cutaway</title>');
});
test.after(() => rmSync(folder, { recursive: true }));

interface Program extends Served {
  readonly child: ChildProcess;
  readonly pid: number;
}

async function serve(): Promise<Program> {
  const args = [program, 'serve', '--port', '0', '--site', folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    said += chunk.toString();
    if (said.includes('\n')) break;
  }
  const [, origin = '', port = '', token = ''] =
    /^(http:\/\/127\.0\.0\.1:(\d+))\/#token=([\w-]{43})\n$/.exec(said) ?? [];
  assert.ok(token, `an address is printed: ${said}`);
  return { child, pid: child.pid ?? 0, origin, port: Number(port), token };
}

/** Control groups and processes of labs of that process. */
function remains(pid: number): string[] {
  const mark = new RegExp(`cutaway-\\d+-${pid}-`);
  const groups = hierarchies().flatMap(({ dir }) => readdirSync(dir).map((name) => `${dir}/${name}`));
  const processes = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && mark.test(textOf(`/proc/${name}/cgroup`)),
  );
  return [...groups.filter((group) => mark.test(group)), ...processes.map((name) => `process ${name}`)];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function nothingRemains(pid: number): Promise<void> {
  const end = Date.now() + 60_000;
  while (remains(pid).length > 0 && Date.now() < end) await sleep(20);
  assert.equal(remains(pid), []);
}

async function ended({ child }: Program): Promise<number | string | null> {
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
  return child.exitCode ?? child.signalCode;
}

/** A page in whose world a container runs. */
async function busyPage(server: Program): Promise<PageSession> {
  const page = await PageSession.open(server);
  const { session } = await page.until('ready');
  await post(server, 'run', { session, n: 1, line: 'docker run -d --name web busybox sleep 1000' });
  const { outcome, observation } = await page.until('done');
  assert.equal([outcome.exitCode, observation.containers[0]?.status], [0, 'running'], outcome.stderr);
  return page;
}

check('a page that goes takes its lab with it, in the midst of a line as well', async () => {
  const server = await serve();
  const page = await busyPage(server);
  assert.ok(remains(server.pid).length > 0, 'there is a lab');
  page.stream.destroy();
  await nothingRemains(server.pid);
  const other = await PageSession.open(server);
  const { session } = await other.until('ready');
  await post(server, 'run', { session, n: 1, line: 'docker run busybox sleep 1000' });
  await other.until('step');
  other.stream.destroy();
  await nothingRemains(server.pid);
  server.child.kill('SIGTERM');
  assert.is(await ended(server), 143);
});

check('a foreground process that writes without end is stopped', async () => {
  const server = await serve();
  const page = await PageSession.open(server);
  const { session } = await page.until('ready');
  await post(server, 'run', {
    session,
    n: 1,
    line: "docker run --init busybox sh -c 'yes 0123456789abcdef | head -c 5000000; sleep 1000'",
  });
  const { outcome } = await page.until('done');
  assert.is(outcome.stdout.length, 1024 * 1024);
  assert.is.not(outcome.exitCode, 0);
  server.child.kill('SIGTERM');
  await ended(server);
});

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGKILL', 'SIGKILL'],
] as const) {
  check(`${signal} leaves nothing of three pages`, async () => {
    const server = await serve();
    const pages = [await busyPage(server), await busyPage(server), await PageSession.open(server)];
    server.child.kill(signal);
    assert.is(await ended(server), status);
    await nothingRemains(server.pid);
    assert.is(pages.length, 3);
  });
}

test.run();
