/** Ops as utility calls: what a learner reads, and that a real shell reads every argument back as it was. */
import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createContainer, execContainer, startContainer } from '../../core/engine/index.ts';
import type { Op, Spawn } from '../../core/op.ts';
import { quote, toShell } from '../../core/shell.ts';
import type { StepRecord } from '../../core/target.ts';
import { makeRig } from './engine/rig.ts';

const cases: readonly (readonly [Op, string])[] = [
  [{ op: 'mkdir', path: '/a b', mode: 0o710, parents: true }, "mkdir -p -m 0710 '/a b'"],
  [{ op: 'writeFile', path: '/f', data: "it's", mode: 0o600 }, "printf %s 'it'\\''s' > /f && chmod 0600 /f"],
  [{ op: 'writeFile', path: '/f', data: '' }, ': > /f'],
  [{ op: 'writeTree', path: '/d', mode: 0o755, entries: [] }, 'mkdir -m 0755 /d'],
  [
    {
      op: 'writeTree',
      path: '/d',
      mode: 0o710,
      entries: [
        { path: '/a', type: 'dir', mode: 0o755 },
        { path: '/-b c', type: 'dir', mode: 0o755 },
        { path: '/a/e', type: 'file', mode: 0o600, data: '' },
        { path: '/a/f', type: 'file', mode: 0o600, data: '' },
        { path: '/a/g', type: 'file', mode: 0o644, data: "it's" },
        { path: '/a/l', type: 'symlink', target: '/proc/mounts' },
      ],
    },
    "(mkdir -m 0710 /d && cd /d && mkdir -m 0755 ./a './-b c' && touch ./a/e ./a/f && chmod 0600 ./a/e ./a/f" +
      " && printf %s 'it'\\''s' > ./a/g && chmod 0644 ./a/g && ln -s /proc/mounts ./a/l)",
  ],
  [{ op: 'symlink', target: '../x/diff', path: '/l/X' }, 'ln -s ../x/diff /l/X'],
  [{ op: 'remove', path: '/d' }, 'rm -rf /d'],
  [{ op: 'unpack', layer: { file: '/t.tar' }, into: '/d' }, 'tar -xf /t.tar -C /d'],
  [
    {
      op: 'mount',
      mount: { type: 'overlay', source: 'overlay', options: ['lowerdir=/l', 'upperdir=/u', 'workdir=/w'] },
      at: '/m',
    },
    'mount -t overlay -o lowerdir=/l,upperdir=/u,workdir=/w overlay /m',
  ],
  [
    { op: 'mount', mount: { type: 'bind', source: '/a', options: ['rbind', 'ro'] }, at: '/b' },
    'mount --rbind -o ro /a /b',
  ],
  [{ op: 'umount', at: '/m' }, 'umount /m'],
  [
    { op: 'cgroupWrite', group: 'docker/x', controller: 'freezer', file: 'freezer.state', value: 'FROZEN' },
    'echo FROZEN > /sys/fs/cgroup/freezer/docker/x/freezer.state',
  ],
  [{ op: 'cgroupCreate', group: 'docker/x' }, 'mkdir -p /sys/fs/cgroup/{cpu,memory,pids,freezer}/docker/x'],
  [{ op: 'signal', pid: 8786, signal: 'TERM' }, 'kill -s TERM 8786'],
  [{ op: 'host', line: 'find / -name x | head' }, 'find / -name x | head'],
];

for (const [op, expected] of cases) test(expected, () => assert.is(toShell(op), expected));

const endpoint = {
  ...{ host: 'veth1a2b3c4', peer: 'veth5d6e7f8', bridge: 'docker0', ip: 0xac110002, prefix: 16, gateway: 0xac110001 },
  ports: [{ port: 80, proto: 'tcp', hostIp: '', hostPort: 8080 }],
} as const;

test('on cgroup v2 all is in one hierarchy', () => {
  const facts = { cgroup: 'v2', controllers: ['cpu', 'memory'] } as const;
  const freeze: Op = { op: 'cgroupWrite', group: 'docker/x', controller: '', file: 'cgroup.freeze', value: '1' };
  assert.is(toShell(freeze, facts), 'echo 1 > /sys/fs/cgroup/docker/x/cgroup.freeze');
  assert.is(toShell({ op: 'cgroupRemove', group: 'docker/x' }, facts), 'rmdir /sys/fs/cgroup/docker/x');
});

