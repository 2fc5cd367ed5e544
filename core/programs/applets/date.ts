/** date: the simulated clock, in UTC. */
import { type Applet, Die } from '../lib/applet.ts';
import { strftime } from '../lib/time.ts';

/** Forms of `date -d` and `touch -d`, milliseconds since the epoch. */
export function parseDate(text: string, now: number): number | undefined {
  const epoch = /^@(\d+)$/.exec(text);
  if (epoch !== null) return Number(epoch[1]) * 1000;
  const full = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  const today = new Date(now);
  if (full !== null) {
    const [, y, mo, d, h = String(today.getUTCHours()), mi = String(today.getUTCMinutes())] = full;
    const s = full[4] === undefined ? String(today.getUTCSeconds()) : (full[6] ?? '0');
    return Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
  }
  const time = /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(text);
  if (time !== null) {
    const day = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate());
    return day + (Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3] ?? '0')) * 1000;
  }
  const packed = /^(?:(\d\d)?(\d\d))?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(text);
  if (packed === null) return undefined;
  const [, c, y, mo, d, h, mi, s = '0'] = packed;
  const year = y === undefined ? today.getUTCFullYear() : Number(`${c ?? '20'}${y}`);
  return Date.UTC(year, Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
}

export const date: Applet = {
  usage: '[OPTIONS] [+FMT] [[-s] TIME]',
  *main(ctx) {
    const options = ctx.options('d:uRr:s:I::D:', { date: 'd', utc: 'u', 'rfc-2822': 'R', reference: 'r', set: 's' });
    const text = options.get('d');
    const file = options.get('r');
    let time = file === undefined ? ctx.sys.now() : ctx.sys.stat(file).mtime;
    if (text !== undefined) {
      const parsed = parseDate(text, ctx.sys.now());
      if (parsed === undefined) throw new Die(`invalid date '${text}'`);
      time = parsed;
    }
    if (options.has('s')) throw new Die("can't set date: Operation not permitted");
    const format = options.rest.find((each) => each.startsWith('+'))?.slice(1);
    ctx.out.put(`${strftime(format ?? standard(options.has('R'), options.get('I')), time)}\n`);
    return 0;
  },
};

function standard(mail: boolean, iso: string | undefined): string {
  if (mail) return '%a, %d %b %Y %H:%M:%S %z';
  if (iso === undefined) return '%a %b %e %H:%M:%S %Z %Y';
  return iso === 'seconds' ? '%Y-%m-%dT%H:%M:%S%z' : '%Y-%m-%d';
}
