/**
 * Values of extended attributes are bytes, and text everywhere in the core. Kept true: `xattrBytes` gives back the bytes that
 * `xattrText` was made of; bytes that are no UTF-8 are kept as lone surrogates (U+DC80 to U+DCFF, as Python's surrogateescape).
 */
const encoder = new TextEncoder();

/** `characters`: one a byte, and not UTF-8 as a whole. */
export const xattrText = (characters: string): string =>
  characters.replace(/[\x80-\xff]/g, (one) => String.fromCharCode(0xdc00 + one.charCodeAt(0)));

export function xattrBytes(value: string): Uint8Array {
  if (!/[\udc80-\udcff]/.test(value) || /[\ud800-\udbff][\udc80-\udcff]/.test(value)) return encoder.encode(value);
  return Uint8Array.from(value, (one) => one.charCodeAt(0) & 0xff);
}
