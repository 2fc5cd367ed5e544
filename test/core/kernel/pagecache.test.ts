/**
 * Cached pages of files and the disk behind them: whose memory they are, and how fast a group may read and write. What a group of
 * 1 MiB shows after 4 MiB were written, and that 4 MiB at 1 MiB a second take 4 seconds, was seen on Linux 6.18 (control groups v1).
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../../core/index.ts';

type Host = ReturnType<typeof createSimTarget>;
const say = (target: Host, line: string): string => {
  const { stdout, stderr } = target.runSync(line);
  return `${stdout}${stderr}`.trim();
};
const at = '/sys/fs/cgroup';
/** A shell in a group. */
const inside = (group: string, script: string): string => `sh -c 'echo 0 >${at}/${group}/cgroup.procs; ${script}'`;
const four = 'dd if=/dev/zero of=/f bs=64k count=64 2>/dev/null';

const cache = suite('page cache');

cache('pages of files belong to the group of who wrote them, and go with the file', () => {
  const target = createSimTarget();
  say(target, `mkdir ${at}/memory/g`);
  say(target, inside('memory/g', four));
  const cached = `grep -E "^(cache|inactive_file|total_cache) " ${at}/memory/g/memory.stat`;
  assert.is(say(target, cached), 'cache 4194304\ninactive_file 4194304\ntotal_cache 4194304');
  assert.is(say(target, `cat ${at}/memory/g/memory.usage_in_bytes`), '4194304');
  say(target, 'cat /f >/dev/null');
  assert.is(say(target, `cat ${at}/memory/g/memory.usage_in_bytes`), '4194304', 'who comes later pays nothing');
  assert.is(say(target, `rm /f; cat ${at}/memory/g/memory.usage_in_bytes`), '0');
});

cache('at the limit they are given up, and nobody is killed', () => {
  const target = createSimTarget();
  say(target, `mkdir ${at}/memory/g; echo 1m >${at}/memory/g/memory.limit_in_bytes`);
  assert.is(say(target, inside('memory/g', `${four}; echo $?`)), '0');
  assert.ok(Number(say(target, `cat ${at}/memory/g/memory.usage_in_bytes`)) <= 1048576);
  assert.is(say(target, `cat ${at}/memory/g/memory.max_usage_in_bytes`), '1048576');
  assert.ok(Number(say(target, `cat ${at}/memory/g/memory.failcnt`)) > 0);
  assert.is(say(target, `grep '^oom_kill ' ${at}/memory/g/memory.oom_control`), 'oom_kill 0');
  // Memory that a program wants takes the place of cached pages.
  say(target, `echo 4m >${at}/memory/g/memory.limit_in_bytes`);
  say(target, inside('memory/g', four));
  assert.is(say(target, inside('memory/g', 'head -c 2000000 /dev/zero | tail -c 1500000 | wc -c')), '1500000');
});

cache('force_empty, drop_caches and a lower limit give them up', () => {
  const target = createSimTarget();
  const usage = `cat ${at}/memory/g/memory.usage_in_bytes`;
  say(target, `mkdir ${at}/memory/g`);
  say(target, inside('memory/g', four));
  assert.is(say(target, `echo 1 >${at}/memory/g/memory.force_empty; ${usage}`), '0');
  say(target, inside('memory/g', 'cat /f >/dev/null'));
  assert.is(say(target, usage), '4194304');
  assert.is(say(target, `echo 3 >/proc/sys/vm/drop_caches; ${usage}`), '0');
});

cache('in v2 they are `file` of memory.stat, and `max` of memory.events counts', () => {
  const target = createSimTarget({ cgroup: 'v2' });
  say(target, `mkdir ${at}/g; echo 1m >${at}/g/memory.max`);
  say(target, inside('g', four));
  assert.ok(Number(say(target, `cat ${at}/g/memory.current`)) <= 1048576);
  assert.match(say(target, `grep -E '^(max|oom) ' ${at}/g/memory.events`), /^max [1-9]\d*\noom 0$/);
  assert.is(say(target, `echo 4k >${at}/g/memory.reclaim; echo $?`), '0');
});

cache('docker stats leaves out what nobody would miss', () => {
  const target = createSimTarget();
  const used = (): string => say(target, "docker stats --no-stream --format '{{.MemUsage}}' box");
  say(target, "docker run -d --name box busybox sh -c 'sleep 1000'");
  const before = used();
  say(target, 'docker exec box dd if=/dev/zero of=/f bs=1M count=8');
  assert.is(used(), before);
});
cache.run();

