/**
 * The linux target for an ordinary user, in a user namespace (backend/rootless.ts): the built program is run as a user of this
 * machine that nobody is; by who is one already, as himself. Its labs leave nothing, also when they are killed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hierarchies } from '../../backend/hierarchies.ts';
import { which } from '../../backend/tools.ts';
import { gated, needs } from '../support/needs.ts';

const rootless = suite('linux: without root');
const check = gated(rootless, await needs('linux', 'userns', 'tools', 'busybox', 'tini'));
const asRoot = process.getuid?.() === 0;
/** A number that no account has. */
const uid = asRoot ? 61_234 : (process.getuid?.() ?? 0);

const place = mkdtempSync(join(tmpdir(), 'rootless-test-'));
const home = join(place, 'home');
const program = join(place, 'program', 'cutaway.mjs');
const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

rootless.before(async () => {
  await build({
    entryPoints: { cutaway: file('../backend/main.ts') },
    outdir: join(place, 'program'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  mkdirSync(home);
  chmodSync(place, 0o755);
  if (asRoot) chownSync(home, uid, uid);
});
rootless.after(() => rmSync(place, { recursive: true }));

const user = asRoot ? ['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups'] : [];
const env = { PATH: process.env.PATH, HOME: home };

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function cutaway(argv: readonly string[], input = '', around: readonly string[] = []): Ran {
  const [first = '', ...words] = [...around, ...user, process.execPath, program, ...argv];
  const ran = spawnSync(first, words, { encoding: 'utf8', cwd: home, env, input });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}

/** Processes of the user, and what the machine has of labs. */
function remains(): readonly string[] {
  const lines: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const ours = new RegExp(`^Uid:\\s+${uid}\\s`, 'm').test(status);
      // By who is an ordinary user himself only what is in other namespaces than his is looked at.
      if (ours && (asRoot || / NSpid:.*\d\s+\d|cutaway-keeper/.test(`${status} ${line}`)))
        lines.push(`process ${pid}: ${line.slice(0, 120)}`);
    } catch {
      // It has ended.
    }
  }
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  lines.push(...mounts.filter((line) => / cutaway /.test(line)).map((line) => `mount ${line}`));
  for (const { dir } of hierarchies()) lines.push(...groupsOf(dir).map((group) => `cgroup ${group}`));
  return lines;
}

/** Ours would be owned by the user. */
function groupsOf(dir: string): readonly string[] {
  const found = spawnSync('find', [dir, '-uid', String(uid)], { encoding: 'utf8' }).stdout;
  return asRoot ? found.split('\n').filter(Boolean) : [];
}

async function nothingRemains(): Promise<void> {
  const end = Date.now() + 60_000;
  let left = remains();
  while (left.length > 0 && Date.now() < end) {
    await sleep(20);
    left = remains();
  }
  assert.equal(left, []);
}

const transcript = (name: string): string => readFileSync(file(`fixtures/rootless/${name}.md`), 'utf8');

for (const name of ['life', 'reload', 'refused']) {
  check(`${name}: as expected`, async () => {
    const { code, out, err } = cutaway(['run', '-', '--on', 'linux'], transcript(name));
    assert.is(code, 0, `${out}${err}`);
    assert.match(
      err,
      /^linux: without root: no limits, pause, stats and --pid, for they need control groups, and those /m,
    );
    await nothingRemains();
  });
}

/** Files that an ordinary user can read, wherever the project lies. */
function put(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}
const lesson = (name: string): string => put(`${name}.md`, readFileSync(file(`../lessons/${name}.md`), 'utf8'));

check('the model and the kernel agree, in a life, of images that come again, and in five lessons', async () => {
  const lessons = ['01-where-is-happiness', '02-layers', '03-process-space', '04-changed-and-deleted', '06-commit'];
  const { code, out, err } = cutaway([
    'verify',
    ...['life', 'reload'].map((name) => put(`${name}.md`, transcript(name))),
    ...lessons.map(lesson),
    '--on',
    'linux',
  ]);
  assert.is(code, 0, `${out}${err}`);
  assert.is(out.match(/the same on sim, linux, owners of files not compared$/gm)?.length, 7, out);
  await nothingRemains();
});

check('a lesson that pauses ends where it does', async () => {
  const { code, err } = cutaway(['verify', lesson('05-stop-kill-pause'), '--on', 'linux']);
  assert.is(code, 1);
  assert.match(err, /`docker pause web` on `linux`: exit status 1, expected 0/);
  await nothingRemains();
});

check('a kept lab is gone on with', async () => {
  const kept = (line: string): Ran => cutaway(['run', '-', '--on', 'linux', '--lab', 'mine'], `${line}\n`);
  assert.is(kept('docker run --name first busybox rm -r /var/spool').code, 0);
  assert.match(kept('docker diff first').out, /^D \/var\/spool$/m);
  // Overlayfs keeps a directory there that even its owner may not look into.
  const state = join(home, '.local');
  assert.is(spawnSync('rm', ['-r', state]).status, asRoot ? 0 : 1);
  if (!asRoot) spawnSync('unshare', ['--user', '--map-root-user', 'rm', '-r', state]);
  await nothingRemains();
});

check('networks', async () => {
  const lines = [
    'docker network create net1',
    "docker run -d --name web --network net1 -p 8080:80 busybox sh -c 'echo page >/index.html; httpd -f -h /'",
    'docker exec web sh -c "until wget -qO- http://127.0.0.1; do sleep 0.1; done"',
    'docker run --rm --network net1 busybox wget -qO- http://web',
    'wget -qO- http://127.0.0.1:8080',
    'docker rm -f web',
  ];
  const { code, out, err } = cutaway(['run', '-', '--on', 'linux', '--bridge'], `${lines.join('\n')}\n`);
  assert.is(code, 0, `${out}${err}`);
  assert.is(out.match(/^page$/gm)?.length, 3, out);
  await nothingRemains();
});

check('who calls sees the status, and signals end the lab', async () => {
  assert.is(cutaway(['run', '-', '--on', 'linux', '--bogus'], '').code, 2);
  const child = begun();
  await reached(child);
  child.kill('SIGTERM');
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.is(code, 143);
  await nothingRemains();
});

/** A program under way in a lab with containers, which it says line by line. */
function begun(
  lines: readonly string[] = ['docker run -d busybox sleep 1000', 'docker run busybox sleep 1000'],
): ChildProcess {
  const [first = '', ...words] = [...user, process.execPath, program, 'run', '-', '--on', 'linux', '--json', '--step'];
  const child = spawn(first, words, { cwd: home, env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin?.end(`${lines.join('\n')}\n`);
  return child;
}

/** Until the first line was carried out. */
async function reached(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
      if (said.includes('"exitCode":0')) resolve();
    });
    child.once('close', () => reject(new Error(`it ended: ${said}`)));
  });
}

const childOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);

check('killed, the one that was called or the one in the namespace, at many moments', async () => {
  for (const ms of [0, 60, 150, 300, 500, 900]) {
    const child = begun();
    await sleep(ms);
    child.kill('SIGKILL');
    await nothingRemains();
  }
  for (const inner of [false, true]) {
    const child = begun();
    await reached(child);
    process.kill(inner ? childOf(child.pid as number) : (child.pid as number), 'SIGKILL');
    await nothingRemains();
  }
});

check('the doctor says what a user can', () => {
  const { code, out } = cutaway(['doctor']);
  assert.is(code, 0);
  assert.match(out, /^linux {3}ready /m);
  assert.match(out, /^docker {2}not available: root/m);
  assert.match(out, /^Without root {18}as root {2}as this user$/m);
  for (const what of ['user namespace', 'mnt uts ipc net pid cgroup', 'proc sysfs devpts mqueue', 'overlay'])
    assert.match(out, new RegExp(`^ {2}${what} +\\? +yes$`, 'm'));
  assert.match(out, /^ {2}device nodes +\? +no +/m);
  assert.match(out, /^ {2}control groups +\? +no +limits, pause, stats and --pid are refused: not delegated$/m);
});

/** In there the user has an account and numbers of his own, with nothing of this machine's changed. */
function withNumbers(): readonly string[] {
  const script = `
    for name in passwd group; do cp /etc/$name "$1/$name"; done
    echo "someone:x:$2:$2::$1/home:/bin/sh" >>"$1/passwd"; echo "someone:x:$2:" >>"$1/group"
    echo "someone:200000:65536" >"$1/numbers"
    for name in subuid subgid; do [ -e /etc/$name ] || : >/etc/$name; mount --bind "$1/numbers" /etc/$name; done
    mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/group" /etc/group
    shift 2; exec "$@"`;
  return ['unshare', '-m', '--propagation', 'private', 'sh', '-ec', script, 'sh', place, String(uid)];
}

