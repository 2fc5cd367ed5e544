/** The verbs on the simulated kernel: what they do to the host, and Docker's words when they refuse. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { driveSync } from '../../../core/drive.ts';
import * as e from '../../../core/engine/index.ts';
import { makeRig, type Rig } from './rig.ts';

const start = (rig: Rig, name: string, command: readonly string[], more: Partial<e.CreateSpec> = {}): string => {
  const { id } = rig.run(e.createContainer(rig.engine, { image: 'tools', command, name, ...more }));
  rig.run(e.startContainer(rig.engine, name));
  return id;
};
const status = (rig: Rig, name: string): string => {
  rig.run(e.settle(rig.engine));
  const container = e.findContainer(rig.engine, name);
  return `${e.statusOf(container)} ${container.state.context.exitCode}`;
};
const text = (output: readonly { readonly text: string }[]): string => output.map((chunk) => chunk.text).join('');

test('run: create, start and follow give output and exit code; the file lands in the read-write layer', () => {
  const rig = makeRig();
  start(rig, 'web', ['touch', '/happiness.txt']);
  assert.equal(rig.run(e.followContainer(rig.engine, 'web')), { code: 0, output: [] });
  assert.equal(rig.run(e.containerDiff(rig.engine, 'web')), [{ kind: 'A', path: '/happiness.txt' }]);
  const { layer } = e.findContainer(rig.engine, 'web');
  const upper = rig.tree(`${rig.driver.facts.dataRoot}/overlay2/${layer.id}/diff`);
  assert.equal(
    upper.map(({ path }) => path),
    ['/happiness.txt'],
  );
});

test('environment: PATH, HOSTNAME, the image, the command line, HOME', () => {
  const rig = makeRig();
  const id = start(rig, 'web', ['env'], { env: ['A=b', 'FROM_IMAGE=2'] });
  const { output } = rig.run(e.followContainer(rig.engine, 'web'));
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  assert.equal(text(output).trim().split('\n'), [path, `HOSTNAME=${id.slice(0, 12)}`, 'A=b', 'FROM_IMAGE=2', 'HOME=/']);
});

test('standard input given as a whole reaches the process', () => {
  const rig = makeRig();
  rig.run(e.createContainer(rig.engine, { image: 'tools', command: ['cat'], name: 'web', openStdin: true }));
  rig.run(e.startContainer(rig.engine, 'web', { stdin: 'hello' }));
  assert.is(text(rig.run(e.followContainer(rig.engine, 'web')).output), 'hello');
  assert.is(text(rig.run(e.containerLogs(rig.engine, 'web'))), 'hello');
});

test('stop: a polite process ends by SIGTERM, one without a handler is killed after the grace period', () => {
  const rig = makeRig();
  start(rig, 'kind', ['polite', '7']);
  start(rig, 'deaf', ['sleep', '300']);
  const before = rig.driver.now();
  rig.run(e.stopContainer(rig.engine, 'kind'));
  assert.is(status(rig, 'kind'), 'exited 7');
  assert.is(rig.driver.now(), before);
  rig.run(e.stopContainer(rig.engine, 'deaf', { timeout: 3 }));
  assert.is(status(rig, 'deaf'), 'exited 137');
  assert.is(rig.driver.now() - before, 3000);
});

test('with --init a process without a handler ends by SIGTERM', () => {
  const rig = makeRig();
  start(rig, 'web', ['sleep', '300'], { init: true });
  rig.run(e.stopContainer(rig.engine, 'web'));
  assert.is(status(rig, 'web'), 'exited 143');
});

test('pause freezes, a stop of a paused container thaws it first', () => {
  const rig = makeRig();
  start(rig, 'web', ['polite', '5']);
  rig.run(e.pauseContainer(rig.engine, 'web'));
  assert.is(status(rig, 'web'), 'paused 0');
  assert.is(rig.run(e.observe(rig.engine)).containers[0]?.cgroup?.frozen, true);
  assert.is(
    rig.refusal(e.execContainer(rig.engine, 'web', { command: ['true'] })),
    'Container web is paused, unpause the container before exec',
  );
  rig.run(e.stopContainer(rig.engine, 'web'));
  assert.is(status(rig, 'web'), 'exited 5');
});

test('kill: a paused container wakes, unless it has a stop signal of its own and this is another', () => {
  const rig = makeRig();
  start(rig, 'web', ['sleep', '300']);
  start(rig, 'own', ['sleep', '300'], { stopSignal: 'SIGINT' });
  for (const name of ['web', 'own']) {
    rig.run(e.pauseContainer(rig.engine, name));
    rig.run(e.killContainer(rig.engine, name, 'USR1'));
  }
  assert.equal([status(rig, 'web'), status(rig, 'own')], ['running 0', 'paused 0']);
  rig.run(e.killContainer(rig.engine, 'own'));
  assert.is(status(rig, 'own'), 'exited 137');
});

test('a start that fails says what runc says, and the state remembers it', () => {
  const rig = makeRig();
  const refused = (command: string): [string, string] => {
    const { id } = rig.run(e.createContainer(rig.engine, { image: 'tools', command: [command] }));
    const message = rig.refusal(e.startContainer(rig.engine, id));
    return [message.replace(/^.*unable to start container process: /, ''), status(rig, id)];
  };
  assert.equal(refused('nosuch'), ['exec: "nosuch": executable file not found in $PATH: unknown', 'created 127']);
  assert.equal(refused('/nosuch'), [
    'exec: "/nosuch": stat /nosuch: no such file or directory: unknown',
    'created 127',
  ]);
  assert.equal(refused('/etc'), ['exec: "/etc": permission denied: unknown', 'created 126']);
  assert.equal(
    rig.run(e.observe(rig.engine)).containers.map(({ processes }) => processes.length),
    [0, 0, 0],
  );
});

test('exec joins namespaces and cgroup, and ends with PID 1', () => {
  const rig = makeRig();
  start(rig, 'web', ['sleep', '300']);
  const done = rig.run(e.execContainer(rig.engine, 'web', { command: ['echo', 'hi'] }));
  assert.equal([done.code, text(done.output)], [0, 'hi\n']);
  rig.run(e.execContainer(rig.engine, 'web', { command: ['sleep', '200'], detach: true }));
  const [facts] = rig.run(e.observe(rig.engine)).containers;
  assert.equal(
    facts?.processes.map(({ args }) => args),
    [
      ['sleep', '300'],
      ['sleep', '200'],
    ],
  );
  const missing = rig.run(e.execContainer(rig.engine, 'web', { command: ['nosuch'] }));
  assert.is(missing.code, 126);
  assert.match(
    text(missing.output),
    /^OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch"/,
  );
  rig.run(e.killContainer(rig.engine, 'web'));
  assert.equal([...rig.driver.kernel.processes.keys()], [1, 742]);
});

test('namespaces of a container are its own, but for user and cgroup', () => {
  const rig = makeRig();
  start(rig, 'web', ['sleep', '300']);
  const [facts] = rig.run(e.observe(rig.engine)).containers;
  assert.equal(facts?.namespaces, {
    mnt: 'own',
    uts: 'own',
    ipc: 'own',
    pid: 'own',
    net: 'own',
    user: 'host',
    cgroup: 'host',
  });
  assert.equal(
    facts?.processes.map(({ pid, ppid }) => [pid, ppid]),
    [[1, 0]],
  );
});

test('--rm: gone when it ends, also when nobody waits', () => {
  const rig = makeRig();
  const clean = rig.traces();
  start(rig, 'web', ['echo', 'bye'], { autoRemove: true });
  assert.is(text(rig.run(e.followContainer(rig.engine, 'web')).output), 'bye\n');
  start(rig, 'bg', ['true'], { autoRemove: true });
  rig.run(e.settle(rig.engine));
  assert.equal(e.listContainers(rig.engine), []);
  assert.equal(rig.traces(), clean);
});

test('restart policy: started again after a growing delay, until stopped', () => {
  const rig = makeRig();
  start(rig, 'web', ['exit', '1'], { restart: { Name: 'always', MaximumRetryCount: 0 } });
  assert.is(status(rig, 'web'), 'restarting 1');
  assert.match(rig.refusal(e.pauseContainer(rig.engine, 'web')), /is restarting, wait until the container is running$/);
  const first = e.findContainer(rig.engine, 'web');
  rig.run(e.settle(rig.engine));
  assert.is(e.findContainer(rig.engine, 'web').startedAt, first.startedAt, 'not before the delay is over');
  start(rig, 'clock', ['sleep', '1']);
  rig.run(e.waitContainer(rig.engine, 'clock'));
  rig.run(e.settle(rig.engine));
  assert.ok(e.findContainer(rig.engine, 'web').startedAt > first.startedAt, 'started a second time');
  rig.run(e.settle(rig.engine));
  assert.is(status(rig, 'web'), 'restarting 1');
  assert.is(e.findContainer(rig.engine, 'web').restartCount, first.restartCount + 1);
  rig.run(e.stopContainer(rig.engine, 'web'));
  assert.is(status(rig, 'web'), 'exited 1');
});

test('names: conflicts, form, prefixes of ids', () => {
  const rig = makeRig();
  const id = start(rig, 'web', ['true']);
  const make = (name: string) => e.createContainer(rig.engine, { image: 'tools', command: [], name });
  assert.is(
    rig.refusal(make('web')),
    `Conflict. The container name "/web" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
  );
  assert.is(rig.refusal(make('a')), 'Invalid container name (a), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed');
  assert.is(
    rig.refusal(e.renameContainer(rig.engine, 'web', 'web')),
    'Renaming a container with the same name as its current name',
  );
  rig.run(make('other'));
  assert.match(
    rig.refusal(e.renameContainer(rig.engine, 'web', 'other')),
    /^Error when allocating new name: Conflict\. The container name "\/other" is already/,
  );
  assert.is(e.findContainer(rig.engine, id.slice(0, 5)).name, 'web');
  assert.is(rig.refusal(e.waitContainer(rig.engine, 'zzz')), 'No such container: zzz');
  for (let k = 0; k < 17; k++) rig.run(e.createContainer(rig.engine, { image: 'tools', command: [] }));
  const [first] = e.listContainers(rig.engine).map((container) => container.id[0]!);
  const common = '0123456789abcdef'
    .split('')
    .find((digit) => e.listContainers(rig.engine).filter((one) => one.id.startsWith(digit)).length > 1);
  assert.ok(first);
  assert.is(rig.refusal(e.waitContainer(rig.engine, common!)), `Multiple IDs found with provided prefix: ${common}`);
});

test('commit: a new layer, an image with a parent, a container from it; deletions become whiteouts', () => {
  const rig = makeRig();
  start(rig, 'web', ['rm', '/etc/secret']);
  rig.run(e.waitContainer(rig.engine, 'web'));
  const id = rig.run(e.commitContainer(rig.engine, 'web', { name: 'less', message: 'gone', author: 'me' }));
  const { images } = rig.run(e.observe(rig.engine));
  const [base, made] = images;
  assert.equal([made?.id, made?.parent, made?.tags, made?.layers.length], [id, base?.id, ['less:latest'], 3]);
  start(rig, 'next', ['true'], { image: 'less' });
  const next = rig.run(e.observe(rig.engine)).containers.find(({ name }) => name === 'next');
  assert.not(next?.union.some(({ path }) => path === '/etc/secret'));
  const [row] = e.imageHistory(rig.engine, 'less');
  assert.equal([row?.createdBy, row?.comment, row?.tags], ['rm /etc/secret', 'gone', ['less:latest']]);
});

test('commit of a container that changed nothing adds no layer', () => {
  const rig = makeRig();
  start(rig, 'web', ['true']);
  rig.run(e.waitContainer(rig.engine, 'web'));
  rig.run(e.commitContainer(rig.engine, 'web', { name: 'same' }));
  assert.equal(e.findImage(rig.engine, 'same').chain, e.findImage(rig.engine, 'tools').chain);
});

test('rmi: names first, then the image; what stands in the way is named', () => {
  const rig = makeRig();
  const id = start(rig, 'web', ['touch', '/f']);
  rig.run(e.waitContainer(rig.engine, 'web'));
  const short = e.findImage(rig.engine, 'tools').id.slice(7, 19);
  assert.is(
    rig.refusal(e.removeImage(rig.engine, 'tools')),
    `conflict: unable to remove repository reference "tools" (must force) - container ${id.slice(0, 12)} is using its referenced image ${short}`,
  );
  assert.is(
    rig.refusal(e.removeImage(rig.engine, short)),
    `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container ${id.slice(0, 12)}`,
  );
  rig.run(e.tagImage(rig.engine, 'tools', 'again'));
  assert.equal(rig.run(e.removeImage(rig.engine, 'again')), [{ untagged: 'again:latest' }]);
  const made = rig.run(e.commitContainer(rig.engine, 'web', { name: 'child' }));
  assert.is(
    rig.refusal(e.removeImage(rig.engine, short, { force: true })),
    `conflict: unable to delete ${short} (cannot be forced) - image has dependent child images`,
  );
  const removed = rig.run(e.removeImage(rig.engine, 'child'));
  assert.equal(removed.slice(0, 2), [{ untagged: 'child:latest' }, { deleted: made }]);
  assert.is(removed.length, 3);
});

test('inspect has the fields of Docker 20.10 in its order', () => {
  const rig = makeRig();
  start(rig, 'web', ['sleep', '300']);
  const container = e.inspectContainer(rig.engine, 'web');
  assert.is(
    Object.keys(container).join(' '),
    'Id Created Path Args State Image ResolvConfPath HostnamePath HostsPath LogPath Name RestartCount Driver Platform MountLabel ProcessLabel AppArmorProfile ExecIDs HostConfig GraphDriver Mounts Config NetworkSettings',
  );
  assert.is(
    Object.keys(container.State as object).join(' '),
    'Status Running Paused Restarting OOMKilled Dead Pid ExitCode Error StartedAt FinishedAt',
  );
  const image = e.inspectImage(rig.engine, 'tools');
  assert.is(
    Object.keys(image).join(' '),
    'Id RepoTags RepoDigests Parent Comment Created Container ContainerConfig DockerVersion Author Config Architecture Os Size VirtualSize GraphDriver RootFS Metadata',
  );
  assert.equal(image.RepoTags, ['tools:latest']);
});

test('cgroup v2: freezing and limits are in the unified hierarchy', () => {
  const rig = makeRig({ cgroup: 'v2' });
  start(rig, 'web', ['sleep', '300'], { memory: 64 * 2 ** 20 });
  rig.run(e.pauseContainer(rig.engine, 'web'));
  const [facts] = rig.run(e.observe(rig.engine)).containers;
  assert.equal(facts?.cgroup, { frozen: true, pids: 1, memoryLimit: 64 * 2 ** 20 });
});

test('the world is plain data: an engine goes on from its JSON', () => {
  const rig = makeRig();
  start(rig, 'web', ['polite', '3']);
  rig.engine.world = JSON.parse(JSON.stringify(rig.engine.world)) as e.World;
  rig.run(e.stopContainer(rig.engine, 'web'));
  assert.is(status(rig, 'web'), 'exited 3');
});

test('a foreground run that another command ends comes back with its code and output', () => {
  const rig = makeRig();
  const make = { image: 'tools', command: ['cat'], name: 'web', openStdin: true };
  rig.run(e.createContainer(rig.engine, make));
  rig.run(e.startContainer(rig.engine, 'web'));
  const followed = driveSync(e.followContainer(rig.engine, 'web'), rig.driver);
  assert.is(followed.done, false);
  if (followed.done) return;
  assert.is(followed.blocked, 'input');
  rig.driver.perform({ op: 'input', pid: e.findContainer(rig.engine, 'web').pid, text: 'said\n' });
  rig.run(e.killContainer(rig.engine, 'web'));
  const ended = followed.resume();
  assert.ok(ended.done && ended.value.code === 137 && text(ended.value.output) === 'said\n');
});

test('killed from outside: found out by looking, also while it is paused', () => {
  const rig = makeRig({ cgroup: 'v2' });
  start(rig, 'web', ['sleep', '300']);
  start(rig, 'ice', ['sleep', '300']);
  rig.run(e.pauseContainer(rig.engine, 'ice'));
  for (const name of ['web', 'ice']) {
    rig.driver.perform({ op: 'signal', pid: e.findContainer(rig.engine, name).pid, signal: 'KILL' });
  }
  assert.is(status(rig, 'web'), 'exited 137');
  assert.is(status(rig, 'ice'), 'exited 137');
});

test('save: layers, configs and names in one archive; what is no image is refused', () => {
  const rig = makeRig();
  assert.is(rig.refusal(e.saveImages(rig.engine, ['nosuch'], '/tmp/x.tar')), 'No such image: nosuch');
  const before = rig.tree();
  rig.run(e.saveImages(rig.engine, ['tools'], '/tmp/x.tar'));
  assert.equal(rig.tree(), before);
  assert.ok(rig.tree('/tmp').some(({ path, size }) => path === '/x.tar' && size > 4096));
});

test.run();
