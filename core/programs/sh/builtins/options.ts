/** Options of the shell's own commands (ash nextopt): letters in any order before the operands, each one known or an error. */
import { ShellError } from '../shell.ts';

export interface ShellOptions {
  /** Letters in the order given. */
  readonly letters: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

/** `spec` as for getopt(3): `a:b`. Throws ShellError. */
export function shellOptionsOf(args: readonly string[], spec: string): ShellOptions {
  const letters: string[] = [];
  const values = new Map<string, string>();
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--') {
      at++;
      break;
    }
    if (!/^-./.test(arg)) break;
    for (let i = 1; i < arg.length; i++) {
      const letter = arg[i]!;
      const found = letter === ':' ? -1 : spec.indexOf(letter);
      if (found < 0) throw new ShellError(`illegal option -${letter}`);
      letters.push(letter);
      if (spec[found + 1] !== ':') continue;
      const value = i + 1 < arg.length ? arg.slice(i + 1) : args[++at];
      if (value === undefined) throw new ShellError(`no arg for -${letter} option`);
      values.set(letter, value);
      break;
    }
  }
  return { letters, values, operands: args.slice(at) };
}
