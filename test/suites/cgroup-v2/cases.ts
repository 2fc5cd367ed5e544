/**
 * What a kernel with pure cgroup v2 does, as lines typed on its host: files, what they take, who may come in, what the limits do.
 * Documentation/admin-guide/cgroup-v2.rst. A real kernel's answers are in test/fixtures/cgroup-v2.json (record.ts beside this
 * file makes them); the simulation is held against them in test/core/kernel/cgroup-v2.test.ts.
 *
 * Kept true: no answer depends on how fast or how large the machine is; each topic begins with no group but the root, and leaves
 * no process behind.
 */
const at = '/sys/fs/cgroup';
const errno = `sed 's/.*: //'`;

/** Writes each value, and says what the kernel answers and what is read then. */
const writes = (file: string, ...values: readonly string[]): string =>
  `for v in ${values.map((value) => `'${value}'`).join(' ')}; do echo "[$v] $({ echo "$v" >${at}/${file}; } 2>&1 | ${errno}) $(cat ${at}/${file} 2>&1 | ${errno})"; done`;
/** The same for a file that cannot be read. */
const tells = (file: string, ...values: readonly string[]): string =>
  `for v in ${values.map((value) => `'${value}'`).join(' ')}; do echo "[$v] $({ echo "$v" >${at}/${file}; } 2>&1 | ${errno})"; done`;
const inside = (group: string, script: string): string => `sh -c 'echo 0 >${at}/${group}/cgroup.procs; ${script}'`;
const all = '+cpuset +cpu +io +memory +pids';
const show = (...files: readonly string[]): string =>
  `for f in ${files.join(' ')}; do echo "$f: $(cat ${at}/$f 2>&1 | ${errno})"; done`;

