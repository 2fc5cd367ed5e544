/**
 * Records the real Docker on a host with pure cgroup v2: `node record.mjs DIRECTORY FIXTURES [NAME...]` as root there, see
 * scripts/record-v2.sh. Writes NAME.json for the lists of lines below, for the lines of recordings made on v1 whose answers
 * depend on the host (`again`), and info.json.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { startDockerEngine } from '../../backend/dockerd.ts';
import { hostless, playInfo } from '../suites/info.ts';
import type { RecordedLine, Recording } from '../suites/recorded.ts';

const [directory = '.', fixtures = '.', ...wanted] = process.argv.slice(2);

/** Recordings of v1 whose lines can be asked again, by name. */
const again = ['limits', 'sharing', 'security'];

const cat = (...files: readonly string[]): string =>
  `sh -c 'cd /sys/fs/cgroup; for f in ${files.join(' ')}; do echo "$f: $(cat $f)"; done'`;
const limited =
  'memory.max memory.low memory.swap.max cpu.max cpu.weight pids.max cpuset.cpus cpuset.mems io.max io.weight';

const topics: Readonly<Record<string, readonly string[]>> = {
  groups: [
    'docker run --rm busybox cat /proc/self/cgroup',
    'docker run --rm --cgroupns host busybox sh -c "cut -d/ -f2-3 /proc/self/cgroup | wc -l"',
    "docker run --rm busybox sh -c 'mount | grep cgroup; ls -ld /sys/fs/cgroup; cat /sys/fs/cgroup/cgroup.controllers'",
    'docker run --rm busybox sh -c \'cd /sys/fs/cgroup; stat -c "%a %n" *\'',
    "docker run --rm --cgroupns host busybox sh -c 'mount | grep cgroup; ls /sys/fs/cgroup | head -3'",
    "docker run --rm busybox sh -c 'mkdir /sys/fs/cgroup/x; echo 1 > /sys/fs/cgroup/pids.max'",
    `docker run --rm busybox ${cat(limited)}`,
    `docker run --rm -m 20m --memory-reservation 10m --cpus 0.5 --pids-limit 20 --cpu-shares 512 --cpuset-cpus 0 --cpuset-mems 0 busybox ${cat(limited)}`,
    `docker run --rm -m 20m --memory-swap 30m busybox ${cat('memory.max memory.swap.max')}`,
    `docker run --rm -m 20m --memory-swap 20m busybox ${cat('memory.max memory.swap.max')}`,
    `docker run --rm -m 20m --memory-swap -1 busybox ${cat('memory.max memory.swap.max')}`,
    `docker run --rm --cpu-quota 20000 busybox ${cat('cpu.max')}`,
    `docker run --rm --cpu-period 50000 busybox ${cat('cpu.max')}`,
    `docker run --rm --cpu-quota -1 --cpu-period 50000 busybox ${cat('cpu.max')}`,
    ...[2, 10, 100, 1024, 5000, 262144].map(
      (shares) => `docker run --rm --cpu-shares ${shares} busybox ${cat('cpu.weight')}`,
    ),
    ...[10, 100, 500, 1000].map(
      (weight) => `docker run --rm --blkio-weight ${weight} busybox ${cat('io.weight io.bfq.weight')}`,
    ),
    `docker run --rm --device-read-bps /dev/sda:1mb --device-write-iops /dev/sda:100 busybox ${cat('io.max')}`,
    `docker run --rm --pids-limit 0 busybox ${cat('pids.max')}`,
    `docker run --rm --pids-limit -1 busybox ${cat('pids.max')}`,
    'docker run --rm -m 20m --oom-kill-disable busybox true',
    'docker run --rm -m 20m --memory-swappiness 30 busybox true',
    'docker run --rm --kernel-memory 20m busybox true',
    'docker run --rm --cpu-rt-runtime 1000 busybox true',
    'docker run --rm --oom-kill-disable busybox true',
    'docker run -d --name web --init -m 20m busybox sleep 300',
    "docker inspect -f '{{json .HostConfig}}' web",
    'docker pause web',
    "docker ps --format '{{.Names}} {{.Status}}'",
    "docker inspect -f '{{json .State.Paused}} {{.State.Status}}' web",
    'docker exec web true',
    'docker unpause web',
    `docker exec web cat /proc/1/cgroup /proc/self/cgroup`,
    'docker exec web sh -c "cat /sys/fs/cgroup/cgroup.procs | wc -l"',
    'docker exec web cat /sys/fs/cgroup/pids.current',
    "docker stats --no-stream --format '{{.Name}} {{.PIDs}}' web",
    'docker update --cpus 0.25 web',
    `docker exec web ${cat(limited)}`,
    'docker update --memory 10m web',
    'docker update --memory 10m --memory-swap 15m web',
    `docker exec web ${cat('memory.max memory.swap.max')}`,
    'docker update --cpu-shares 300 --cpuset-cpus 0 --memory-reservation 8m --pids-limit 30 web',
    `docker exec web ${cat(limited)}`,
    'docker update --blkio-weight 300 web',
    `docker exec web ${cat('io.weight io.bfq.weight')}`,
    'docker top web -o pid,comm',
    'docker rm -f web',
    'docker run --name hog -m 8m busybox tail /dev/zero',
    "docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' hog",
    "docker run --name part -m 8m busybox sh -c 'tail /dev/zero; echo $?; grep oom_kill /sys/fs/cgroup/memory.events; exit 3'",
    "docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' part",
    "docker run --rm --pids-limit 3 busybox sh -c 'for i in 1 2 3 4; do sleep 1 & done; echo never'",
    "docker run --rm -m 10m busybox sh -c 'dd if=/dev/zero of=/dev/shm/f bs=1M count=20; echo $?'",
    "docker run --rm -m 20m busybox sh -c 'echo 5m > /sys/fs/cgroup/memory.max; mount -o remount,rw /sys/fs/cgroup'",
    'docker run --rm --cgroup-parent /cutaway-parent busybox cat /proc/self/cgroup',
    "docker run --rm --cgroupns private --cap-add SYS_ADMIN --security-opt seccomp=unconfined busybox sh -c 'mount -t cgroup2 none /tmp; ls /tmp | head -3; mkdir /tmp/x && rmdir /tmp/x'",
  ],
  privileged: [
    'docker run --rm --privileged busybox sh -c \'grep -E "Cap|Secc|NoNew" /proc/self/status\'',
    'docker run --rm --privileged busybox sh -c \'mount | grep -vE " on /(etc|) " | sed "s/size=[0-9]*k/size=N/;s/lowerdir.*//"\'',
    "docker run --rm --privileged busybox sh -c 'mkdir /sys/fs/cgroup/x && ls /sys/fs/cgroup/x/cgroup.procs; cat /sys/fs/cgroup/x/cgroup.controllers | wc -w; rmdir /sys/fs/cgroup/x'",
    "docker run --rm --privileged busybox sh -c 'echo 5 > /sys/fs/cgroup/pids.max; cat /sys/fs/cgroup/pids.max'",
    "docker run --rm --privileged busybox sh -c 'mount -t tmpfs none /tmp && echo mounted && umount /tmp'",
    "docker run --rm --privileged busybox sh -c 'unshare -m true && echo unshared'",
    "docker run --rm --privileged busybox sh -c 'mknod /n c 1 3 && echo x > /n && echo written; mknod /k c 1 11 && head -c 0 /k && echo opened'",
    'docker run --rm --privileged busybox sh -c \'for f in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug /proc/scsi /sys/firmware; do [ -e $f ] && { mount | grep -q " $f " && echo "$f masked" || echo "$f open"; }; done\'',
    'docker run --rm --privileged busybox sh -c \'for f in null zero full random urandom tty console ptmx fuse kmsg mem port loop-control sda; do [ -e /dev/$f ] && stat -c "%A %t %T %n" /dev/$f; done\'',
    'docker run --rm busybox sh -c \'for f in null zero full random urandom tty console ptmx fuse kmsg mem port loop-control sda; do [ -e /dev/$f ] && stat -c "%A %t %T %n" /dev/$f; done\'',
    "docker run --rm --privileged busybox sh -c 'echo 1 > /proc/sys/vm/drop_caches && echo dropped; hostname other && hostname'",
    "docker run --rm busybox sh -c 'echo 1 > /proc/sys/vm/drop_caches; hostname other'",
    "docker run --rm --privileged busybox sh -c 'ip link add d0 type bridge && ip link show d0 | head -1; ip link del d0'",
    "docker run --rm --privileged busybox sh -c 'chroot / true && echo in; ls /proc/1/root/ | wc -l'",
    "docker run --rm --privileged --pid host busybox sh -c 'ls -d /proc/1/root/proc/1; nsenter -t 1 -u hostname >/dev/null && echo entered'",
    "docker run --rm --privileged -u 1000 busybox sh -c 'grep Cap /proc/self/status; mount -t tmpfs none /tmp; mknod /tmp/n c 1 3'",
    "docker run --rm --privileged --cap-drop ALL busybox sh -c 'grep Cap /proc/self/status'",
    "docker run --rm --privileged --cap-drop SYS_ADMIN busybox sh -c 'grep Cap /proc/self/status; mount -t tmpfs none /tmp'",
    'docker run --rm --privileged --read-only busybox sh -c \'touch /x; mount | grep " on / " | sed "s/.*(\\(r[wo]\\).*/\\1/"; mount -o remount,rw / && touch /x && echo touched\'',
    'docker run --rm --privileged --device /dev/full:/dev/xfull busybox ls -l /dev/xfull',
    'docker run --rm --privileged -m 20m --pids-limit 20 busybox sh -c "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max; echo max > /sys/fs/cgroup/memory.max; cat /sys/fs/cgroup/memory.max"',
    'docker run -d --name priv --privileged busybox sleep 300',
    'docker exec priv sh -c "grep Cap /proc/self/status; mount -t tmpfs none /tmp && echo mounted"',
    'docker exec -u 1000 priv grep Cap /proc/self/status',
    'docker diff priv',
    "docker inspect -f '{{json .HostConfig.Privileged}} {{json .HostConfig.SecurityOpt}} {{json .HostConfig.MaskedPaths}} {{json .HostConfig.ReadonlyPaths}} {{json .HostConfig.CgroupnsMode}}' priv",
    'docker run -d --name plain busybox sleep 300',
    'docker exec --privileged plain sh -c "grep Cap /proc/self/status; mount -t tmpfs none /tmp && echo mounted; mount -o remount,rw /sys/fs/cgroup && echo remounted"',
    'docker exec --privileged -u 1000 plain grep Cap /proc/self/status',
    'docker exec plain grep Cap /proc/self/status',
    'docker rm -f priv plain',
  ],
};

