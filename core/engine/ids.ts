/**
 * New ids and names, from the host's randomness only. Ids are 64 hex digits, layer links 26 characters of base32
 * (moby/pkg/stringid, overlay2/randomid.go).
 */
import { type Host, hex } from '../host.ts';
import { adjectives, surnames } from './names.ts';

export const newId = (host: Host): string => hex(host.random(32));

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function newLink(host: Host): string {
  return String.fromCharCode(...Array.from(host.random(26), (byte) => BASE32.charCodeAt(byte & 31)));
}

/** `adjective_surname`, with a digit when that is taken (moby/daemon/names.go generateNewName). */
export function newName(host: Host, taken: Readonly<Record<string, string>>): string {
  for (let attempt = 0; attempt < 6; attempt++) {
    const name = `${pick(host, adjectives)}_${pick(host, surnames)}${attempt === 0 ? '' : host.random(1)[0]! % 10}`;
    if (taken[name] === undefined && name !== 'boring_wozniak') return name;
  }
  return newId(host).slice(0, 12);
}

function pick(host: Host, words: readonly string[]): string {
  const [high, low] = host.random(2);
  return words[((high! << 8) | low!) % words.length]!;
}
