/**
 * The most frequent shapes of shell arithmetic, a number or variable and perhaps one operator between two of them, in ordinary
 * numbers as long as these are exact. All else is arith.ts'.
 */
import { plainNumber } from '../lib/number.ts';
import type { Shell } from './shell.ts';

const shape = /^\s*([A-Za-z_]\w*|0|[1-9]\d{0,14})\s*(?:([-+*/%]|[<>]=?|[=!]=)\s*([A-Za-z_]\w*|0|[1-9]\d{0,14})\s*)?$/;

interface Operand {
  readonly name: string | undefined;
  readonly value: number;
}

interface Shape {
  readonly left: Operand;
  readonly op: string | undefined;
  readonly right: Operand;
}

/** Texts that were seen before: a loop computes the same ones again and again. */
const seen = new Map<string, Shape | 'other'>();
const MOST = 1000;

/** The result as text; undefined when the text has another shape or the numbers are not plain ones. */
export function arithmeticText(text: string, shell: Shell): string | undefined {
  let found = seen.get(text);
  if (found === undefined) {
    found = shapeOf(text) ?? 'other';
    if (seen.size >= MOST) seen.clear();
    seen.set(text, found);
  }
  return found === 'other' ? undefined : resultOf(found, shell);
}

/** Undefined: the numbers are not plain ones. */
export type Arithmetic = (shell: Shell) => string | undefined;

/** As `arithmeticText`, for a text that is computed again and again; undefined: it has another shape. */
export function quickArithmetic(text: string): Arithmetic | undefined {
  const found = shapeOf(text);
  return found === undefined ? undefined : (shell) => resultOf(found, shell);
}

function shapeOf(text: string): Shape | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  return { left: operand(match[1]!), op: match[2], right: operand(match[3] ?? '0') };
}

function resultOf({ left: first, op, right }: Shape, shell: Shell): string | undefined {
  const left = numberIn(first, shell);
  const result = op === undefined ? left : computed(left, op, numberIn(right, shell));
  return Number.isSafeInteger(result) ? String(result + 0) : undefined;
}

/** NaN when it is none. */
function numberIn({ name, value }: Operand, shell: Shell): number {
  return name === undefined ? value : plainNumber(shell.get(name) ?? '');
}

const operand = (text: string): Operand =>
  text.charCodeAt(0) < 58 ? { name: undefined, value: Number(text) } : { name: text, value: 0 };

/** Not a safe integer where ordinary numbers will not do. */
function computed(a: number, op: string, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? Number.NaN : Math.trunc(a / b);
    case '%':
      return b === 0 ? Number.NaN : a % b;
    case '<':
      return a < b ? 1 : 0;
    case '>':
      return a > b ? 1 : 0;
    case '<=':
      return a <= b ? 1 : 0;
    case '>=':
      return a >= b ? 1 : 0;
    case '==':
      return a === b ? 1 : 0;
    case '!=':
      return a !== b ? 1 : 0;
    default:
      return Number.NaN;
  }
}
