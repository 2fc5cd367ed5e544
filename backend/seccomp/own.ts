/**
 * A profile of one's own (core/engine/flows/seccomp.ts) as classic BPF: the rules in their order, each over the system calls that it
 * names and this machine has, and the default action for all others.
 *
 * Kept true: names that no machine here has are passed over, as runc does; where the default is a refusal, calls newer than all that
 * are named are answered with ENOSYS, as runc does, so that programs fall back on older ones.
 */
import type { SeccompArg, SeccompProfile, SeccompRule } from '../../core/index.ts';
import { type Instruction, instruction as op, programFor } from './bpf.ts';
import { type Machine, syscallNumber } from './numbers.ts';
import { ENOSYS, EPERM } from './profile.ts';

const LOAD = 0x20;
const AND = 0x54;
const JUMP = 0x05;
const EQUAL = 0x15;
const GREATER = 0x25;
const AT_LEAST = 0x35;
const RETURN = 0x06;

const low = (index: number): number => 16 + 8 * index;
const high = (index: number): number => low(index) + 4;

/** What the kernel is told, seccomp(2) SECCOMP_RET_…; TRACE without a tracer is ENOSYS. */
function verdict(action: string, errno = EPERM): number {
  const plain: Readonly<Record<string, number>> = {
    ALLOW: 0x7fff0000,
    LOG: 0x7ffc0000,
    TRAP: 0x00030000,
    KILL_PROCESS: 0x80000000,
  };
  if (action === 'ERRNO') return 0x00050000 | errno;
  if (action === 'TRACE') return 0x7ff00000 | errno;
  return plain[action] ?? 0;
}

/** undefined: there is no filter for this architecture. */
export const ownFilter = (profile: SeccompProfile, arch: string): Uint8Array | undefined =>
  programFor(arch, (machine) => section(profile, machine));

function section(profile: SeccompProfile, machine: Machine): readonly Instruction[] {
  const usual = verdict(profile.defaultAction, profile.defaultErrno);
  // What is the default anyway says nothing, whatever comes after it (libcontainer/seccomp matchCall).
  const telling = profile.rules.filter(({ action, errno }) => verdict(action, errno) !== usual);
  const numbered = telling.map((rule) => ({
    rule,
    numbers: rule.names.map((name) => syscallNumber(name, machine)).filter((n) => n !== undefined),
  }));
  const named = profile.rules.flatMap(({ names }) => names.map((name) => syscallNumber(name, machine) ?? -1));
  const last = Math.max(-1, ...named);
  const refuses = profile.defaultAction === 'ERRNO' && (profile.defaultErrno ?? EPERM) !== ENOSYS;
  const tail = refuses && last >= 0 ? [op(LOAD, 0), op(GREATER, last, 0, 1), op(RETURN, verdict('ERRNO', ENOSYS))] : [];
  // Rules without conditions hold whatever others say of the same call.
  const ordered = [...numbered].sort((a, b) => Math.sign(a.rule.args.length) - Math.sign(b.rule.args.length));
  return [
    ...ordered.flatMap(({ rule, numbers }) => numbers.flatMap((n) => block(n, rule))),
    ...tail,
    op(RETURN, usual),
  ];
}

/** For one call: the action when all conditions hold, else on to the next. */
function block(number: number, rule: SeccompRule): readonly Instruction[] {
  const answer = op(RETURN, verdict(rule.action, rule.errno));
  let body: readonly Instruction[] = [answer];
  for (const arg of rule.args.toReversed()) body = [...condition(arg, body.length), ...body];
  return [op(LOAD, 0), op(EQUAL, number, 0, body.length), ...body];
}

/** Falls through when it holds; else jumps over what comes after it, \`rest\` instructions. The kernel's arguments have 64 bits. */
function condition({ index, value, valueTwo, op: how }: SeccompArg, rest: number): readonly Instruction[] {
  const [top, bottom] = [Number((value >> 32n) & 0xffffffffn), Number(value & 0xffffffffn)];
  const leave = op(JUMP, rest);
  if (how === 'MASKED_EQ') {
    const [wantTop, wantBottom] = [Number((valueTwo >> 32n) & 0xffffffffn), Number(valueTwo & 0xffffffffn)];
    return [
      ...[op(LOAD, high(index)), op(AND, top), op(EQUAL, wantTop, 0, 3)],
      ...[op(LOAD, low(index)), op(AND, bottom), op(EQUAL, wantBottom, 1, 0)],
      leave,
    ];
  }
  if (how === 'EQ')
    return [op(LOAD, high(index)), op(EQUAL, top, 0, 2), op(LOAD, low(index)), op(EQUAL, bottom, 1, 0), leave];
  if (how === 'NE')
    return [op(LOAD, high(index)), op(EQUAL, top, 0, 3), op(LOAD, low(index)), op(EQUAL, bottom, 0, 1), leave];
  // Greater in the upper half decides; equal there, the lower half does.
  const above = how === 'GT' || how === 'GE';
  const code = how === 'GT' || how === 'LE' ? GREATER : AT_LEAST;
  return [
    op(LOAD, high(index)),
    op(GREATER, top, above ? 4 : 3, 0),
    op(EQUAL, top, 0, above ? 2 : 3),
    op(LOAD, low(index)),
    op(code, bottom, above ? 1 : 0, above ? 0 : 1),
    leave,
  ];
}
