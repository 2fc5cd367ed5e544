/** Names that mean something to the shell by themselves. */

/** The special builtins of POSIX.1-2017 XCU 2.14, as ash has them. */
export const special: ReadonlySet<string> = new Set(
  '. : break continue eval exec exit export local readonly return set shift source times trap unset'.split(' '),
);

/** ash: a name, and none of a special builtin. */
export function canBeFunction(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !special.has(name);
}
