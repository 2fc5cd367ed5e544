/**
 * Labs that are kept on disk: what one program made the next one finds, as a host finds it after a power cut, also when the
 * program was killed in the middle of a command. CUTAWAY_KILLS=300 kills at every step.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hierarchies } from '../../backend/hierarchies.ts';
import { createLinuxTarget, type LinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { runProgram } from '../../backend/program/program.ts';
import { realEnv } from '../../backend/program/terminal.ts';
import { UsageError } from '../../core/index.ts';
import { gated, needs } from '../support/needs.ts';

const kept = suite('linux: kept labs');
const check = gated(kept, await needs(...linuxNeeds));
const kills = Number(process.env.CUTAWAY_KILLS ?? 6);

const place = mkdtempSync(join(tmpdir(), 'kept-lab-test-'));
const program = join(place, 'victim.mjs');
kept.before(async () => {
  const banner = {
    js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
  };
  const entry = fileURLToPath(new URL('kept-lab-victim.ts', import.meta.url));
  const common = { bundle: true, platform: 'node', format: 'esm', logLevel: 'error' } as const;
  await build({ ...common, entryPoints: [entry], outfile: program, banner });
});
kept.after(() => rmSync(place, { recursive: true }));

const open = (name: string, bridge = false): Promise<LinuxTarget> =>
  createLinuxTarget({ keep: { name, directory: join(place, name) }, ...(bridge ? { bridge } : {}) });

async function answer(target: LinuxTarget, line: string): Promise<string> {
  const { exitCode, stdout, stderr } = await target.run(line);
  assert.is(exitCode, 0, `${line}: ${stderr}`);
  return stdout;
}

/** Runs `use` in the lab, and closes it whatever happens. */
async function within<T>(name: string, use: (target: LinuxTarget) => Promise<T>, bridge = false): Promise<T> {
  const target = await open(name, bridge);
  try {
    return await use(target);
  } finally {
    await target.close();
  }
}

async function refusal(promise: Promise<unknown>): Promise<UsageError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, UsageError);
  return error as UsageError;
}

/** Mounts and cgroups of labs that this process or the victim (`pid`) had. */
function leftOvers(pid = process.pid): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(place));
  const groups = hierarchies().flatMap(({ dir }) => readdirSync(dir).map((name) => `${dir}/${name}`));
  return [...mounts, ...groups.filter((path) => path.includes('/cutaway-') && path.split('-').includes(String(pid)))];
}

const states = '{{.Names}} {{.Status}}';
const statesOf = async (target: LinuxTarget): Promise<readonly string[]> =>
  (await answer(target, `docker ps -a --format '${states}'`))
    .trim()
    .split('\n')
    .map((line) => line.replace(/ (About|Less|\d).*$/, ''))
    .sort();

check('what one leaves the next one finds, as after a power cut', async () => {
  const layers = await within('basic', async (target) => {
    assert.is(target.session.engine.world.containers[''], undefined);
    await answer(target, 'docker run --name ended busybox sh -c "echo 1 >/one; echo said"');
    await answer(target, 'docker run -d --name alive busybox sh -c "echo 2 >/two; sleep 1000"');
    await answer(target, 'docker run -d --name frozen busybox sleep 1000');
    await answer(target, 'docker pause frozen');
    await answer(target, 'docker run -d --rm --name fleeting busybox sleep 1000');
    await answer(target, 'docker run -d --name again --restart always busybox sleep 1000');
    await answer(target, 'docker commit ended img');
    await answer(target, 'echo kept >/root/note');
    return Object.keys(target.session.engine.world.layers);
  });
  assert.equal(leftOvers(), []);
  await within('basic', async (target) => {
    assert.equal(await statesOf(target), ['again Up', 'alive Exited (255)', 'ended Exited (0)', 'frozen Exited (255)']);
    assert.equal(Object.keys(target.session.engine.world.layers), layers, 'no image is loaded again');
    assert.match(await answer(target, 'docker images'), /^img[\s\S]+^busybox/m);
    assert.is(await answer(target, 'docker diff alive'), 'A /two\n');
    assert.is(await answer(target, 'docker logs ended'), 'said\n');
    assert.is(await answer(target, 'docker run --rm img cat /one'), '1\n');
    assert.is(await answer(target, 'cat /root/note'), 'kept\n');
    assert.is(await answer(target, "mount | grep -c '^overlay'"), '1\n');
    await answer(target, 'docker start alive frozen');
    assert.is(await answer(target, 'docker exec alive cat /two'), '2\n');
    await answer(target, 'docker rm -f alive frozen ended again');
    await answer(target, 'docker rmi img');
  });
  await within('basic', async (target) => {
    const { containers, images } = target.session.engine.world;
    assert.equal([Object.keys(containers), Object.keys(images.tags)], [[], ['busybox:latest']]);
  });
  assert.equal(leftOvers(), []);
});

