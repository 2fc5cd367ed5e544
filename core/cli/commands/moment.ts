/** Moments as docker takes them in `--since`, `--until` and `until=` (moby api/types/time GetTimestamp). */

const seconds: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 };

/** A duration before now, a timestamp, or seconds since the epoch; milliseconds. Throws in Docker's words. */
export function moment(text: string, now: number): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)/g)];
  if (parts.length > 0 && parts.map(([part]) => part).join('') === text)
    return now - parts.reduce((sum, [, count, unit]) => sum + Number(count) * (seconds[unit ?? ''] ?? 0) * 1000, 0);
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const full = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text;
  const parsed = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(full) ? full : `${full}Z`);
  if (!/^\d{4}-/.test(text) || Number.isNaN(parsed))
    throw new RangeError(`failed to parse value as time or duration: "${text}"`);
  return parsed;
}
