/**
 * A seccomp profile as the program of classic BPF that the kernel runs before every system call (seccomp(2), struct
 * sock_filter): eight bytes an instruction.
 *
 * Kept true: an architecture that the filter does not know is killed, as libseccomp does it; a jump is never longer than one block.
 */

import { type Machine, syscallNumber } from './numbers.ts';
import { ENOSYS, EPERM, fencedOff, newest, type Profile, profileFor } from './profile.ts';

export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

const LOAD = 0x20;
const JUMP = 0x05;
const EQUAL = 0x15;
const GREATER = 0x25;
const AT_LEAST = 0x35;
const ANY_BIT = 0x45;
const RETURN = 0x06;

/** Where struct seccomp_data has them (little endian). */
const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;

const ALLOW = 0x7fff0000;
const KILL = 0;
const refuse = (errno: number): number => 0x00050000 | errno;

const audit: Readonly<Record<Machine, number>> = { x86_64: 0xc000003e, i386: 0x40000003, aarch64: 0xc00000b7 };
/** The architectures whose programs run on a machine, its own first. */
const families: Readonly<Record<string, readonly Machine[]>> = { x64: ['x86_64', 'i386'], arm64: ['aarch64'] };

export const instruction = (code: number, k: number, jt = 0, jf = 0): Instruction => ({ code, jt, jf, k });

const op = instruction;

/** A program that asks for the architecture first. undefined: there is none for this one. */
export function programFor(arch: string, code: (machine: Machine) => readonly Instruction[]): Uint8Array | undefined {
  return families[arch] === undefined
    ? undefined
    : programOf(families[arch].map((machine) => ({ machine, code: code(machine) })));
}

/** The filter for a container with these capabilities. `arch`: as process.arch has it. undefined: there is none for it. */
export const filterFor = (capabilities: readonly string[], arch: string): Uint8Array | undefined =>
  programFor(arch, (machine) => section(profileFor(capabilities, machine), machine));

interface Section {
  readonly machine: Machine;
  readonly code: readonly Instruction[];
}

const programOf = (sections: readonly Section[]): Uint8Array => bytesOf([...byMachine(sections), op(RETURN, KILL)]);

/** Of each machine what is its own; who is none of them goes on behind it. */
const byMachine = (sections: readonly Section[]): readonly Instruction[] =>
  sections.flatMap(({ machine, code }) => [
    op(LOAD, ARCHITECTURE),
    op(EQUAL, audit[machine], 1, 0),
    op(JUMP, code.length),
    ...code,
  ]);

/**
 * A filter with a fence before it, which refuses what would change the whole machine: to a container with these capabilities or,
 * without any, to the host's own commands in the lab, for root there is root of the machine. They are one program, so that a
 * container has as many filters as Docker gives it.
 *
 * `profile` undefined: all else is allowed. `arch`: as process.arch has it. undefined: no filter is needed, or there is none.
 */
export function withFence(
  profile: Uint8Array | undefined,
  capabilities: readonly string[] | undefined,
  arch: string,
): Uint8Array | undefined {
  const names = fencedOff(capabilities);
  const family = families[arch];
  if (names.length === 0 || family === undefined) return profile;
  const fence = byMachine(family.map((machine) => ({ machine, code: refusing(names, machine) })));
  return Uint8Array.of(...bytesOf(fence), ...(profile ?? bytesOf([op(RETURN, ALLOW)])));
}

function refusing(names: readonly string[], machine: Machine): readonly Instruction[] {
  const numbers = names.map((name) => syscallNumber(name, machine)).filter((n) => n !== undefined);
  // Numbers from here on are those of the x32 ABI, the same calls once more.
  const x32 = machine === 'x86_64' ? [op(AT_LEAST, 0x40000000, 0, 1), op(RETURN, refuse(ENOSYS))] : [];
  return [op(LOAD, NUMBER), ...x32, ...numbers.flatMap((n) => [op(EQUAL, n, 0, 1), op(RETURN, refuse(EPERM))])];
}

/** Verdicts by number; each block either answers or goes on to the next. */
function section(profile: Profile, machine: Machine): readonly Instruction[] {
  const number = (name: string): number => syscallNumber(name, machine) ?? -1;
  const special = [
    ...profile.refused.map(({ name, errno }) => [op(EQUAL, number(name), 0, 1), op(RETURN, refuse(errno))]),
    ...profile.conditional.map(({ name, without, among = [] }) => {
      const answers =
        without === undefined
          ? [...among.map((value, n) => op(EQUAL, value, among.length - n, 0)), op(RETURN, refuse(EPERM))]
          : [op(ANY_BIT, without, 0, 1), op(RETURN, refuse(EPERM))];
      const body = [op(LOAD, FIRST_ARGUMENT), ...answers, op(RETURN, ALLOW)];
      return [op(EQUAL, number(name), 0, body.length), ...body];
    }),
  ];
  const allowed = [...profile.allowed].map(number).filter((n) => n >= 0);
  const ranges = rangesOf(allowed).map(([low, high]) => [
    op(GREATER, high, 3, 0),
    op(AT_LEAST, low, 0, 1),
    op(RETURN, ALLOW),
    op(RETURN, refuse(EPERM)),
  ]);
  return [
    op(LOAD, NUMBER),
    op(GREATER, newest, 0, 1),
    op(RETURN, refuse(ENOSYS)),
    ...special.flat(),
    ...ranges.flat(),
    op(RETURN, refuse(EPERM)),
  ];
}

function rangesOf(numbers: readonly number[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (const n of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === n - 1) last[1] = n;
    else ranges.push([n, n]);
  }
  return ranges;
}

function bytesOf(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, jt, jf, k }, n) => {
    view.setUint16(n * 8, code, true);
    view.setUint8(n * 8 + 2, jt);
    view.setUint8(n * 8 + 3, jf);
    view.setUint32(n * 8 + 4, k >>> 0, true);
  });
  return bytes;
}