const mapped = gated(
  rootless,
  (await needs('linux', 'root', 'userns', 'tools', 'busybox', 'tini')) ??
    (which('newuidmap') === undefined ? 'newuidmap (apt-get install uidmap)' : undefined),
);

mapped('with numbers in /etc/subuid there are other users, and nothing is left out of a comparison', async () => {
  const lines = [
    'docker run --rm busybox id',
    "docker run --name first -u 1000:1000 busybox sh -c 'id; touch /tmp/f; chmod 600 /tmp/f'",
    'docker commit first owned',
    'docker save -o /root/owned.tar owned',
    'docker run --rm owned ls -ln /tmp/f',
    'docker rm first',
  ];
  const { code, out, err } = cutaway(['run', '-', '--on', 'linux'], `${lines.join('\n')}\n`, withNumbers());
  assert.is(code, 0, `${out}${err}`);
  assert.match(out, /^uid=0\(root\) gid=0\(root\) groups=0\(root\),10\(wheel\)$/m);
  assert.match(out, /^uid=1000 gid=1000 groups=1000$/m);
  assert.match(out, /^-rw------- +1 1000 +1000 /m);
  const checked = cutaway(['verify', lesson('01-where-is-happiness'), '--on', 'linux'], '', withNumbers());
  assert.is(checked.code, 0, `${checked.out}${checked.err}`);
  assert.match(checked.out, /the same on sim, linux$/m);
  await nothingRemains();
});

const v1 = hierarchies().filter(({ type, controllers }) => type === 'cgroup' && !controllers.includes('devices'));
const delegated = gated(
  rootless,
  (await needs('linux', 'root', 'userns', 'tools', 'busybox', 'tini', 'cgroup')) ??
    (v1.some(({ controllers }) => controllers.includes('freezer')) ? undefined : 'control groups of version 1'),
);

delegated('with delegated control groups there are limits, pause and stats', async () => {
  const script = `
    dirs=$1 group=$2 uid=$3; shift 3
    for dir in $dirs; do
      mkdir "$dir/$group"
      [ ! -e "$dir/cpuset.cpus" ] || for name in cpus mems; do cat "$dir/cpuset.$name" >"$dir/$group/cpuset.$name"; done
      chown -R "$uid:$uid" "$dir/$group"; echo 0 >"$dir/$group/cgroup.procs"
    done
    exec "$@"`;
  const group = `rootless-test-${process.pid}`;
  const dirs = v1.map(({ dir }) => dir);
  const lines = [
    'docker run -d --name web -m 64m --pids-limit 50 busybox sleep 1000',
    'docker pause web',
    "docker ps --format '{{.Names}} {{.Status}}'",
    'docker unpause web',
    'cat /sys/fs/cgroup/memory/docker/*/memory.limit_in_bytes',
    'docker stats --no-stream web',
    "docker run --rm -m 8m busybox sh -c 'x=a; while :; do x=$x$x; done'",
    'docker rm -f web',
  ];
  const around = ['sh', '-ec', script, 'sh', dirs.join(' '), group, String(uid)];
  try {
    const { out, err } = cutaway(['run', '-', '--on', 'linux'], `${lines.join('\n')}\n`, around);
    assert.match(out, /^web Up .*\(Paused\)$/m, `${out}${err}`);
    assert.match(out, /^67108864$/m);
    assert.match(out, / \/ 64MiB /);
    assert.match(out, /^\? 137$/m);
    const left = dirs.flatMap((dir) =>
      readdirSync(join(dir, group), { withFileTypes: true }).filter((each) => each.isDirectory()),
    );
    assert.equal(left, []);
  } finally {
    for (const dir of dirs) rmSyncGroup(join(dir, group));
  }
  await nothingRemains();
});

function rmSyncGroup(dir: string): void {
  spawnSync('find', [dir, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
}

rootless.run();
