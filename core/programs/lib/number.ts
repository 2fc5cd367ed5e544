/** The number that a text of up to 15 digits and perhaps a minus is, exactly; NaN for all other texts, also for `007` and `-0`. */
export function plainNumber(text: string): number {
  const { length } = text;
  const start = length > 1 && text.charCodeAt(0) === 45 ? 1 : 0;
  const first = text.charCodeAt(start) - 48;
  if (length > 15 || (first === 0 && length > 1)) return Number.NaN;
  let value = 0;
  for (let i = start; i < length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return length === 0 ? Number.NaN : start === 1 ? -value : value;
}
