/**
 * Opens targets for subcommands and closes them again, whatever happens in between; says where named worlds are kept, and
 * keeps those of the simulation, as the list of their commands.
 */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  FREE_MS,
  isTyped,
  type StorageDriver,
  type Target,
  type TargetName,
  type Transcript,
  UsageError,
} from '../../core/index.ts';
import type { Call, CgroupVersion, Env, OpenOptions } from './env.ts';

/** Opens the target that the call names, gives it to `use`, and closes it. */
export async function withTarget<T>(
  call: Call,
  env: Env,
  use: (target: Target) => Promise<T>,
  options: Pick<OpenOptions, 'interactive' | 'freeMs' | 'cgroup' | 'bridge'> = {},
): Promise<T> {
  const name = (call.values.on ?? 'sim') as TargetName;
  const { lab, fault } = call.values;
  const file = lab !== undefined && name === 'sim' ? `${labPath(env, checkLab(lab))}.txt` : undefined;
  const lines = file === undefined ? [] : await keptLines(file);
  const bridge = hasBridge(lab, lines, call.flags.has('bridge') || options.bridge === true);
  // A simulated lab is kept as its commands alone, so that time passes in it unasked.
  const { freeMs: _unasked, ...plain } = options;
  const target = await env.openTarget(name, {
    ...(lab === undefined ? options : plain),
    ...(lab === undefined ? {} : { lab: { name: checkLab(lab), directory: labPath(env, lab) } }),
    ...(fault === undefined ? {} : { fault }),
    ...(bridge ? { bridge: true } : {}),
    ...madeAs(call),
  });
  sayNotes(target, env);
  const kept = file === undefined ? target : await keepCommands(target, file, lines, bridge ? [withBridge] : []);
  return closing([kept], env, () => use(kept));
}

/** The first line of a kept simulated lab whose engine has docker0; for a shell it is a comment. */
const withBridge = '# bridge: docker0';

/** A lab goes on as it was made: its commands would have had other answers with a bridge, or without. */
function hasBridge(lab: string | undefined, lines: readonly string[], asked: boolean): boolean {
  if (lines[0] === withBridge) return true;
  if (!asked || lines.length === 0) return asked;
  throw new UsageError(`lab "${lab}" was made without docker0`, undefined, 'leave --bridge out, or begin another lab');
}

/** What the call says about how the host is made. */
export function madeAs({ values }: Call): Pick<OpenOptions, 'storageDriver' | 'cgroup'> {
  const storageDriver = values['storage-driver'] as StorageDriver | undefined;
  const cgroup = values.cgroup as CgroupVersion | undefined;
  return {
    ...(storageDriver === undefined ? {} : { storageDriver }),
    ...(cgroup === undefined ? {} : { cgroup }),
  };
}

/** How a target is opened for a transcript: where somebody typed to programs, as if they sat there. */
export const openedFor = (
  transcript: Transcript,
): Pick<OpenOptions, 'interactive' | 'freeMs' | 'cgroup' | 'bridge'> => ({
  ...(isTyped(transcript) ? { interactive: true, freeMs: FREE_MS } : {}),
  ...hostFor(transcript),
});

/** What a transcript says of its host in its front matter: `cgroup: v2`, `bridge: docker0`. */
export function hostFor({ meta, file }: Pick<Transcript, 'meta' | 'file'>): Pick<OpenOptions, 'cgroup' | 'bridge'> {
  const { cgroup, bridge } = meta;
  if (cgroup !== undefined && cgroup !== 'v1' && cgroup !== 'v2')
    throw new UsageError(`front matter: cgroup is "${cgroup}"`, { file }, 'there are v1 and v2');
  if (bridge !== undefined && bridge !== 'docker0')
    throw new UsageError(`front matter: bridge is "${bridge}"`, { file }, 'there is docker0, or leave the line out');
  return { ...(cgroup === undefined ? {} : { cgroup }), ...(bridge === undefined ? {} : { bridge: true }) };
}

/** The front matter that says so of a host. */
export const metaFor = ({ values, flags }: Call): Readonly<Record<string, string>> => ({
  ...(values.cgroup === undefined ? {} : { cgroup: values.cgroup }),
  ...(flags.has('bridge') ? { bridge: 'docker0' } : {}),
});

/** What a target wants people to know before the first line. */
export function sayNotes(target: Target, env: Env): void {
  for (const note of target.notes ?? []) env.err(`${target.name}: ${note}\n`);
}

/** What was asked for and the simulation has not: each said so when it was, here they are counted. */
function sayLacking(target: Target, env: Env): void {
  const asked = [...(target.lacking ?? [])];
  if (asked.length === 0) return;
  const list = asked.map(([what, times]) => (times === 1 ? what : `${what} (${times} times)`)).join(', ');
  env.err(`${target.name}: busybox has these, the simulation has not yet: ${list}\n`);
}

/** Runs `use` and closes the targets after it, also when the program is interrupted. */
export async function closing<T>(targets: readonly Target[], env: Env, use: () => Promise<T>): Promise<T> {
  const closeAll = async (): Promise<void> => {
    await Promise.all(targets.map((target) => target.close()));
  };
  let ending = false;
  // Not `once`: while nobody listens, a library that does would end the program before the targets are closed.
  const onSignal = (signal: NodeJS.Signals): void => {
    if (ending) return;
    ending = true;
    void closeAll().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const result = await use();
    for (const target of targets) sayLacking(target, env);
    return result;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await closeAll();
  }
}

function checkLab(name: string): string {
  if (/^[A-Za-z0-9][\w.-]*$/.test(name) && !name.endsWith('.txt')) return name;
  throw new UsageError(
    `"${name}" cannot name a lab`,
    undefined,
    'letters, digits, "_", "." and "-", not ending in ".txt"',
  );
}

/** $XDG_STATE_HOME/cutaway/labs/NAME, XDG Base Directory Specification: a directory, or with `.txt` a list of commands. */
function labPath(env: Env, name: string): string {
  const given = env.vars.XDG_STATE_HOME;
  const state = given === undefined || given === '' ? join(env.vars.HOME ?? homedir(), '.local', 'state') : given;
  return join(state, 'cutaway', 'labs', name);
}

/** The simulation is deterministic: its commands, run again, are its state. Keeps those to come; a new lab begins with `head`. */
async function keepCommands(
  target: Target,
  file: string,
  lines: readonly string[],
  head: readonly string[],
): Promise<Target> {
  for (const line of lines) if (line !== withBridge) await target.run(line);
  let fresh = lines.length === 0 ? head : [];
  const { input, resume, interrupt, resize, meanwhile } = target;
  return {
    name: target.name,
    ...(target.lacking === undefined ? {} : { lacking: target.lacking }),
    observe: () => target.observe(),
    close: () => target.close(),
    ...(target.putFile === undefined ? {} : { putFile: target.putFile.bind(target) }),
    ...(target.getFile === undefined ? {} : { getFile: target.getFile.bind(target) }),
    ...(input === undefined ? {} : { input: input.bind(target) }),
    ...(resume === undefined ? {} : { resume: resume.bind(target) }),
    ...(interrupt === undefined ? {} : { interrupt: interrupt.bind(target) }),
    ...(resize === undefined ? {} : { resize: resize.bind(target) }),
    ...(meanwhile === undefined ? {} : { meanwhile: meanwhile.bind(target) }),
    run: async (line, options) => {
      const outcome = await target.run(line, options);
      await mkdir(dirname(file), { recursive: true });
      await appendFile(file, [...fresh, line.replace(/\n/g, ' '), ''].join('\n'));
      fresh = [];
      return outcome;
    },
  };
}

async function keptLines(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
