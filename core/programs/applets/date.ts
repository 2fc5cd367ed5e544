/** date: the simulated clock, in UTC. */
import { type Applet, type Ctx, Die, reason, Usage } from '../lib/applet.ts';
import { parseByFormat, parseDate } from '../lib/datestr.ts';
import { strftime } from '../lib/time.ts';

/** What `-I` shows, by the unit that its value names (a prefix is enough). */
const isoFormats: Readonly<Record<string, string>> = {
  date: '%Y-%m-%d',
  hours: '%Y-%m-%dT%H+00:00',
  minutes: '%Y-%m-%dT%H:%M+00:00',
  seconds: '%Y-%m-%dT%H:%M:%S+00:00',
  ns: '%Y-%m-%dT%H:%M:%S,%N+00:00',
};

export const date: Applet = {
  usage: '[OPTIONS] [+FMT] [[-s] TIME]',
  *main(ctx) {
    const options = ctx.options('d:uRr:s:I::D:', {
      date: 'd',
      utc: 'u',
      universal: 'u',
      'rfc-2822': 'R',
      reference: 'r',
      set: 's',
      rfc_2822: 'R',
    });
    let [format, ...operands]: (string | undefined)[] = options.rest;
    if (format?.startsWith('+') === true) format = format.slice(1);
    else {
      if (format !== undefined) operands.unshift(format);
      format = undefined;
    }
    // With -d or -s no operand is a time.
    const timed = options.has('d') || options.has('s');
    if (!timed && operands[0] !== undefined) operands[0] = yearFirst(operands[0]);
    if (operands.length > (timed ? 0 : 1)) throw new Usage();
    const iso = options.get('I');
    const standard =
      iso === undefined ? undefined : Object.keys(isoFormats).find((unit) => unit.startsWith(iso || 'date'));
    if (iso !== undefined && standard === undefined) throw new Usage();
    const set = operands[0] ?? options.get('s');
    const time = timeOf(ctx, set ?? options.get('d'), options.get('D'), options.get('r'));
    if (set !== undefined) yield* ctx.warn("can't set date: Operation not permitted", 0);
    const mail = options.has('R') ? '%a, %d %b %Y %H:%M:%S +0000' : undefined;
    // Nanoseconds are in no other format: strftime(3) does not know them.
    const nanos = String(Math.floor(time % 1000) * 1_000_000).padStart(9, '0');
    const shown = format ?? mail ?? (standard === undefined ? undefined : isoFormats[standard]?.replace('%N', nanos));
    ctx.out.put(`${strftime(shown ?? '%a %b %e %H:%M:%S %Z %Y', time)}\n`);
    return 0;
  },
};

/** `MMDDhhmm[[CC]YY][.ss]`, as an operand only, to the order that -d has. */
function yearFirst(text: string): string {
  const [, digits, seconds = ''] = /^(\d*)(\.\d\d)?$/.exec(text) ?? [];
  if (digits === undefined) return text;
  if (![8, 10, 12].includes(digits.length)) throw new Die(`invalid date '${text}'`);
  return digits.slice(8) + digits.slice(0, 8) + seconds;
}

function timeOf(ctx: Ctx, text: string | undefined, format: string | undefined, file: string | undefined): number {
  const now = ctx.sys.now();
  if (text !== undefined) {
    const parsed = format === undefined ? parseDate(text, now, true) : parseByFormat(text, format, now);
    if (parsed === undefined) throw new Die(`invalid date '${text}'`);
    return parsed;
  }
  if (file === undefined) return now;
  try {
    return ctx.sys.stat(file).mtime;
  } catch (error) {
    throw new Die(`can't stat '${file}': ${reason(error)}`);
  }
}
