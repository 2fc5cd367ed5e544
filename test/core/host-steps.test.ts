/**
 * Steps inside of a command that was typed on the host: the system calls by which it changed something, in words and as strace(1)
 * shows them. Those of others are not among them, and there are never too many.
 */
import '../../core/parts-all.ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget, FREE_MS, type SimTarget } from '../../core/index.ts';
import { Engine } from '../../site/engine/engine.ts';
import type { Entry, StepScenes } from '../../site/engine/protocol.ts';

const test = suite('steps inside host commands');

const inside = (target: SimTarget, line: string): readonly string[] =>
  target.runSync(line).steps.flatMap(({ inside: is, title, shell }) => (is === true ? [`${title} | ${shell}`] : []));

const cases: readonly (readonly [line: string, ...calls: string[]])[] = [
  [
    'mkdir -p l u w m; mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w m; umount m',
    'mount overlay on m | mount("overlay", "m", "overlay", 0, "lowerdir=l,upperdir=u,workdir=w")',
    'unmount /root/m | umount2("/root/m", 0)',
  ],
  [
    'mkdir m; mount --bind /etc m; mount -o remount,ro,bind /root/m; umount -l m',
    'show /etc at m as well | mount("/etc", "m", NULL, MS_BIND, NULL)',
    'mount /root/m anew, read-only | mount("/dev/sda1", "/root/m", NULL, MS_RELATIME|MS_REMOUNT|MS_RDONLY|MS_BIND, NULL)',
    'unmount /root/m, whoever still uses it | umount2("/root/m", MNT_DETACH)',
  ],
  [
    'unshare -u -n hostname inside',
    'new namespaces: uts net | unshare(CLONE_NEWUTS|CLONE_NEWNET)',
    'the host name in this UTS namespace is inside | sethostname("inside", 6)',
  ],
  [
    'cd /sys/fs/cgroup/cpu; mkdir mine; echo 50000 > mine/cpu.cfs_quota_us; rmdir mine',
    'make the control group /sys/fs/cgroup/cpu/mine | mkdir("/sys/fs/cgroup/cpu/mine", 0777)',
    'write 50000 into /sys/fs/cgroup/cpu/mine/cpu.cfs_quota_us | write(1</sys/fs/cgroup/cpu/mine/cpu.cfs_quota_us>, "50000\\n", 6)',
    'remove the control group /sys/fs/cgroup/cpu/mine | rmdir("/sys/fs/cgroup/cpu/mine")',
  ],
  [
    'ip link add br0 type bridge; ip addr add 10.1.0.1/24 dev br0; ip link set br0 up; ip link del br0',
    'make the bridge br0 | netlink: RTM_NEWLINK br0 type bridge',
    'br0 gets the address 10.1.0.1/24 | netlink: RTM_NEWADDR 10.1.0.1/24 dev br0',
    'br0 is switched on | netlink: RTM_NEWLINK br0 up',
    'remove the device br0 | netlink: RTM_DELLINK br0',
  ],
  // What only looks, what changes files alone, and what is refused.
  ['ls /; cat /proc/mounts; ip addr; echo text > file; mkdir dir; rm -r dir file'],
  ['mount -t nothing none /mnt; umount /nowhere; echo x > /sys/fs/cgroup/cpu/cpu.shares; ip link set none up'],
];

for (const [line, ...calls] of cases) {
  test(line, () => {
    assert.equal(inside(createSimTarget(), line), calls);
  });
}

test('a new PID namespace, entered: who is born there, with which numbers', () => {
  const target = createSimTarget();
  const [unshared, born] = inside(target, 'unshare -p -f true');
  assert.is(unshared, 'new namespaces: pid (pid: for its children) | unshare(CLONE_NEWPID)');
  assert.match(born!, /^a child is born in the PID namespace: PID 1 there, (\d+) on the host \| clone\(.*\) = \1$/);
  const entered = inside(target, 'unshare -n sleep 100 & sleep 1; nsenter -t $! -n true');
  assert.match(entered.at(-1)!, /^the process enters net:\[\d+\] \| setns\(\d+, CLONE_NEWNET\)$/);
});

test('each stands behind the step of its command; other containers and later lines have nothing to do with it', () => {
  const target = createSimTarget();
  target.runSync("docker run -d busybox sh -c 'while sleep 1; do hostname again; done'");
  const { steps } = target.runSync('mkdir m; mount -t tmpfs none m; docker ps -q; umount m; sleep 5');
  const shown = steps.map(({ title, inside: is }) => (is === true ? `- ${title}` : title.replace(/:.*/, '')));
  assert.equal(
    shown.filter((title) => /^host|^-/.test(title)),
    ['host', 'host', '- mount tmpfs on m', 'host', '- unmount /root/m', 'host'],
  );
  assert.equal(target.runSync('true').steps.length, 1);
  assert.equal(target.runSync('mount -t tmpfs none m', { steps: false }).steps, []);
});

test('very many are counted, and a line that waits shows those that it made so far', () => {
  const target = createSimTarget({ interactive: true, freeMs: FREE_MS });
  const { steps } = target.runSync('for i in $(seq 1000); do mkdir /sys/fs/cgroup/cpu/g$i; done');
  assert.is(steps.length, 152);
  assert.equal(steps.at(-1), { title: '… and 850 more', shell: '', ok: true, inside: true });
  const waiting = target.runSync('mkdir m; mount -t tmpfs none m; sleep 1000; umount m');
  assert.is(waiting.suspended, 'time');
  assert.equal(waiting.steps.map(({ title }) => title).slice(1), ['mount tmpfs on m']);
  const ended = target.resume()!;
  assert.equal(ended.steps.map(({ title }) => title).slice(1), ['mount tmpfs on m', 'unmount /root/m']);
});

test('each has its moment in the picture: before it and after it', async () => {
  const entry: Entry = {
    line: "unshare -m -p -f --mount-proc sh -c 'mkdir m; mount -t tmpfs none m; umount m'; docker create busybox",
    given: [],
  };
  const outcome = createSimTarget().runSync(entry.line);
  const reply = await new Engine().answer({ id: 1, kind: 'steps', before: [], entry });
  if (reply.kind === 'error') throw new Error(reply.message);
  const { scenes } = reply.value as StepScenes;
  assert.is(scenes.length, outcome.steps.length);
  const at = outcome.steps.findIndex(({ title }) => title.startsWith('a child is born'));
  const processes = (n: number): string => JSON.stringify(scenes[n]);
  assert.not.equal(processes(at), processes(0), 'the child is seen when it is born');
});

test.run();
