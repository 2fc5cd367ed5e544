/** Questions to a name server and its answers as bytes, RFC 1035: addresses of a name, the name of an address. */
const fromBytes = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const toBytes = (text: string): Uint8Array => Uint8Array.from(text, (each) => each.charCodeAt(0));

const short = (value: number): string => String.fromCharCode((value >> 8) & 255, value & 255);
const [A, PTR, IN] = [1, 12, 1];
/** The first byte of a place where a name has been before. */
const POINTER = 0xc0;
const A_IN = short(A) + short(IN);
const RECURSION = 0x0100;
const ANSWER = 0x8180;
const NO_SUCH_NAME = 3;

const labels = (name: string): string =>
  `${name
    .split('.')
    .map((each) => String.fromCharCode(each.length) + each)
    .join('')}\0`;

const numbers = (count: number): string => short(1) + short(count) + short(0) + short(0);

export const question = (id: number, name: string, type = A): Uint8Array =>
  toBytes(short(id) + short(RECURSION) + numbers(0) + labels(name) + short(type) + short(IN));

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
export function reply(
  { id, name, type }: Asked,
  addresses: readonly number[],
  known = addresses.length > 0,
): Uint8Array {
  const one = (ip: number): string =>
    `\xc0\x0c${A_IN}${short(0)}${short(600)}${short(4)}${short(ip >>> 16)}${short(ip & 0xffff)}`;
  const flags = ANSWER + (known ? 0 : NO_SUCH_NAME);
  return toBytes(
    short(id) +
      short(flags) +
      numbers(addresses.length) +
      labels(name) +
      short(type) +
      short(1) +
      addresses.map(one).join(''),
  );
}

/** The answer to a question for the name of an address. */
export function replyName({ id, name }: Asked, found: string): Uint8Array {
  const target = labels(found);
  const pointer = `\xc0\x0c${short(PTR)}${short(1)}${short(0)}${short(600)}${short(target.length)}${target}`;
  return toBytes(short(id) + short(ANSWER) + numbers(1) + labels(name) + short(PTR) + short(1) + pointer);
}

/** What is in an answer. */
export interface Answer {
  readonly addresses: readonly number[];
  readonly names: readonly string[];
  /** There is no such name. */
  readonly failed: boolean;
}

export function readReply(bytes: Uint8Array): Answer {
  const number = (at: number): number => bytes[at]! * 256 + bytes[at + 1]!;
  const addresses: number[] = [];
  const names: string[] = [];
  let at = skipName(bytes, 12) + 4;
  for (let left = number(6); left > 0; left--) {
    at = skipName(bytes, at);
    const [type, length] = [number(at), number(at + 8)];
    const data = bytes.subarray(at + 10, at + 10 + length);
    if (type === A) addresses.push(data.reduce((sum, byte) => sum * 256 + byte, 0));
    if (type === PTR) names.push(readName(data));
    at += 10 + length;
  }
  return { addresses, names, failed: (bytes[3]! & 15) !== 0 };
}

/** Where what follows a name begins. */
function skipName(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] !== 0) {
    if (bytes[at]! >= POINTER) return at + 2;
    at += 1 + bytes[at]!;
  }
  return at + 1;
}

function readName(data: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < data.length && data[at] !== 0; at += 1 + data[at]!)
    parts.push(fromBytes(data.subarray(at + 1, at + 1 + data[at]!)));
  return parts.join('.');
}