const disk = suite('disk');

/** Simulated seconds that a line takes in a group. */
function seconds(target: Host, group: string, line: string): number {
  const said = say(target, `${inside(group, `time ${line} >/dev/null`)} 2>&1`);
  const [, minutes = '', rest = ''] = /real\s+(\d+)m\s*([\d.]+)s/.exec(said) ?? [];
  return Number(minutes) * 60 + Number(rest);
}

disk('a rate for reads slows what is not in the cache', () => {
  const target = createSimTarget();
  say(target, `mkdir ${at}/blkio/g; ${four}; echo '8:0 1048576' >${at}/blkio/g/blkio.throttle.read_bps_device`);
  assert.is(seconds(target, 'blkio/g', 'cat /f'), 0, 'cached');
  say(target, 'echo 3 >/proc/sys/vm/drop_caches');
  const slow = seconds(target, 'blkio/g', 'cat /f');
  assert.ok(slow >= 3.9 && slow < 4.2, String(slow));
  assert.is(seconds(target, 'blkio/g', 'cat /f'), 0, 'cached again');
  const direct = seconds(target, 'blkio/g', 'dd if=/f iflag=direct bs=1M');
  assert.ok(direct >= 3.9 && direct < 4.2, String(direct));
  const counted = say(target, `grep -E ' (Read|Write) ' ${at}/blkio/g/blkio.throttle.io_service_bytes`);
  assert.is(counted, '8:0 Read 8388608\n8:0 Write 0');
});

disk('a number of requests a second', () => {
  const target = createSimTarget();
  say(target, `mkdir ${at}/blkio/g; echo '8:0 10' >${at}/blkio/g/blkio.throttle.read_iops_device; ${four}`);
  const slow = seconds(target, 'blkio/g', 'dd if=/f iflag=direct bs=64k');
  assert.ok(slow >= 6.3 && slow < 6.5, String(slow));
});

disk('in v1 writes by way of the cache are not slowed, those past it are', () => {
  const target = createSimTarget();
  say(target, `mkdir ${at}/blkio/g; echo '8:0 1048576' >${at}/blkio/g/blkio.throttle.write_bps_device`);
  assert.is(seconds(target, 'blkio/g', 'dd if=/dev/zero of=/f bs=1M count=2'), 0);
  const slow = seconds(target, 'blkio/g', 'dd if=/dev/zero of=/f bs=1M count=2 oflag=direct');
  assert.ok(slow >= 1.9 && slow < 2.2, String(slow));
});

disk('in v2 all writes are', () => {
  const target = createSimTarget({ cgroup: 'v2' });
  say(target, `mkdir ${at}/g; echo '8:0 wbps=1048576' >${at}/g/io.max`);
  const slow = seconds(target, 'g', 'dd if=/dev/zero of=/f bs=1M count=2');
  assert.ok(slow >= 1.9 && slow < 2.2, String(slow));
  assert.match(say(target, `cat ${at}/g/io.stat`), /^8:0 rbytes=0 wbytes=2097152 rios=0 wios=\d+ dbytes=0 dios=0$/);
});

disk('who waits for the disk is in state D', () => {
  const target = createSimTarget();
  say(target, `mkdir ${at}/blkio/g; ${four}; echo 3 >/proc/sys/vm/drop_caches`);
  say(target, `echo '8:0 4096' >${at}/blkio/g/blkio.throttle.read_bps_device`);
  const line = `${inside('blkio/g', 'exec cat /f >/dev/null')} & usleep 10000; grep State /proc/$!/status; cat /proc/$!/wchan; kill -9 $!`;
  assert.is(say(target, line), 'State:\tD (disk sleep)\nio_schedule');
});

disk('nice is weight: five steps make about three times the share', () => {
  const target = createSimTarget();
  const line =
    'mkdir /sys/fs/cgroup/cpuset/one; echo 0 >/sys/fs/cgroup/cpuset/one/cpuset.cpus; echo 0 >/sys/fs/cgroup/cpuset/one/cpuset.mems; ' +
    'sh -c \'echo 0 >/sys/fs/cgroup/cpuset/one/tasks; yes >/dev/null & a=$!; yes >/dev/null & b=$!; renice 5 $b; sleep 4; cut -d" " -f14 /proc/$a/stat /proc/$b/stat; kill -9 $a $b\'';
  const [a = 0, b = 0] = say(target, line).split('\n').map(Number);
  assert.ok(a / b > 2.7 && a / b < 3.4, `${a} ${b}`);
});
disk.run();
