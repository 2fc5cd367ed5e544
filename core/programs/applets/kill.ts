/** kill [-l] [-SIG] PID... Shared with the shell's builtin, which turns job names into PIDs first. */
import type { Call, Sys } from '../../kernel/sys.ts';
import { type Applet, reason } from '../lib/applet.ts';
import { shownName, signalNamed, signalNumber, signals } from '../lib/signals.ts';

export function* killMain(sys: Sys, name: string, args: readonly string[]): Call<number> {
  const say = (message: string): Call<void> => sys.write(2, `${name}: ${message}\n`);
  let rest = args;
  if (rest[0] === '-l' || rest[0] === '-L') return yield* list(sys, name, rest.slice(1));
  let signal = signalNamed('TERM')!;
  if (rest[0] !== undefined && /^-./.test(rest[0]) && rest[0] !== '--') {
    const text = rest[0] === '-s' ? rest[1] : rest[0].slice(1);
    rest = rest.slice(rest[0] === '-s' ? 2 : 1);
    const found = signalNamed(text ?? '');
    if (found === undefined) {
      yield* say(`bad signal name '${text ?? ''}'`);
      return 1;
    }
    signal = found;
  }
  if (rest[0] === '--') rest = rest.slice(1);
  if (rest.length === 0) {
    yield* say('you need to specify whom to kill');
    return 1;
  }
  // As many as these is the exit status.
  let failures = 0;
  for (const arg of rest) {
    if (!/^-?\d+$/.test(arg)) {
      yield* say(`invalid number '${arg}'`);
      failures++;
      continue;
    }
    try {
      sys.kill(Number(arg), signal);
    } catch (error) {
      yield* say(`can't kill pid ${arg}: ${reason(error)}`);
      failures++;
    }
  }
  return failures & 0xff;
}

function* list(sys: Sys, name: string, args: readonly string[]): Call<number> {
  if (args.length === 0) {
    const rows = signals.slice(0, 31).map((signal, i) => `${String(i + 1).padStart(2)}) ${shownName(signal)}\n`);
    yield* sys.write(1, rows.join(''));
    return 0;
  }
  for (const arg of args) {
    if (/^\d+$/.test(arg)) {
      // As an exit status has it; what has no name is its number.
      const number = Number(arg) & 0x7f;
      const named = signals[number - 1];
      yield* sys.write(1, `${number === 0 ? 'EXIT' : named === undefined ? number : shownName(named)}\n`);
      continue;
    }
    const signal = signalNamed(arg);
    if (signal === undefined || signal === 0) {
      yield* sys.write(2, `${name}: unknown signal '${arg}'\n`);
      return 1;
    }
    yield* sys.write(1, `${signalNumber(signal)}\n`);
  }
  return 0;
}

export const kill: Applet = {
  usage: '[-l] [-SIG] PID...',
  *main(ctx) {
    return yield* killMain(ctx.sys, ctx.name, ctx.args);
  },
};
