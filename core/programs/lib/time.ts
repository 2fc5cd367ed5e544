/** Dates in UTC, the time zone of a container without /etc/localtime. */
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const fullMonths = 'January February March April May June July August September October November December'.split(' ');
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

const pad = (value: number, width = 2, fill = '0'): string => String(value).padStart(width, fill);

/** strftime(3) in the C locale. */
export function strftime(format: string, ms: number): string {
  const date = new Date(ms);
  return format.replace(/%([-_0^#]*)(\d*)[EO]?([A-Za-z%])/g, (whole, flags: string, width: string, c: string) => {
    const text = field(c, date, ms);
    return text === undefined ? whole : shaped(text, flags, Number(width), c);
  });
}

/** As glibc takes flags: `-` without filling, `_` with spaces, `^` in capitals, `#` in the other case. */
function shaped(text: string, flags: string, width: number, c: string): string {
  const fill = /[-_0]/.exec([...flags].reverse().join(''))?.[0];
  const digits = /^ ?\d+$/.test(text);
  let shown = text;
  if (digits && (fill === '-' || fill === '_')) {
    const bare = text.replace(/^[0 ]+(?=.)/, '');
    shown = fill === '-' ? bare : bare.padStart(text.length);
  } else if (digits && fill === '0') shown = text.replace(/^ /, '0');
  if (flags.includes('^')) shown = shown.toUpperCase();
  else if (flags.includes('#') && 'pZ'.includes(c)) shown = shown.toLowerCase();
  else if (flags.includes('#') && 'aAbBh'.includes(c)) shown = shown.toUpperCase();
  const zeros = fill === '0' || (digits && fill === undefined);
  return shown.padStart(width, zeros ? '0' : ' ');
}

function field(c: string, d: Date, ms: number): string | undefined {
  const hour = d.getUTCHours();
  switch (c) {
    case 'Y':
      return String(d.getUTCFullYear());
    case 'C':
      return pad(Math.floor(d.getUTCFullYear() / 100));
    case 'y':
      return pad(d.getUTCFullYear() % 100);
    case 'm':
      return pad(d.getUTCMonth() + 1);
    case 'd':
      return pad(d.getUTCDate());
    case 'e':
      return pad(d.getUTCDate(), 2, ' ');
    case 'H':
      return pad(hour);
    case 'k':
      return pad(hour, 2, ' ');
    case 'I':
      return pad(hour % 12 === 0 ? 12 : hour % 12);
    case 'l':
      return pad(hour % 12 === 0 ? 12 : hour % 12, 2, ' ');
    case 'M':
      return pad(d.getUTCMinutes());
    case 'S':
      return pad(d.getUTCSeconds());
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'b':
    case 'h':
      return months[d.getUTCMonth()]!;
    case 'B':
      return fullMonths[d.getUTCMonth()]!;
    case 'a':
      return days[d.getUTCDay()]!.slice(0, 3);
    case 'A':
      return days[d.getUTCDay()]!;
    case 'u':
      return String(d.getUTCDay() === 0 ? 7 : d.getUTCDay());
    case 'w':
      return String(d.getUTCDay());
    case 'j':
      return pad(dayOfYear(d), 3);
    case 'U':
    case 'W':
      return pad(Math.floor((dayOfYear(d) + 6 - ((d.getUTCDay() + (c === 'U' ? 0 : 6)) % 7)) / 7));
    case 'V':
      return pad(isoWeek(d).week);
    case 'G':
      return String(isoWeek(d).year);
    case 'g':
      return pad(isoWeek(d).year % 100);
    case 'P':
      return hour < 12 ? 'am' : 'pm';
    case 's':
      return String(Math.floor(ms / 1000));
    case 'z':
      return '+0000';
    case 'Z':
      return 'UTC';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '%':
      return '%';
    default:
      return composite(c, ms);
  }
}

function composite(c: string, ms: number): string | undefined {
  const formats: Readonly<Record<string, string>> = {
    F: '%Y-%m-%d',
    T: '%H:%M:%S',
    R: '%H:%M',
    D: '%m/%d/%y',
    c: '%a %b %e %H:%M:%S %Y',
    x: '%m/%d/%y',
    X: '%H:%M:%S',
    r: '%I:%M:%S %p',
  };
  const format = formats[c];
  return format === undefined ? undefined : strftime(format, ms);
}

/** ISO 8601: the week of a day is that of its Thursday. */
function isoWeek(d: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(d.getTime() + (4 - (d.getUTCDay() || 7)) * 86_400_000);
  return { year: thursday.getUTCFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) };
}

function dayOfYear(d: Date): number {
  return (
    Math.round(
      (Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate()) - Date.UTC(d.getUTCFullYear(), 0, 1)) / 86_400_000,
    ) + 1
  );
}
