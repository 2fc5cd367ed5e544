/**
 * Profiles of one's own, `--security-opt seccomp=FILE` (moby profiles/seccomp, libcontainer/seccomp): what the file says, in the
 * words of Docker 20.10.24 and runc 1.1 where it is wrong. What becomes of it in a kernel is the driver's business.
 *
 * Kept true: all that is said here was read from the real ones (test/fixtures/seccomp-files-20.10.24.json).
 */
import { goErrno } from '../../image/archive-error.ts';
import { type Flow, perform, StepError } from '../../op.ts';
import { DockerError } from '../errors.ts';
import { jsonProblem } from './json-problem.ts';
import { RUNC } from './startproblem.ts';

/** One condition on an argument of a system call. */
export interface SeccompArg {
  readonly index: number;
  readonly value: bigint;
  /** Of MASKED_EQ: `value` is the mask, this what is left of the argument then. */
  readonly valueTwo: bigint;
  readonly op: string;
}

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errno?: number;
  /** All must hold. */
  readonly args: readonly SeccompArg[];
}

export interface SeccompProfile {
  readonly defaultAction: string;
  readonly defaultErrno?: number;
  readonly rules: readonly SeccompRule[];
}

/** The text of the option's file on the host, put in its place without blanks, as the client does it. Throws the client's words. */
export function* readSeccomp(path: string, shown: string): Flow<string> {
  try {
    return compacted(yield* perform('read the seccomp profile', { op: 'readFile', path }, { quiet: true }), shown);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const call = error.errno === 'EISDIR' ? 'read' : 'open';
    throw new SeccompFile(`opening seccomp profile (${shown}) failed: ${call} ${shown}: ${goErrno(error.errno)}`);
  }
}

/** Said by the client, not by the daemon. */
export class SeccompFile extends Error {}

