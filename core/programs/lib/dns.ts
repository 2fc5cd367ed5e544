/** Questions to a name server and its answers, RFC 1035: addresses of a name. */
import { SysError } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';
import { fromBytes, toBytes } from './bytes.ts';

const PORT = 53;
const WAIT_MS = 5000;
const short = (value: number): string => String.fromCharCode((value >> 8) & 255, value & 255);
/** Type A, class IN. */
const A_IN = short(1) + short(1);
const RECURSION = 0x0100;
const ANSWER = 0x8180;
const NO_SUCH_NAME = 3;

const labels = (name: string): string =>
  `${name
    .split('.')
    .map((each) => String.fromCharCode(each.length) + each)
    .join('')}\0`;

const numbers = (count: number): string => short(1) + short(count) + short(0) + short(0);

export const question = (id: number, name: string): Uint8Array =>
  toBytes(short(id) + short(RECURSION) + numbers(0) + labels(name) + A_IN);

export interface Asked {
  readonly id: number;
  readonly name: string;
  readonly type: number;
}

/** What a question asks; undefined when it is none. */
export function readQuestion(bytes: Uint8Array): Asked | undefined {
  if (bytes.length < 17) return undefined;
  const names: string[] = [];
  let at = 12;
  while (at < bytes.length && bytes[at] !== 0) {
    names.push(fromBytes(bytes.subarray(at + 1, at + 1 + bytes[at]!)));
    at += 1 + bytes[at]!;
  }
  return { id: bytes[0]! * 256 + bytes[1]!, name: names.join('.'), type: bytes[at + 1]! * 256 + bytes[at + 2]! };
}

/** The answer to a question; without addresses: there is no such name. */
export function reply({ id, name }: Asked, addresses: readonly number[], known = addresses.length > 0): Uint8Array {
  const one = (ip: number): string =>
    `\xc0\x0c${A_IN}${short(0)}${short(600)}${short(4)}${short(ip >>> 16)}${short(ip & 0xffff)}`;
  const flags = ANSWER + (known ? 0 : NO_SUCH_NAME);
  return toBytes(
    short(id) + short(flags) + numbers(addresses.length) + labels(name) + A_IN + addresses.map(one).join(''),
  );
}

/** The addresses in an answer. */
export function readReply(bytes: Uint8Array): readonly number[] {
  const count = bytes[6]! * 256 + bytes[7]!;
  const found: number[] = [];
  for (let at = bytes.length - 16 * count; at < bytes.length; at += 16) {
    const [a, b, c, d] = bytes.subarray(at + 12, at + 16);
    found.push(((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0);
  }
  return found;
}

/** Asks one server; undefined: it cannot be reached or says nothing. Empty: it knows no such name. */
export function* asked(sys: Sys, server: number, name: string): Call<readonly number[] | undefined> {
  const { net } = sys.more;
  const fd = net.socket('udp');
  try {
    yield* net.connect(fd, server, PORT);
    yield* sys.write(fd, question(1, name));
    const ready = yield* net.poll([fd], sys.now() + WAIT_MS);
    return ready.length === 0 ? undefined : readReply((yield* net.receive(fd)).bytes);
  } catch (error) {
    if (error instanceof SysError && error.errno !== 'EINTR') return undefined;
    throw error;
  } finally {
    sys.close(fd);
  }
}
