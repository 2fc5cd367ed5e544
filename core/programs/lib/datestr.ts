/** Times that people type: `date -d`, `touch -d` (busybox libbb/time.c parse_datestr), and strptime(3) for `date -D`. All in UTC. */

/** Broken-down time, as struct tm has it, but with whole years; month from 0. */
interface Broken {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

function broken(ms: number): Broken {
  const d = new Date(ms);
  return {
    year: d.getUTCFullYear(),
    month: d.getUTCMonth(),
    day: d.getUTCDate(),
    hour: d.getUTCHours(),
    minute: d.getUTCMinutes(),
    second: d.getUTCSeconds(),
  };
}

/** undefined: out of the ranges that a calendar has. */
function milliseconds({ year, month, day, hour, minute, second }: Broken): number | undefined {
  if (month > 11 || month < 0 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return undefined;
  return Date.UTC(year, month, day, hour, minute, second);
}

/** Patterns with a colon or a dash; a further `:SS` may follow. */
const forms: readonly (readonly [RegExp, readonly (keyof Broken)[]])[] = [
  [/^(\d+):(\d+)$/, ['hour', 'minute']],
  [/^(\d+)\.(\d+)-(\d+):(\d+)$/, ['month', 'day', 'hour', 'minute']],
  [/^(\d+)\.(\d+)\.(\d+)-(\d+):(\d+)$/, ['year', 'month', 'day', 'hour', 'minute']],
  [/^(\d+)-(\d+)-(\d+)[ T](\d+):(\d+)$/, ['year', 'month', 'day', 'hour', 'minute']],
  [/^(\d+)-(\d+)-(\d+) (\d+)$/, ['year', 'month', 'day', 'hour']],
  [/^(\d+)-(\d+)-(\d+)$/, ['year', 'month', 'day']],
];

/**
 * Milliseconds since the epoch; undefined when it is no time. `midnight`: what the text does not say of the time of day is zero
 * (date), else it is what the clock shows (touch).
 */
export function parseDate(text: string, now: number, midnight = false): number | undefined {
  if (text.startsWith('@')) return /^@\d+$/.test(text) ? Number(text.slice(1)) * 1000 : undefined;
  const time = broken(now);
  if (midnight) Object.assign(time, { hour: 0, minute: 0, second: 0 });
  if (!/[:-]/.test(text)) return packedDate(text, time);
  const seconds = /^(.*:\d+):(\d+)$/.exec(text);
  for (const [form, fields] of forms) {
    const match = form.exec(seconds?.[1] ?? text);
    if (match === null) continue;
    fields.forEach((field, i) => {
      time[field] = Number(match[i + 1]) - (field === 'month' ? 1 : 0);
    });
    if (seconds !== null) time.second = Number(seconds[2]);
    return milliseconds(time);
  }
  return undefined;
}

/** `[[[[[YY]YY]MM]DD]hh]mm[.ss]` */
function packedDate(text: string, time: Broken): number | undefined {
  const match = /^(?:\d\d){1,6}(?:\.\d\d?)?$/.test(text) ? /^(\d+)(?:\.(\d+))?$/.exec(text) : null;
  if (match === null) return undefined;
  const pairs = match[1]!.match(/../g)!.map(Number);
  const fields: readonly (keyof Broken)[] = ['minute', 'hour', 'day', 'month'];
  for (const field of fields) {
    const value = pairs.pop();
    if (value !== undefined) time[field] = value - (field === 'month' ? 1 : 0);
  }
  if (pairs.length === 2) time.year = pairs[0]! * 100 + pairs[1]!;
  // Of two digits: the year in question is at most fifty years off.
  else if (pairs.length === 1) time.year += ((pairs[0]! - (time.year % 100) + 150) % 100) - 50;
  time.second = Number(match[2] ?? '0');
  return milliseconds(time);
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const composed: Readonly<Record<string, string>> = { D: '%m/%d/%y', F: '%Y-%m-%d', R: '%H:%M', T: '%H:%M:%S' };
const numbers: Readonly<Record<string, readonly [keyof Broken, digits: number]>> = {
  Y: ['year', 4],
  m: ['month', 2],
  d: ['day', 2],
  e: ['day', 2],
  H: ['hour', 2],
  k: ['hour', 2],
  M: ['minute', 2],
  S: ['second', 2],
};

/** strptime(3) in the C locale, with the time of day zero where the format does not name it; undefined: it does not fit. */
export function parseByFormat(text: string, format: string, now: number): number | undefined {
  const time: Broken = { ...broken(now), hour: 0, minute: 0, second: 0 };
  const expanded = format.replace(/%([DFRT])/g, (_, letter: string) => composed[letter]!);
  let rest = text;
  for (const [piece, letter] of expanded.matchAll(/%(.)|\s+|[^%\s]/gs)) {
    if (letter === 's') return /^\d+/.test(rest) ? Number.parseInt(rest, 10) * 1000 : undefined;
    const left = letter === undefined || 'nt%'.includes(letter) ? literal(piece, rest) : conversion(letter, rest, time);
    if (left === undefined) return undefined;
    rest = left;
  }
  return milliseconds(time);
}

function literal(piece: string, text: string): string | undefined {
  if (/^\s|^%[nt]/.test(piece)) return text.trimStart();
  const wanted = piece === '%%' ? '%' : piece;
  return text.startsWith(wanted) ? text.slice(1) : undefined;
}

/** Reads one conversion from the front of the text; gives what follows it. */
function conversion(letter: string, text: string, time: Broken): string | undefined {
  const trimmed = text.trimStart();
  if ('bBh'.includes(letter)) {
    const name = /^[A-Za-z]{3,}/.exec(trimmed)?.[0] ?? '';
    time.month = months.indexOf(name.slice(0, 3).toLowerCase());
    return time.month < 0 ? undefined : trimmed.slice(name.length);
  }
  if ('aA'.includes(letter)) return trimmed.replace(/^[A-Za-z]+/, '');
  if (letter === 'y') {
    const two = /^\d{1,2}/.exec(trimmed)?.[0];
    if (two === undefined) return undefined;
    time.year = Number(two) + (Number(two) < 69 ? 2000 : 1900);
    return trimmed.slice(two.length);
  }
  const [field, digits] = numbers[letter] ?? [];
  if (field === undefined || digits === undefined) return undefined;
  const found = new RegExp(`^\\d{1,${digits}}`).exec(trimmed)?.[0];
  if (found === undefined) return undefined;
  time[field] = Number(found) - (field === 'month' ? 1 : 0);
  return trimmed.slice(found.length);
}
