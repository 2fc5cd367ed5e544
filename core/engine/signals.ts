/** Numbers of the signals on Linux x86 and ARM, signal(7). */
import { type Signal, signalNumbers } from '../op.ts';

export { signalNumbers };

export function signalByNumber(number: number): Signal | undefined {
  const entry = Object.entries(signalNumbers).find(([, value]) => value === number);
  return entry?.[0] as Signal | undefined;
}
