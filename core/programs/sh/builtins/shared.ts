/** Builtins that are applets as well; the shell's own name stands in their messages. */
import { SysError } from '../../../errors.ts';
import type { Call } from '../../../kernel/sys.ts';
import { echoBytes } from '../../applets/echo.ts';
import { formatted } from '../../applets/printf.ts';
import { evaluateTest } from '../../applets/test.ts';
import { toBytes } from '../../lib/bytes.ts';
import { WriteError } from '../../lib/io.ts';
import type { Shell } from '../shell.ts';
import type { Soon } from '../soon.ts';

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

function* complaining(shell: Shell, messages: readonly string[], output: string, status: number): Call<number> {
  for (const message of messages) yield* shell.sys.write(2, `sh: ${message}\n`);
  const soon = written(shell, output, status);
  return typeof soon === 'number' ? soon : yield* soon;
}

export function test(shell: Shell, name: string, args: readonly string[]): Soon {
  const { status, message } = evaluateTest(shell.sys, name, args);
  return message === undefined ? status : wrong(shell, message, status);
}

function* wrong(shell: Shell, message: string, status: number): Call<number> {
  yield* shell.sys.write(2, `sh: ${message}\n`);
  return status;
}