function compacted(text: string, shown: string): string {
  const said = jsonProblem(text);
  if (said !== undefined) throw new SeccompFile(`compacting json for seccomp profile (${shown}) failed: ${said}`);
  return JSON.stringify(JSON.parse(text));
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value;

const decoding = (what: string): DockerError =>
  new DockerError(`Decoding seccomp profile failed: json: cannot unmarshal ${what}`, 'system');
const runc = (why: string): DockerError => new DockerError(`${RUNC}${why}: unknown`, 'system');

function field<T>(
  from: Json,
  name: string,
  is: (value: unknown) => value is T,
  where: string,
  type: string,
): T | undefined {
  const value = from[name];
  if (value === undefined || value === null) return undefined;
  if (!is(value)) throw decoding(`${kindOf(value)} into Go struct field ${where}.${name} of type ${type}`);
  return value;
}
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const actions = ['KILL', 'KILL_THREAD', 'KILL_PROCESS', 'ERRNO', 'TRAP', 'ALLOW', 'TRACE', 'LOG'];
const operators = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'];
const architectures = ['X86', 'X86_64', 'X32', 'ARM', 'AARCH64', 'MIPS', 'MIPS64', 'MIPS64N32', 'MIPSEL', 'MIPSEL64'];
const more = ['MIPSEL64N32', 'PPC', 'PPC64', 'PPC64LE', 'S390', 'S390X', 'RISCV64'];

function known(text: string, prefix: string, names: readonly string[], what: string): string {
  const name = text.startsWith(prefix) ? text.slice(prefix.length) : '';
  if (!names.includes(name)) throw runc(`string ${text} is not a valid ${what} for seccomp`);
  return name;
}

/** What the profile says to a container with these capabilities on a machine (`x86_64`, `aarch64`). Throws DockerError. */
export function parseSeccomp(text: string, capabilities: readonly string[], machine = 'x86_64'): SeccompProfile {
  const whole: unknown = JSON.parse(text);
  if (!isObject(whole)) throw decoding(`${kindOf(whole)} into Go value of type seccomp.Seccomp`);
  const defaultAction = field(whole, 'defaultAction', isText, 'Seccomp', 'specs.LinuxSeccompAction') ?? '';
  const defaultErrno = field(whole, 'defaultErrnoRet', isNumber, 'Seccomp', 'uint');
  const list = field(whole, 'syscalls', isList, 'Seccomp', '[]*seccomp.Syscall') ?? [];
  const archs = field(whole, 'architectures', isList, 'Seccomp', '[]specs.Arch') ?? [];
  const map = field(whole, 'archMap', isList, 'Seccomp', '[]seccomp.Architecture') ?? [];
  if (archs.length > 0 && map.length > 0)
    throw either("'architectures' and 'archMap' were", "'architectures' or 'archMap'");
  const rules = list.filter(isObject).filter((entry) => concerns(entry, capabilities, machine));
  const read = rules.map(ruleOf);
  // A profile that says nothing is none.
  if (defaultAction === '' && list.length === 0) return { defaultAction: 'ALLOW', rules: [] };
  for (const arch of archs) known(String(arch), 'SCMP_ARCH_', [...architectures, ...more], 'arch');
  return {
    defaultAction: known(defaultAction, 'SCMP_ACT_', actions, 'action'),
    ...(defaultErrno === undefined ? {} : { defaultErrno }),
    rules: read.map((rule) => checked(rule)),
  };
}

const either = (what: string, which: string): DockerError =>
  new DockerError(`${what} specified in the seccomp profile, use either ${which}`, 'system');

/** `includes` and `excludes`: capabilities (all of the one, none of the other) and architectures by Go's names. */
function concerns(entry: Json, capabilities: readonly string[], machine: string): boolean {
  const of = (part: string, name: string): readonly string[] => {
    const filter = entry[part];
    const values = isObject(filter) ? filter[name] : undefined;
    return isList(values) ? values.map(String) : [];
  };
  const arch = { x86_64: 'amd64', aarch64: 'arm64' }[machine] ?? machine;
  const wanted = of('includes', 'arches');
  if (of('excludes', 'arches').includes(arch) || (wanted.length > 0 && !wanted.includes(arch))) return false;
  if (of('excludes', 'caps').some((name) => capabilities.includes(name))) return false;
  return of('includes', 'caps').every((name) => capabilities.includes(name));
}

function ruleOf(entry: Json): SeccompRule {
  const name = field(entry, 'name', isText, 'Syscall.syscalls', 'string') ?? '';
  const names = (field(entry, 'names', isList, 'Syscall.syscalls', '[]string') ?? []).map(String);
  if (name !== '' && names.length > 0) throw either("'name' and 'names' were", "'name' or 'names'");
  const errno = field(entry, 'errnoRet', isNumber, 'Syscall.syscalls', 'uint');
  const args = (field(entry, 'args', isList, 'Syscall.syscalls', '[]*specs.LinuxSeccompArg') ?? []).filter(isObject);
  return {
    names: name === '' ? names : [name],
    action: field(entry, 'action', isText, 'Syscall.syscalls', 'specs.LinuxSeccompAction') ?? '',
    ...(errno === undefined ? {} : { errno }),
    args: args.map((arg) => ({
      index: Number(arg.index ?? 0),
      value: BigInt(Number(arg.value ?? 0)),
      valueTwo: BigInt(Number(arg.valueTwo ?? 0)),
      op: String(arg.op ?? ''),
    })),
  };
}

function checked(rule: SeccompRule): SeccompRule {
  const action = known(rule.action, 'SCMP_ACT_', actions, 'action');
  const args = rule.args.map((arg) => ({ ...arg, op: known(arg.op, 'SCMP_CMP_', operators, 'operator') }));
  const far = args.find(({ index }) => index > 5);
  if (far !== undefined)
    throw runc(
      `unable to start container process: error creating seccomp syscall condition for syscall ${rule.names[0]}: syscalls only have up to 6 arguments (${far.index} given)`,
    );
  return { ...rule, action, args };
}
