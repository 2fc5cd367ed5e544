/**
 * Sizes, durations and dates in the words of docker/go-units, and the little formats that docker's tables share.
 */

/** fmt's `%.{precision}g`. */
export function goG(value: number, precision: number): string {
  if (value === 0) return '0';
  const [mantissa = '', exponent = '0'] = value.toExponential(precision - 1).split('e');
  const power = Number(exponent);
  const strip = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (power >= -4 && power < precision) return strip(value.toFixed(precision - 1 - power));
  return `${strip(mantissa)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function scaled(size: number, base: number, units: readonly string[], precision: number): string {
  let value = size;
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  return goG(value, precision) + units[unit];
}

/** units.HumanSizeWithPrecision: `1.98MB`. */
export const humanSize = (size: number, precision = 4): string =>
  scaled(size, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'], precision);

/** units.BytesSize: `728KiB`. */
export const bytesSize = (size: number): string =>
  scaled(size, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'], 4);

/** units.HumanDuration: `About a minute`. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(ms / 3_600_000 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(ms / 3_600_000 / 24 / 365)} years`;
}

export const ago = (then: number, now: number): string => `${humanDuration(now - then)} ago`;

/** time.Time's default format, in seconds: `2026-11-20 17:53:10 +0000 UTC`. */
export const goTime = (ms: number): string => `${isoSeconds(ms).replace('T', ' ').slice(0, 19)} +0000 UTC`;

/** RFC 3339 in seconds: `2026-11-20T17:53:10Z`. */
export const isoSeconds = (ms: number): string =>
  `${new Date(Math.trunc(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;

/** stringid.TruncateID: twelve digits, without `sha256:`. */
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** formatter.Ellipsis: at most `width` characters, the last one `…`. */
export function ellipsis(text: string, width: number): string {
  const runes = [...text];
  return runes.length <= width ? text : `${runes.slice(0, width - 1).join('')}…`;
}
