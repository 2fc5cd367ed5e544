/** A line that was typed here and that the program's terminal shows once more: seen where it was typed, it is left out there. */

/** A program asks the terminal where its cursor is (ECMA-48 DSR); a line that is typed here has no use for it. */
export const askedWhere = '\x1b[6n';

/** What is left of the echo that is waited for, and of the output behind what of it has come. Line ends may be inserted at the edge. */
export function withoutEcho(echo: string, output: string): { readonly echo: string; readonly rest: string } {
  let [at, seen] = [0, 0];
  while (seen < echo.length && at < output.length) {
    if (output[at] === echo[seen]) seen += 1;
    else if (output[at] !== '\r' && output[at] !== '\n') return { echo: '', rest: output };
    at += 1;
  }
  return { echo: echo.slice(seen), rest: output.slice(at) };
}
