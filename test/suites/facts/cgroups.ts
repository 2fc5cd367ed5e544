/** Control groups v1 and their limits. cgroups(7), Documentation/admin-guide/cgroup-v1. */
import type { Fact } from './fact.ts';

const at = '/sys/fs/cgroup';
/** Writes each value, and says what the kernel answers and what is read then. */
const writes = (file: string, values: readonly string[]): string =>
  `for v in ${values.map((value) => `'${value}'`).join(' ')}; do { echo "$v" >${at}/${file}; } 2>&1 | sed 's/.*: //' | tr '\\n' ' '; cat ${at}/${file}; done`;
/** A shell in a group. */
const inside = (group: string, script: string): string => `sh -c 'echo 0 >${at}/${group}/tasks; ${script}'`;

export const cgroupFacts: readonly Fact[] = [
  {
    fact: 'A quota of CPU time is at least a millisecond; below 0 is none',
    lines: [
      `mkdir ${at}/cpu/w`,
      writes('cpu/w/cpu.cfs_quota_us', ['-7', '999', '1000', 'abc', '18446744073709551616']),
    ],
    shows: '-1\nInvalid argument -1\n1000\nInvalid argument 1000\nNumerical result out of range 1000',
  },
  {
    fact: 'A period lies between a millisecond and a second',
    lines: [writes('cpu/w/cpu.cfs_period_us', ['999', '1000', '1000000', '1000001'])],
    shows: 'Invalid argument 100000\n1000\n1000000\nInvalid argument 1000000',
  },
  {
    fact: 'CPU shares are put between 2 and 262144',
    lines: [writes('cpu/w/cpu.shares', ['0', '512', '300000', '-1'])],
    shows: '2\n512\n262144\nInvalid argument 262144',
  },
  {
    fact: 'The greatest number of processes is no more than PIDs there can be',
    lines: [`mkdir ${at}/pids/w`, writes('pids/w/pids.max', ['0', 'max', '-1', '4194304', '4194305'])],
    shows: '0\nmax\nInvalid argument max\n4194304\nInvalid argument 4194304',
  },
  {
    fact: 'A memory limit is rounded down to pages, -1 is none',
    lines: [`mkdir ${at}/memory/w`, writes('memory/w/memory.limit_in_bytes', ['4097', '1m', '1k', '-1', 'max', 'abc'])],
    shows:
      '4096\n1048576\n0\n9223372036854771712\nInvalid argument 9223372036854771712\nInvalid argument 9223372036854771712',
  },
  {
    fact: 'The freezer knows two words',
    lines: [`mkdir ${at}/freezer/w`, writes('freezer/w/freezer.state', ['FROZEN', 'THAWED', 'frozen', '1'])],
    shows: 'FROZEN\nTHAWED\nInvalid argument THAWED\nInvalid argument THAWED',
  },
  {
    fact: 'cgroup.freeze takes 0 and 1',
    lines: [`mkdir ${at}/unified/w`, writes('unified/w/cgroup.freeze', ['1', '0', '2', 'abc'])],
    shows: '1\n0\nNumerical result out of range 0\nInvalid argument 0',
  },
  {
    fact: 'A set of CPUs holds those that are there, in the shortest spelling',
    lines: [`mkdir ${at}/cpuset/w`, writes('cpuset/w/cpuset.cpus', ['0,1', '1', '9999', 'abc', '1-0'])],
    shows: '0-1\n1\nNumerical result out of range 1\nInvalid argument 1\nInvalid argument 1',
  },
  {
    fact: 'A process that is not there cannot be moved',
    lines: [`for v in 4999999 abc -1; do { echo $v >${at}/memory/w/tasks; } 2>&1 | sed 's/.*: //'; done`],
    shows: 'No such process\nInvalid argument\nInvalid argument',
  },
  {
    fact: 'What only shows refuses to be written with EINVAL, even to root',
    lines: [
      `{ echo 1 >${at}/pids/w/pids.current; } 2>&1 | sed 's/.*: //'; { echo 1 >${at}/memory/w/memory.usage_in_bytes; } 2>&1 | sed 's/.*: //'`,
    ],
    shows: 'Invalid argument\nInvalid argument',
  },
  {
    fact: 'No files can be made in a group',
    lines: [`{ echo 1 >${at}/memory/w/new; } 2>&1 | sed 's/.*: //'`],
    shows: 'Permission denied',
  },
  {
    fact: 'A device rule has a form',
    lines: [
      `mkdir ${at}/devices/w`,
      `for v in x 'c 1:3 q'; do { echo "$v" >${at}/devices/w/devices.deny; } 2>&1 | sed 's/.*: //'; done; echo a >${at}/devices/w/devices.deny; cat ${at}/devices/w/devices.list; echo 'c 1:3 rwm' >${at}/devices/w/devices.allow; cat ${at}/devices/w/devices.list`,
    ],
    shows: 'Invalid argument\nInvalid argument\nc 1:3 rwm',
  },
  {
    fact: 'The weight of bfq lies between 1 and 1000',
    lines: [`mkdir ${at}/blkio/w`, writes('blkio/w/blkio.bfq.weight', ['1', '1000', '1001', 'abc'])],
    shows: '1\n1000\nNumerical result out of range 1000\nInvalid argument 1000',
  },
  {
    fact: 'A group with a process in it cannot be removed, one without can',
    lines: [
      `sleep 5 & echo $! >${at}/memory/w/tasks; rmdir ${at}/memory/w 2>&1 | sed 's/.*: //'; kill -9 $!; wait $! 2>/dev/null; rmdir ${at}/*/w && ls -d ${at}/*/w 2>/dev/null | wc -l`,
    ],
    shows: 'Device or resource busy\n0',
  },
  {
    fact: 'A child is born into the group of its parent',
    lines: [
      `mkdir ${at}/pids/born`,
      `${inside('pids/born', 'sh -c "grep pids /proc/self/cgroup | cut -d: -f3"')}; rmdir ${at}/pids/born`,
    ],
    shows: '/born',
  },
  {
    fact: 'At the limit of processes fork says EAGAIN, and it is counted',
    lines: [
      `mkdir ${at}/pids/few; echo 2 >${at}/pids/few/pids.max`,
      `${inside('pids/few', 'sleep 1 & sleep 1 & echo never')}; echo $?; cat ${at}/pids/few/pids.events; sleep 3; rmdir ${at}/pids/few`,
    ],
    shows: "2\nmax 1\nsh: can't fork: Resource temporarily unavailable",
  },
  {
    fact: 'docker run --pids-limit is that limit',
    lines: ["docker run --rm --pids-limit 3 busybox sh -c 'for i in 1 2 3 4; do sleep 0.1 & done; echo never'"],
    shows: "sh: can't fork: Resource temporarily unavailable\nexit 2",
  },
  {
    fact: 'Over the memory limit the kernel kills, and counts it',
    lines: [
      `mkdir ${at}/memory/small; echo 8m >${at}/memory/small/memory.limit_in_bytes`,
      `${inside('memory/small', 'exec tail /dev/zero')} 2>/dev/null; echo $?; grep oom_kill ${at}/memory/small/memory.oom_control`,
    ],
    shows: '137\noom_kill_disable 0\noom_kill 1',
  },
  {
    fact: 'The most that was used is the limit, and the limit was hit',
    lines: [
      `cat ${at}/memory/small/memory.max_usage_in_bytes; [ $(cat ${at}/memory/small/memory.failcnt) -gt 0 ] && echo hit`,
    ],
    shows: '8388608\nhit',
  },
  {
    fact: 'A shell that lets a variable grow is killed as well',
    lines: [
      `${inside('memory/small', 'x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done')} 2>/dev/null; echo $?; grep "oom_kill " ${at}/memory/small/memory.oom_control`,
    ],
    shows: '137\noom_kill 2',
  },
  {
    fact: 'docker says OOMKilled when PID 1 was killed for lack of memory',
    lines: [
      'docker run -m 8m --name hog busybox tail /dev/zero',
      'docker inspect -f "{{.State.OOMKilled}} {{.State.ExitCode}}" hog; docker rm hog >/dev/null',
    ],
    shows: 'true 137',
  },
  {
    fact: 'docker says so as well when another process was',
    lines: [
      "docker run -m 8m --name hog busybox sh -c 'tail /dev/zero; exit 3'",
      'docker inspect -f "{{.State.OOMKilled}} {{.State.ExitCode}}" hog; docker rm hog >/dev/null',
    ],
    shows: 'true 3',
  },
  {
    fact: 'Killed with a cgroup namespace of its own a container says 137 as any other',
    lines: [
      'docker run -d --cgroupns private --name own busybox sleep 100',
      'docker kill own >/dev/null; docker wait own; docker rm own >/dev/null',
    ],
    shows: '137',
  },
  {
    fact: 'A frozen process does nothing: what it counts stands still',
    lines: [
      `mkdir ${at}/freezer/ice`,
      `${inside('freezer/ice', 'i=0; while :; do i=$((i+1)); echo $i >/tmp/count; sleep 0.02; done')} & p=$!; sleep 1; echo FROZEN >${at}/freezer/ice/freezer.state; sleep 1; a=$(cat /tmp/count); sleep 0.3; [ "$a" = "$(cat /tmp/count)" ] && echo still; echo THAWED >${at}/freezer/ice/freezer.state; sleep 1; [ "$a" = "$(cat /tmp/count)" ] || echo on; kill -9 $p`,
    ],
    shows: 'still\non',
  },
  {
    fact: 'A process frozen by v1 is in state D, and SIGKILL waits for the thaw',
    lines: [
      `sleep 9 & p=$!; echo $p >${at}/freezer/ice/tasks; echo FROZEN >${at}/freezer/ice/freezer.state; sleep 1; cut -d" " -f3 /proc/$p/stat; kill -9 $p; sleep 0.2; ls -d /proc/$p | wc -l; echo THAWED >${at}/freezer/ice/freezer.state; wait $p 2>/dev/null; echo $?`,
    ],
    shows: 'D\n1\n137',
  },
  {
    fact: 'A sleep that should have ended while it was frozen ends with the thaw',
    lines: [
      `sleep 1 & p=$!; echo $p >${at}/freezer/ice/tasks; echo FROZEN >${at}/freezer/ice/freezer.state; sleep 2; ls -d /proc/$p | wc -l; echo THAWED >${at}/freezer/ice/freezer.state; wait $p; echo $?; rmdir ${at}/freezer/ice`,
    ],
    shows: '1\n0',
  },
  {
    fact: 'A process frozen by v2 can be killed',
    lines: [
      `mkdir ${at}/unified/ice; sleep 9 & p=$!; echo $p >${at}/unified/ice/cgroup.procs; echo 1 >${at}/unified/ice/cgroup.freeze; sleep 1; cat ${at}/unified/ice/cgroup.events; kill -9 $p; wait $p 2>/dev/null; echo $?; rmdir ${at}/unified/ice`,
    ],
    shows: 'populated 1\nfrozen 1\n137',
  },
  {
    fact: 'cgroup.kill kills all of a group',
    lines: [
      `mkdir ${at}/unified/all; sleep 9 & a=$!; sleep 9 & b=$!; echo $a >${at}/unified/all/cgroup.procs; echo $b >${at}/unified/all/cgroup.procs; echo 1 >${at}/unified/all/cgroup.kill; wait $a 2>/dev/null; echo $?; wait $b 2>/dev/null; echo $?; rmdir ${at}/unified/all`,
    ],
    shows: '137\n137',
  },
  {
    fact: 'A group may not have more below it than cgroup.max.descendants',
    lines: [
      `mkdir ${at}/unified/one; echo 1 >${at}/unified/one/cgroup.max.descendants; mkdir ${at}/unified/one/a; mkdir ${at}/unified/one/b 2>&1 | sed 's/.*: //'; rmdir ${at}/unified/one/a ${at}/unified/one`,
    ],
    shows: 'Resource temporarily unavailable',
  },
  {
    fact: 'At ten percent of a CPU the clock goes ten times as fast as the work',
    lines: [
      `mkdir ${at}/cpu/tenth ${at}/cpuacct/tenth; echo 10000 >${at}/cpu/tenth/cpu.cfs_quota_us`,
      `timeout 2 sh -c 'echo 0 >${at}/cpuacct/tenth/tasks; echo 0 >${at}/cpu/tenth/tasks; while :; do :; done' 2>/dev/null; echo $((2000000000 / $(cat ${at}/cpuacct/tenth/cpuacct.usage))); rmdir ${at}/cpu/tenth ${at}/cpuacct/tenth`,
    ],
    shows: '10',
    between: [5, 20],
  },
  {
    fact: 'What is not 0 is 1 where there are only these two, and nothing is 0 bytes',
    lines: [
      `mkdir ${at}/cpuset/odd ${at}/memory/odd ${at}/blkio/odd; ${writes('cpuset/odd/cpuset.memory_migrate', ['4096', '-1'])}`,
      `${writes('memory/odd/memory.soft_limit_in_bytes', ['', '99999999999999999999', '1 2'])}`,
    ],
    shows: '0\n7766279631452237824\nInvalid argument 7766279631452237824',
  },
  {
    fact: 'Lists of CPUs: blanks separate, a number of more than 32 bits is too large for its type',
    lines: [writes('cpuset/odd/cpuset.cpus', ['0 1', '99999999999999999999', '4096'])],
    shows: '0-1\nValue too large for defined data type 0-1\nNumerical result out of range 0-1',
  },
  {
    fact: 'An idle group has a weight of 3, and takes no other',
    lines: [
      `mkdir ${at}/cpu/odd; ${writes('cpu/odd/cpu.idle', ['2', '1'])}; ${writes('cpu/odd/cpu.shares', ['1024'])}; echo 0 >${at}/cpu/odd/cpu.idle; cat ${at}/cpu/odd/cpu.shares`,
    ],
    shows: 'Invalid argument 0\n1\nInvalid argument 3\n1024',
  },
  {
    fact: 'Burst goes no further than the quota',
    lines: [
      `echo 5000 >${at}/cpu/odd/cpu.cfs_quota_us; ${writes('cpu/odd/cpu.cfs_burst_us', ['5001', '5000', '-1'])}; rmdir ${at}/*/odd`,
    ],
    shows: 'Invalid argument 0\n5000\nInvalid argument 5000',
  },
  {
    fact: 'memory.stat of v1: what belongs to the group, its limits, and all with the groups below',
    lines: [
      `mkdir ${at}/memory/odd; cut -d' ' -f1 ${at}/memory/odd/memory.stat | grep -v swapcached | tr '\\n' ' '; rmdir ${at}/memory/odd`,
    ],
    shows:
      'cache rss rss_huge shmem mapped_file dirty writeback workingset_refault_anon workingset_refault_file swap pgpgin pgpgout pgfault pgmajfault inactive_anon active_anon inactive_file active_file unevictable hierarchical_memory_limit hierarchical_memsw_limit total_cache total_rss total_rss_huge total_shmem total_mapped_file total_dirty total_writeback total_workingset_refault_anon total_workingset_refault_file total_swap total_pgpgin total_pgpgout total_pgfault total_pgmajfault total_inactive_anon total_active_anon total_inactive_file total_active_file total_unevictable',
  },
];
