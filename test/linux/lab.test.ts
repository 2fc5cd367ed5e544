/** The lab and what runs in it, beyond what the driver suite asks of every driver: isolation, privileges, layers on disk. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLinuxDriver, type LinuxDriver } from '../../backend/driver.ts';
import { busyboxHere } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import type { ExitStatus, NsKind, NsSource, OpName, OpOf, OpResults, Spawn } from '../../core/index.ts';
import { defaultCapabilities } from '../../core/index.ts';
import { gated, needs } from '../support/needs.ts';

const lab = suite('linux: the lab');
const missing = await needs(...linuxNeeds);
const check = gated(lab, missing);

const docker = '/var/lib/docker';
const base = `${docker}/base`;
const at = `${docker}/box`;
const fresh: Record<NsKind, NsSource> = {
  mnt: 'new',
  uts: 'new',
  ipc: 'new',
  pid: 'new',
  net: 'new',
  user: 'host',
  cgroup: 'host',
};
const spec = (argv: readonly string[], more: Partial<Spawn> = {}): Spawn => ({
  argv,
  env: ['PATH=/bin', 'HOME=/root'],
  cwd: '/',
  user: { uid: 0, gid: 0 },
  namespaces: fresh,
  root: `${at}/merged`,
  mounts: [
    { type: 'proc', source: 'proc', options: [], at: '/proc' },
    { type: 'tmpfs', source: 'tmpfs', options: ['mode=755'], at: '/dev' },
    { type: 'tmpfs', source: 'shm', options: ['size=64k'], at: '/dev/shm' },
  ],
  capabilities: defaultCapabilities,
  cgroup: 'docker/box',
  tty: false,
  stdin: 'none',
  ...more,
});

let driver: LinuxDriver;

async function perform<N extends OpName>(op: OpOf<N>): Promise<OpResults[N]> {
  const outcome = await driver.perform(op);
  if (!outcome.ok) throw new Error(`${op.op}: ${outcome.errno} ${outcome.message}`);
  return outcome.value as OpResults[N];
}

async function errno(op: OpOf<OpName>): Promise<string> {
  const outcome = await driver.perform(op);
  return outcome.ok ? 'done' : outcome.errno;
}

async function host(line: string): Promise<string> {
  return (await perform({ op: 'host', line })).stdout;
}

async function run(argv: readonly string[], more: Partial<Spawn> = {}): Promise<{ out: string; status: ExitStatus }> {
  const { pid } = await perform({ op: 'spawn', spawn: spec(argv, more) });
  const end = await perform({ op: 'wait', pid });
  const output = await perform({ op: 'output', pid });
  await perform({ op: 'forget', pid });
  assert.ok(end.exited);
  return { out: output.map((chunk) => chunk.text).join(''), status: end.status };
}

lab.before(async () => {
  if (missing !== undefined) return;
  const { description, layerTar } = await busyboxHere();
  const blob = description.layers[0]!.diffId;
  driver = await createLinuxDriver({ blobs: new Map([[blob, layerTar]]), hostname: 'labhost' });
  for (const path of [base, at, `${at}/diff`, `${at}/work`, `${at}/merged`]) {
    await perform({ op: 'mkdir', path, mode: 0o755, parents: true });
  }
  await perform({ op: 'unpack', layer: { blob }, into: base });
  const options = [`lowerdir=${base}`, `upperdir=${at}/diff`, `workdir=${at}/work`];
  await perform({ op: 'mount', mount: { type: 'overlay', source: 'overlay', options }, at: `${at}/merged` });
  await perform({ op: 'cgroupCreate', group: 'docker/box' });
});
lab.after(() => driver?.close());

check('has a hostname, a mount table and processes of its own', async () => {
  assert.is(await host('hostname'), 'labhost\n');
  await host('hostname changed; mount -t tmpfs none /tmp; touch /tmp/x; ip link set lo down');
  assert.is.not(hostname(), 'changed');
  assert.not.match(readFileSync('/proc/self/mountinfo', 'utf8'), / \/tmp .* - tmpfs none /);
  assert.match(await host('ls /tmp'), /^x$/m);
  await host('umount /tmp; hostname labhost; ip link set lo up');
  assert.match(await host('ps'), /^ +1 root +\/sbin\/init/m);
  assert.is(await host('ls -d /sys/fs/cgroup/memory/docker /sys/fs/cgroup/docker 2>/dev/null | wc -l'), '1\n');
});

check('shows its tools in no tree and no mount table', async () => {
  assert.is(await host('find / -name setpriv -path "*cutaway*" 2>/dev/null; find / -name ld.so 2>/dev/null'), '');
  assert.not.match(await host('cat /proc/mounts'), /64m|jobs|pipes/);
});

check('links in the lab lead nowhere else', async () => {
  await host('ln -s /etc /root/link; ln -s ../../../../../../etc /root/up');
  await perform({ op: 'writeFile', path: '/root/link/made-by-test', data: 'x' });
  assert.is(await host('cat /etc/made-by-test'), 'x');
  assert.throws(() => readFileSync('/etc/made-by-test'), /ENOENT/);
  assert.is(await perform({ op: 'readFile', path: '/root/up/hostname' }), 'labhost\n');
  await perform({ op: 'remove', path: '/root/link' });
  assert.is(await host('cat /etc/made-by-test'), 'x');
});

check('a container has Docker’s default capabilities and no stray descriptors', async () => {
  const { out } = await run([
    'sh',
    '-c',
    'grep Cap /proc/self/status; ls /proc/self/fd; cat /proc/net/dev | grep -c lo:',
  ]);
  assert.match(out, /CapEff:\t00000000a80425fb/);
  assert.match(out, /CapBnd:\t00000000a80425fb/);
  assert.match(out, /CapInh:\t0000000000000000/);
  // 3 is the directory that ls itself reads.
  assert.match(out, /^0\n1\n2\n3\n1\n$/m);
});

check('a user other than root has no capabilities', async () => {
  const { out } = await run(['sh', '-c', 'id -u; id -G; grep CapEff /proc/self/status'], {
    user: { uid: 1000, gid: 100 },
  });
  assert.is(out, '1000\n100\nCapEff:\t0000000000000000\n');
});

check('arguments arrive byte for byte', async () => {
  const odd = ['a b', '', "it's", '"$HOME"', '`id`', '$(id)', 'new\nline', 'end\n', '\\', '-n', '*', 'ü€'];
  const { out } = await run(['sh', '-c', 'for arg; do printf "%s|" "$arg"; done; ', 'sh', ...odd], {
    env: ['PATH=/bin', 'B=x\ny', 'A=$HOME `id`', 'my.dotted=1', 'EMPTY='],
  });
  assert.is(out.slice(0, out.lastIndexOf('|')), odd.join('|'));
});

check('the environment arrives byte for byte, in order', async () => {
  const { out } = await run(['/bin/cat', '/proc/self/environ'], {
    env: ['Z=1', 'my.dotted=2', 'PATH=/bin', 'A=$HOME `id`\n x'],
  });
  assert.is(out, 'Z=1\0my.dotted=2\0PATH=/bin\0A=$HOME `id`\n x\0');
});

check('standard streams are pipes that can be opened by name', async () => {
  const { out } = await run(['sh', '-c', 'echo one >/dev/stdout; echo two >/dev/stderr; cat /dev/stdin'], {
    stdin: { text: 'three' },
  });
  assert.equal(out.match(/one|two|three/g)?.sort(), ['one', 'three', 'two']);
});

check('only Docker’s devices can be used', async () => {
  if (driver.facts.cgroup !== 'v1') return;
  const { out } = await run(['sh', '-c', 'mknod /dev/k c 1 11 && cat /dev/k; head -c 1 /dev/zero | wc -c']);
  assert.match(out, /Operation not permitted/);
  assert.match(out, /^1$/m);
});

check('a process killed for want of memory is told apart', async () => {
  if (!driver.facts.controllers.includes('memory')) return;
  const [controller, file] = driver.facts.cgroup === 'v1' ? ['memory', 'memory.limit_in_bytes'] : ['', 'memory.max'];
  await perform({ op: 'cgroupCreate', group: 'docker/small' });
  await perform({ op: 'cgroupWrite', group: 'docker/small', controller: controller!, file: file!, value: '8388608' });
  const { status } = await run(['sh', '-c', 'x=0123456789abcdef; while :; do x=$x$x; done'], {
    cgroup: 'docker/small',
  });
  assert.equal(status, { code: 137, signal: 'KILL', oomKilled: true });
  await perform({ op: 'cgroupRemove', group: 'docker/small' });
});

check('a layer keeps whiteouts and opaque directories on its way through an archive', async () => {
  await run([
    'sh',
    '-c',
    'rm /etc/shadow; rm -r /var/www; mkdir /var/www; echo new >/var/www/page; ln /var/www/page /second; mknod /pipe p; chown 7:8 /second',
  ]);
  const before = await perform({ op: 'tree', path: `${at}/diff` });
  const entry = (path: string) => before.find((each) => each.path === path);
  assert.is(entry('/etc/shadow')?.type, 'whiteout');
  assert.is(entry('/var/www')?.opaque, true);
  // A whiteout is made anew when a layer is unpacked, as by the engine: its time is the one thing that is not carried over.
  const dated = async (root: string): Promise<void> => {
    const whiteouts = before.filter(({ type }) => type === 'whiteout');
    await perform({ op: 'touch', paths: whiteouts.map(({ path }) => root + path), mtime: 0 });
  };
  await dated(`${at}/diff`);
  const packed = await perform({ op: 'archive', from: `${at}/diff`, to: `${docker}/layer.tar` });
  await perform({ op: 'mkdir', path: `${docker}/again`, mode: 0o755 });
  const unpacked = await perform({ op: 'unpack', layer: { file: `${docker}/layer.tar` }, into: `${docker}/again` });
  assert.is(unpacked.size, packed.size);
  const plain = (trees: typeof before) =>
    trees.map(({ mode, ...rest }) => (rest.type === 'whiteout' ? rest : { mode, ...rest }));
  assert.equal(plain(await perform({ op: 'tree', path: `${docker}/again` })), plain(before));
  await dated(`${docker}/again`);
  const repacked = await perform({ op: 'archive', from: `${docker}/again`, to: `${docker}/layer2.tar` });
  assert.is(repacked.diffId, packed.diffId);
  assert.is(
    errnoOfUnpack(
      await driver.perform({ op: 'unpack', layer: { file: `${docker}/layer.tar` }, into: `${docker}/again` }),
    ),
    'ENOTEMPTY',
  );
});
const errnoOfUnpack = (outcome: Awaited<ReturnType<LinuxDriver['perform']>>): string =>
  outcome.ok ? 'done' : outcome.errno;

check('an archive cannot reach out of the directory it is unpacked into', async () => {
  await host(
    `mkdir -p /root/evil && cd /root/evil && ln -s /etc out && tar -cf /root/evil.tar out && rm out && mkdir out && echo x >out/escaped && tar -rf /root/evil.tar out/escaped 2>/dev/null || tar -cf - out/escaped >>/root/evil.tar`,
  );
  await perform({ op: 'mkdir', path: `${docker}/evil`, mode: 0o755 });
  await driver.perform({ op: 'unpack', layer: { file: '/root/evil.tar' }, into: `${docker}/evil` });
  assert.throws(() => readFileSync('/etc/escaped'), /ENOENT/);
  assert.is(await errno({ op: 'readFile', path: '/etc/escaped' }), 'ENOENT');
});

check('a signal from outside does not end a PID 1 that did not ask for it; KILL does', async () => {
  const { pid } = await perform({ op: 'spawn', spawn: spec(['sleep', '100']) });
  await perform({ op: 'signal', pid, signal: 'TERM' });
  assert.equal(await perform({ op: 'wait', pid, timeoutMs: 100 }), { exited: false });
  await perform({ op: 'signal', pid, signal: 'KILL' });
  const end = await perform({ op: 'wait', pid });
  assert.ok(end.exited);
  assert.equal(end.status, { code: 137, signal: 'KILL' });
  assert.is(await errno({ op: 'signal', pid, signal: 'TERM' }), 'ESRCH');
  await perform({ op: 'forget', pid });
});

lab.run();
