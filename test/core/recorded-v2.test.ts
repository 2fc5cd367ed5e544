/** What the real Docker answered on a host with cgroup v2 alone (test/docker/record-v2.ts), the simulation of one answers as well. */
import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../core/index.ts';
import { type PlayedLine, playRecording, type Recording } from '../suites/recorded.ts';

const folder = new URL('../fixtures/docker-v2/', import.meta.url);

/** What the recorded lines say that the simulation does not: a part of the line, and why. */
const gaps: readonly (readonly [part: string, why: string])[] = [
  ['--cpu-rt-runtime', 'named as not simulated'],
  ['--cgroup-parent', 'named as not simulated'],
  ['docker top web -o', 'named as not simulated'],
  ['ls -ld /sys/fs/cgroup', 'shows the hour of the recording'],
  ['ls -l /dev/xfull', 'shows the hour of the recording'],
  ['mount | grep -vE', 'this kernel names inode64 for each tmpfs, others do not'],
  ['mount | grep shm', 'inode64 likewise'],
  [
    '--device-read-bps /dev/null:1mb busybox true',
    'that kernel takes a limit for the block device 1:3, which no host here has',
  ],
  ['mknod /k c 1 11', 'the simulated host has no /dev/kmsg'],
  ['loop-control sda', 'the devices of that host, without udev'],
  ['/proc/kcore', 'the simulated /proc has none'],
  ['exec --privileged plain sh', 'the filter of system calls is that of the container: mount is refused'],
];

const test = suite('recorded on cgroup v2');
const isGap = ({ line }: PlayedLine): boolean => gaps.some(([part]) => line.includes(part));
const isDifferent = ({ differences, skipped }: PlayedLine): boolean => differences.length > 0 || skipped !== undefined;
const met = new Set<string>();

for (const name of readdirSync(folder)) {
  test(name, async () => {
    const recording = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Recording;
    const played = await playRecording(recording, createSimTarget({ cgroup: 'v2' }));
    assert.ok(played.length > 10);
    assert.equal(
      played.filter((one) => isDifferent(one) && !isGap(one)),
      [],
    );
    for (const one of played.filter(isDifferent)) met.add(gaps.find(([part]) => one.line.includes(part))![0]);
  });
}

test('no gap has closed unnoticed', () =>
  assert.equal(
    gaps.filter(([part]) => !met.has(part)),
    [],
  ));

test.run();
