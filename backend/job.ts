/**
 * What the `setup` script (scripts.ts) is told about the process it becomes: a file of NUL-ended fields and the fstabs of the
 * mount rounds, in a directory of the lab's tool directory. Arguments and environment pass through unchanged, whatever
 * characters they have, and show up in no command line but the program's own.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Spawn } from '../core/index.ts';
import { envValue } from './env.ts';
import type { Lab } from './lab.ts';
import { mountRounds, type Round } from './mountplan.ts';

/** Writes a job's directory, whose number is then the argument of `setup`. */
export function writeJob(lab: Lab, number: number, spec: Spawn): void {
  const dir = jobDir(lab, number);
  mkdirSync(dir);
  const rounds = mountRounds(lab, spec);
  rounds.forEach((round, n) => {
    writeFileSync(`${dir}/mounts.${n}`, round.fstab);
  });
  writeFileSync(
    `${dir}/job`,
    jobFields(spec, rounds)
      .map((field) => `${field}\0`)
      .join(''),
  );
}

export function dropJob(lab: Lab, number: number): void {
  rmSync(jobDir(lab, number), { recursive: true, force: true });
}

const jobDir = (lab: Lab, number: number): string => `${lab.toolDir}/jobs/${number}`;

function jobFields(spec: Spawn, rounds: readonly Round[]): readonly string[] {
  const argv = spec.init === true ? ['/sbin/docker-init', '--', ...spec.argv] : spec.argv;
  const words = finalCommand(spec, argv);
  return [
    spec.root ?? '',
    spec.hostname ?? '',
    spec.namespaces.net === 'new' ? 'lo' : '',
    String(rounds.length),
    ...rounds.flatMap((round) => [round.simple ? '' : 'libmount', round.dev, String(round.dirs.length), ...round.dirs]),
    spec.cwd,
    envValue(spec.env, 'PATH') ?? '',
    argv[0] ?? '',
    String(words.length),
    ...words,
  ];
}

/**
 * The last command: drop what the program may not have, take its environment, go to its directory, exec it. unshare(1)
 * without a namespace to make is here for its chdir and its plain execvp: busybox would start an applet of its own instead
 * of the image's program of that name.
 */
function finalCommand(spec: Spawn, argv: readonly string[]): readonly string[] {
  const environment = spec.env.filter((entry) => entry.indexOf('=') > 0);
  return [
    ...privileges(spec),
    ...['./busybox', 'env', '-i', '--', ...environment],
    ...['./ld.so', '--library-path', '.', './unshare', `--wd=${spec.cwd}`, '--', ...argv],
  ];
}

/** setpriv(1): the bounding set decides what a root program can have after its exec, capabilities(7). */
function privileges(spec: Spawn): readonly string[] {
  const { uid, gid, groups = [] } = spec.user;
  const more = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join()}`;
  const ids = uid === 0 && gid === 0 && groups.length === 0 ? [] : [`--reuid=${uid}`, `--regid=${gid}`, more];
  const names = spec.capabilities?.map((name) => `+${name.replace(/^CAP_/, '').toLowerCase()}`);
  const bounding = names === undefined ? [] : ['--bounding-set', ['-all', ...names].join()];
  if (ids.length + bounding.length === 0) return [];
  return ['./ld.so', '--library-path', '.', './setpriv', ...bounding, ...ids];
}
