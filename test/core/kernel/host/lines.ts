/**
 * Sequences of host commands by chance, for the world of world.ts: mounts and their propagation, namespaces, control groups,
 * devices of the network, signals and jobs; right ones and wrong ones.
 *
 * Kept true: every line ends, and says the same however fast the machine is: what runs in the background is waited for by what
 * it has become, never by time.
 */
import * as fc from 'fast-check';

type Lines = fc.Arbitrary<string>;

const pick = (...words: readonly string[]): Lines => fc.constantFrom(...words);
/** Puts together what each part says: `say`${a} b ${c}``. */
const say = (texts: TemplateStringsArray, ...parts: readonly Lines[]): Lines =>
  fc.tuple(...parts).map((found) => texts.reduce((text, each, i) => `${text}${found[i - 1]}${each}`));
const some = (...rows: readonly (readonly [weight: number, lines: Lines])[]): Lines =>
  fc.oneof(...rows.map(([weight, arbitrary]) => ({ weight, arbitrary })));

const dir = pick('/w/a', '/w/a', '/w/a/d', '/w/b', '/w/b/d', '/w/c', '/w/r', '/w/l', '/w/a/e');
const place = some([8, dir], [1, pick('/w/x', '/w/y', '/w/no', '/w/a/f', '/w/l/d')]);
const file = say`${dir}/${pick('f', 'g', 'n', 'q', 'e')}`;
/** Layers are left alone otherwise: what an overlay shows of layers that change under it is not defined. */
const lower = pick('/w/lo/a', '/w/lo/b', '/w/lo/a/d', '/w/lo/b/d');
const type = pick('shared', 'private', 'slave', 'unbindable', 'shared', 'slave');

const mountLine = some(
  [
    6,
    say`mount -t tmpfs ${pick('', '', '-o ro', '-o nosuid,nodev', '-o mode=700', '-o noatime', '-r', '-o size=1m')} t ${place}`,
  ],
  [5, say`mount ${pick('-o bind', '--bind', '-o bind,ro', '--rbind', '-o rbind')} ${place} ${place}`],
  [3, say`mount ${pick('--move', '-o move')} ${place} ${place}`],
  [2, say`mount -o remount,${pick('ro', 'rw', 'bind,ro', 'bind', 'nosuid', 'ro,nodev', 'bind,noexec')} ${place}`],
  [6, say`mount --make-${pick('', '', 'r')}${type} ${dir}`],
  [1, say`mount -t proc ${pick('proc', 'p')} ${pick('/w/proc', '/w/r/proc', '/w/x')}`],
  [2, say`mount -t overlay o -o lowerdir=${lower}:${lower} ${dir}`],
  [
    2,
    say`mount -t overlay o -o lowerdir=${pick('/w/lo/a', '/w/lo/b', '/w/lo/a:/w/lo/b', '/w/lo/no')},upperdir=/w/up,workdir=/w/wk ${dir}`,
  ],
  [1, say`mount -t ${pick('nosuch', 'ext4', 'none', 'bind')} n ${place}`],
  [7, say`umount ${pick('', '', '', '-l')} ${place}`],
  [1, pick('umount /w/proc', 'umount /w/r/proc', 'umount t', 'umount -r /w/a', 'mount /w/a', 'umount -l /w/b')],
);

const fileLine = some(
  [3, say`touch ${file}`],
  [2, say`mkdir ${file}`],
  [2, say`rm -r ${file}`],
  [2, say`rmdir ${dir}`],
  [2, say`echo t >>${file}; cat ${file}`],
  [2, say`ls ${dir}`],
  [1, say`mv ${file} ${file}`],
  [1, say`mv ${dir} /w/moved; ls /w; mv /w/moved ${pick('/w/a', '/w/c')}`],
  [1, say`ln ${file} ${file}`],
  [1, say`mknod ${file} ${pick('c 1 3', 'c 0 0', 'b 7 0', 'p')}; echo t >${file}`],
  [1, say`${pick('/w/r/bin/busybox echo', '/w/r/bin/sh -c', '/w/b/sh -c', '/w/r/bin/no')} true; echo $?`],
  [1, say`mkfifo ${dir}/q; stat -c %F ${dir}/q`],
  [1, say`chmod ${pick('700', '644')} ${file}`],
  [1, say`cd ${dir} && umount ${pick('', '-l', '.', '-l .')} ${dir}; ls; pwd`],
  [1, say`cd ${dir} && mount -t tmpfs t ${pick('.', '/w/a')}; ls; ls ${dir}; cd ..; pwd; ls`],
  [1, say`(exec 3<${file}; umount ${dir}; umount -l ${dir}; cat <&3)`],
  [1, say`exec 3>${file} && mount -o remount,ro ${dir}; echo t >&3`],
);

