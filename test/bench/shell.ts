/**
 * The simulated sh and its kernel against the real busybox sh running the same script: time of each, and how many simulated
 * system calls a second that is. What a shell does by itself (`[`, `$(( ))`, assignments) is no system call, as on Linux.
 */
import '../../core/parts-all.ts';
import { SysCalls } from '../../core/kernel/calls.ts';
import { bootHost } from '../../core/kernel/host.ts';
import { runProgram } from '../../core/kernel/launch.ts';
import { programs } from '../../core/programs/index.ts';
import { call, median, race } from './measure.ts';

const scripts: Readonly<Record<string, string>> = {
  'a counting loop': 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done',
  'a loop that writes': 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); echo $i; done >/dev/null',
  'a loop into a pipe': 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); echo $i; done | cat >/dev/null',
  'a loop that appends': 'i=0; while [ $i -lt 50000 ]; do i=$((i+1)); echo $i >>/f; done; rm /f',
  'a loop that reads': 'seq 100000 | while read n; do :; done',
  'a loop that opens': 'i=0; while [ $i -lt 50000 ]; do i=$((i+1)); : >/dev/null; done',
  'a pipeline': 'yes | head -c 104857600 | wc -c',
  forks: 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); (:); done',
  'programs in pipes': 'i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo $i | cat >/dev/null; done',
};

/** Calls of the simulation that stand for a system call of Linux. */
const calls = [
  'open stat lstat access readdir readlink mkdir rmdir unlink rename link symlink mknod chmod chown setattr truncate',
  'close dup dup2 pipe fstat isatty fdCloexec read write tryRead tryWrite lseek fork execve exit wait kill sigaction sleep',
  'chdir chroot umask mount umount',
]
  .join(' ')
  .split(' ');

function simulated(script: string): void {
  const { code, stderr, unfinished } = runProgram(bootHost({ programs }), ['sh', '-c', script]);
  if (code !== 0 || unfinished !== undefined) throw new Error(`${script}: exit ${code} ${unfinished}: ${stderr}`);
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** How many system calls a script makes in the simulation. */
function countCalls(script: string): number {
  const prototype = SysCalls.prototype as unknown as Record<string, Method>;
  let count = 0;
  const before = calls.map((name) => [name, prototype[name]!] as const);
  for (const [name, method] of before) {
    prototype[name] = function counted(...args) {
      const answer = method.apply(this, args);
      // What could not be done at once is asked for again as an ordinary call.
      if (!name.startsWith('try') || (answer !== undefined && answer !== false)) count++;
      return answer;
    };
  }
  try {
    simulated(script);
  } finally {
    for (const [name, method] of before) prototype[name] = method;
  }
  return count;
}

/** Each script in the simulation and by the real sh; both start and end a whole program. */
export async function shellAgainstBusybox(): Promise<string> {
  const rows: string[] = [];
  for (const [name, script] of Object.entries(scripts)) {
    const [sim, real] = await race(
      [
        { name: 'simulation', once: async () => simulated(script) },
        { name: 'busybox sh', once: () => call('/bin/busybox', ['sh', '-c', script]) },
      ],
      5,
    );
    const count = countCalls(script);
    const rate = count < 100 ? '' : `${((count / sim!.median) * 1000).toFixed(0).padStart(9)} calls/s`;
    rows.push(
      `  ${name.padEnd(20)} ${sim!.median.toFixed(1).padStart(8)} ms   ${(sim!.median / real!.median).toFixed(2).padStart(6)} × busybox sh   ${rate}`,
    );
  }
  return [
    'sh: the same script in the simulation and by busybox sh, system calls in the simulation a second (aim: 1000000 in a loop)',
    ...rows,
  ].join('\n');
}

/** Many processes at once, and a sleep. */
export function manyProcesses(count = 10_000): string {
  const once = (script: string): number => {
    const start = performance.now();
    simulated(script);
    return performance.now() - start;
  };
  const live = once(`for i in $(seq ${count}); do sleep 1000 & done; ps | wc -l; killall sleep; wait 2>/dev/null`);
  const floor = median(Array.from({ length: 9 }, () => once(':')));
  const sleep = median(Array.from({ length: 9 }, () => once('sleep 300')));
  return [
    `processes: ${count} made, listed, killed and reaped in ${(live / 1000).toFixed(1)} s, ${((live / count) * 1000).toFixed(0)} µs each`,
    `  sleep 300: ${Math.max(0, sleep - floor).toFixed(2)} ms more than a host that boots for nothing (aim: below 1)`,
  ].join('\n');
}
