/**
 * Records what a real kernel with pure cgroup v2 answers to the lines of cases.ts, written to the file that is named:
 * `node record.mjs FILE [TOPIC...]` as root on a host with cgroup v2 alone, see scripts/record-v2.sh.
 *
 * Kept true: each topic begins with no group but those that were there.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topics } from './cases.ts';
import type { Recorded, Said } from './play.ts';

const root = '/sys/fs/cgroup';
const busybox = '/bin/busybox';
const [file = 'cgroup-v2.json', ...wanted] = process.argv.slice(2);
const there = new Set(folders(root));
const bin = mkdtempSync(join(tmpdir(), 'cutaway-v2-'));
execFileSync(busybox, ['--install', '-s', bin]);

function folders(dir: string): string[] {
  const entries = readdirSync(dir, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Removes a group with those below it; who was in it has been killed. */
function remove(dir: string): void {
  for (const name of folders(dir)) remove(`${dir}/${name}`);
  for (let tries = 0; ; tries++) {
    try {
      rmdirSync(dir);
      return;
    } catch (error) {
      if (tries > 100) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function play(line: string): Said {
  const ran = spawnSync(busybox, ['sh', '-c', line], {
    encoding: 'utf8',
    cwd: '/root',
    env: { PATH: bin, HOME: '/root' },
    timeout: 120_000,
  });
  return { line, exitCode: ran.status ?? -1, stdout: ran.stdout, stderr: ran.stderr };
}

const said: Record<string, Said[]> = {};
for (const [topic, lines] of Object.entries(topics)) {
  if (wanted.length > 0 && !wanted.includes(topic)) continue;
  said[topic] = lines.map(play);
  for (const name of folders(root).filter((each) => !there.has(each))) {
    writeFileSync(`${root}/${name}/cgroup.kill`, '1');
    remove(`${root}/${name}`);
  }
  process.stdout.write(`${topic}: ${lines.length} lines\n`);
}
rmSync(bin, { recursive: true });
mkdirSync(join(file, '..'), { recursive: true });
const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
const version = execFileSync(busybox, { encoding: 'utf8' }).split(' multi-call')[0];
const recorded: Recorded = { recordedOn: `Linux ${kernel}, ${version}`, topics: said };
writeFileSync(file, `${JSON.stringify(recorded, null, 1)}\n`);