const namespaceKinds = pick('m', 'u', 'i', 'n', 'p', 'U', 'm', 'u', 'p');
const flags = fc
  .tuple(fc.uniqueArray(namespaceKinds, { minLength: 1, maxLength: 3 }), fc.boolean(), fc.integer({ max: 5, min: 0 }))
  .map(([kinds, fork, root]) =>
    [
      ...kinds.map((kind) => `-${kind}`),
      ...(kinds.includes('p') || fork ? ['-f'] : []),
      ...(root === 0 ? ['-r'] : []),
    ].join(' '),
  );
const spread = pick(
  '',
  '',
  '',
  ' --propagation shared',
  ' --propagation slave',
  ' --propagation unchanged',
  ' --mount-proc',
);

/** What is done inside of namespaces: without single quotes. */
const insideLine = some(
  [6, mountLine],
  [2, fileLine],
  [2, pick('own', 'own 2>&1 | wc -l')],
  [2, pick('hostname in; hostname', 'echo in >/proc/sys/kernel/hostname; hostname')],
  [1, pick('id -u; id -g', 'cat /proc/self/uid_map /proc/self/gid_map', 'cat /proc/self/setgroups')],
  [2, pick('mounts', 'mounts | wc -l', 'grep -c . /proc/self/mounts >/dev/null; mounts')],
  [
    1,
    pick(
      'ip link set lo up; ip -f inet addr show lo',
      'ip link add br0 type bridge; ip link | grep -c br0',
      'ip route',
    ),
  ],
  [
    1,
    pick('chown 5 /w/x', 'cat /w/five', 'touch /w/new; ls -ln /w/new | cut -c 1-30', 'rm /w/five', 'chmod 644 /w/five'),
  ],
  [
    1,
    pick('chroot /w/r /bin/busybox ls /', 'chroot /w/a /bin/ls', 'chroot /w/r ls / /old', 'chroot /w/r /bin/sh -c pwd'),
  ],
  [1, pick('mount -t sysfs s /w/proc', 'mount -t proc p /w/proc; ls -d /w/proc/1', 'mount -t mqueue q /w/c; ls /w/c')],
);
const script: Lines = fc.array(insideLine, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('; '));

const unshareLine = some(
  [8, say`unshare ${flags}${spread} sh -c '${script}'`],
  [1, say`unshare ${flags} unshare ${flags} sh -c '${script}'`],
  [1, say`unshare ${flags} own; echo $?`],
  [
    1,
    say`unshare -p -f ${pick('', '-m', '-U', '-r', '--mount-proc')} sh -c 'echo $$ $PPID; sh -c "echo \\$\\$ \\$PPID"; exit ${pick('0', '3', '77')}'; echo $?`,
  ],
  [
    1,
    say`unshare -m sh -c 'mount -t tmpfs t /w/c; mkdir /w/c/bin /w/c/old; cp /bin/busybox /w/c/bin; cd /w/c; pivot_root . ${pick('old', 'bin', '.', 'none', '/w/a')}; /bin/busybox ls /; /bin/busybox ls /old/w'`,
  ],
  [
    1,
    say`unshare -m sh -c '${mountLine}; mount --${pick('bind', 'rbind')} /w/r /w/r; cd /w/r; pivot_root . old; ls /; ls /old/w ${pick('/old/w/a', '/old/w/r', '/old/w/a/d')}'`,
  ],
  [1, say`unshare -m sh -c 'pivot_root ${dir} ${dir}'`],
);

