/**
 * `"${@#p}"` and the like. ash edits one text in which the arguments stand with a NUL between, and its patterns see no further
 * than the NUL: what is cut off or replaced depends on where that stands. Pure.
 */

/** `"${@%p}"`: the shortest end of the last argument that has one; what comes after that is gone. */
export function cutEnds(args: readonly string[], pattern: RegExp): readonly string[] {
  for (let i = args.length - 1; i >= 0; i--) {
    const text = args[i]!;
    for (let at = text.length; at >= 0; at--)
      if (pattern.test(text.slice(at))) return [...args.slice(0, i), text.slice(0, at)];
  }
  return args;
}

/** `"${@%%p}"`: the longest end of the first argument, and all further ones with it. */
export function cutFirst(args: readonly string[], pattern: RegExp): readonly string[] {
  const [first = ''] = args;
  for (let at = 0; at <= first.length; at++) if (pattern.test(first.slice(at))) return [first.slice(0, at)];
  return args;
}

/**
 * `"${@/p/r}"`, `"${@//p/r}"`: what fits to the end of an argument takes all further ones with it, unless the pattern is
 * `literal`, without a wildcard.
 */
export function replaceIn(
  args: readonly string[],
  pattern: RegExp,
  by: string,
  all: boolean,
  literal: boolean,
): readonly string[] {
  const done: string[] = [];
  for (const arg of args) {
    let text = '';
    for (let at = 0; at <= arg.length; ) {
      const end = longest(arg, at, pattern);
      if (end === undefined) {
        text += arg[at] ?? '';
        at++;
        continue;
      }
      if (end === arg.length && !literal) return [...done, text + by];
      if (!all) return [...done, text + by + arg.slice(end)];
      text += by;
      // An empty fit would be found there for ever.
      if (end === at) text += arg[at++];
      else at = end;
    }
    done.push(text);
  }
  return done;
}

/** Where the longest text from `at` on ends that the pattern takes. */
function longest(arg: string, at: number, pattern: RegExp): number | undefined {
  for (let end = arg.length; end >= at; end--) if (pattern.test(arg.slice(at, end))) return end;
  return undefined;
}
