/** killall [-lq] [-SIG] NAME...: signals to all processes of a name. */
import { type Applet, attempt } from '../lib/applet.ts';
import { signalNamed } from '../lib/signals.ts';
import { killMain } from './kill.ts';
import { tasks } from './proc.ts';

export const killall: Applet = {
  usage: '[-lq] [-SIG] PROCESS_NAME...',
  *main(ctx) {
    let rest = ctx.args;
    if (rest[0] === '-l') return yield* killMain(ctx.sys, ctx.name, rest);
    const quiet = rest[0] === '-q';
    if (quiet) rest = rest.slice(1);
    let signal = signalNamed('TERM')!;
    if (rest[0] !== undefined && /^-./.test(rest[0])) {
      const apart = rest[0] === '-s' && rest[1] !== undefined;
      const text = apart ? rest[1]! : rest[0].slice(1);
      const found = signalNamed(text);
      if (found === undefined) {
        yield* ctx.warn(`bad signal name '${text}'`);
        return 1;
      }
      signal = found;
      rest = rest.slice(apart ? 2 : 1);
    }
    if (rest.length === 0) {
      yield* ctx.warn('you need to specify whom to kill');
      return 1;
    }
    const all = (yield* tasks(ctx.sys)).filter(({ pid }) => pid !== ctx.sys.pid);
    let missing = 0;
    for (const name of rest) {
      const found = all.filter(
        ({ comm, command }) => comm === name || command.split(' ')[0]!.replace(/.*\//, '') === name,
      );
      for (const { pid } of found) attempt(() => ctx.sys.kill(pid, signal));
      if (found.length > 0) continue;
      // As many names as nobody has is the exit status.
      missing++;
      if (!quiet) yield* ctx.warn(`${name}: no process killed`);
    }
    return missing & 0xff;
  },
};
