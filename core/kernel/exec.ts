/**
 * execve(2): from a path to a program. The simulation runs no machine code: a binary is known by the digest of its content,
 * and a digest stands for a Program written in TypeScript. Scripts run their interpreter, as in the kernel.
 *
 * Kept true: what may be executed and how a refusal is called is decided by the file in the tree alone (mode, type, content),
 * never by its name.
 */
import { SysError } from '../errors.ts';
import type { Digest } from '../op.ts';
import { contentDigest } from '../vfs/content.ts';
import type { Content, Stat } from '../vfs/fs.ts';
import type { Kernel } from './kernel.ts';
import { find, type Path, permitted, resolve, statOf, type Walker } from './namei.ts';
import { type Process, ProcessEnded } from './process.ts';
import { resetHandlers } from './signal.ts';
import type { Program } from './sys.ts';

/** What is going to run. */
export interface Image {
  readonly program: Program;
  readonly argv: readonly string[];
  readonly comm: string;
  readonly exe: Path;
}

/** Interpreters of interpreters of …, BINPRM_MAX_RECURSION of binfmt_script. */
const MAX_INTERPRETERS = 4;

export class Binaries {
  private readonly byDigest = new Map<Digest, Program>();

  /** Files with this content run that program. */
  register(digest: Digest, program: Program): void {
    this.byDigest.set(digest, program);
  }

  /** The program that a content is; undefined when it is no binary of ours. Only what looks like a binary is hashed. */
  find(content: Content): Program | undefined {
    if ('bytes' in content && !looksBinary(content.bytes)) return undefined;
    return this.byDigest.get(contentDigest(content));
  }
}

function looksBinary(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** Last component of a path, cut to the 15 characters of TASK_COMM_LEN. */
export function commOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).slice(0, 15);
}

/** Finds what `path` would run. ENOENT, EACCES, ENOEXEC, ELOOP as execve(2). */
export function loadImage(kernel: Kernel, who: Walker, path: string, argv: readonly string[]): Image {
  return load(kernel, who, path, argv, commOf(path), MAX_INTERPRETERS);
}

function load(kernel: Kernel, who: Walker, path: string, argv: readonly string[], comm: string, depth: number): Image {
  const place = resolve(who, path);
  const stat = statOf(place);
  const may = permitted(stat, who, 'x') && !place.mount.options.includes('noexec');
  if (stat.type !== 'file' || !may) throw new SysError('EACCES');
  const content = place.mount.fs.read(place.ino);
  const program = kernel.binaries.find(content);
  if (program !== undefined) return { program, argv, comm, exe: place };
  const line = 'bytes' in content ? shebang(content.bytes) : undefined;
  if (line === undefined) throw new SysError('ENOEXEC');
  if (depth === 0) throw new SysError('ELOOP');
  const [interpreter, argument] = line;
  const rest = [path, ...argv.slice(1)];
  const words = argument === undefined ? [interpreter, ...rest] : [interpreter, argument, ...rest];
  return load(kernel, who, interpreter, words, comm, depth - 1);
}

/** Interpreter and its one argument of a script, execve(2) "Interpreter scripts". */
function shebang(bytes: Uint8Array): readonly [string, string | undefined] | undefined {
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined;
  const end = bytes.indexOf(10);
  const text = new TextDecoder().decode(bytes.subarray(2, Math.min(end < 0 ? bytes.length : end, 256))).trim();
  const match = /^(\S+)(?:[ \t]+(.*))?$/.exec(text);
  return match === null ? undefined : [match[1]!, match[2]];
}

/** Puts an image into a process: what execve keeps, closes and resets. */
export function replaceImage(process: Process, image: Image, env: readonly string[]): void {
  process.comm = image.comm;
  process.argv = image.argv;
  process.exe = image.exe;
  process.environ = env;
  resetHandlers(process);
  // What it held is gone with the program that held it.
  process.data = 0;
  process.ns.user.onExec?.(process);
  for (const [fd, { cloexec }] of [...process.fds]) if (cloexec) process.closeFd(fd);
  process.programsBelow = undefined;
  process.program = start(image.program, process, image.argv);
  process.kernel.scheduler.wake(process);
}

/** A Program begins with its first turn, not with being made: an error in its first lines belongs to that turn. */
function start(program: Program, process: Process, argv: readonly string[]): NonNullable<Process['program']> {
  return program(process.sys, argv);
}

/** Ends a program that went on although its process is gone. */
export function unwind(process: Process): never {
  process.checkAlive();
  throw new ProcessEnded('the process has ended');
}

/** Where a command without a slash is found along PATH, as execvp(3) looks: EACCES when only unusable ones are there. */
export function findInPath(who: Walker, command: string, path: string): string {
  if (command.includes('/')) return command;
  let refused = false;
  for (const dir of path.split(':')) {
    const candidate = `${dir === '' ? '.' : dir}/${command}`;
    const stat = regularFile(who, candidate);
    if (stat === undefined) continue;
    if (permitted(stat, who, 'x')) return candidate;
    refused = true;
  }
  throw new SysError(refused ? 'EACCES' : 'ENOENT');
}

/** Stat of the regular file that a path leads to; undefined when it leads to none. */
function regularFile(who: Walker, path: string): Stat | undefined {
  try {
    const found = find(who, path);
    const stat = found === undefined ? undefined : statOf(found);
    return stat?.type === 'file' ? stat : undefined;
  } catch (error) {
    if (error instanceof SysError) return undefined;
    throw error;
  }
}
