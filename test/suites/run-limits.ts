/**
 * Flags of `docker run` that set limits, seen where they act: in the files of the container's cgroup, and in what its processes
 * can do. The values for v1 are those that a real Docker 20.10.24 with runc 1.1.5 was seen to write.
 */
import * as assert from 'uvu/assert';
import type { Target } from '../../core/index.ts';

export interface LimitCase {
  readonly name: string;
  readonly flags: string;
  /** What a file of the group holds, by hierarchy and name. */
  readonly v1: Readonly<Record<string, string>>;
  readonly v2: Readonly<Record<string, string>>;
}

const unlimited = '9223372036854771712';

export const limitCases: readonly LimitCase[] = [
  {
    name: 'half a CPU is a quota of 50 ms in 100 ms',
    flags: '--cpus 0.5',
    v1: { 'cpu/cpu.cfs_quota_us': '50000', 'cpu/cpu.cfs_period_us': '100000' },
    v2: { 'cpu.max': '50000 100000' },
  },
  {
    name: 'quota and period as they are given',
    flags: '--cpu-quota 30000 --cpu-period 60000',
    v1: { 'cpu/cpu.cfs_quota_us': '30000', 'cpu/cpu.cfs_period_us': '60000' },
    v2: { 'cpu.max': '30000 60000' },
  },
  {
    name: 'a quota below 0 is none',
    flags: '--cpu-quota -5',
    v1: { 'cpu/cpu.cfs_quota_us': '-1' },
    v2: { 'cpu.max': 'max 100000' },
  },
  {
    name: 'shares, on v2 as a weight',
    flags: '--cpu-shares 512',
    v1: { 'cpu/cpu.shares': '512' },
    v2: { 'cpu.weight': '20' },
  },
  {
    name: 'CPUs and memory nodes',
    flags: '--cpuset-cpus 0 --cpuset-mems 0',
    v1: { 'cpuset/cpuset.cpus': '0', 'cpuset/cpuset.mems': '0' },
    v2: { 'cpuset.cpus': '0', 'cpuset.mems': '0' },
  },
  {
    name: 'memory: twice as much with swap, and a soft limit',
    flags: '-m 20m --memory-reservation 10m',
    v1: {
      'memory/memory.limit_in_bytes': '20971520',
      'memory/memory.memsw.limit_in_bytes': '41943040',
      'memory/memory.soft_limit_in_bytes': '10485760',
    },
    v2: { 'memory.max': '20971520', 'memory.swap.max': '20971520', 'memory.low': '10485760' },
  },
  {
    name: 'memory with as much swap as there is',
    flags: '-m 20m --memory-swap -1',
    v1: { 'memory/memory.limit_in_bytes': '20971520', 'memory/memory.memsw.limit_in_bytes': unlimited },
    v2: { 'memory.max': '20971520', 'memory.swap.max': 'max' },
  },
  {
    name: 'swappiness, and the OOM killer off: v1 alone',
    flags: '-m 20m --memory-swappiness 30 --oom-kill-disable',
    v1: {
      'memory/memory.swappiness': '30',
      'memory/memory.oom_control': 'oom_kill_disable 1\nunder_oom 0\noom_kill 0',
    },
    v2: { 'memory.max': '20971520' },
  },
  {
    name: 'a limit of kernel memory is kept in the records only',
    flags: '--kernel-memory 12m',
    v1: { 'memory/memory.kmem.limit_in_bytes': unlimited },
    v2: { 'memory.max': 'max' },
  },
  { name: 'a number of processes', flags: '--pids-limit 20', v1: { 'pids/pids.max': '20' }, v2: { 'pids.max': '20' } },
  {
    name: 'processes without limit',
    flags: '--pids-limit -1',
    v1: { 'pids/pids.max': 'max' },
    v2: { 'pids.max': 'max' },
  },
];

/** Starts a container with the flags of one case and reads the files. */
export async function checkLimit(target: Target, version: 'v1' | 'v2', one: LimitCase): Promise<void> {
  const started = await target.run(`docker run -d --init --name limited ${one.flags} busybox sleep 300`);
  assert.is(started.exitCode, 0, started.stderr);
  for (const [file, value] of Object.entries(one[version])) {
    assert.is(await readFile(target, version, file), value, file);
  }
  await target.run('docker rm -f limited');
}

async function readFile(target: Target, version: 'v1' | 'v2', file: string): Promise<string> {
  const [top = '', name] = version === 'v1' ? file.split('/') : ['', file];
  const { stdout, stderr } = await target.run(`cat /sys/fs/cgroup/${top}/docker/*/${name}`);
  return `${stdout}${stderr}`.trim();
}

/** The devices that a container may use, as v1 lists them: the default ones, and those that were asked for, in runc's order. */
export async function checkDeviceList(target: Target): Promise<void> {
  const rules = "--device /dev/full:/dev/xfull:r --device-cgroup-rule 'c 7:* rw' --device-cgroup-rule 'b 8:0 r'";
  const started = await target.run(`docker run -d --init --name limited ${rules} busybox sleep 300`);
  assert.is(started.exitCode, 0, started.stderr);
  const list = await readFile(target, 'v1', 'devices/devices.list');
  assert.equal(list.split('\n'), [
    ...['b *:* m', 'c *:* m', 'c 1:3 rwm', 'c 1:5 rwm', 'c 1:7 rwm', 'c 1:8 rwm', 'c 1:9 rwm'],
    ...['c 5:0 rwm', 'c 5:1 rwm', 'c 5:2 rwm', 'c 7:* rw', 'b 8:0 r', 'c 10:200 rwm', 'c 136:* rwm'],
  ]);
  await target.run('docker rm -f limited');
}

/** `docker update` changes the files of a container that runs. */
export async function checkUpdate(target: Target, version: 'v1' | 'v2'): Promise<void> {
  await target.run('docker run -d --init --name limited --cpus 0.5 -m 20m busybox sleep 300');
  const files =
    version === 'v1'
      ? ['cpu/cpu.cfs_quota_us', 'cpu/cpu.shares', 'pids/pids.max']
      : ['cpu.max', 'cpu.weight', 'pids.max'];
  const read = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const file of files) found.push(await readFile(target, version, file));
    return found;
  };
  assert.equal(await read(), version === 'v1' ? ['50000', '1024', 'max'] : ['50000 100000', '100', 'max']);
  const updated = await target.run('docker update --cpus 0.25 --cpu-shares 512 --pids-limit 9 limited');
  assert.is(updated.stdout, 'limited\n', updated.stderr);
  assert.equal(await read(), version === 'v1' ? ['25000', '512', '9'] : ['25000 100000', '20', '9']);
  await target.run('docker update --pids-limit -1 limited');
  assert.is((await read())[2], 'max');
  await target.run('docker rm -f limited');
}
