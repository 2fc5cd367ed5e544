/**
 * JSON and times as Go's standard library writes them. An image's ID is the hash of its config's bytes, so every byte counts:
 * no spaces, `<`, `>`, `&` and the line separators escaped, times as RFC 3339 without trailing zeros.
 */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The time written last: one instant is written many times. */
let last: { readonly ms: number; readonly text: string } | undefined;

/** Milliseconds since the epoch as Go's time.RFC3339Nano has them. */
export function goTime(ms: number): string {
  if (last?.ms !== ms) last = { ms, text: timeText(ms) };
  return last.text;
}

function timeText(ms: number): string {
  const text = new Date(ms).toISOString();
  let end = text.length - 1;
  while (text[end - 1] === '0') end--;
  return `${text.slice(0, text[end - 1] === '.' ? end - 1 : end)}Z`;
}
