/**
 * The real kernel for sequences of host commands: each sequence in a root, namespaces and control groups of its own, with the
 * machine's busybox and nothing else. Needs root.
 *
 * Kept true: this machine gets nothing of it but processes and control groups `cutaway-lines-…`, which are gone at the end.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hierarchies } from '../../backend/hierarchies.ts';
import { changesOnly, type Sequence, sections, setup, view } from '../core/kernel/host/world.ts';
import { busyboxPath, helpStripper } from '../support/help-text.ts';

/**
 * Each line in a session of its own: `kill 0` reaches what the line began, and nobody else.
 * $1: an empty directory, $2: setup, view, lines and the place for answers, $3: the control groups to mount.
 */
const inside = `
mount -t tmpfs -o mode=755 tmpfs "$1" && cd "$1" && mkdir -p bin dev etc home lib mnt opt proc root run sbin srv sys tmp usr var/in old && mount -t proc proc proc || exit 1
mount -t sysfs sysfs sys && mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup || exit 1
for group in $3; do mkdir sys/fs/cgroup/$group; mount -t cgroup -o $group cgroup sys/fs/cgroup/$group || exit 1; done
cp ${busyboxPath} bin/busybox && mknod -m 666 dev/null c 1 3 && mount --bind "$2" var/in && pivot_root . old || exit 1
/bin/busybox --install -s /bin
/bin/busybox umount -l /old && /bin/busybox rmdir /old
export PATH=/bin HOME=/root
cd /root
sh -c "$(cat /var/in/setup)" </dev/null || exit 1
for line in $(cd /var/in; ls -d [0-9]* | sort -n); do
  setsid sh -c "$(cat /var/in/$line)" >/var/in/out/$line.out 2>/var/in/out/$line.err </dev/null
  echo $? >/var/in/out/$line.code
  sh /var/in/view >/var/in/out/$line.view 2>/dev/null </dev/null
done
exit 0
`;

const kinds = [
  '--mount',
  '--uts',
  '--ipc',
  '--net',
  '--pid',
  '--cgroup',
  '--fork',
  '--kill-child',
  '--propagation',
  'private',
];

export interface RealHost {
  play(lines: readonly string[]): Sequence;
  close(): void;
}

export function realHost(): RealHost {
  const work = mkdtempSync(join(tmpdir(), 'cutaway-lines-'));
  const root = join(work, 'root');
  mkdirSync(root);
  const strip = helpStripper();
  const own = hierarchies().map(({ dir }) => `${dir}/cutaway-lines-${process.pid}`);
  for (const group of own) mkdirSync(group);
  prepareCpus(own);
  const controllers = hierarchies().flatMap((each) => (each.type === 'cgroup' ? each.controllers : []));
  const wanted = controllers.filter((each) => !each.startsWith('name='));
  return {
    play(lines) {
      const place = join(work, 'in');
      rmSync(place, { recursive: true, force: true });
      mkdirSync(join(place, 'out'), { recursive: true });
      writeFileSync(join(place, 'setup'), setup);
      writeFileSync(join(place, 'view'), view);
      const all = [':', ...lines];
      for (const [n, line] of all.entries()) writeFileSync(join(place, String(n)), line);
      const into = own.map((group) => `echo 0 >'${group}/cgroup.procs'`).join(' && ');
      const args = ['-c', `${into} && exec "$@"`, 'into', 'unshare', ...kinds, 'sh', '-c', inside, 'inside'];
      const ran = spawnSync('/bin/sh', [...args, root, place, wanted.join(' ')], {
        encoding: 'utf8',
        timeout: 120_000,
      });
      for (const group of own) emptyGroup(group);
      if (ran.status !== 0)
        throw new Error(`the sequence ended with ${ran.status ?? ran.signal}: ${ran.stderr}\n${lines.join('\n')}`);
      const read = (n: number, what: string): string => readFileSync(join(place, 'out', `${n}.${what}`), 'utf8');
      const played = all.map((line, n) => ({
        line,
        exitCode: Number(read(n, 'code')),
        stdout: strip(read(n, 'out')),
        stderr: strip(read(n, 'err')),
        view: sections(read(n, 'view')),
      }));
      return { lines: changesOnly(played) };
    },
    close() {
      for (const group of own) {
        emptyGroup(group);
        rmdirSync(group);
      }
      rmSync(work, { recursive: true, force: true });
    },
  };
}

/** A group of v1's cpuset takes nobody before it has CPUs and memory. */
function prepareCpus(groups: readonly string[]): void {
  const group = groups.find((each) => each.includes('/cpuset/'));
  if (group === undefined) return;
  for (const file of ['cpuset.cpus', 'cpuset.mems'])
    writeFileSync(join(group, file), readFileSync(join(group, '..', file), 'utf8'));
}

function emptyGroup(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    emptyGroup(join(dir, entry.name));
    rmdirSync(join(dir, entry.name));
  }
}

export const kernelAndBusybox = (): string =>
  `Linux ${execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim().replace(/-.*/, '')}, ${execFileSync(busyboxPath, { encoding: 'utf8' }).split(' multi-call')[0]}`;
