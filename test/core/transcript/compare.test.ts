/**
 * Comparison of two targets: what is random does not count, and every kind of disagreement is seen and named.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ContainerFacts,
  compareObservations,
  compareOutcomes,
  createNormaliser,
  type Digest,
  type Observation,
  type TreeEntry,
} from '../../../core/index.ts';

const names = ['linux', 'sim'] as const;
const digest = (digit: string): Digest => `sha256:${digit.repeat(64)}`;
const file = (path: string, more: Partial<TreeEntry> = {}): TreeEntry => {
  return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, size: 3, digest: digest('a'), ...more };
};
const dir = (path: string): TreeEntry => ({ path, type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0 });

/** A base image, one committed from it, and one running container that deleted /bin/cat. `random` makes another run of the same. */
function world(random: string): Observation {
  const base = { diffId: digest('1'), chainId: digest('1'), size: 3, createdBy: 'busybox' };
  const top = { diffId: digest(random), chainId: digest(`${random}`), size: 0, createdBy: 'sh' };
  const web: ContainerFacts = {
    id: `${random}`.repeat(64),
    name: 'web',
    image: 'busybox',
    imageId: digest('2'),
    status: 'running',
    exitCode: 0,
    oomKilled: false,
    command: ['sleep', '300'],
    processes: [{ pid: 1, ppid: 0, args: ['sleep', '300'], hostPid: 4000 + random.charCodeAt(0) }],
    namespaces: { mnt: 'own', uts: 'own', ipc: 'own', pid: 'own', net: 'own', user: 'host', cgroup: 'host' },
    cgroup: { frozen: false, pids: 1, memoryLimit: 4096 },
    lower: [base.chainId],
    init: [file('/.dockerenv')],
    upper: [dir('/bin'), { ...file('/bin/cat', { mode: 0, size: 0 }), type: 'whiteout' }],
    union: [file('/.dockerenv'), dir('/bin'), file('/bin/ls'), dir('/etc'), file('/etc/a'), file('/etc/b')],
    changes: [
      { kind: 'C', path: '/bin' },
      { kind: 'D', path: '/bin/cat' },
    ],
  };
  return {
    images: [
      { id: digest('2'), tags: ['busybox:latest'], layers: [base], cmd: ['sh'] },
      { id: digest(random), tags: ['img:latest'], parent: digest('2'), layers: [base, top], cmd: ['sh'] },
    ],
    containers: [web],
    layers: { [base.chainId]: [dir('/bin'), file('/bin/cat'), file('/bin/ls')], [top.chainId]: [dir('/x')] },
  };
}

/** The same world with its container changed. */
function withContainer(change: (web: ContainerFacts) => Partial<ContainerFacts>): Observation {
  const made = world('c');
  return { ...made, containers: made.containers.map((web) => ({ ...web, ...change(web) })) };
}

const texts = (a: Observation, b: Observation): string[] => compareObservations(a, b, { names }).map((one) => one.text);

test('two runs of the same agree, whatever their ids and PIDs', () => {
  assert.equal(texts(world('b'), world('c')), []);
  assert.equal(texts(world('b'), world('b')), []);
});

test('what was committed, saved and loaded again has no parent and is still no archive of everybody', () => {
  const loaded = (random: string): Observation => {
    const { images, ...rest } = world(random);
    return { ...rest, images: images.map(({ parent: _, ...image }) => image) };
  };
  const observed = (random: string): Observation => {
    const normaliser = createNormaliser();
    normaliser.observation(world(random));
    return normaliser.observation(loaded(random));
  };
  assert.equal(observed('3'), observed('4'));
  assert.not.equal(
    createNormaliser().observation(loaded('3')),
    createNormaliser().observation(loaded('4')),
    'an archive that nobody has seen before is the same everywhere, or it differs',
  );
});

test('a whiteout that is ignored is seen, in words', () => {
  const ignored = withContainer((web) => ({ union: [...web.union, file('/bin/cat')] }));
  assert.equal(texts(world('b'), ignored), ['container web: /bin/cat is deleted on linux but visible on sim']);
});