/** Somebody who stays in namespaces of its own, and is entered. */
const holdLine = some(
  [
    4,
    say`unshare ${pick('-m', '-m', '-u', '-m -u', '-n', '-i -m', '-U', '-r -m', '-m --propagation slave', '-m --propagation shared')} sleep 300 >/dev/null 2>&1 & settled $!; echo $! >/tmp/p`,
  ],
  [
    4,
    say`nsenter -t $(cat /tmp/p || echo 99999) ${pick('-m', '-m', '-u', '-m -u', '-n', '-i', '-U', '-U -m', '-p', '-r', '-m -w')} sh -c '${script}'`,
  ],
  [1, pick('end /tmp/p')],
);

/** Whether the shell has seen a death before it waits for it decides whether it tells. */
const quiet = pick('exec 2>/dev/null; ');
const signal = pick('TERM', 'KILL', 'HUP', 'USR1', 'PIPE', 'ALRM', 'USR2', 'CHLD', 'CONT', 'WINCH', '0', '15', 'NONE');
const deadly = pick('TERM', 'KILL', 'HUP', 'USR1', 'ALRM', 'SEGV', 'ABRT', 'BUS', 'XCPU');

const jobLine = some(
  [2, say`${quiet}sleep 300 & kill -${deadly} $!; wait $!; echo $?`],
  [2, say`sh -c 'kill -${signal} $$; echo alive'; echo $?`],
  [
    2,
    say`sh -c 'trap "echo got" ${pick('TERM', 'USR1', 'HUP', 'EXIT', 'TERM USR1')}; kill -${signal} $$; echo on'; echo $?`,
  ],
  [
    1,
    say`sh -c 'trap "" ${pick('TERM', 'HUP', 'USR1', 'KILL')}; kill -${signal} $$; sh -c "kill -${signal} \\$\\$; echo child"; echo on'; echo $?`,
  ],
  [1, say`${quiet}sleep 300 & p=$!; kill -STOP $p; stopped $p; kill -${deadly} $p; kill -CONT $p; wait $p; echo $?`],
  [1, say`(exit ${pick('0', '1', '7', '255', '256')}) & wait $!; echo $?; wait $!; echo $?`],
  [
    1,
    say`setsid sh -c 'cut -d" " -f5,6 /proc/$$/stat | sed "s/$$/own/g"${pick('', '; kill -TERM -$$; echo on', '; kill -TERM 0', '; unshare -p -f sh -c "kill -KILL 0"; echo on')}'; echo $?`,
  ],
  [2, say`unshare -p -f sh -c 'kill -${signal} 1; kill -${signal} $$; echo on; exit 5'; echo $?`],
  [
    1,
    say`unshare -p -f sh -c 'trap "echo got; exit 4" ${pick('TERM', 'USR1')}; sh -c "kill -${signal} 1; echo said"; echo on'; echo $?`,
  ],
  [
    1,
    say`unshare -p -f sh -c '${quiet}sleep 300 & kill -${deadly} $!; wait $!; echo $?; sleep 300 & kill -${deadly} -1; wait $!; echo $?'; echo $?`,
  ],
  [
    1,
    say`unshare -p -f --mount-proc sh -c 'sleep 300 & settled $!; ${pick('ps -o pid,ppid,args', 'kill -9 $!; wait; ps -o pid,args', 'cat /proc/$!/cmdline | tr "\\0" " "', 'grep -E "^(NSpid|PPid|Tgid)" /proc/$!/status')}'`,
  ],
  [
    1,
    say`unshare -p -f sh -c 'unshare -p -f sh -c "kill -${signal} 1; kill -${signal} \\$\\$; echo \\$\\$ in"; echo $? out'; echo $?`,
  ],
  [
    1,
    say`unshare -p sh -c '${pick('true', 'sh -c true', 'sh -c "echo \\$\\$"')}; sh -c "echo \\$\\$"; echo end'; echo $?`,
  ],
  [
    1,
    say`unshare -p -f --mount-proc sh -c 'sh -c "sleep 300 & settled \\$!; echo \\$! >/tmp/o"; grep PPid /proc/$(cat /tmp/o)/status; kill -${deadly} $(cat /tmp/o)'`,
  ],
  [1, say`unshare -p -f sh -c 'sleep 300 & exec ${pick('true', 'false', 'sh -c "exit 9"', 'none')}'; echo $?`],
  [1, say`timeout ${pick('-s KILL ', '', '-s HUP ')}1 sleep 300; echo $?`],
);

