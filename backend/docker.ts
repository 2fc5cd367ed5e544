/**
 * The reference: lines are given to the real docker client on a private real engine, facts are read back from the engine, its
 * directories and the kernel. What it shows is what the other two targets are measured by, so it adds nothing of its own:
 * no steps, no wording.
 *
 * Kept true: the client runs in a working directory of its own (files that `cp`, `export` and `save` write land there) with
 * a configuration of its own; a line that would run another program is skipped with the reason; nothing is left after
 * `close`.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOutcome, type RunOptions, type Target, UsageError } from '../core/index.ts';
import { readDockerLine } from './docker/line.ts';
import { dockerObserver } from './docker/observe.ts';
import { type Finished, runProgram } from './docker/process.ts';
import { type BaseArchive, type DockerEngine, startDockerEngine } from './dockerd.ts';

export interface DockerTargetOptions {
  /** Images that are there from the start. */
  readonly archives: readonly BaseArchive[];
  /** An engine to use, which is emptied but not stopped on `close`; absent: one of our own. */
  readonly engine?: DockerEngine;
  /** How long a line may take before it counts as suspended; a foreground `docker run … sleep 300`, say. */
  readonly patienceMs?: number;
}

const defaultPatienceMs = 30_000;

export async function createDockerTarget(options: DockerTargetOptions): Promise<Target> {
  const engine = options.engine ?? (await startDockerEngine({ archives: options.archives }));
  const folder = mkdtempSync(join(engine.directory, 'target-'));
  const place = workingPlace(engine, folder);
  const observer = dockerObserver(engine);
  const patienceMs = options.patienceMs ?? defaultPatienceMs;

  return {
    name: 'docker',
    async run(line, runOptions = {}) {
      const read = readDockerLine(line);
      if (read.kind === 'refused') return skipped(read.reason);
      const running = { ...place, patienceMs, ...inputAndOutput(runOptions) };
      return read.kind === 'argv'
        ? outcome(await runProgram(engine.programs.client, read.argv, running))
        : outcome(await runProgram('/bin/sh', ['-c', line], running));
    },
    observe: () => observer.observe(),
    putFile: async (path, bytes) => writeFileSync(workingFile(place.cwd, path), bytes),
    getFile: async (path) => {
      const file = workingFile(place.cwd, path);
      if (!existsSync(file)) throw new UsageError(`"${path}" is not in the working directory of the docker target`);
      return readFileSync(file);
    },
    async close() {
      rmSync(folder, { recursive: true, force: true });
      if (options.engine === undefined) await engine.stop();
      else await engine.reset();
    },
  };
}

/** Working directory and environment of the client: PATH leads to nothing but `docker`. */
function workingPlace(engine: DockerEngine, folder: string): { cwd: string; env: Record<string, string> } {
  const cwd = join(folder, 'work');
  const bin = join(folder, 'bin');
  for (const dir of [cwd, bin]) mkdirSync(dir);
  symlinkSync(engine.programs.client, join(bin, 'docker'));
  const home = join(folder, 'home');
  return {
    cwd,
    env: { PATH: bin, HOME: home, DOCKER_CONFIG: home, DOCKER_HOST: `unix://${engine.socket}`, LANG: 'C' },
  };
}

/** Nothing but the working directory is the target's own. */
function workingFile(cwd: string, path: string): string {
  if (/^[^/]+$/.test(path) && path !== '.' && path !== '..') return join(cwd, path);
  throw new UsageError(`the docker target has no place for "${path}"`, undefined, 'give a name without a directory');
}

function inputAndOutput({ stdin, onOutput }: RunOptions) {
  return { ...(stdin === undefined ? {} : { stdin }), ...(onOutput === undefined ? {} : { onOutput }) };
}

/** The engine has its cgroups below a group of its own, which is no part of what Docker says (dockerd.ts). */
const ownGroup = /(\/sys\/fs\/cgroup\/(?:[\w,]+\/)?)cutaway-docker-[^/]*\//g;

function outcome({ code, stdout, stderr, unfinished }: Finished): CommandOutcome {
  const done = { exitCode: code, stdout, stderr: stderr.replace(ownGroup, '$1'), steps: [] };
  return unfinished ? { ...done, exitCode: 0, suspended: 'time' } : done;
}

function skipped(reason: string): CommandOutcome {
  return { exitCode: 0, stdout: '', stderr: '', steps: [], skipped: `not for the real Docker: ${reason}` };
}
