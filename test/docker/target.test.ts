/**
 * The reference shows what it should: facts of the real engine, read back, after real commands.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { baseArchives, machineBusybox } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { type ContainerFacts, compareObservations, makeBusybox, type Target } from '../../core/index.ts';
import { gated, needs } from '../support/needs.ts';

const missing = await needs('docker');
const check = gated(test, missing);
let target: Target;

test.before(async () => {
  if (missing === undefined) target = await createDockerTarget({ archives: await baseArchives() });
});
test.after(async () => {
  if (missing === undefined) await target.close();
});
test.before.each(async () => {
  if (missing === undefined) await target.run('docker rm -f $(docker ps -aq)');
});

async function run(line: string): Promise<string> {
  const outcome = await target.run(line);
  assert.is(outcome.exitCode, 0, `${line}: ${outcome.stderr}`);
  return outcome.stdout.trim();
}

async function container(name: string): Promise<ContainerFacts> {
  const found = (await target.observe()).containers.find((one) => one.name === name);
  assert.ok(found, `container ${name}`);
  return found;
}

const paths = (entries: readonly { path: string }[]): string[] => entries.map(({ path }) => path);

check('the base image is the one that was made, byte for byte', async () => {
  const { bytes, applets } = await machineBusybox();
  const { description } = makeBusybox(bytes, applets);
  const [image, ...others] = (await target.observe()).images;
  assert.is(others.length, 0);
  assert.is(image?.id, description.id);
  assert.equal(image?.tags, ['busybox:latest']);
  assert.equal(
    image?.layers.map(({ diffId, size }) => ({ diffId, size })),
    description.layers.map(({ diffId, size }) => ({ diffId, size })),
  );
  assert.is(image?.parent, undefined);
});

check('a running container: processes as it sees them, namespaces, control group', async () => {
  await run('docker run -d --init --name web --memory 64m busybox sleep 300');
  await run('docker exec -d web sleep 77');
  const web = await container('web');
  assert.is(web.status, 'running');
  assert.equal(
    web.processes.map(({ pid, ppid, args }) => [pid, ppid, args.join(' ')]),
    [
      [1, 0, '/sbin/docker-init -- sleep 300'],
      [7, 1, 'sleep 300'],
      [8, 0, 'sleep 77'],
    ].map((row, i) => [web.processes[i]?.pid, row[1], row[2]]),
  );
  assert.is(web.processes[0]?.pid, 1);
  assert.equal(web.namespaces, {
    mnt: 'own',
    uts: 'own',
    ipc: 'own',
    pid: 'own',
    net: 'own',
    user: 'host',
    cgroup: 'host',
  });
  assert.equal(web.cgroup, { frozen: false, pids: 3, memoryLimit: 64 * 2 ** 20 });
  assert.equal(paths(web.upper), ['/sbin', '/sbin/docker-init']);
});

check('a paused container is frozen', async () => {
  await run('docker run -d --name web busybox sleep 300');
  await run('docker pause web');
  const web = await container('web');
  assert.is(web.status, 'paused');
  assert.is(web.cgroup?.frozen, true);
  assert.is(web.processes.length, 1);
});

check('a container that shares namespaces says whose', async () => {
  await run('docker run -d --name web busybox sleep 300');
  await run('docker run -d --name guest --net container:web --pid host busybox sleep 300');
  const guest = await container('guest');
  assert.is(guest.namespaces?.net, 'container:web');
  assert.is(guest.namespaces?.pid, 'host');
  assert.is(guest.processes.length, 1);
});

check('the read-write layer with whiteouts and opaque directories, the union view, docker diff', async () => {
  await run(
    "docker run --name c1 busybox sh -c 'rm /bin/cat; echo x >/f; chmod 600 /f; rm -r /home; mkdir /home; ln -s f /l'",
  );
  const c1 = await container('c1');
  assert.is(c1.status, 'exited');
  const upper = new Map(c1.upper.map((entry) => [entry.path, entry]));
  assert.is(upper.get('/bin/cat')?.type, 'whiteout');
  assert.is(upper.get('/home')?.opaque, true);
  assert.is(upper.get('/f')?.mode, 0o600);
  assert.is(upper.get('/l')?.target, 'f');
  const union = new Set(paths(c1.union));
  assert.ok(union.has('/f') && union.has('/bin/ls') && union.has('/.dockerenv') && !union.has('/bin/cat'));
  assert.not.ok(c1.union.some((entry) => entry.type === 'whiteout' || entry.opaque === true));
  const diff = (await run('docker diff c1')).split('\n').sort();
  assert.equal(c1.changes.map(({ kind, path }) => `${kind} ${path}`).sort(), diff);
  assert.ok(diff.includes('D /bin/cat'));
});

check('the union view is the same before and after a container ends', async () => {
  await run("docker run -d --name c1 busybox sh -c 'rm /bin/cat; echo x >/f; exec sleep 300'");
  const running = await container('c1');
  await run('docker kill c1');
  const ended = await container('c1');
  assert.equal(running.union, ended.union);
  assert.is(ended.exitCode, 137);
});

check('a committed image: parent, layers with their content, who made them', async () => {
  await run("docker run --name c1 busybox sh -c 'rm /bin/cat; touch /f'");
  await run('docker commit c1 img');
  const { images, layers } = await target.observe();
  const [base, img] = images;
  assert.is(img?.parent, base?.id);
  assert.is(img?.layers.length, 2);
  assert.is(img?.layers[1]?.createdBy, 'sh -c rm /bin/cat; touch /f');
  assert.equal(paths(layers[img!.layers[1]!.chainId]!), ['/bin', '/bin/cat', '/f']);
  await run('docker rmi img');
  assert.is((await target.observe()).images.length, 1);
});

check('a container outlives the tag of its image', async () => {
  await run('docker create --name c1 busybox true');
  await run('docker tag busybox keep');
  await run('docker rmi busybox');
  const c1 = await container('c1');
  assert.is(c1.lower.length, 1);
  assert.ok(paths(c1.union).includes('/bin/ls'));
  await run('docker tag keep busybox');
  await run('docker rmi keep');
});

check('an observation waits until a short command has come to its end', async () => {
  await run('docker run -d --name c1 busybox true');
  assert.is((await container('c1')).status, 'exited');
});

check('the same commands on two engines give no difference; another command does', async () => {
  const other = await createDockerTarget({ archives: await baseArchives() });
  try {
    const lines = [
      "docker run --name c1 busybox sh -c 'rm /bin/cat'",
      'docker commit c1 img',
      'docker run -d img sleep 300',
    ];
    for (const line of lines) await Promise.all([target.run(line), other.run(line)]);
    assert.equal(compareObservations(await target.observe(), await other.observe()), []);
    await other.run('docker start c1');
    await other.run('docker run --name c2 busybox mkdir /x');
    const found = compareObservations(await target.observe(), await other.observe());
    assert.equal(
      found.map(({ path }) => path),
      ['containers/c1/exitCode', 'containers/c2'],
    );
  } finally {
    await other.close();
    await target.run('docker rm -f $(docker ps -aq)');
    await target.run('docker rmi img');
  }
});

check('lines of several docker commands run; other programs are refused with the reason', async () => {
  const both = await target.run('docker create --name c1 busybox; docker rm $(docker ps -aq)');
  assert.is(both.exitCode, 0);
  assert.match(both.stdout, /^[0-9a-f]{64}\n[0-9a-f]{12}\n$/);
  for (const line of [
    'ls /',
    'docker ps | grep x',
    'docker ps; rm -rf /',
    'docker ps $(reboot)',
    'docker ps > /etc/x',
    'docker ps `id`',
  ]) {
    assert.match((await target.run(line)).skipped ?? 'it was run', /^not for the real Docker: /, line);
  }
  assert.is((await target.run('docker ps > list; docker ps --no-such')).exitCode, 125);
});

check('files that commands write land in a directory of their own', async () => {
  await run('docker create --name c1 busybox');
  await run('docker export -o c1.tar c1');
  await run('docker cp c1:/etc/passwd passwd');
  assert.match(await run('docker import c1.tar again'), /^sha256:/);
  await run('docker rmi again');
});

check('input is given to a container, output is handed on as it comes', async () => {
  let seen = '';
  const outcome = await target.run('docker run -i --rm busybox cat', {
    stdin: 'hello\n',
    onOutput: (_, text) => (seen += text),
  });
  assert.is(outcome.stdout, 'hello\n');
  assert.is(seen, 'hello\n');
});

check('a command that does not end counts as suspended', async () => {
  const impatient = await createDockerTarget({ archives: await baseArchives(), patienceMs: 500 });
  try {
    const outcome = await impatient.run('docker run --name web busybox sleep 300');
    assert.is(outcome.suspended, 'time');
    assert.is((await impatient.observe()).containers[0]?.status, 'running');
  } finally {
    await impatient.close();
  }
});

test.run();
