/**
 * The filter of system calls that containers of the linux driver get: its verdict is that of the filter which Docker 20.10.24
 * gave to containers with the same capabilities (recorded as the kernel held it), for every number and for arguments that matter.
 */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { filterFor, withFence } from '../../backend/seccomp/bpf.ts';
import { syscallNumber } from '../../backend/seccomp/numbers.ts';
import { defaultCapabilities } from '../../core/index.ts';

interface Recorded {
  readonly recordedOn: string;
  readonly filters: readonly { readonly capabilities: readonly string[]; readonly program: string }[];
}

const fixture = new URL('../fixtures/seccomp-20.10.24.json', import.meta.url);
const recorded = JSON.parse(readFileSync(fixture, 'utf8')) as Recorded;
const seccomp = suite('the filter of system calls');

interface Call {
  readonly arch: number;
  readonly number: number;
  readonly first: number;
}

/** Classic BPF as far as seccomp filters use it; what it returns. */
function verdict(program: Uint8Array, { arch, number, first }: Call): number {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const memory: Readonly<Record<number, number>> = { 0: number, 4: arch, 16: first, 20: 0 };
  let a = 0;
  for (let at = 0; ; at++) {
    const [code, jt, jf] = [view.getUint16(at * 8, true), view.getUint8(at * 8 + 2), view.getUint8(at * 8 + 3)];
    const k = view.getUint32(at * 8 + 4, true);
    const jump = (taken: boolean): void => {
      at += taken ? jt : jf;
    };
    if (code === 0x20) {
      if (memory[k] === undefined) throw new Error(`instruction ${at} reads byte ${k}`);
      a = memory[k];
    } else if (code === 0x54) a = (a & k) >>> 0;
    else if (code === 0x05) at += k;
    else if (code === 0x15) jump(a === k);
    else if (code === 0x25) jump(a > k);
    else if (code === 0x35) jump(a >= k);
    else if (code === 0x45) jump((a & k) !== 0);
    else if (code === 0x06) return k;
    else throw new Error(`instruction ${at} has code ${code}`);
  }
}

/** Docker's default set, changed as `+CAP_…` and `-CAP_…` say. */
function changed(changes: readonly string[]): readonly string[] {
  const without = defaultCapabilities.filter((name) => !changes.includes(`-${name}`));
  return [...without, ...changes.filter((name) => name.startsWith('+')).map((name) => name.slice(1))];
}

const X86_64 = 0xc000003e;
const I386 = 0x40000003;
const AARCH64 = 0xc00000b7;
const firsts = [0, 1, 8, 17, 0x20000, 0x20008, 0x02000000, 0x10000000, 0x7e020000, 0xffffffff];

for (const { capabilities, program } of recorded.filters) {
  const name = capabilities.length === 0 ? 'the default capabilities' : capabilities.join(' ');
  seccomp(`${name}: every verdict is Docker's`, () => {
    const theirs = Buffer.from(program, 'base64');
    const ours = filterFor(changed(capabilities), 'x64')!;
    assert.ok(ours.length / 8 <= 4096, 'the kernel takes at most BPF_MAXINSNS instructions');
    const different: string[] = [];
    const calls = Array.from({ length: 600 }, (_, number) => [
      { arch: X86_64, number, first: 0 },
      { arch: I386, number, first: 0 },
    ]).flat();
    for (const [machine, arch] of [
      ['x86_64', X86_64],
      ['i386', I386],
    ] as const) {
      const numbers = ['clone', 'personality', 'unshare'].map((call) => syscallNumber(call, machine)!);
      calls.push(...numbers.flatMap((number) => firsts.map((first): Call => ({ arch, number, first }))));
    }
    calls.push({ arch: AARCH64, number: 0, first: 0 });
    for (const call of calls) {
      const [wanted, got] = [verdict(theirs, call), verdict(ours, call)];
      if (wanted !== got) different.push(`${JSON.stringify(call)}: ${got.toString(16)}, not ${wanted.toString(16)}`);
    }
    assert.equal(different.slice(0, 20), []);
  });
}

seccomp('the interpreter sees a difference of one capability', () => {
  const call: Call = { arch: X86_64, number: syscallNumber('mount', 'x86_64')!, first: 0 };
  assert.is(verdict(filterFor(defaultCapabilities, 'x64')!, call), 0x00050001);
  assert.is(verdict(filterFor(['CAP_SYS_ADMIN'], 'x64')!, call), 0x7fff0000);
});

seccomp('on arm64 the same names have other numbers', () => {
  const ours = filterFor(defaultCapabilities, 'arm64')!;
  const of = (name: string): number =>
    verdict(ours, { arch: AARCH64, number: syscallNumber(name, 'aarch64')!, first: 0 });
  assert.equal(
    ['read', 'execve', 'mount', 'unshare', 'chroot'].map(of),
    [0x7fff0000, 0x7fff0000, 0x50001, 0x50001, 0x7fff0000],
  );
  assert.is(verdict(ours, { arch: X86_64, number: 0, first: 0 }), 0);
});

const fenced = (capabilities: readonly string[] | undefined, name: string, machine: 'x86_64' | 'i386' = 'x86_64') =>
  verdict(withFence(undefined, capabilities, 'x64')!, {
    arch: machine === 'x86_64' ? X86_64 : I386,
    number: syscallNumber(name, machine)!,
    first: 0,
  });

seccomp('what would change the whole machine is refused to the commands of the host, and nothing else', () => {
  const refused = [
    'clock_settime',
    'settimeofday',
    'adjtimex',
    'finit_module',
    'delete_module',
    'kexec_load',
    'reboot',
  ];
  for (const name of [...refused, 'swapoff', 'iopl', 'syslog']) assert.is(fenced(undefined, name), 0x50001, name);
  for (const name of ['stime', 'clock_settime64', 'reboot']) assert.is(fenced(undefined, name, 'i386'), 0x50001, name);
  for (const name of ['read', 'mount', 'clock_gettime', 'unshare', 'setns', 'sethostname', 'mknod', 'bpf'])
    assert.is(fenced(undefined, name), 0x7fff0000, name);
  const x32: Call = { arch: X86_64, number: 0x40000000 + syscallNumber('clock_settime', 'x86_64')!, first: 0 };
  assert.is(verdict(withFence(undefined, undefined, 'x64')!, x32), 0x50026);
});

seccomp('a container that was given the capability has no more of the machine by it', () => {
  assert.is(
    withFence(undefined, defaultCapabilities, 'x64'),
    undefined,
    'nobody without such a capability needs a fence',
  );
  const own = changed(['+CAP_SYS_TIME']);
  const both = withFence(filterFor(own, 'x64'), own, 'x64')!;
  const of = (name: string): number =>
    verdict(both, { arch: X86_64, number: syscallNumber(name, 'x86_64')!, first: 0 });
  assert.equal(['clock_settime', 'mount', 'read'].map(of), [0x50001, 0x50001, 0x7fff0000]);
  assert.is(verdict(both, { arch: AARCH64, number: 0, first: 0 }), 0, 'the profile has the last word');
  assert.is(fenced(['CAP_SYS_TIME'], 'clock_settime'), 0x50001);
  assert.is(fenced(['CAP_SYS_TIME'], 'reboot'), 0x7fff0000, 'a container ends itself by it');
  assert.is(fenced(['CAP_SYS_MODULE'], 'init_module'), 0x50001);
});

seccomp('no other machine is guessed at', () => assert.is(filterFor(defaultCapabilities, 'riscv64'), undefined));

seccomp.run();
