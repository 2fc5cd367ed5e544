/**
 * Floating-point numbers as C's printf writes them (C11 7.21.6.1): exact, however many digits are asked for, ties to the even
 * digit, `%e %f %g` with their flags. JavaScript's own toFixed and toExponential end at 100 digits and round ties up.
 */

export interface Shape {
  /** `e`, `f` or `g`. */
  readonly type: string;
  /** Digits; of `g` significant ones. */
  readonly precision: number;
  /** `#`: the point stays, zeros at the end too. */
  readonly alternate: boolean;
}

/** Without sign and padding; `inf` and `nan` by name. */
export function decimal(value: number, { type, precision, alternate }: Shape): string {
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 'nan';
  if (size === Number.POSITIVE_INFINITY) return 'inf';
  if (type === 'f') return pointed(rounded(size, precision), precision, alternate);
  if (type === 'e') return scientific(size, precision, alternate);
  return general(size, precision === 0 ? 1 : precision, alternate);
}

/** size × 10^digits to the nearest whole number. */
function rounded(size: number, digits: number): bigint {
  const { mantissa, exponent } = partsOf(size);
  const over = mantissa * (digits > 0 ? 10n ** BigInt(digits) : 1n) * (exponent > 0 ? 1n << BigInt(exponent) : 1n);
  const under = (exponent < 0 ? 1n << BigInt(-exponent) : 1n) * (digits < 0 ? 10n ** BigInt(-digits) : 1n);
  const whole = over / under;
  const rest = (over % under) * 2n;
  return rest > under || (rest === under && (whole & 1n) === 1n) ? whole + 1n : whole;
}

function partsOf(size: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const power = Number(bits >> 52n) & 0x7ff;
  const fraction = bits & ((1n << 52n) - 1n);
  return power === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: power - 1075 };
}

function pointed(whole: bigint, digits: number, alternate: boolean): string {
  const text = whole.toString().padStart(digits + 1, '0');
  if (digits === 0) return alternate ? `${text}.` : text;
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** All digits and the power of ten of the first one. */
function significant(size: number, digits: number): { text: string; power: number } {
  if (size === 0) return { text: '0'.repeat(digits), power: 0 };
  let power = Math.floor(Math.log10(size));
  for (;;) {
    const text = rounded(size, digits - 1 - power).toString();
    if (text.length === digits) return { text, power };
    power += text.length > digits ? 1 : -1;
  }
}

function scientific(size: number, precision: number, alternate: boolean): string {
  const { text, power } = significant(size, precision + 1);
  return withPower(pointed(BigInt(text), precision, alternate), power);
}

const withPower = (text: string, power: number): string =>
  `${text}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;

function general(size: number, precision: number, alternate: boolean): string {
  const { text, power } = significant(size, precision);
  const bare = (number: string): string => (alternate || !number.includes('.') ? number : number.replace(/\.?0+$/, ''));
  if (power < -4 || power >= precision) return withPower(bare(pointed(BigInt(text), precision - 1, alternate)), power);
  const digits = precision - 1 - power;
  return bare(pointed(rounded(size, digits), digits, alternate));
}