test('quote: a shell reads every word back as it was', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ minLength: 1 }).filter((word) => !word.includes('\0')),
        { minLength: 1 },
      ),
      (words) => {
        const line = `printf '%s\\0' ${words.map(quote).join(' ')}`;
        const back = execFileSync('sh', ['-c', line], { encoding: 'utf8' });
        assert.equal(back.split('\0').slice(0, -1), words);
      },
    ),
    { numRuns: 25 },
  );
});

test('the start of a container is unshare with its namespaces, pivot_root and the program; exec is nsenter', () => {
  const rig = makeRig();
  const steps: StepRecord[] = [];
  rig.run(createContainer(rig.engine, { image: 'tools', command: ['sleep', '300'], name: 'web' }));
  rig.run(startContainer(rig.engine, 'web'), { steps });
  rig.run(execContainer(rig.engine, 'web', { command: ['echo', 'a b'] }), { steps });
  const shells = steps.map(({ shell }) => shell);
  const unshare = shells.find((shell) => shell.includes('unshare')) ?? '';
  assert.match(unshare, /cgroup\.procs; unshare --mount --uts --ipc --pid --net --fork sh -c 'hostname [0-9a-f]{12}; /);
  assert.match(unshare, /pivot_root \. \.; umount -l \.; .*exec env -i PATH=.* sleep 300'$/s);
  assert.match(
    shells.at(-1) ?? '',
    /nsenter -t \d+ -m -u -i -p -n env -i .* echo '\\''a b'\\''$|nsenter -t \d+ -m -u -i -p -n env -i .* echo 'a b'$/,
  );
});

test('a shell accepts the syntax of every line that a container needs', () => {
  const rig = makeRig();
  const steps: StepRecord[] = [];
  rig.run(createContainer(rig.engine, { image: 'tools', command: ["it's", '$HOME'], name: 'web' }), {
    steps,
    quiet: true,
  });
  const spawn: Spawn = {
    argv: ["it's"],
    env: ['A=b c'],
    cwd: '/w d',
    user: { uid: 1, gid: 2 },
    namespaces: { mnt: 'new', uts: 'new', ipc: 'host', pid: 'new', net: 'host', user: 'host', cgroup: 'host' },
    root: "/r'oot",
    hostname: 'h',
    tty: false,
    stdin: 'none',
  };
  const connected = toShell({ op: 'spawn', spawn: { ...spawn, endpoints: [endpoint] } });
  for (const shell of [...steps.map((step) => step.shell), toShell({ op: 'spawn', spawn }), connected]) {
    execFileSync('bash', ['-n', '-c', shell]);
  }
  assert.ok(steps.length > 10);
});

test('a container on the bridge: the pair of devices, addresses, the route, and the rule of a published port', () => {
  const namespaces = {
    mnt: 'new',
    uts: 'new',
    ipc: 'new',
    pid: 'new',
    net: 'new',
    user: 'host',
    cgroup: 'host',
  } as const;
  const user = { uid: 0, gid: 0 };
  const shell = toShell({
    op: 'spawn',
    spawn: { argv: ['httpd'], env: [], cwd: '/', user, namespaces, endpoints: [endpoint], tty: false, stdin: 'none' },
  });
  assert.is(
    toShell({ op: 'pairAdd', endpoint }),
    'ip link add veth1a2b3c4 txqueuelen 0 type veth peer name veth5d6e7f8 txqueuelen 0 address 02:42:ac:11:00:02 && ip link set veth1a2b3c4 master docker0 up',
  );
  assert.match(shell, /^unshare .* httpd & ip link set veth5d6e7f8 netns \$!; /);
  assert.match(
    shell,
    /ip addr add 172\.17\.0\.2\/16 dev veth5d6e7f8; ip link set veth5d6e7f8 up; ip route add default via 172\.17\.0\.1/,
  );
  assert.match(shell, /--dport 8080 -j DNAT --to-destination 172\.17\.0\.2:80$/);
});

test.run();