export const topics: Readonly<Record<string, readonly string[]>> = {
  'which files there are': [
    `cat ${at}/cgroup.controllers ${at}/cgroup.subtree_control`,
    `cd ${at}; for f in *; do [ -f $f ] && stat -c '%a %n' $f; done`,
    `mkdir ${at}/a; cd ${at}/a; stat -c '%a %n' *`,
    `mkdir ${at}/a/b; cat ${at}/a/b/cgroup.controllers; cd ${at}/a/b; stat -c '%a %n' *`,
    `echo +memory >${at}/a/cgroup.subtree_control; cat ${at}/a/cgroup.subtree_control ${at}/a/b/cgroup.controllers; ls ${at}/a/b | grep -c ^memory`,
    `echo -memory >${at}/a/cgroup.subtree_control; ls ${at}/a/b | grep -c ^memory`,
    `stat -c '%a %F' ${at} ${at}/a`,
    `echo '+hugetlb +rdma +misc' >${at}/cgroup.subtree_control; cat ${at}/cgroup.subtree_control ${at}/a/cgroup.controllers; cd ${at}/a; for f in hugetlb.2MB.* rdma.* misc.*; do stat -c '%a %n' $f; cat $f; done; echo '-hugetlb -rdma -misc' >${at}/cgroup.subtree_control; cat ${at}/misc.capacity`,
    'grep cgroup /proc/mounts',
    'cat /proc/self/cgroup; grep cgroup /proc/filesystems',
  ],
  'what they say at first': [
    `mkdir ${at}/a; cd ${at}/a; for f in *; do echo "== $f"; cat $f 2>&1 | ${errno}; done`,
    `mkdir ${at}/a/b; cd ${at}/a/b; for f in *; do echo "== $f"; cat $f 2>&1 | ${errno}; done`,
    `cut -d' ' -f1 ${at}/memory.stat | tr '\\n' ' '`,
    `cut -d' ' -f1 ${at}/cpu.stat | tr '\\n' ' '`,
    `cut -d' ' -f1,2 ${at}/memory.pressure ${at}/cpu.pressure ${at}/io.pressure | cut -d= -f1`,
    'cut -d= -f1 /proc/pressure/cpu /proc/pressure/memory /proc/pressure/io',
    'ls /proc/pressure',
    `for f in /proc/pressure/cpu ${at}/a/cpu.pressure; do sed 's/[0-9][0-9.]*/N/g' $f; done`,
  ],
  'CPU: what is taken': [
    `mkdir ${at}/w; ${writes('w/cpu.max', '50000', '50000 20000', 'max', 'max 100000', '999', '1000', '1000 999', '1000 1000001', 'max max', 'abc', '', '1 2 3', '-1', '50000 100000 1', '18446744073709551615', '99999999999999999999')}`,
    writes('w/cpu.max', '20000000 1000000', '1e5', '0x2710', '+5000', ' 5000 '),
    writes('w/cpu.weight', '1', '10000', '0', '10001', '-1', 'abc', '', '100 100', 'default', '50'),
    `${writes('w/cpu.weight.nice', '0', '-20', '19', '20', '-21', 'x', '5')}; cat ${at}/w/cpu.weight`,
    `${writes('w/cpu.weight', '100')}; cat ${at}/w/cpu.weight.nice; ${writes('w/cpu.weight', '50')}; cat ${at}/w/cpu.weight.nice; ${writes('w/cpu.weight', '1')}; cat ${at}/w/cpu.weight.nice`,
    `${writes('w/cpu.idle', '1', '2', '-1', 'x')}; ${writes('w/cpu.weight', '7')}; ${writes('w/cpu.idle', '0')}; cat ${at}/w/cpu.weight`,
    `echo 'max 100000' >${at}/w/cpu.max; ${writes('w/cpu.max.burst', '1', '0')}; echo '5000 10000' >${at}/w/cpu.max; ${writes('w/cpu.max.burst', '5000', '5001', '-1', 'x')}`,
    tells('w/cpu.stat', '0', 'x'),
    `mkdir ${at}/w/x; echo +cpu >${at}/w/cgroup.subtree_control; ${writes('w/x/cpu.max', '50000 10000', '900000', 'max')}`,
  ],
  'CPU sets: what is taken': [
    `mkdir ${at}/w; ${writes('w/cpuset.cpus', '0', '0-1', '1,0', '0 1', '9999', 'abc', '1-0', '', '0-1:1/2', '4096', '99999999999999999999', '-1')}`,
    `${writes('w/cpuset.mems', '0', '1', '0-1', 'x', '')}; ${show('w/cpuset.cpus.effective', 'w/cpuset.mems.effective')}`,
    writes('w/cpuset.cpus.partition', 'member', 'root', 'isolated', 'foo', '0', 'member'),
    `echo 1 >${at}/w/cpuset.cpus; mkdir ${at}/w/x; echo +cpuset >${at}/w/cgroup.subtree_control; ${show('w/x/cpuset.cpus', 'w/x/cpuset.cpus.effective')}; ${writes('w/x/cpuset.cpus', '0', '0-1', '1')}; cat ${at}/w/x/cpuset.cpus.effective`,
    `echo 0 >${at}/w/cpuset.cpus; ${show('w/x/cpuset.cpus', 'w/x/cpuset.cpus.effective')}`,
    `${inside('w/x', 'grep Cpus_allowed_list /proc/self/status; nproc')}`,
    `echo 1 >${at}/w/x/cpuset.cpus; echo 0-1 >${at}/w/cpuset.cpus; ${inside('w/x', 'grep Cpus_allowed_list /proc/self/status')}`,
    tells('w/cpuset.cpus.effective', '0'),
    `rmdir ${at}/w/x ${at}/w; mkdir ${at}/v ${at}/p; echo 1 >${at}/p/cpuset.cpus; ${writes('p/cpuset.cpus.partition', 'root')}; ${show('p/cpuset.cpus.effective', 'v/cpuset.cpus.effective', 'cpuset.cpus.effective')}; ${inside('v', 'grep Cpus_allowed_list /proc/self/status')}; ${writes('p/cpuset.cpus.partition', 'isolated', 'member')}; ${show('v/cpuset.cpus.effective', 'cpuset.cpus.effective')}; rmdir ${at}/p; mkdir ${at}/w; echo 0-1 >${at}/w/cpuset.cpus`,
    `mkdir ${at}/p; echo 1 >${at}/p/cpuset.cpus; ${writes('p/cpuset.cpus.partition', 'root')}; cat ${at}/p/cpuset.cpus.effective ${at}/cpuset.cpus.effective; ${writes('p/cpuset.cpus.partition', 'member')}; cat ${at}/cpuset.cpus.effective`,
  ],
  'memory: what is taken': [
    `mkdir ${at}/w; ${writes('w/memory.max', '4097', '1m', '1k', 'max', '-1', 'abc', '1M', '2g', '1.5m', '', '18446744073709551615', '99999999999999999999', '0x1000', '1 2', '4096b', '1t', '1p', '1e')}`,
    writes('w/memory.high', '8m', '0', 'max', 'x', '-1', '9223372036854771712', '9223372036854771711'),
    writes('w/memory.low', '4m', 'max', '0', 'x'),
    writes('w/memory.min', '4m', 'max', '0', '-5'),
    writes('w/memory.swap.max', '4m', 'max', '0', 'x'),
    writes('w/memory.swap.high', '4m', 'max', 'x'),
    writes('w/memory.zswap.max', '4m', 'max', 'x'),
    writes('w/memory.oom.group', '1', '2', '0', 'x', '-1', ''),
    tells('w/memory.reclaim', '1m', 'x', '0', 'max', ''),
    `${tells('w/memory.current', '0')}; ${tells('w/memory.events', '0')}; ${tells('w/memory.peak', '0')}; ${tells('w/memory.stat', '0')}`,
    `cat ${at}/w/memory.reclaim 2>&1 | ${errno}; cat ${at}/w/cgroup.kill 2>&1 | ${errno}`,
  ],
  'processes and tree: what is taken': [
    `mkdir ${at}/w; ${writes('w/pids.max', '0', 'max', '-1', '4194304', '4194305', 'x', '', '1 2', '+5', '0x10')}`,
    writes('w/cgroup.max.depth', '0', '5', 'max', '-1', 'x', '2147483647', '2147483648', ''),
    writes('w/cgroup.max.descendants', '0', '5', 'max', '-1', 'x', '2147483647', '2147483648', '4294967296'),
    writes('w/cgroup.freeze', '1', '0', '2', '-1', 'x', ''),
    tells('w/cgroup.kill', '1', '0', '2', 'x', ''),
    writes('w/cgroup.type', 'domain', 'x', 'threaded', 'domain'),
    tells('w/cgroup.procs', '4999999', 'x', '-1', '99999999999', '', '1 2'),
    tells('w/cgroup.threads', '4999999', 'x', '-1', '', '1 2'),
    tells('w/cgroup.events', '1'),
    tells('w/cgroup.controllers', '+cpu'),
    tells('w/cgroup.stat', '1'),
    `{ echo 1 >${at}/w/nosuch; } 2>&1 | ${errno}; rm ${at}/w/pids.max 2>&1 | ${errno}; mv ${at}/w ${at}/v 2>&1 | ${errno}; ln -s x ${at}/w/l 2>&1 | ${errno}; mkdir ${at}/w 2>&1 | ${errno}; rmdir ${at}/nosuch 2>&1 | ${errno}; rm -r ${at}/w 2>&1 | head -1 | ${errno}`,
    `chmod 600 ${at}/w/pids.max; stat -c %a ${at}/w/pids.max; chown 7 ${at}/w ${at}/w/cgroup.procs; stat -c '%u' ${at}/w ${at}/w/cgroup.procs`,
    `rmdir ${at}/w && ls -d ${at}/w 2>&1 | ${errno}`,
  ],
  'disks: what is taken': [
    `mkdir ${at}/w; ${writes('w/io.max', '8:0 rbps=1048576', '8:0 wiops=100', '8:0 rbps=max', '8:0 rbps=1m', '8:0 rbps=0', '8:0 foo=1', '8:0', '77:9 rbps=1024', 'x', '8:1 rbps=1024', '8:0 rbps=1', '8:0 rbps=2 wbps=3 riops=4 wiops=5', '8:0 rbps=9 foo=1', '  8:0   wbps=7  ', '8:0 rbps=max wbps=max riops=max wiops=max', '')}`,
    writes(
      'w/io.weight',
      '50',
      'default 60',
      '8:0 70',
      '8:0 default',
      '0',
      '10001',
      'x',
      'default',
      '77:9 5',
      '8:0 x',
      '8:0 20000',
    ),
    writes('w/io.bfq.weight', '50', '1001', 'x'),
    writes('w/io.latency', '8:0 target=1000', '8:0 target=x', '8:0', 'x', '77:9 target=1'),
    writes('w/io.prio.class', 'no-change', 'promote-to-rt', 'restrict-to-be', 'idle', 'x', 'no-change'),
    tells('w/io.stat', 'x'),
  ],
  'pressure: what is taken': [
    `mkdir ${at}/w; for v in 'some 150000 1000000' 'full 1000 1000000' 'some 1 1000000' 'some 2000000 1000000' 'some 150000 100' 'some 150000 20000000' 'x' ''; do echo "[$v] $({ echo "$v" >${at}/w/memory.pressure; } 2>&1 | ${errno})"; done`,
    writes('w/cgroup.pressure', '0', '1', '2', 'x'),
    `echo 0 >${at}/w/cgroup.pressure; ls ${at}/w | grep pressure; cat ${at}/w/cpu.pressure 2>&1 | ${errno}; echo 1 >${at}/w/cgroup.pressure; ls ${at}/w | grep pressure`,
    `${tells('w/irq.pressure', 'x')}`,
  ],
  'handing controllers down': [
    `mkdir ${at}/a ${at}/a/b; ${writes('a/cgroup.subtree_control', '+memory', '+pids -memory', 'memory', '+nosuch', '+', '+memory,+pids', '+memory +nosuch', '-cpu', '')}`,
    `${writes('a/b/cgroup.subtree_control', '+cpu', '+pids', '+memory')}`,
    `${writes('a/cgroup.subtree_control', '-pids')}; mkdir ${at}/a/b/c; cat ${at}/a/b/c/cgroup.controllers; ${writes('a/b/cgroup.subtree_control', '-pids')}; ${writes('a/cgroup.subtree_control', '-pids', all)}`,
    `sleep 30 & p=$!; echo $p >${at}/a/b/c/cgroup.procs; ${writes('a/b/c/cgroup.subtree_control', '+memory')}; ${writes('a/b/cgroup.subtree_control', '+memory')}; ${writes('a/b/c/cgroup.subtree_control', '+memory')}; kill -9 $p; wait $p 2>/dev/null; echo $?`,
    `{ echo $$ >${at}/a/b/cgroup.procs; } 2>&1 | ${errno}; ${inside('a/b/c', 'cat /proc/self/cgroup')}`,
    `echo '-memory -pids' >${at}/a/b/cgroup.subtree_control; ${inside('a/b', `cat /proc/self/cgroup; { echo +pids >${at}/a/b/cgroup.subtree_control; } 2>&1 | ${errno.replaceAll("'", '"')}`)}`,
    `rmdir ${at}/a 2>&1 | ${errno}; rmdir ${at}/a/b/c ${at}/a/b ${at}/a; ls -d ${at}/a 2>&1 | ${errno}`,
  ],
  'threaded groups': [
    `mkdir ${at}/a ${at}/a/b; cat ${at}/a/b/cgroup.type; ${writes('a/b/cgroup.type', 'threaded')}; ${show('a/cgroup.type', 'a/b/cgroup.type')}`,
    `mkdir ${at}/a/c; ${show('a/c/cgroup.type')}; sleep 30 & p=$!; { echo $p >${at}/a/c/cgroup.procs; } 2>&1 | ${errno}; echo $p >${at}/a/cgroup.procs; cat /proc/$p/cgroup; echo $p >${at}/a/b/cgroup.threads; cat /proc/$p/cgroup; cat ${at}/a/b/cgroup.procs 2>&1 | ${errno}; cat ${at}/a/cgroup.procs | wc -l; cat ${at}/a/b/cgroup.threads | wc -l; kill -9 $p; wait $p 2>/dev/null; echo $?`,
    `${writes('a/cgroup.subtree_control', '+memory', '+cpu', '+pids')}; ls ${at}/a/b | grep -v ^cgroup`,
    `${show('a/b/cgroup.events', 'a/b/cgroup.stat')}`,
  ],
  'who is in which group': [
    `mkdir ${at}/a ${at}/a/b; sleep 30 & p=$!; cat ${at}/a/cgroup.events; echo $p >${at}/a/b/cgroup.procs; cat ${at}/a/cgroup.events; cat /proc/$p/cgroup; [ "$(cat ${at}/a/b/cgroup.procs)" = $p ] && echo there; cat ${at}/a/cgroup.procs; rmdir ${at}/a/b 2>&1 | ${errno}; cat ${at}/a/pids.current; kill -9 $p; wait $p 2>/dev/null; cat ${at}/a/cgroup.events ${at}/a/pids.current`,
    `cat ${at}/a/cgroup.stat; rmdir ${at}/a/b; cat ${at}/a/cgroup.stat | head -1`,
    `echo 1 >${at}/a/cgroup.max.descendants; mkdir ${at}/a/x; mkdir ${at}/a/y 2>&1 | ${errno}; mkdir ${at}/a/x/y 2>&1 | ${errno}; echo max >${at}/a/cgroup.max.descendants; echo 1 >${at}/a/cgroup.max.depth; mkdir ${at}/a/x/y 2>&1 | ${errno}; mkdir ${at}/a/y && rmdir ${at}/a/x ${at}/a/y`,
    inside('a', 'cat /proc/self/cgroup; sh -c "cat /proc/self/cgroup"; cat /proc/self/cgroup | cat'),
    `mount -t cgroup none /mnt 2>&1 | ${errno}; mount -t cgroup -o memory none /mnt 2>&1 | ${errno}; mkdir -p /mnt/two; mount -t cgroup2 none /mnt/two && ls -d /mnt/two/a && umount /mnt/two`,
  ],
  'number of processes': [
    `mkdir ${at}/a ${at}/a/b; echo +pids >${at}/a/cgroup.subtree_control; echo 2 >${at}/a/pids.max`,
    `${inside('a/b', 'sleep 30 & sleep 30 & echo never')} 2>&1; echo $?; cat ${at}/a/pids.events ${at}/a/b/pids.events; echo 1 >${at}/a/cgroup.kill; until grep -q 'populated 0' ${at}/a/cgroup.events; do sleep 0.1; done; cat ${at}/a/pids.current`,
    `echo 0 >${at}/a/pids.max; ${inside('a/b', 'echo in; /bin/true; echo never')} 2>&1; echo $?; cat ${at}/a/pids.max`,
  ],
  'memory that is too much': [
    `mkdir ${at}/a ${at}/a/b; echo +memory >${at}/a/cgroup.subtree_control; echo 8m >${at}/a/b/memory.max`,
    `${inside('a/b', 'exec tail /dev/zero')} 2>/dev/null; echo $?; for g in a a/b; do grep oom ${at}/$g/memory.events; done; [ $(sed -n 's/^max //p' ${at}/a/b/memory.events) -gt 0 ] && echo hit`,
    `for g in a a/b; do grep oom ${at}/$g/memory.events.local; done; cat ${at}/a/b/memory.peak`,
    `echo max >${at}/a/b/memory.max; echo 8m >${at}/a/memory.max; ${inside('a/b', 'exec tail /dev/zero')} 2>/dev/null; echo $?; for g in a a/b; do grep oom ${at}/$g/memory.events; grep oom ${at}/$g/memory.events.local; done`,
    `echo 1 >${at}/a/b/memory.oom.group; sleep 30 & p=$!; echo $p >${at}/a/b/cgroup.procs; ${inside('a/b', 'exec tail /dev/zero')} 2>/dev/null; echo $?; wait $p 2>/dev/null; echo $?; grep oom ${at}/a/b/memory.events`,
    `echo 0 >${at}/a/b/memory.oom.group; ${inside('a/b', 'echo -1000 >/proc/self/oom_score_adj; tail /dev/zero; echo $?')} 2>/dev/null; echo $?`,
    `echo 64m >${at}/a/memory.max; sh -c 'echo 0 >${at}/a/b/cgroup.procs; echo 1000 >/proc/self/oom_score_adj; x=x; while [ \${#x} -lt 4194304 ]; do x=$x$x; done; : >/tmp/full; sleep 30' & p=$!; until [ -e /tmp/full ]; do sleep 0.1; done; rm /tmp/full; ${inside('a/b', 'exec tail /dev/zero')} 2>/dev/null; echo $?; wait $p 2>/dev/null; echo $?; grep oom_kill ${at}/a/b/memory.events; echo 1 >${at}/a/cgroup.kill`,
    `for adj in 1000 -1000 0 7; do sh -c "echo $adj >/proc/self/oom_score_adj; cat /proc/self/oom_score_adj"; done; { echo 1001 >/proc/self/oom_score_adj; } 2>&1 | ${errno}; { echo x >/proc/self/oom_score_adj; } 2>&1 | ${errno}; cat /proc/self/oom_adj`,
  ],
  'memory over the high mark': [
    `mkdir ${at}/a; echo 4m >${at}/a/memory.high; sh -c 'echo 0 >${at}/a/cgroup.procs; exec tail /dev/zero' & p=$!; until [ $(sed -n 's/^high //p' ${at}/a/memory.events) -gt 3 ]; do sleep 0.1; done; kill -0 $p && echo alive; grep oom ${at}/a/memory.events; kill -9 $p; wait $p 2>/dev/null; echo $?`,
    `echo max >${at}/a/memory.high; sh -c 'echo 0 >${at}/a/cgroup.procs; exec head -c 20m /dev/zero' | wc -c; sed -n 's/^max //p' ${at}/a/memory.events`,
    `for f in some full; do sed -n "s/^$f.*total=//p" ${at}/a/memory.pressure | { read n; [ $n -gt 0 ] && echo "$f waited"; }; done`,
  ],
  frozen: [
    `mkdir ${at}/a ${at}/a/b; sleep 30 & p=$!; echo $p >${at}/a/b/cgroup.procs; echo 1 >${at}/a/cgroup.freeze; until grep -q 'frozen 1' ${at}/a/cgroup.events; do sleep 0.1; done; cat ${at}/a/b/cgroup.events ${at}/a/b/cgroup.freeze; cut -d' ' -f3 /proc/$p/stat; grep State /proc/$p/status; kill -9 $p; wait $p 2>/dev/null; echo $?; cat ${at}/a/cgroup.events`,
    `sleep 30 & p=$!; echo $p >${at}/a/b/cgroup.procs; until grep -q 'frozen 1' ${at}/a/b/cgroup.events; do sleep 0.1; done; echo 0 >${at}/a/cgroup.freeze; cat ${at}/a/b/cgroup.events; cut -d' ' -f3 /proc/$p/stat; kill $p; wait $p 2>/dev/null; echo $?`,
    `echo 1 >${at}/a/b/cgroup.freeze; echo 1 >${at}/a/cgroup.freeze; echo 0 >${at}/a/cgroup.freeze; cat ${at}/a/b/cgroup.freeze; cat ${at}/a/b/cgroup.events`,
    `echo 0 >${at}/a/b/cgroup.freeze; sleep 30 & p=$!; echo $p >${at}/a/b/cgroup.procs; echo 1 >${at}/a/b/cgroup.freeze; until grep -q 'frozen 1' ${at}/a/b/cgroup.events; do sleep 0.1; done; kill -TERM $p; wait $p 2>/dev/null; echo $?; echo 0 >${at}/a/b/cgroup.freeze`,
    `sh -c 'trap "exit 7" TERM; while :; do sleep 0.1; done' & p=$!; sleep 0.5; echo $p >${at}/a/b/cgroup.procs; echo 1 >${at}/a/b/cgroup.freeze; until grep -q 'frozen 1' ${at}/a/b/cgroup.events; do sleep 0.1; done; kill -TERM $p; sleep 0.5; [ -d /proc/$p ] && echo 'waits for the thaw'; echo 0 >${at}/a/b/cgroup.freeze; wait $p 2>/dev/null; echo $?`,
    `sleep 30 & p=$!; echo $p >${at}/a/b/cgroup.procs; echo 1 >${at}/a/b/cgroup.freeze; until grep -q 'frozen 1' ${at}/a/b/cgroup.events; do sleep 0.1; done; echo $p >${at}/cgroup.procs; cat /proc/$p/cgroup ${at}/a/b/cgroup.events; kill $p; wait $p 2>/dev/null; echo $?; echo 0 >${at}/a/b/cgroup.freeze`,
    `sleep 30 & p=$!; echo $p >${at}/a/b/cgroup.procs; kill -STOP $p; until grep -q 'State:.T' /proc/$p/status; do sleep 0.1; done; echo 1 >${at}/a/b/cgroup.freeze; until grep -q 'frozen 1' ${at}/a/b/cgroup.events; do sleep 0.1; done; cut -d' ' -f3 /proc/$p/stat; kill -CONT $p; sleep 0.2; cut -d' ' -f3 /proc/$p/stat; echo 0 >${at}/a/b/cgroup.freeze; sleep 0.2; cut -d' ' -f3 /proc/$p/stat; kill -9 $p; wait $p 2>/dev/null; echo $?`,
    `sleep 30 & a=$!; sleep 30 & b=$!; echo $a >${at}/a/cgroup.procs; echo $b >${at}/a/b/cgroup.procs; echo 1 >${at}/a/cgroup.freeze; echo 1 >${at}/a/cgroup.kill; wait $a 2>/dev/null; echo $?; wait $b 2>/dev/null; echo $?; cat ${at}/a/cgroup.freeze; cat ${at}/a/cgroup.events`,
    `echo 0 >${at}/a/cgroup.freeze; ${inside('a', `i=0; echo 1 >${at}/a/cgroup.freeze & sleep 1; echo on`)} & q=$!; until grep -q 'frozen 1' ${at}/a/cgroup.events; do sleep 0.1; done; echo 0 >${at}/a/cgroup.freeze; wait $q; echo $?`,
  ],
  signals: [
    `sleep 30 & p=$!; kill -STOP $p; q() { sed -n 's,SigQ:.\\([0-9]*\\)/.*,\\1,p' /proc/$p/status; }; a=$(q); for s in 34 34 34 35; do kill -$s $p; done; echo $(($(q)-a)); kill -USR1 $p; kill -USR1 $p; echo $(($(q)-a)); grep Pnd /proc/$p/status; kill -9 $p; wait $p 2>/dev/null; echo $?`,
    `sleep 30 & p=$!; kill -34 $p; wait $p; echo $?`,
    `sh -c 'trap "" 34; kill -34 $$; echo on' 2>&1`,
  ],
  'quota and weight': [
    `mkdir ${at}/a; echo '10000 100000' >${at}/a/cpu.max; timeout 2 sh -c 'echo 0 >${at}/a/cgroup.procs; while :; do :; done'; echo $?; for f in nr_periods nr_throttled throttled_usec; do [ $(sed -n "s/^$f //p" ${at}/a/cpu.stat) -gt 0 ] && echo "$f counted"; done; [ $(sed -n 's/^usage_usec //p' ${at}/a/cpu.stat) -lt 1500000 ] && echo held; grep burst ${at}/a/cpu.stat`,
    `echo max >${at}/a/cpu.max; for f in some full; do sed -n "s/^$f.*total=//p" ${at}/a/cpu.pressure | { read n; [ $n -gt 0 ] && echo "$f time was waited"; }; done`,
    `mkdir ${at}/b; echo 1 >${at}/a/cpuset.cpus; echo 1 >${at}/b/cpuset.cpus; echo 300 >${at}/a/cpu.weight; echo 100 >${at}/b/cpu.weight; for g in a b; do sh -c "echo 0 >${at}/$g/cgroup.procs; while :; do :; done" & done; sed -n 's/^usage_usec //p' ${at}/a/cpu.stat >/tmp/a; sed -n 's/^usage_usec //p' ${at}/b/cpu.stat >/tmp/b; sleep 3; a=$(($(sed -n 's/^usage_usec //p' ${at}/a/cpu.stat)-$(cat /tmp/a))); b=$(($(sed -n 's/^usage_usec //p' ${at}/b/cpu.stat)-$(cat /tmp/b))); echo 1 >${at}/a/cgroup.kill; echo 1 >${at}/b/cgroup.kill; wait; [ $a -gt $((2*b)) ] && [ $a -lt $((4*b)) ] && echo 'three times as much'`,
    `for f in some full; do sed -n "s/^$f.*total=//p" /proc/pressure/cpu | { read n; [ $n -gt 0 ] && echo "$f of the system"; }; done`,
    `rm /tmp/a /tmp/b; grep nr_throttled ${at}/b/cpu.stat; for f in some full; do sed -n "s/^$f.*total=//p" ${at}/b/cpu.pressure | { read n; [ $n -gt 0 ] && echo "$f waited"; }; done`,
  ],
};
