/**
 * From what Node and the utilities say to an `Outcome`: errnos by name where Node gives them, by the words of strerror(3)
 * where only a utility's message is there.
 */
import { type Errno, type Outcome, strerror } from '../core/index.ts';

const byWords = new Map(Object.entries(strerror).map(([errno, words]) => [words.toLowerCase(), errno as Errno]));

/** A refusal that a driver file throws and `driver.ts` turns into an Outcome. */
export class Refused extends Error {
  constructor(
    readonly errno: Errno,
    message: string = strerror[errno],
  ) {
    super(message);
    this.name = 'Refused';
  }
}

/** The errno that a utility's message ends with; EIO when it names none. */
export function errnoOf(message: string): Errno {
  const text = message.toLowerCase();
  let best: Errno = 'EIO';
  let at = -1;
  for (const [words, errno] of byWords) {
    const found = text.lastIndexOf(words);
    if (found > at) [best, at] = [errno, found];
  }
  return best;
}

/** A failed Outcome for an error of the kernel; anything else is a fault of ours and is thrown on. */
export function refusal(error: unknown): Outcome<never> {
  if (error instanceof Refused) return { ok: false, errno: error.errno, message: error.message };
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && code in strerror) {
    return { ok: false, errno: code as Errno, message: strerror[code as Errno] };
  }
  throw error;
}

/** Whether an error carries this errno. */
export function isErrno(error: unknown, errno: Errno): boolean {
  return (error as { code?: unknown }).code === errno || (error as { errno?: unknown }).errno === errno;
}
