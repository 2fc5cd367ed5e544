/**
 * An image that nobody here made to measure: a whole Debian (some ten thousand files, devices, set-user-ID programs, links of
 * both kinds) is imported, changed, committed, saved and loaded elsewhere, on every target. What `find /` shows must be the
 * same on all, and the diffID of the imported layer the same bytes' sha256.
 *
 * `DEBIAN_TAR=FILE` takes the tar of such a root from there instead of making one, which takes a minute or two.
 *
 * Times and memory of the simulation's import and commit are printed beside those of the other targets, and not asserted.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTarget } from '../../backend/targets.ts';
import { type CommandOutcome, digestOf, type Target, type TargetName } from '../../core/index.ts';
import { gated, needs } from '../support/needs.ts';

const missing = await needs('root', 'docker', 'busybox', 'overlay', 'debootstrap');
const live = gated(test, missing);

/** What a container does to its files: most kinds of change, many of them to directories that came with the image. */
const change = [
  'echo changed > /etc/motd',
  'chmod 700 /etc/apt',
  'chown 1:1 /etc/shells',
  'rm -r /usr/share/doc',
  'rm -r /usr/share/man; mkdir /usr/share/man; echo only > /usr/share/man/README',
  'mv /etc/issue /etc/issue.old',
  'ln /etc/motd /etc/motd.hard; ln -s motd /etc/motd.soft',
  'mkfifo /root/pipe; mknod /root/null c 1 3',
  'echo >> /var/lib/dpkg/status',
].join('; ');

/** Every path with what `ls` knows of it, without what is mounted, and without what the engine itself puts there. */
const list =
  "find / \\( -path /proc -o -path /sys -o -path /dev -o -name hosts -o -name hostname -o -name resolv.conf -o -name .dockerenv \\) -prune -o -exec stat -c '%n %F %a %u:%g %s %N' {} +";

interface Played {
  readonly found: string[];
  readonly changes: string[];
  readonly diffIds: string[];
  readonly save: Uint8Array;
}

const folder = missing === undefined ? mkdtempSync(join(tmpdir(), 'debootstrap-')) : '';
let tar: Uint8Array;
const played = new Map<TargetName, Played>();

if (missing === undefined) {
  test.before(() => {
    tar = debian(folder);
  });
  test.after(() => rmSync(folder, { recursive: true, force: true }));
}

/** The tar of a fresh Debian with the static busybox in it, which is the program that all three targets can run. */
function debian(into: string): Uint8Array {
  const made = process.env.DEBIAN_TAR;
  if (made !== undefined) return readFileSync(made);
  const root = join(into, 'root');
  execFileSync('debootstrap', ['--include=busybox-static', 'bookworm', root], { stdio: 'ignore' });
  const file = join(into, 'debian.tar');
  execFileSync('tar', ['-C', root, '--exclude=./proc/*', '--exclude=./sys/*', '--sort=name', '-cf', file, '.']);
  rmSync(root, { recursive: true, force: true });
  return readFileSync(file);
}

/** Runs a line that must succeed. */
async function run(target: Target, line: string): Promise<CommandOutcome> {
  const outcome = await target.run(line);
  assert.is(outcome.exitCode, 0, `${target.name}: ${line}\n${outcome.stderr}${outcome.skipped ?? ''}`);
  return outcome;
}

const lines = ({ stdout }: CommandOutcome): string[] => stdout.split('\n').filter((line) => line !== '');

const inside = (image: string, script: string): string =>
  `docker run --rm ${image} busybox sh -c "${script.replace(/"/g, '\\"')}"`;

/** The size of a directory is its file system's own affair. */
async function look(target: Target): Promise<string[]> {
  const found = lines(await run(target, inside('changed', list)));
  return found.map((line) => line.replace(/( directory \d+ \d+:\d+) \d+ /, '$1 ')).sort();
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`  ${what}: ${((performance.now() - start) / 1000).toFixed(2)} s`);
  return result;
}

async function play(name: TargetName): Promise<Played> {
  const target = await openTarget(name);
  try {
    await target.putFile!('debian.tar', tar);
    const memory = process.memoryUsage().rss;
    await timed(`${name}: docker import`, () => run(target, 'docker import debian.tar debian'));
    await run(target, `docker run --name deb debian busybox sh -c '${change}'`);
    await timed(`${name}: docker commit`, () => run(target, 'docker commit deb changed'));
    if (name === 'sim')
      console.log(`  sim: ${Math.round((process.memoryUsage().rss - memory) / 2 ** 20)} MiB more memory`);
    const found = await look(target);
    const changes = lines(await run(target, 'docker diff deb')).sort();
    const diffIds = JSON.parse(
      (await run(target, "docker inspect -f '{{json .RootFS.Layers}}' debian")).stdout,
    ) as string[];
    await run(target, 'docker save -o changed.tar changed');
    return { found, changes, diffIds, save: await target.getFile!('changed.tar') };
  } finally {
    await target.close();
  }
}

for (const name of ['docker', 'sim', 'linux'] as const) {
  live(`${name}: import, change, commit`, async () => {
    const result = await play(name);
    played.set(name, result);
    assert.equal(result.diffIds, [digestOf(tar)], 'the layer is the tar that was given');
    assert.ok(result.found.length > 5000, `${result.found.length} paths`);
    const real = played.get('docker')!;
    assert.equal(result.changes, real.changes, 'docker diff');
    assert.equal(differing(result.found, real.found), []);
  });
}

/** Lines of one side only: a message of ten thousand lines helps nobody. */
function differing(ours: readonly string[], theirs: readonly string[]): string[] {
  const [a, b] = [new Set(ours), new Set(theirs)];
  return [
    ...ours.filter((line) => !b.has(line)).map((line) => `+ ${line}`),
    ...theirs.filter((line) => !a.has(line)).map((line) => `- ${line}`),
  ].slice(0, 20);
}

live('what one target saves another loads', async () => {
  for (const [from, to] of [
    ['sim', 'docker'],
    ['linux', 'docker'],
    ['docker', 'sim'],
    ['docker', 'linux'],
  ] as const) {
    const target = await openTarget(to);
    try {
      const { save, found } = played.get(from)!;
      await target.putFile!('changed.tar', save);
      await run(target, 'docker load -i changed.tar');
      assert.equal(differing(await look(target), found), [], `${from} to ${to}`);
    } finally {
      await target.close();
    }
  }
});

test.run();