const controller = pick('cpu', 'memory', 'pids', 'freezer', 'cpuset', 'devices', 'blkio');
const group = pick('g', 'g', 'g', 'g/h', 'k');
const at = '/sys/fs/cgroup';
const number = pick(
  '0',
  '1',
  '-1',
  '2',
  '1000',
  '999',
  '100000',
  '4096',
  '1m',
  '64k',
  '10M',
  'max',
  'abc',
  '',
  '1000001',
  '0x10',
  '1 2',
  '9999999999999999999',
);
const values: readonly (readonly [string, Lines])[] = [
  ['cpu/G/cpu.shares', number],
  ['cpu/G/cpu.cfs_quota_us', number],
  ['cpu/G/cpu.cfs_period_us', number],
  ['memory/G/memory.limit_in_bytes', number],
  ['memory/G/memory.soft_limit_in_bytes', number],
  ['memory/G/memory.swappiness', pick('0', '60', '100', '200', '201', '-1', 'abc')],
  ['pids/G/pids.max', number],
  ['pids/G/pids.current', number],
  ['freezer/G/freezer.state', pick('FROZEN', 'THAWED', 'THAWED', 'FREEZING', '1', '')],
  ['cpuset/G/cpuset.cpus', pick('0', '0-1', '1-0', '0,0', 'abc', '', '0-', '99999', ' 0')],
  ['cpuset/G/cpuset.mems', pick('0', '9', 'abc', '')],
  ['devices/G/devices.deny', pick('a', 'c 1:3 rwm', 'c 1:3 w', 'x', 'c 1:3', 'b *:* m', 'c 1 rwm', 'c 1:3 q')],
  ['devices/G/devices.allow', pick('a', 'c 1:3 rwm', 'c 1:3 r', 'c 5:* rw', 'x', 'b *:* m', 'a *:* rwm')],
  ['blkio/G/blkio.bfq.weight', number],
];
const write: Lines = fc
  .constantFrom(...values)
  .chain(([path, value]) =>
    fc
      .tuple(group, value)
      .map(([name, text]) => `echo ${text === '' ? '' : `"${text}" `}>${at}/${path.replace('G', name)}`),
  );
const groupLine = some(
  [6, say`mkdir ${pick('', '-p ')}${pick(at)}/${controller}/${group}`],
  [3, say`rmdir ${pick(at)}/${controller}/${group}`],
  [12, write],
  [
    3,
    say`sh -c 'echo $$ >${pick(at)}/${pick('pids', 'cpu', 'devices', 'cpuset')}/${group}/${pick('tasks', 'cgroup.procs')} && grep -E ":(pids|cpu|devices|cpuset):" /proc/self/cgroup | cut -d: -f2- | sort; ${pick('echo on', '(echo sub)', 'echo a | cat', `cat ${at}/pids/g/pids.current`, `rmdir ${at}/memory/g`, 'echo null >/dev/null', 'unshare -p -f true')}'`,
  ],
  [1, say`echo ${pick('4999999', 'abc', '-1', '')} >${pick(at)}/${controller}/${group}/tasks`],
  [1, say`touch ${pick(at)}/${controller}/${pick('g/n', 'n')}`],
  [1, say`rm ${pick('-r', '')} ${pick(at)}/${controller}/${pick('g', 'g/tasks')} 2>&1 | tail -n 1`],
  [1, controller.chain((name) => say`mv ${pick(`${at}/${name}`)}/g ${pick(`${at}/${name}`)}/${pick('k', 'm')}`)],
);

const sequence = (...topics: readonly Lines[]): fc.Arbitrary<readonly string[]> =>
  fc.array(fc.oneof(...topics), { minLength: 4, maxLength: 9 });

/** Each sequence is about one matter, or two: lines that have nothing to do with each other find little. */
export const hostLines: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 4, arbitrary: sequence(mountLine, mountLine, mountLine, fileLine) },
  { weight: 2, arbitrary: sequence(mountLine, unshareLine) },
  { weight: 2, arbitrary: sequence(mountLine, holdLine, holdLine) },
  { weight: 2, arbitrary: sequence(jobLine) },
  { weight: 2, arbitrary: sequence(groupLine) },
  { weight: 1, arbitrary: sequence(mountLine, unshareLine, holdLine, groupLine, jobLine) },
);
