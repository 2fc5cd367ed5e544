/** How long arguments and environment may be together (execve(2), "Limits on size of arguments and environment"). */
import { SysError } from '../errors.ts';

/** MAX_ARG_STRLEN: bytes of one string with its NUL. */
const ONE_STRING = 131_072;
/** A quarter of a stack of 8 MiB, for all strings and the pointers to them. */
const ALL = 2 * 2 ** 20;
const POINTER = 8;

const encoder = new TextEncoder();

/** Throws E2BIG. */
export function checkArguments(argv: readonly string[], env: readonly string[]): void {
  let sum = 0;
  for (const list of [argv, env]) {
    for (const text of list) {
      // Of short strings it matters little that a character may be several bytes.
      const size = (text.length > 1024 ? encoder.encode(text).length : text.length) + 1;
      if (size > ONE_STRING) throw new SysError('E2BIG');
      sum += size + POINTER;
    }
  }
  if (sum > ALL) throw new SysError('E2BIG');
}
