/** Builtins that are applets as well; the shell's own name stands in their messages. */
import { SysError } from '../../../errors.ts';
import type { Call } from '../../../kernel/sys.ts';
import { echoBytes } from '../../applets/echo.ts';
import { formatted, type Message } from '../../applets/printf.ts';
import { evaluateTest } from '../../applets/test.ts';
import { toBytes } from '../../lib/bytes.ts';
import { WriteError } from '../../lib/io.ts';
import type { Shell } from '../shell.ts';
import { later, type Soon } from '../soon.ts';

/** A short text and a newline; undefined: it may be an option, or is no ASCII. */
function asciiLine(text: string): Uint8Array | undefined {
  const { length } = text;
  if (length === 0 || length > 63 || text.charCodeAt(0) === 45) return undefined;
  const bytes = new Uint8Array(length + 1);
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return undefined;
    bytes[i] = unit;
  }
  bytes[length] = 10;
  return bytes;
}

/** Writes a byte string to standard output, and then answers `status`. */
function written(shell: Shell, text: string, status: number): Soon {
  return text === '' ? status : writtenBytes(shell, toBytes(text), status);
}

function writtenBytes(shell: Shell, bytes: Uint8Array, status: number): Soon {
  try {
    return shell.sys.tryWrite(1, bytes) ? status : write(shell, bytes, status);
  } catch (error) {
    throw error instanceof SysError ? new WriteError(error) : error;
  }
}

function* write(shell: Shell, bytes: Uint8Array, status: number): Call<number> {
  try {
    yield* shell.sys.write(1, bytes);
    return status;
  } catch (error) {
    throw error instanceof SysError ? new WriteError(error) : error;
  }
}

export function echo(shell: Shell, args: readonly string[]): Soon {
  const line = args.length === 1 ? asciiLine(args[0]!) : undefined;
  if (line !== undefined) return writtenBytes(shell, line, 0);
  return written(shell, echoBytes(args), 0);
}

export function printf(shell: Shell, args: readonly string[]): Soon {
  const { output, messages, status } = formatted(args);
  return messages.length === 0 ? written(shell, output, status) : complaining(shell, messages, output, status);
}

/** What is written so far goes out before each message, as stdio is flushed then. */
function* complaining(shell: Shell, messages: readonly Message[], output: string, status: number): Call<number> {
  let done = 0;
  for (const { at, text } of messages) {
    yield* later(written(shell, output.slice(done, at), 0));
    done = at;
    yield* shell.complain(`sh: ${text}\n`);
  }
  return yield* later(written(shell, output.slice(done), status));
}

export function test(shell: Shell, name: string, args: readonly string[]): Soon {
  const { status, message } = evaluateTest(shell.sys, name, args);
  return message === undefined ? status : wrong(shell, message, status);
}

function* wrong(shell: Shell, message: string, status: number): Call<number> {
  yield* shell.complain(`sh: ${message}\n`);
  return status;
}