test('each fact of a container is compared', () => {
  const cases: [Partial<ContainerFacts> | ((web: ContainerFacts) => Partial<ContainerFacts>), string][] = [
    [{ status: 'paused' }, 'container web: the status is running on linux but paused on sim'],
    [{ exitCode: 137 }, 'container web: the exit code is 0 on linux but 137 on sim'],
    [{ oomKilled: true }, 'container web: “killed for lack of memory” is false on linux but true on sim'],
    [{ command: ['sh'] }, 'container web: the command is ["sleep","300"] on linux but ["sh"] on sim'],
    [{ image: 'img' }, 'container web: the image it was made from is busybox on linux but img on sim'],
    [{ processes: [] }, 'container web: process 1 (sleep 300) is there on linux but not on sim'],
    [
      (web) => ({ processes: web.processes.map((one) => ({ ...one, args: ['sleep', '3'] })) }),
      'container web: process 1 is `sleep 300` on linux but `sleep 3` on sim',
    ],
    [
      { cgroup: { frozen: true, pids: 1, memoryLimit: 4096 } },
      'container web: “frozen” is false on linux but true on sim',
    ],
    [
      { cgroup: { frozen: false, pids: 2, memoryLimit: 4096 } },
      'container web: the number of processes in its control group is 1 on linux but 2 on sim',
    ],
    [
      (web) => ({ namespaces: { ...web.namespaces!, net: 'host' } }),
      'container web: the net namespace is its own on linux but the host’s on sim',
    ],
    [
      (web) => ({ union: web.union.map((one) => (one.path === '/bin/ls' ? { ...one, mode: 0o755 } : one)) }),
      'container web: /bin/ls: mode: 0644 on linux but 0755 on sim',
    ],
    [
      (web) => ({ union: web.union.map((one) => (one.path === '/bin/ls' ? { ...one, digest: digest('e') } : one)) }),
      'container web: /bin/ls: content: sha256:aaaaaaaaaaaa on linux but sha256:eeeeeeeeeeee on sim',
    ],
    [
      (web) => ({ upper: web.upper.map((one) => (one.path === '/bin' ? { ...one, opaque: true } : one)) }),
      'container web: /bin in the read-write layer: opaque mark: not set on linux but set on sim',
    ],
    [{ init: [] }, 'container web: /.dockerenv in the init layer is visible on linux but absent on sim'],
    [
      (web) => ({ changes: web.changes.slice(0, 1) }),
      'container web: in docker diff /bin/cat is deleted on linux but not listed on sim',
    ],
    [{ lower: [] }, `container web: the stack of read-only layers is ${digest('1')} on linux but none on sim`],
  ];
  for (const [change, expected] of cases) {
    const other = withContainer(typeof change === 'function' ? change : () => change);
    assert.ok(
      texts(world('b'), other).includes(expected),
      `${expected}\n  not in\n${texts(world('b'), other).join('\n')}`,
    );
  }
});

test('a missing directory stands for what is in it', () => {
  const other = withContainer((web) => ({ union: web.union.filter(({ path }) => !path.startsWith('/etc')) }));
  assert.equal(texts(world('b'), other), ['container web: /etc is visible on linux but absent on sim']);
});

test('images and layers are compared', () => {
  const made = world('c');
  const without = { ...made, images: made.images.slice(0, 1) };
  assert.ok(texts(made, without).includes('image img:latest is there on linux but not on sim'));
  const base = { ...made, images: [{ ...made.images[0]!, id: digest('7') }, made.images[1]!] };
  assert.ok(
    texts(made, base)[0]!.startsWith('image busybox:latest: its id is sha256:2222'),
    'base images are equal everywhere',
  );
  const layers = { ...made, layers: { ...made.layers, [digest('1')]: [dir('/bin'), file('/bin/ls')] } };
  assert.equal(texts(made, layers), ['layer 111111111111: /bin/cat is visible on linux but absent on sim']);
});

test('containers are told apart by name, generated names by order', () => {
  const named = (name: string) => withContainer(() => ({ name }));
  assert.equal(texts(named('nice_tesla'), named('sad_curie2')), []);
  // The engine has more adjectives than one comes to think of.
  for (const name of ['adoring_poincare', 'angry_pare', 'boring_volhard9']) {
    assert.equal(texts(named('nice_tesla'), named(name)), []);
  }
  assert.equal(texts(named('web'), named('db')), [
    'container web is there on linux but not on sim',
    'container db is there on sim but not on linux',
  ]);
});

test('what may differ for a reason does not count', () => {
  const unlimited = withContainer(() => ({ cgroup: { frozen: false, pids: 1 } }));
  assert.equal(texts(world('b'), unlimited), []);
  const other = withContainer(() => ({ cgroup: { frozen: false, pids: 1, memoryLimit: 8192 } }));
  assert.equal(texts(world('b'), other), ['container web: the memory limit is 4096 on linux but 8192 on sim']);
});

const answer = (stdout: string, stderr = '', exitCode = 0) => ({ stdout, stderr, exitCode });
const outcomes = (a: string, b: string, command = 'docker x') =>
  compareOutcomes(answer(a), answer(b), command, { names }).map((one) => one.text);

