/**
 * Files in memory, the limits that they count against, and what df, free and /proc say. What df and the options of tmpfs print
 * was seen with busybox 1.35 on Linux 6.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../../core/index.ts';

type Host = ReturnType<typeof createSimTarget>;
const say = (target: Host, line: string): string => {
  const { stdout, stderr } = target.runSync(line);
  return `${stdout}${stderr}`.trim();
};

const tmpfs = suite('tmpfs');
const device = 'a-rather-long-name-of-a-device';
const filled = (): Host => {
  const target = createSimTarget();
  say(target, `mount -t tmpfs -o size=1500k ${device} /mnt; head -c 700000 /dev/zero >/mnt/f`);
  return target;
};

for (const [options, shown] of [
  ['size=1m,mode=1777', 'size=1024k'],
  ['mode=755,size=64k', 'size=64k,mode=755'],
  ['uid=5,gid=6', 'uid=5,gid=6'],
  ['size=1k', 'size=4k'],
  ['nr_inodes=10,size=2m', 'size=2048k,nr_inodes=10'],
  ['size=0', 'size=0k'],
] as const) {
  tmpfs(`-o ${options} is shown as the kernel shows it`, () => {
    const said = say(createSimTarget(), `mount -t tmpfs -o ${options} t /mnt; grep /mnt /proc/mounts`);
    assert.is(said, `t /mnt tmpfs rw,relatime,${shown} 0 0`);
  });
}
for (const options of ['size=abc', 'nosuch', 'mode=8', 'uid=x']) {
  tmpfs(`-o ${options} is refused`, () => {
    const said = say(createSimTarget(), `mount -t tmpfs -o ${options} t /mnt`);
    assert.is(said, 'mount: mounting t on /mnt failed: Invalid argument');
  });
}

tmpfs('no more goes in than the size, to the page', () => {
  const target = filled();
  assert.is(say(target, 'head -c 2000000 /dev/zero >/mnt/g'), 'head: write error: No space left on device');
  assert.is(say(target, 'stat -c %s /mnt/g'), String(1500 * 1024 - 171 * 4096));
  assert.is(say(target, 'echo x >/mnt/h'), 'sh: write error: No space left on device');
  assert.is(say(target, 'rm /mnt/f; echo x >/mnt/h; cat /mnt/h'), 'x');
});

tmpfs('a remount changes the size, not the mode, and never below what is used', () => {
  const target = filled();
  assert.match(say(target, 'mount -o remount,size=10k /mnt'), /Invalid argument$/);
  say(target, 'mount -o remount,size=1m,mode=700 /mnt');
  assert.is(say(target, 'grep /mnt /proc/mounts'), `${device} /mnt tmpfs rw,relatime,size=1024k 0 0`);
  assert.is(say(target, 'df /mnt | tail -n 1').replace(/ +/g, ' '), '1024 684 340 67% /mnt');
});

tmpfs('df as busybox prints it', () => {
  const target = filled();
  const heads = { K: 'Filesystem           1K-blocks      Used Available Use% Mounted on' };
  for (const [options, said] of [
    ['', `${heads.K}\n${device}\n                          1500       684       816  46% /mnt`],
    [
      '-P',
      `Filesystem           1024-blocks    Used Available Capacity Mounted on\n${device}                1500       684       816  46% /mnt`,
    ],
    [
      '-h',
      `Filesystem                Size      Used Available Use% Mounted on\n${device}\n                          1.5M    684.0K    816.0K  46% /mnt`,
    ],
    [
      '-T',
      `Filesystem           Type       1K-blocks      Used Available Use% Mounted on\n${device}\n                     tmpfs           1500       684       816  46% /mnt`,
    ],
    [
      '-B 4096',
      `Filesystem           4K-blocks      Used Available Use% Mounted on\n${device}\n                           375       171       204  46% /mnt`,
    ],
  ] as const)
    assert.is(say(target, `df ${options} /mnt`), said);
});

tmpfs('df / is the simulated disk, and what is written is used; overlay shows what its upper directory lies on', () => {
  const target = createSimTarget();
  const row = (line: string): string => say(target, `${line} | tail -n 1`).replace(/ +/g, ' ');
  assert.is(row('df /'), '/dev/sda1 262144 0 262144 0% /');
  say(target, 'head -c 20000000 /dev/zero >/f');
  assert.is(row('df /'), '/dev/sda1 262144 19531 242613 7% /');
  assert.is(row('docker run --rm busybox df /'), 'overlay 262144 19531 242613 7% /');
  say(target, 'rm /f');
  assert.is(row('df /'), '/dev/sda1 262144 0 262144 0% /');
});

tmpfs('free and meminfo follow what is used, and get it back', () => {
  const target = filled();
  const shared = (): number => Number(/Mem: +\d+ +\d+ +\d+ +(\d+)/.exec(say(target, 'free'))![1]);
  const with684 = shared();
  say(target, 'rm /mnt/f');
  assert.is(with684 - shared(), 684);
  say(target, 'head -c 400000 /dev/zero >/mnt/g; umount /mnt');
  assert.is(with684 - shared(), 684);
  say(target, "docker run --rm busybox sh -c 'head -c 4096000 /dev/zero > /dev/shm/f'");
  assert.is(with684 - shared(), 684, 'those of a container go with it');
});

tmpfs.run();

for (const [version, usage, events] of [
  ['v1', 'memory/docker/*/memory.usage_in_bytes', 'memory/docker/*/memory.oom_control'],
  ['v2', 'docker/*/memory.current', 'docker/*/memory.events'],
] as const) {
  const at = '/sys/fs/cgroup';
  const limited = suite(`files in memory count against the limit, cgroup ${version}`);

  limited('what is written is charged to the group, and comes back', () => {
    const target = createSimTarget({ cgroup: version });
    say(target, 'docker run -d --init --name web -m 20m busybox sleep 1000');
    const before = Number(say(target, `cat ${at}/${usage}`));
    say(target, "docker exec web sh -c 'head -c 4096000 /dev/zero > /dev/shm/f'");
    assert.is(Number(say(target, `cat ${at}/${usage}`)) - before, 4096000);
    say(target, 'docker exec web rm /dev/shm/f');
    assert.is(Number(say(target, `cat ${at}/${usage}`)), before);
  });

  limited('a tmpfs filled past the limit ends who fills it, as on the real kernel', () => {
    const target = createSimTarget({ cgroup: version });
    say(target, 'docker run -d --init --name web -m 10m busybox sleep 1000');
    const fill = "docker exec web sh -c 'dd if=/dev/zero of=/dev/shm/f bs=1M count=20; echo $?'";
    assert.is(say(target, fill), '137\nKilled');
    assert.match(say(target, `cat ${at}/${events}`), /oom_kill 1$/m);
    const used = Number(say(target, `cat ${at}/${usage}`));
    assert.ok(used <= 10 * 2 ** 20 && used > 9 * 2 ** 20, `${used}`);
    assert.is(say(target, "docker inspect -f '{{.State.Status}}' web"), 'running');
  });

  limited('who was said to be likelier goes first', () => {
    const target = createSimTarget({ cgroup: version });
    say(target, 'docker run -d --init --name web -m 10m busybox sleep 1000');
    const likely = "docker exec -d web sh -c 'echo 900 > /proc/self/oom_score_adj; exec sleep 500'; sleep 1";
    say(target, likely);
    const fill = "docker exec web sh -c 'dd if=/dev/zero of=/dev/shm/f bs=1M count=20 2>/dev/null; echo $?'";
    assert.match(say(target, 'docker top web'), /sleep 500/);
    assert.is(say(target, fill).split('\n')[0], '137');
    assert.not.match(say(target, 'docker top web'), /sleep 500/);
    assert.match(say(target, 'docker top web'), /sleep 1000/);
  });
  limited.run();
}

const off = suite('OOM killer off');

off('with the killer off who asks waits until there is room', () => {
  const target = createSimTarget();
  say(target, 'docker run -d --init --name web -m 10m --oom-kill-disable busybox sleep 1000');
  say(target, "docker exec -d web sh -c 'dd if=/dev/zero of=/dev/shm/f bs=1M count=20; echo done > /done'");
  const control = (): string => say(target, 'sleep 1; cat /sys/fs/cgroup/memory/docker/*/memory.oom_control');
  assert.is(control(), 'oom_kill_disable 1\nunder_oom 1\noom_kill 0');
  say(target, 'docker update -m 40m --memory-swap 40m web');
  assert.is(control(), 'oom_kill_disable 1\nunder_oom 0\noom_kill 0');
  assert.is(say(target, 'docker exec web cat /done'), 'done');
});

off.run();
