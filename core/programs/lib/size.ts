/** Sizes and counts as busybox reads and prints them. */
import { Die } from './applet.ts';

/**
 * Sizes for people, as busybox prints them (libbb/human_readable.c): `6`, `4.0K`, `12.0K`, `1.9M`; `whole`: `4K`, `2M`.
 */
export function humanSize(bytes: number, whole = false): string {
  const suffixes = ['', 'K', 'M', 'G', 'T', 'P'];
  let value = bytes;
  let at = 0;
  let tenths = 0;
  for (; value >= 1024 && at < suffixes.length - 1; at++) {
    tenths = Math.floor(((value % 1024) * 10 + 512) / 1024);
    value = Math.floor(value / 1024);
  }
  if (tenths >= 10) [value, tenths] = [value + 1, 0];
  if (at === 0) return String(bytes);
  return whole ? `${value + (tenths >= 5 ? 1 : 0)}${suffixes[at]}` : `${value}.${tenths}${suffixes[at]}`;
}

/** `10`, `4k`, `1M` … with busybox's suffixes; undefined when it is no number. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)(c|w|b|kB|KB|k|K|MB|m|M|GB|g|G)?$/.exec(text);
  if (match === null) return undefined;
  const factors: Readonly<Record<string, number>> = {
    c: 1,
    w: 2,
    b: 512,
    k: 1024,
    K: 1024,
    kB: 1000,
    KB: 1000,
    m: 2 ** 20,
    M: 2 ** 20,
    MB: 1e6,
    g: 2 ** 30,
    G: 2 ** 30,
    GB: 1e9,
  };
  return Number(match[1]) * (factors[match[2] ?? 'c'] ?? 1);
}

/** The number of an option, in tens or (0x) sixteens; dies when it is none. */
export function countOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) throw new Die(`invalid number '${text}'`);
  return Number(text);
}