check('`cutaway run --on linux --lab NAME` twice', async () => {
  let said = '';
  const env = (text: string) => ({
    ...realEnv(),
    out: (part: string) => {
      said += part;
    },
    err: () => undefined,
    readText: async () => text,
    vars: { XDG_STATE_HOME: place },
  });
  const run = (text: string) => runProgram(['run', 'x.txt', '--on', 'linux', '--lab', 'called'], env(text));
  assert.is(await run('docker create --name first busybox true\n'), 0);
  assert.is(await run('docker create --name second busybox true\n'), 0);
  said = '';
  assert.is(await run("docker ps -a --format '{{.Names}}'\n"), 0);
  assert.match(said, /^second\nfirst\n$/m);
  assert.ok(existsSync(join(place, 'cutaway', 'labs', 'called', 'state.json')));
});

check('one program at a time', async () => {
  await within('shared', async () => {
    const { message, exitCode } = await refusal(open('shared'));
    assert.equal([message, exitCode], [`lab "shared" is in use by process ${process.pid}`, 3]);
  });
  await within('shared', statesOf);
});

check('a lab that is not ours to read is left alone', async () => {
  await within('strange', (target) => answer(target, 'docker ps'));
  const file = join(place, 'strange', 'state.json');
  const good = readFileSync(file, 'utf8');
  const changed = (change: object): string => JSON.stringify({ ...(JSON.parse(good) as object), ...change });
  const cases: readonly (readonly [string, RegExp])[] = [
    [changed({ format: 99 }), /^lab "strange" has format 99, this program reads format 1$/],
    [
      changed({ busybox: `sha256:${'0'.repeat(64)}` }),
      /^lab "strange" was made with another busybox \(sha256:0{12}, here/,
    ],
    [changed({ world: { images: 1 } }), /^lab "strange" cannot be read: world\.images is not as expected$/],
    [good.slice(0, 100), /^lab "strange" cannot be read$/],
  ];
  for (const [text, wanted] of cases) {
    writeFileSync(file, text);
    const { message, hint, exitCode } = await refusal(open('strange'));
    assert.match(message, wanted);
    assert.equal([hint, exitCode], [`use another name, or remove ${join(place, 'strange')}`, 2]);
    assert.is(readFileSync(file, 'utf8'), text);
  }
  writeFileSync(file, good);
  await within('strange', statesOf);
  writeFileSync(join(place, 'file'), '');
  assert.match((await refusal(open('file'))).message, /^lab "file" cannot be kept: /);
});

interface Victim {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  said: string;
}

function startVictim(name: string, when: string, before: readonly string[] = []): Victim {
  const [file = '', ...words] = [...before, process.execPath, program, join(place, name), when];
  // A loader that this process was started with would be looked for from the victim's working directory.
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const victim: Victim = { child, ended, said: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      victim.said += data.toString();
    });
  }
  return victim;
}

