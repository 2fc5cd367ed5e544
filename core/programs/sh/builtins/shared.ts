/** Builtins that are applets as well; the shell's own name stands in their messages. */
import type { Call } from '../../../kernel/sys.ts';
import { echoBytes } from '../../applets/echo.ts';
import { formatted } from '../../applets/printf.ts';
import { evaluateTest } from '../../applets/test.ts';
import { Out } from '../../lib/io.ts';
import type { Shell } from '../shell.ts';

export function* echo(shell: Shell, args: readonly string[]): Call<number> {
  const out = new Out(shell.sys);
  out.raw(echoBytes(args));
  yield* out.flush();
  return 0;
}

export function* printf(shell: Shell, args: readonly string[]): Call<number> {
  const { output, messages, status } = formatted(args);
  for (const message of messages) yield* shell.sys.write(2, `sh: ${message}\n`);
  const out = new Out(shell.sys);
  out.raw(output);
  yield* out.flush();
  return status;
}

export function* test(shell: Shell, name: string, args: readonly string[]): Call<number> {
  const { status, message } = evaluateTest(shell.sys, name, args);
  if (message !== undefined) yield* shell.sys.write(2, `sh: ${message}\n`);
  return status;
}
