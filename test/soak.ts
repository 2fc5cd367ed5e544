/**
 * `npm run soak [-- MINUTES [SEED]]`: random commands on the linux target with 20 containers that live, an hour of them when nothing
 * is said. Every minute it counts what could grow: memory of the program after a collection, open files of the program and of its
 * helpers, processes, mounts, control groups, layers. Prints a line a minute, and at the end what a line fitted through the second
 * half says a thousand commands add. Exit code 1 when the store is not whole in between or at the end.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { hierarchies } from '../backend/hierarchies.ts';
import { createLinuxTarget } from '../backend/linux-target.ts';
import { linuxNeeds } from '../backend/probe.ts';
import { disagreements, groupsLeft } from './suites/wreck/whole.ts';
import { dice } from './support/dice.ts';
import { needs } from './support/needs.ts';

const LIVE = 20;
const MINUTE = 60_000;
const [minutes = 60, seed = 1] = process.argv.slice(2).map(Number);
const missing = await needs(...linuxNeeds);
if (missing !== undefined) throw new Error(missing);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const roll = dice(seed);
const pick = <T>(list: readonly T[]): T => list[roll(list.length)]!;
const loop = `sh -c 'trap "exit 0" TERM; echo up; while :; do sleep 300 & wait; done'`;

/** What is done to one of the living, which lives again afterwards. */
const doings: readonly ((name: string) => readonly string[])[] = [
  (name) => [`docker exec ${name} sh -c 'echo more >>/f; date'`],
  (name) => [`docker pause ${name}`, `docker unpause ${name}`],
  (name) => [`docker stop ${name}`, `docker start ${name}`],
  (name) => [`docker restart ${name}`],
  (name) => [`docker kill ${name}`, `docker start ${name}`],
  (name) => [
    `docker rm -f ${name}`,
    `docker run -d --name ${name} ${pick(['', '--init', '--memory 64m'])} busybox ${loop}`,
  ],
  (name) => [`docker commit ${name} kept-${name}`, `docker run --rm kept-${name} true`, `docker rmi kept-${name}`],
  (name) => [`docker cp ${name}:/etc/passwd /root/copied`, `docker cp /root/copied ${name}:/root/`],
  (name) => [`docker logs ${name}`, `docker top ${name}`, `docker diff ${name}`],
  (name) => [`docker inspect ${name}`, 'docker ps -a', 'docker images -a'],
  (name) => [`docker rename ${name} other`, `docker rename other ${name}`],
  (name) => [`docker update --pids-limit ${50 + roll(100)} ${name}`],
  (name) => [`docker export -o /root/e.tar ${name}`],
  () => ['docker run --rm busybox sh -c "echo hello; exit 3"', 'docker run --rm nosuch', 'docker container prune -f'],
];

interface Sample {
  readonly commands: number;
  readonly rss: number;
  readonly heap: number;
  readonly files: number;
  readonly theirs: number;
  readonly processes: number;
  readonly mounts: number;
  readonly groups: number;
}

/** This process and all below it. */
function family(): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has just ended.
    }
  }
  const found = [process.pid];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}

const filesOf = (pid: number): number => {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
};

/** What runs this file has processes of its own. */
const before = new Set(family());
const target = await createLinuxTarget();
const wrong: string[] = [];
const samples: Sample[] = [];
let commands = 0;

async function give(line: string): Promise<void> {
  commands++;
  await target.run(line);
}

async function sample(): Promise<void> {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  const all = family();
  const mounts = await target.driver.perform({ op: 'mounts' });
  const now = {
    commands,
    rss: rss / 2 ** 20,
    heap: heapUsed / 2 ** 20,
    files: filesOf(process.pid),
    theirs: all.slice(1).reduce((sum, pid) => sum + filesOf(pid), 0),
    processes: all.length,
    mounts: mounts.ok ? (mounts.value as readonly unknown[]).length : Number.NaN,
    groups: groupsOf().length,
  };
  samples.push(now);
  wrong.push(...(await disagreements(target)).map((one) => `after ${commands} commands: ${one}`));
  console.log(
    `${String(samples.length - 1).padStart(4)} min  ${String(commands).padStart(6)} commands  ${now.rss.toFixed(0).padStart(5)} MiB rss  ${now.heap.toFixed(1).padStart(6)} MiB heap  ${now.files} + ${now.theirs} files  ${now.processes} processes  ${now.mounts} mounts  ${now.groups} groups`,
  );
}

/** Control groups of this program, in all hierarchies. */
function groupsOf(): readonly string[] {
  const own = groupsLeft(
    hierarchies().map(({ dir }) => dir),
    process.pid,
  );
  const below = (dir: string): readonly string[] => [
    dir,
    ...readdirSync(dir, { withFileTypes: true }).flatMap((one) =>
      one.isDirectory() ? below(`${dir}/${one.name}`) : [],
    ),
  ];
  return own.flatMap(below);
}

/** Of a figure, the growth per thousand commands: least squares over the second half. */
function growth(of: (one: Sample) => number): number {
  const half = samples.slice(samples.length >> 1);
  const [x, y] = [half.map((one) => one.commands / 1000), half.map(of)];
  const mean = (list: readonly number[]): number => list.reduce((sum, n) => sum + n, 0) / list.length;
  const [mx, my] = [mean(x), mean(y)];
  return (
    x.reduce((sum, one, n) => sum + (one - mx) * (y[n]! - my), 0) / x.reduce((sum, one) => sum + (one - mx) ** 2, 0)
  );
}

const ends = Date.now() + minutes * MINUTE;
try {
  for (let n = 0; n < LIVE; n++) await give(`docker run -d --name c${n} busybox ${loop}`);
  await sample();
  for (let next = Date.now() + MINUTE; Date.now() < ends; ) {
    for (const line of pick(doings)(`c${roll(LIVE)}`)) await give(line);
    if (Date.now() < next) continue;
    next += MINUTE;
    await sample();
  }
  for (let n = 0; n < LIVE; n++) await give(`docker rm -f c${n}`);
} finally {
  await target.close();
}
const figures = ['rss', 'heap', 'files', 'theirs', 'processes', 'mounts', 'groups'] as const;
console.log('\nadded by 1,000 commands, over the second half:');
for (const figure of figures) console.log(`  ${figure.padEnd(10)} ${growth((one) => one[figure]).toFixed(2)}`);
const left = groupsOf();
if (left.length > 0) wrong.push(`control groups left: ${left.join(' ')}`);
const living = family().filter((pid) => !before.has(pid));
if (living.length > 0) wrong.push(`processes left: ${living.join(' ')}`);
for (const what of wrong) console.log(`- ${what}`);
console.log(`${commands} commands with ${LIVE} containers in ${minutes} minutes: ${wrong.length} times not whole`);
process.exitCode = wrong.length > 0 ? 1 : 0;
