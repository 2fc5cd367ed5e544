/**
 * Structural sharing of values that come anew each time, such as observations that were read back and messages that were
 * copied: what did not change since the value before is taken from that.
 *
 * Kept true: the answer equals `now`; where a part of it equals the same part of `before`, it is that very part, so that equal
 * parts can be known by identity and are kept once.
 */

/** `now`, made of the parts of `before` wherever they are equal. Both are plain data, and are not changed. */
export function share<T>(before: unknown, now: T): T {
  if (Object.is(before, now) || !isData(before) || !isData(now)) return now;
  if (Array.isArray(now)) return Array.isArray(before) ? (shareArray(before, now) as T) : now;
  return Array.isArray(before) ? now : (shareObject(before, now) as T);
}

type Data = Readonly<Record<string, unknown>>;

const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null;

function shareObject(before: Data, now: Data): Data {
  const keys = Object.keys(now);
  const parts = keys.map((key) => share(before[key], now[key]));
  if (keys.length === Object.keys(before).length && keys.every((key, i) => same(before, key, parts[i]))) return before;
  return Object.fromEntries(keys.map((key, i) => [key, parts[i]]));
}

const same = (before: Data, key: string, part: unknown): boolean =>
  Object.hasOwn(before, key) && Object.is(before[key], part);

/** Members with an `id` or a `path` are compared with the one of that name, others with the one at their place. */
function shareArray(before: readonly unknown[], now: readonly unknown[]): readonly unknown[] {
  const named = nameOf(now[0]) === undefined ? undefined : new Map(before.map((item) => [nameOf(item), item]));
  const parts = now.map((item, i) => {
    const there = before[i];
    return share(named === undefined || nameOf(there) === nameOf(item) ? there : named.get(nameOf(item)), item);
  });
  return parts.length === before.length && parts.every((part, i) => Object.is(part, before[i])) ? before : parts;
}

const nameOf = (item: unknown): unknown => (isData(item) ? (item.id ?? item.path) : undefined);