test('ids, names and times in output are numbered by order of appearance', () => {
  const text = (id: string, name: string, when: string): string =>
    `${id}\n${id.slice(0, 12)}  ${name}  ${when} ago  Up ${when}\nsha256:${id}\n`;
  const [a, b] = [
    text('0123456789ab'.padEnd(64, 'c'), 'nice_tesla', '2 seconds'),
    text('f'.repeat(64), 'sad_curie2', 'About a minute'),
  ];
  assert.equal(outcomes(a, b), []);
  assert.is(createNormaliser().text(a), '<id1>\n<id1>  <name1>  <span> ago  Up <span>\nsha256:<id1>\n');
});

test('two ids do not become one', () => {
  const [x, y] = ['a'.repeat(64), 'b'.repeat(64)];
  assert.is(outcomes(`${x}\n${y}\n`, `${x}\n${x}\n`).length, 1);
});

test('exit code, output and error output are compared', () => {
  const found = compareOutcomes(answer('a\n', 'x\n', 1), answer('b\n', 'y\n', 2), 'docker x', { names });
  assert.equal(
    found.map((one) => one.text),
    [
      '`docker x`: exit code is 1 on linux but 2 on sim',
      '`docker x`: line 1 of the output is `a` on linux but `b` on sim',
      '`docker x`: line 1 of the error output is `x` on linux but `y` on sim',
    ],
  );
  assert.equal(compareOutcomes(answer('a'), { ...answer('b'), skipped: 'no' }, 'ls'), []);
  assert.is(compareOutcomes(answer(''), { ...answer(''), suspended: 'time' }, 'docker attach c').length, 1);
});

test('the order of docker diff does not count, that of docker ps does', () => {
  assert.equal(outcomes('A /b\nC /a\n', 'C /a\nA /b\n', 'docker diff web'), []);
  assert.is(outcomes('b\na\n', 'a\nb\n', 'docker ps').length, 1);
  const [early, late] = ['1'.repeat(64), 'f'.repeat(64)];
  assert.equal(
    outcomes(`${early}\netc\n`, `etc\n${late}\n`, 'docker volume ls -q'),
    [],
    'a drawn name stands anywhere',
  );
  assert.is(outcomes('b\na\n', 'a\nb\n', 'docker volume ls -q').length, 1);
});

test('docker top: PIDs of the host, times and measurements do not count, parents and commands do', () => {
  const top = (first: number, parent = first, command = 'sleep 300'): string =>
    `UID    PID    PPID    C    STIME    TTY    TIME    CMD\nroot  ${first}  77  ${first % 9}  17:01  ?  00:00:00  /sbin/docker-init -- sleep 300\n` +
    `root  ${first + 1}  ${parent}  0  17:0${first % 9}  ?  00:00:00  ${command}\n`;
  assert.equal(outcomes(top(1000), top(2003), 'docker top web'), []);
  assert.is(outcomes(top(1000), top(2003, 77), 'docker top web').length, 1);
  assert.is(outcomes(top(1000), top(2003, 2003, 'sleep 3'), 'docker top web').length, 1);
});

test('PID 1 inside a container is a fact, other PIDs are only different from each other', () => {
  const ps = (pid: number, time: string): string =>
    `PID   USER     TIME  COMMAND\n    ${pid} root      ${time} sleep 300\n`;
  assert.equal(outcomes(ps(1, '0:00'), ps(1, '0:03'), 'docker exec web ps'), []);
  assert.is(outcomes(ps(1, '0:00'), ps(7, '0:00'), 'docker exec web ps').length, 1);
});

test('where an engine keeps its data does not count', () => {
  const id = 'd'.repeat(64);
  assert.equal(outcomes(`/var/lib/docker/overlay2/${id}/diff`, `/tmp/cutaway-docker-1/data/overlay2/${id}/diff`), []);
  assert.equal(outcomes(`4:pids:/docker/${id}`, `4:pids:/cutaway-docker-aB3/docker/${id}`), []);
});

test('that the reference has no bridge network does not count, however its configs are shown', () => {
  assert.equal(
    outcomes('{"Entrypoint":null,"OnBuild":null}', '{"Entrypoint":null,"NetworkDisabled":true,"OnBuild":null}'),
    [],
  );
  assert.equal(outcomes('"A": null,\n"B": 1\n', '"A": null,\n    "NetworkDisabled": true,\n"B": 1\n'), []);
});

test('normalising twice changes nothing', () => {
  const word = fc.constantFrom(
    'web',
    'a'.repeat(64),
    'b'.repeat(12),
    'nice_tesla',
    '2 hours ago',
    'sha256:',
    '2026-01-02T03:04:05Z',
    '\n',
    '<id3>',
  );
  fc.assert(
    fc.property(fc.array(word), (parts) => {
      const once = createNormaliser().text(parts.join(' '));
      assert.is(createNormaliser().text(once), once);
    }),
    { numRuns: 200 },
  );
});

test.run();
