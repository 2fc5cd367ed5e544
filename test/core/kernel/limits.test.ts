/**
 * Control groups at work on the simulated host: exact times of CPU-bound work, and the files of a host with cgroups v2 alone.
 * What they have in common with a real kernel is in test/suites/facts.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../../core/index.ts';

const at = '/sys/fs/cgroup';
type Host = ReturnType<typeof createSimTarget>;

const host = (cgroup: 'v1' | 'v2' = 'v1'): Host => createSimTarget({ cgroup });
const say = (target: Host, line: string): string => {
  const { stdout, stderr } = target.runSync(line);
  return `${stdout}${stderr}`.trim();
};

/** A counting loop that needs `n` microseconds of CPU. */
const work = (n: number, group = ''): string =>
  `sh -c '${group === '' ? '' : `echo 0 >${group}/cgroup.procs; `}i=0; while [ $i -lt ${n} ]; do i=$((i+1)); done'`;
const took = (target: Host, line: string): number => {
  const before = target.driver.now();
  target.runSync(line);
  return target.driver.now() - before;
};
const near = (found: number, expected: number): void =>
  assert.ok(Math.abs(found - expected) < 0.03 * expected, `${found} is not about ${expected}`);

const cpu = suite('CPU time of groups');

cpu('a tenth of a CPU: ten times as long, on v1 and v2', () => {
  for (const [version, group, file, value] of [
    ['v1', `${at}/cpu/q`, 'cpu.cfs_quota_us', '10000'],
    ['v2', `${at}/q`, 'cpu.max', '10000 100000'],
  ] as const) {
    const target = host(version);
    const free = took(target, work(400_000));
    say(target, `mkdir ${group}; echo ${value} >${group}/${file}`);
    near(took(target, work(400_000, group)), 10 * free);
  }
});

cpu('a quota of two CPUs lets two go at full speed, and one no faster than one CPU', () => {
  const target = host();
  say(target, `mkdir ${at}/cpu/q; echo 200000 >${at}/cpu/q/cpu.cfs_quota_us`);
  const one = took(target, work(100_000));
  near(took(target, work(100_000, `${at}/cpu/q`)), one);
  near(took(target, `${work(100_000, `${at}/cpu/q`)} & ${work(100_000, `${at}/cpu/q`)}; wait`), one);
});

cpu('four that count share two CPUs', () => {
  const target = host();
  const one = took(target, work(100_000));
  near(took(target, `for j in 1 2 3 4; do ${work(100_000)} & done; wait`), 2 * one);
});

cpu('on one CPU of a set, shares decide who gets how much', () => {
  const target = host();
  say(
    target,
    `mkdir ${at}/cpuset/one ${at}/cpu/much ${at}/cpu/little; echo 0 >${at}/cpuset/one/cpuset.cpus; echo 0 >${at}/cpuset/one/cpuset.mems`,
  );
  say(target, `echo 3072 >${at}/cpu/much/cpu.shares; echo 1024 >${at}/cpu/little/cpu.shares`);
  const loop = (group: string): string =>
    `sh -c 'echo 0 >${at}/cpuset/one/tasks; echo 0 >${at}/cpu/${group}/tasks; echo 0 >${at}/cpuacct/${group}/tasks; while :; do :; done' & p=$!`;
  say(target, `mkdir ${at}/cpuacct/much ${at}/cpuacct/little`);
  const said = say(
    target,
    `${loop('much')}; q=$p; ${loop('little')}; sleep 1; for g in much little; do cat ${at}/cpuacct/$g/cpuacct.usage; done; kill -9 $p $q`,
  );
  const [much, little] = said.split('\n').map(Number);
  near(much! / little!, 3);
  near(much! + little!, 1e9);
});

cpu('CPU time of those that are gone stays in the count', () => {
  const target = host();
  say(target, `mkdir ${at}/cpuacct/g`);
  say(target, work(100_000, `${at}/cpuacct/g`));
  const used = Number(say(target, `cat ${at}/cpuacct/g/cpuacct.usage`));
  near(used, 1e8);
  assert.is(say(target, `echo 0 >${at}/cpuacct/g/cpuacct.usage; cat ${at}/cpuacct/g/cpuacct.usage`), '0');
});

cpu('to a frozen group no time passes', () => {
  const target = host();
  say(target, `mkdir ${at}/freezer/g ${at}/cpuacct/g`);
  const both = `echo 0 >${at}/freezer/g/tasks; echo 0 >${at}/cpuacct/g/tasks`;
  const used = `cat ${at}/cpuacct/g/cpuacct.usage`;
  const lines = say(
    target,
    `sh -c '${both}; while :; do :; done' & p=$!; sleep 0.2; echo FROZEN >${at}/freezer/g/freezer.state; ${used}; sleep 0.7; ${used}; echo THAWED >${at}/freezer/g/freezer.state; sleep 0.2; ${used}; kill -9 $p`,
  );
  const [before, still, after] = lines.split('\n').map(Number);
  assert.is(still, before);
  near(after!, 2 * before!);
});

cpu.run();

const v2 = suite('cgroups v2 alone');

v2('a group has the files of what its parent hands down', () => {
  const target = host('v2');
  say(target, `mkdir ${at}/a ${at}/a/b`);
  assert.is(
    say(target, `cat ${at}/cgroup.controllers ${at}/a/cgroup.controllers ${at}/a/b/cgroup.controllers`).split('\n')
      .length,
    2,
  );
  assert.is(say(target, `ls ${at}/a/b | grep memory`), 'memory.pressure');
  say(target, `echo +memory +pids >${at}/a/cgroup.subtree_control`);
  assert.is(
    say(target, `cat ${at}/a/b/cgroup.controllers; ls ${at}/a/b | grep max$`),
    'memory pids\nmemory.max\nmemory.swap.max\nmemory.zswap.max\npids.max',
  );
  assert.match(say(target, `echo +cpu >${at}/a/b/cgroup.subtree_control`), 'No such file or directory');
});

v2('a group that hands down a controller that needs a domain takes no processes', () => {
  const target = host('v2');
  say(target, `mkdir ${at}/a ${at}/a/b; echo +memory >${at}/a/cgroup.subtree_control`);
  assert.match(say(target, `echo $$ >${at}/a/cgroup.procs`), 'Device or resource busy');
  assert.is(say(target, `sh -c 'echo $$ >${at}/a/b/cgroup.procs; cat /proc/self/cgroup'`), '0::/a/b');
});

v2('OOM kills are counted in memory.events of the group and above', () => {
  const target = host('v2');
  say(target, `mkdir ${at}/a ${at}/a/b; echo +memory >${at}/a/cgroup.subtree_control; echo 8m >${at}/a/b/memory.max`);
  assert.match(say(target, `sh -c 'echo 0 >${at}/a/b/cgroup.procs; exec tail /dev/zero'; echo $?`), '137');
  for (const group of ['a/b', 'a'])
    assert.is(say(target, `grep 'oom_kill ' ${at}/${group}/memory.events`), 'oom_kill 1');
  assert.is(say(target, `cat ${at}/a/b/memory.peak`), String(8 * 2 ** 20));
});

v2('containers have their limits there', () => {
  const target = host('v2');
  assert.match(
    say(target, "docker run --rm --pids-limit 3 busybox sh -c 'for i in 1 2 3 4; do sleep 1 & done'"),
    "can't fork",
  );
  say(target, 'docker run -m 8m --name hog busybox tail /dev/zero');
  assert.is(say(target, 'docker inspect -f "{{.State.OOMKilled}} {{.State.ExitCode}}" hog'), 'true 137');
});

v2.run();
