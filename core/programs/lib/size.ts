/** Sizes for people, as busybox prints them: `6`, `4.0K`, `12K`, `1.9M`. */
export function humanSize(bytes: number): string {
  const suffixes = ['', 'K', 'M', 'G', 'T'];
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < suffixes.length - 1) {
    value /= 1024;
    at++;
  }
  if (at === 0) return String(bytes);
  const tenths = Math.round(value * 10);
  return tenths >= 100 ? `${Math.round(value)}${suffixes[at]}` : `${(tenths / 10).toFixed(1)}${suffixes[at]}`;
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
