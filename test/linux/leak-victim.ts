/**
 * A program for leak.test.ts to kill: opens a lab and lives a container's life in it, again and again. It says `step <n>`
 * before each step and `ns <kind> <inode>` for the namespaces that it made.
 */
import { createLinuxDriver } from '../../backend/driver.ts';
import type { Endpoint, Op, Spawn } from '../../core/index.ts';

let steps = 0;
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const step = (): void => say(`step ${steps++}`);

step();
const driver = await createLinuxDriver({ bridge: true });
say(`lab ${driver.lab.name}`);

async function perform(op: Op): Promise<unknown> {
  step();
  const outcome = await driver.perform(op);
  if (!outcome.ok) throw new Error(`${op.op}: ${outcome.errno} ${outcome.message}`);
  return outcome.value;
}

async function namespacesOf(pid: number): Promise<void> {
  for (const id of Object.values((await perform({ op: 'namespaces', pid })) as Record<string, string>)) say(`ns ${id}`);
}

const dir = '/var/lib/docker/c';
const container = (n: number, argv: readonly string[]): Spawn => ({
  argv,
  env: ['PATH=/bin'],
  cwd: '/',
  user: { uid: 0, gid: 0 },
  namespaces: { mnt: 'new', uts: 'new', ipc: 'new', pid: 'new', net: 'new', user: 'host', cgroup: 'host' },
  root: `${dir}${n}/merged`,
  hostname: 'victim',
  mounts: [{ type: 'proc', source: 'proc', options: [], at: '/proc' }],
  init: true,
  cgroup: `docker/${n}`,
  tty: false,
  stdin: 'none',
});

/** On a network with names, and with a port of the host. */
const endpoint = (n: number): Endpoint => ({
  ...{ host: `vethh${n}`, peer: `vethp${n}`, bridge: 'docker0', ip: 0xac110002 + n, prefix: 16, gateway: 0xac110001 },
  ports: [{ port: 80, proto: 'tcp', hostIp: '', hostPort: 8000 + n }],
  known: { network: 'web', names: [`c${n}`] },
});

await namespacesOf(1);
for (let n = 0; n < 50; n++) {
  const base = `${dir}${n}/base`;
  const prepare = `mkdir -p ${base}/bin ${dir}${n}/u ${dir}${n}/w ${dir}${n}/merged && ln /bin/busybox ${base}/bin/sleep`;
  await perform({ op: 'host', line: prepare });
  const options = [`lowerdir=${base}`, `upperdir=${dir}${n}/u`, `workdir=${dir}${n}/w`];
  await perform({ op: 'mount', mount: { type: 'overlay', source: 'overlay', options }, at: `${dir}${n}/merged` });
  await perform({ op: 'cgroupCreate', group: `docker/${n}` });
  await perform({ op: 'pairAdd', endpoint: endpoint(n) });
  const spawn = { ...container(n, ['sleep', '1000']), endpoints: [endpoint(n)] };
  const { pid } = (await perform({ op: 'spawn', spawn })) as { pid: number };
  await namespacesOf(pid);
  const join = { join: pid };
  const { root: _root, hostname: _hostname, mounts: _mounts, init: _init, ...inside } = container(n, ['sleep', '1000']);
  const namespaces = { mnt: join, uts: join, ipc: join, pid: join, net: join, user: 'host', cgroup: 'host' } as const;
  await perform({ op: 'spawn', spawn: { ...inside, namespaces } });
  const freezer = driver.facts.cgroup === 'v1' ? ['freezer', 'freezer.state', 'FROZEN'] : ['', 'cgroup.freeze', '1'];
  const [controller = '', file = '', value = ''] = freezer;
  await perform({ op: 'cgroupWrite', group: `docker/${n}`, controller, file, value });
  await perform({ op: 'tree', path: `${dir}${n}/u` });
  if (n % 2 === 0) continue;
  await perform({ op: 'cgroupWrite', group: `docker/${n}`, controller, file, value: value === '1' ? '0' : 'THAWED' });
  await perform({ op: 'signal', pid, signal: 'KILL' });
  await perform({ op: 'wait', pid });
  await driver.perform({ op: 'linkRemove', device: endpoint(n).host });
  await perform({ op: 'umount', at: `${dir}${n}/merged` });
  await perform({ op: 'cgroupRemove', group: `docker/${n}` });
}
say('done');
await driver.close();
