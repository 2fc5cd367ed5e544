/**
 * A program that uses the linux driver is killed at many points; each time all that was its must be gone soon after: cgroups,
 * processes, mount and network namespaces (and so the devices and rules in them), mounts. CUTAWAY_KILLS=300 kills more often.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hierarchies } from '../../backend/hierarchies.ts';
import { sweep } from '../../backend/lab.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { gated, needs } from '../support/needs.ts';

const leaks = suite('linux: nothing is left behind');
const check = gated(leaks, await needs(...linuxNeeds, 'networks'));
const kills = Number(process.env.CUTAWAY_KILLS ?? 36);
const lastStep = 40;

const place = mkdtempSync(join(tmpdir(), 'leak-test-'));
const program = join(place, 'victim.mjs');
leaks.before(async () => {
  const entry = fileURLToPath(new URL('leak-victim.ts', import.meta.url));
  const banner = {
    js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
  };
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
    banner,
    logLevel: 'error',
  });
});
leaks.after(() => rmSync(place, { recursive: true }));

interface Victim {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it said so far. */
  said: string;
  /** Seconds since boot at its kill. */
  killedAt: number;
}

function startVictim(): Victim {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const victim: Victim = { child, pid: child.pid as number, said: '', killedAt: Number.POSITIVE_INFINITY };
  child.stdout?.on('data', (chunk: Buffer) => {
    victim.said += chunk.toString();
  });
  return victim;
}

async function reached(victim: Victim, text: string): Promise<void> {
  const end = Date.now() + 120_000;
  while (!victim.said.includes(`${text}\n`)) {
    if (victim.child.exitCode !== null) throw new Error(`the program ended before "${text}":\n${victim.said}`);
    if (Date.now() > end) throw new Error(`"${text}" was not reached:\n${victim.said}`);
    await sleep(1);
  }
}

async function kill(victim: Victim): Promise<void> {
  const gone = new Promise((resolve) => victim.child.once('close', resolve));
  victim.child.kill('SIGKILL');
  await gone;
  victim.killedAt = Number(textOf('/proc/uptime').split(' ')[0]);
}

/** Clock ticks per second in /proc/PID/stat: `getconf CLK_TCK` says 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Seconds since boot at which a process was started: field 22 of its stat, proc(5). */
function startedAt(pid: string): number {
  const stat = textOf(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) / TICKS;
}

/**
 * All that is still there of the labs of a process, each as a line. The kernel gives the numbers of namespaces that are gone to
 * new ones: by its namespaces alone only a process that is older than the kill is known as the victim's.
 */
function remains({ pid, said, killedAt }: Victim): readonly string[] {
  const mark = new RegExp(`cutaway-\\d+-${pid}-`);
  const made = new Set([...said.matchAll(/^ns (\S+)$/gm)].map((match) => match[1]));
  for (const kind of ['mnt', 'net', 'pid', 'uts', 'ipc', 'user', 'cgroup'])
    made.delete(readlinkSync(`/proc/self/ns/${kind}`));
  const groups = hierarchies().flatMap(({ dir }) => readdirSync(dir).map((name) => `${dir}/${name}`));
  const lines = groups.filter((group) => mark.test(group)).map((group) => `cgroup ${group}`);
  for (const other of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const found = mark.test(textOf(`/proc/${other}/cgroup`)) || mark.test(textOf(`/proc/${other}/cmdline`));
    if (found) lines.push(`process ${other}: ${textOf(`/proc/${other}/cmdline`).slice(0, 200).replaceAll('\0', ' ')}`);
    const kept = ['mnt', 'net', 'pid'].map((kind) => linkOf(`/proc/${other}/ns/${kind}`)).filter((id) => made.has(id));
    if (kept.length > 0 && startedAt(other) <= killedAt)
      lines.push(`process ${other} is in ${kept.join(' ')}: ${textOf(`/proc/${other}/cmdline`).replaceAll('\0', ' ')}`);
  }
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return [...lines, ...mounts.filter((line) => / cutaway /.test(line)).map((line) => `mount ${line}`)];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

async function nothingRemains(victim: Victim, help: () => void = () => {}): Promise<void> {
  const end = Date.now() + 60_000;
  let left = remains(victim);
  while (left.length > 0 && Date.now() < end) {
    help();
    await sleep(20);
    left = remains(victim);
  }
  assert.equal(left, []);
}

check('the check itself sees a lab that lives', async () => {
  const victim = startVictim();
  await reached(victim, 'step 20');
  const seen = remains(victim).join('\n');
  await kill(victim);
  assert.match(seen, /^cgroup /m);
  assert.match(seen, /^process \d+:/m);
  assert.match(seen, /^process \d+ is in mnt:/m);
  assert.match(seen, /net:\[/);
  await nothingRemains(victim);
});

check(`killed at ${kills} points`, async () => {
  for (let n = 0; n < kills; n++) {
    const victim = startVictim();
    // Every step in turn, and some way into it.
    await reached(victim, `step ${n % lastStep}`);
    await sleep((n * 7) % 23);
    await kill(victim);
    await nothingRemains(victim);
  }
});

check('killed while the lab is being made', async () => {
  for (const ms of [0, 3, 6, 10, 15, 20, 30, 45, 60, 80]) {
    const victim = startVictim();
    await reached(victim, 'step 0');
    await sleep(ms);
    await kill(victim);
    await nothingRemains(victim);
  }
});

check('killed together with its keeper, and swept by the next start', async () => {
  const victim = startVictim();
  await reached(victim, 'step 22');
  const keeper = readdirSync('/proc').find((pid) => {
    const line = /^\d+$/.test(pid) ? textOf(`/proc/${pid}/cmdline`) : '';
    return line.includes(`\0cutaway-keeper\0`) && new RegExp(`cutaway-\\d+-${victim.pid}-`).test(line);
  });
  assert.ok(keeper, 'the keeper is found');
  process.kill(Number(keeper), 'SIGKILL');
  await kill(victim);
  await nothingRemains(victim, sweep);
});

leaks.run();
