/**
 * Real targets where they cannot be had: exit status 3, what is missing and what to do about it, nothing left behind. The
 * built program runs as nobody, or in a mount namespace in which a program is hidden.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gated, needs } from '../support/needs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const test = suite<{ folder: string }>('unavailable', { folder: '' });
const missing = await needs('linux', 'root', 'tools', 'busybox', 'tini', 'namespaces', 'docker');
const check = gated(test as unknown as Parameters<typeof gated>[0], missing);

const folder = mkdtempSync(join(tmpdir(), 'cutaway-test-'));
test.before(() => {
  if (!existsSync(join(root, 'dist', 'cutaway.mjs'))) {
    spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  }
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'list.txt'), 'docker ps\n');
  spawnSync('chmod', ['-R', 'a+rX', folder]);
});
test.after(() => rmSync(folder, { recursive: true }));

function cutaway(
  around: readonly string[],
  argv: readonly string[],
): { code: number | null; out: string; err: string } {
  const [file = '', ...words] = [...around, process.execPath, join(folder, 'dist', 'cutaway.mjs'), ...argv];
  const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder };
  const done = spawnSync(file, words, { encoding: 'utf8', cwd: folder, env });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const asNobody = ['setpriv', '--reuid', 'nobody', '--clear-groups'];

/** In there, these files are not what they were, and cannot be executed. */
const without = (...paths: readonly string[]): string[] => {
  const script = 'while [ "$1" != -- ]; do mount --bind /dev/null "$1" || exit 99; shift; done; shift; exec "$@"';
  return ['unshare', '-m', '--propagation', 'private', 'sh', '-c', script, 'sh', ...paths, '--'];
};

function refused(around: readonly string[], argv: readonly string[], says: readonly RegExp[]): void {
  const before = readdirSync(folder);
  const { code, out, err } = cutaway(around, argv);
  assert.equal([code, out], [3, ''], err);
  for (const each of says) assert.match(err, each);
  assert.equal(readdirSync(folder), before, 'nothing is left behind');
}

/** In a user namespace of the machine's users in which no other can be made. */
const noNamespaces = [
  ...['sh', '-c'],
  `unshare --user sleep 1000 & child=$!
  until [ "$(readlink /proc/$child/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.05; done
  for map in uid_map gid_map; do echo 0 0 65536 >/proc/$child/$map; done
  nsenter -t $child -U -S 0 -G 0 sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' sh "$@"
  status=$?; kill $child; exit $status`,
  ...['sh', ...asNobody],
];

check('without root', () => {
  const docker = [/^cutaway: the docker target needs root\n/, /root/];
  refused(asNobody, ['run', 'list.txt', '--on', 'docker'], docker);
  refused(asNobody, ['verify', 'list.txt', '--on', 'docker'], docker);
  const { code, err } = cutaway(asNobody, ['run', 'list.txt']);
  assert.equal([code, err], [0, 'list.txt on sim: 1 command, nothing expected\n']);
});

check('without root and without user namespaces', () => {
  const linux = [
    /^cutaway: the linux target is not available here \(root: not running as root; userns: user\.max_user_namespaces is 0; /,
    /\n {2}run it with sudo; sysctl -w user\.max_user_namespaces=15000/,
  ];
  refused(noNamespaces, ['run', 'list.txt', '--on', 'linux'], linux);
  refused(noNamespaces, ['run', 'list.txt', '--on', 'linux', '--lab', 'mine'], linux);
  refused(noNamespaces, ['verify', 'list.txt', '--on', 'linux'], linux);
  const doctor = cutaway(noNamespaces, ['doctor']).out;
  assert.match(doctor, /^linux {3}not available: userns, namespaces, overlay missing /m);
  assert.match(doctor, /^ {2}no {2}userns {8}linux {9}user\.max_user_namespaces is 0\n {34}sysctl -w /m);
  assert.match(doctor, /^ {2}user namespace {14}\? {8}no {11}user\.max_user_namespaces is 0; /m);
});

check('without a program', () => {
  refused(
    without('/usr/bin/busybox'),
    ['run', 'list.txt', '--on', 'linux'],
    [/busybox: no busybox/, /apt-get install busybox-static/],
  );
  refused(
    without('/usr/bin/tini-static'),
    ['run', 'list.txt', '--on', 'linux'],
    [/tini: no tini-static/, /apt-get install tini/],
  );
  refused(
    without('/usr/sbin/dockerd'),
    ['run', 'list.txt', '--on', 'docker'],
    [/dockerd/, /apt-get install docker\.io/],
  );
  refused(
    without('/usr/bin/busybox'),
    ['run', 'list.txt', '--on', 'docker'],
    [/busybox/, /apt-get install busybox-static/],
  );
});

test.run();
