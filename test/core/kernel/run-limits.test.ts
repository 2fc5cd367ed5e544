/**
 * Limits that `docker run` sets on the simulated host, v1 and v2: in the files of the cgroup, and in what the container can do.
 * What 20.10.24 answers where it depends on the number of CPUs is written down here; all else is in the recordings.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../../core/index.ts';
import { checkDeviceList, checkLimit, checkUpdate, limitCases } from '../../suites/run-limits.ts';

type Host = ReturnType<typeof createSimTarget>;
const say = (target: Host, line: string): string => {
  const { stdout, stderr } = target.runSync(line);
  return `${stdout}${stderr}`.trim();
};

for (const version of ['v1', 'v2'] as const) {
  const files = suite(`docker run sets limits, cgroup ${version}`);
  for (const one of limitCases) files(one.name, () => checkLimit(createSimTarget({ cgroup: version }), version, one));
  files('docker update', () => checkUpdate(createSimTarget({ cgroup: version }), version));

  files('a counting loop at a tenth of a CPU takes ten times as long', () => {
    const took = (flags: string): number => {
      const target = createSimTarget({ cgroup: version });
      const before = target.driver.now();
      say(target, `docker run --rm ${flags} busybox sh -c 'i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done'`);
      return target.driver.now() - before;
    };
    const ratio = took('--cpus 0.1') / took('');
    assert.ok(ratio > 8 && ratio < 11, `${ratio}`);
  });

  files('a device that nobody allowed is not to be had, one that was is', () => {
    const target = createSimTarget({ cgroup: version });
    const denied = "docker run --rm busybox sh -c 'mknod /m c 10 1; head -c 0 /m'";
    assert.is(say(target, denied), 'head: /m: Operation not permitted');
    const readOnly = "docker run --rm --device /dev/full:/dev/x:r --device-cgroup-rule 'c 1:11 r' busybox";
    assert.is(
      say(target, `${readOnly} sh -c 'mknod /m c 1 11; echo x > /m'`),
      "sh: can't create /m: Operation not permitted",
    );
    // Allowed by its rule: there is only nothing behind it.
    assert.is(say(target, `${readOnly} sh -c 'mknod /m c 1 11; head -c 0 /m'`), 'head: /m: No such device or address');
  });
  files.run();
}

const words = suite('docker run, what depends on the machine');

words('the device list of v1', () => checkDeviceList(createSimTarget()));

const range = 'Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available';
for (const [flags, message] of [
  ['--cpus 100', range],
  ['--cpus -1', range],
  ['--cpus 1e30', range],
  ['--cpuset-cpus 0-7', 'Requested CPUs are not available - requested 0-7, available: 0-1'],
  ['--cpuset-cpus 99', 'Requested CPUs are not available - requested 99, available: 0-1'],
  ['--cpuset-mems 1', 'Requested memory nodes are not available - requested 1, available: 0'],
] as const) {
  words(flags, () => {
    const target = createSimTarget();
    assert.is(say(target, `docker create ${flags} busybox`), `Error response from daemon: ${message}`);
    say(target, 'docker run -d --init --name web busybox sleep 300');
    assert.is(say(target, `docker update ${flags} web`), `Error response from daemon: ${message}`);
  });
}

words('weights are discarded on v1, written on v2', () => {
  const line = 'docker run -d --init --blkio-weight 500 busybox sleep 300 > /dev/null';
  assert.match(say(createSimTarget(), line), /does not support Block I\/O weight or the cgroup is not mounted/);
  const target = createSimTarget({ cgroup: 'v2' });
  assert.is(say(target, line), '');
  assert.is(say(target, 'cat /sys/fs/cgroup/docker/*/io.weight'), 'default 4950');
});

words('rates of a disk', () => {
  const line = 'docker run -d --init --device-read-bps /dev/sda:1mb --device-write-iops /dev/sda:100 busybox sleep 300';
  for (const [cgroup, files, shown] of [
    [
      'v1',
      'blkio/docker/*/blkio.throttle.read_bps_device /sys/fs/cgroup/blkio/docker/*/blkio.throttle.write_iops_device',
      '8:0 1048576\n8:0 100',
    ],
    ['v2', 'docker/*/io.max', '8:0 rbps=1048576 wbps=max riops=max wiops=100'],
  ] as const) {
    const target = createSimTarget({ cgroup });
    say(target, `mknod /dev/sda b 8 0; ${line}`);
    assert.is(say(target, `cat /sys/fs/cgroup/${files}`), shown);
  }
});

words.run();
