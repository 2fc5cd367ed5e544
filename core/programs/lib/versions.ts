/** strverscmp(3): texts with numbers in them, in the order of the numbers (`ls -v`, `sort -V`). */
export function compareVersions(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  // Back to where the number begins in which they differ.
  let from = at;
  while (from > 0 && isDigit(a[from - 1])) from--;
  const [x, y] = [/^\d*/.exec(a.slice(from))![0], /^\d*/.exec(b.slice(from))![0]];
  if (x !== '' && y !== '' && x !== y) return compareNumbers(x, y);
  const [c, d] = [a[at] ?? '', b[at] ?? ''];
  return c < d ? -1 : c > d ? 1 : 0;
}

const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9';

/** Numbers with zeros in front are fractions, and come before those without: 000 00 01 010 09 0 1 9 10. */
function compareNumbers(x: string, y: string): number {
  const [zeros, others] = [/^0*/.exec(x)![0].length, /^0*/.exec(y)![0].length];
  const fraction = (text: string, lead: number): boolean =>
    lead > 0 && !(lead === 1 && text.length === 1 && text === '0');
  if (fraction(x, zeros) || fraction(y, others)) {
    const [p, q] = [`${x}\uffff`, `${y}\uffff`];
    if (fraction(x, zeros) !== fraction(y, others)) return fraction(x, zeros) ? -1 : 1;
    return p < q ? -1 : 1;
  }
  return x.length === y.length ? (x < y ? -1 : 1) : x.length - y.length;
}
