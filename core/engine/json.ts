/** JSON values, and times as Go prints them (RFC 3339 with nanoseconds, trailing zeros dropped). */
import { goTime as present } from '../image/json.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export const NO_TIME = '0001-01-01T00:00:00Z';

/** 0 is Go's zero time: never. */
export function goTime(ms: number): string {
  if (ms === 0) return NO_TIME;
  return present(ms);
}