check('a file system that cannot hold layers is refused', async () => {
  const script =
    'cd "$1" && mkdir l u w fs && mount -t overlay -o lowerdir=l,upperdir=u,workdir=w none fs && shift && exec "$@"';
  const victim = startVictim('fs/lab', '0', [
    'unshare',
    '-m',
    '--propagation',
    'private',
    'sh',
    '-c',
    script,
    'sh',
    place,
  ]);
  await victim.ended;
  assert.match(victim.said, /lab "victim" cannot be kept: the file system of .*\/fs\/lab cannot hold layers/);
});

check('killed with a container in the foreground: it is found exited', async () => {
  const victim = startVictim('killed', 'wait');
  while (!victim.said.includes('ready\n') && victim.child.exitCode === null) await sleep(5);
  assert.is(victim.child.exitCode, null, victim.said);
  victim.child.kill('SIGKILL');
  await victim.ended;
  await within('killed', async (target) => {
    assert.equal(await statesOf(target), ['waits Exited (255)']);
    assert.is(await answer(target, 'docker diff waits'), 'A /x\n');
    assert.equal(leftOvers(victim.child.pid), []);
    await answer(target, 'docker rm waits');
  });
});

check('killed at any step: the next one finds a store that is whole', async () => {
  const whole = startVictim('steps', 'never');
  await whole.ended;
  const total = Number(/^done (\d+)$/m.exec(whole.said)?.[1]);
  assert.ok(total > 40, whole.said);
  const stride = Math.max(1, Math.floor(total / kills));
  for (let step = 0; step < total; step += stride) {
    const victim = startVictim('steps', String(step));
    await victim.ended;
    assert.is(victim.child.signalCode, 'SIGKILL', victim.said);
    await within('steps', (target) => checkWhole(target, `killed before step ${step}`));
    assert.equal(leftOvers(victim.child.pid), []);
  }
});

/** Everything on disk has its record and the other way round; all of it can be used, and removed. */
async function checkWhole(target: LinuxTarget, when: string): Promise<void> {
  const { containers, layers, images } = target.session.engine.world;
  const all = Object.values(containers);
  const dirs = [...Object.values(layers).map(({ cacheId }) => cacheId), ...all.map(({ layer }) => layer.id)];
  const found = (await answer(target, 'ls -1A /var/lib/docker/overlay2')).trim().split('\n');
  const wanted = ['l', ...dirs, ...all.map(({ layer }) => `${layer.id}-init`)];
  assert.equal(found.sort(), wanted.sort(), when);
  assert.equal(
    (await answer(target, 'ls -1A /var/lib/docker/containers')).split('\n').filter(Boolean).sort(),
    Object.keys(containers).sort(),
    when,
  );
  assert.is(await answer(target, 'find /var/lib/docker -name "*-removing" -o -name merged'), '', when);
  for (const { name } of all) {
    await answer(target, `docker diff ${name}`);
    await answer(target, `docker start ${name}`);
    await answer(target, `docker rm -f ${name}`);
  }
  const tags = Object.keys(images.tags).filter((tag) => tag !== 'busybox:latest');
  for (const tag of tags.sort().reverse()) {
    assert.match(await answer(target, `docker run --rm ${tag} ls /`), /^bin$/m, when);
    await answer(target, `docker rmi ${tag}`);
  }
  assert.is(Object.keys(target.session.engine.world.layers).length, 1, when);
}

check('networks come again with the bridge that the lab was made with, unasked', async () => {
  await within(
    'nets',
    async (target) => {
      await answer(target, 'docker network create blue');
      await answer(target, 'docker run -d --init --name web --network blue busybox sleep 300');
    },
    true,
  );
  await within('nets', async (target) => {
    assert.equal(await statesOf(target), ['web Exited (255)']);
    await answer(target, 'docker start web');
    assert.is(await answer(target, "docker network inspect blue -f '{{len .Containers}}'"), '1\n');
    assert.match(await answer(target, 'docker exec web ip addr show eth0'), /inet 172\.18\.0\.2\/16/);
  });
  assert.equal(leftOvers(), []);
});

kept.run();
