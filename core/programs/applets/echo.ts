/** echo: its arguments and a newline; -n without it, -e with escapes (busybox). Shared with the shell's builtin. */
import type { Applet } from '../lib/applet.ts';
import { byteString } from '../lib/bytes.ts';
import { unescapeText } from '../lib/escapes.ts';

export function echoBytes(args: readonly string[]): string {
  let newline = true;
  let escapes = false;
  let at = 0;
  for (; at < args.length && args[at]!.charCodeAt(0) === 45 && /^-[neE]+$/.test(args[at]!); at++) {
    for (const c of args[at]!.slice(1)) {
      if (c === 'n') newline = false;
      // -E is taken and changes nothing, also after -e.
      else if (c === 'e') escapes = true;
    }
  }
  const text = byteString(args.length === at + 1 ? args[at]! : args.slice(at).join(' '));
  if (!escapes) return newline ? `${text}\n` : text;
  const { text: done, stopped } = unescapeText(text, 'echo');
  return newline && !stopped ? `${done}\n` : done;
}

export const echo: Applet = {
  usage: '[-neE] [ARG]...',
  *main(ctx) {
    ctx.out.raw(echoBytes(ctx.args));
    return 0;
  },
};