const archives = await baseArchives();
const engine = await startDockerEngine({ archives });
const recordedOn = `Docker ${engine.programs.version}, Linux ${release()}, cgroup v2, overlay2`;
const linesOf = (name: string): readonly string[] =>
  topics[name] ??
  (JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as Recording).lines.map(({ line }) => line);
mkdirSync(directory, { recursive: true });
const write = (name: string, lines: readonly RecordedLine[]): void => {
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify({ recordedOn, lines }, null, 1)}\n`);
  process.stdout.write(`${name}: ${lines.length} lines\n`);
};
for (const name of [...Object.keys(topics), ...again]) {
  if (wanted.length > 0 ? !wanted.includes(name) : again.includes(name)) continue;
  const target = await createDockerTarget({ archives, engine });
  const lines: RecordedLine[] = [];
  for (const line of linesOf(name)) {
    const { exitCode, stdout, stderr, skipped, suspended } = await target.run(line);
    if (skipped !== undefined || suspended !== undefined) throw new Error(`${line}: ${skipped ?? 'did not end'}`);
    lines.push({ line, exitCode, stdout, stderr });
  }
  await target.close();
  write(name, lines);
}
if (wanted.includes('info')) {
  const target = await createDockerTarget({ archives, engine });
  write('info', (await playInfo(target)).map(hostless));
  await target.close();
}
await engine.stop();
