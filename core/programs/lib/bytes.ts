/**
 * Text and bytes. busybox in a container works on bytes (locale C), so the text applets keep lines as "byte strings": one
 * UTF-16 unit (0–255) a byte. Nothing is lost on the way through, and JavaScript's regular expressions see what busybox sees.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const ascii = /^[\x00-\x7f]*$/;

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Bytes as a byte string. */
export function fromBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Ordinary text (an argument, a file name) as a byte string. */
export function byteString(text: string): string {
  return ascii.test(text) ? text : fromBytes(utf8(text));
}

/** A byte string as ordinary text. */
export function textOf(bytes: string): string {
  return ascii.test(bytes) ? bytes : fromUtf8(toBytes(bytes));
}

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
