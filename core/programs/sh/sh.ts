/**
 * `sh`: busybox ash as a program. `sh -c TEXT [NAME [ARG]...]`, `sh FILE [ARG]...`, or commands from standard input, with a
 * prompt when that is a terminal.
 */
import { SysError } from '../../errors.ts';
import type { Call, Program, Sys } from '../../kernel/sys.ts';
import { attempt, reason } from '../lib/applet.ts';
import { fromUtf8 } from '../lib/bytes.ts';
import { readAll } from '../lib/io.ts';
import { type Aliases, AliasReader } from './aliases.ts';
import { type Script, ScriptError } from './ast.ts';
import { refuseMonitor, setLong, setOption } from './builtins/variables.ts';
import { collect } from './jobs.ts';
import { asProcess, plain, readThrough, runScript, runText, runTraps } from './run.ts';
import { Leave, Shell, ShellError } from './shell.ts';
import { later } from './soon.ts';

/** PATH when the environment has none (busybox's bb_default_root_path). */
const defaultPath = '/sbin:/usr/sbin:/bin:/usr/bin';

export const sh: Program = function* main(sys, argv) {
  const shell = new Shell(sys);
  shell.arg0 = argv[0] === undefined ? 'sh' : argv[0].replace(/^.*\//, '') === 'busybox' ? 'sh' : argv[0];
  importEnvironment(shell);
  let call: Invocation;
  try {
    call = readArguments(shell, argv.slice(1));
  } catch (error) {
    if (!(error instanceof ShellError)) throw error;
    yield* sys.write(2, `${shell.arg0}: ${error.message}\n`);
    return 2;
  }
  return yield* asProcess(shell, () => start(shell, call));
};

interface Invocation {
  readonly text?: string;
  readonly file?: string;
}

function importEnvironment(shell: Shell): void {
  const put = (name: string, value: string): void => {
    shell.variables.set(name, { value, exported: true, readonly: false });
  };
  for (const each of shell.sys.environ) {
    const at = each.indexOf('=');
    if (/^[A-Za-z_]\w*$/.test(each.slice(0, at))) put(each.slice(0, at), each.slice(at + 1));
  }
  if (!shell.variables.has('PATH')) put('PATH', defaultPath);
  put('SHLVL', String((Number(shell.get('SHLVL') ?? '0') || 0) + 1));
  put('PWD', startDirectory(shell));
  shell.variables.set('IFS', { value: ' \t\n', exported: false, readonly: false });
  shell.variables.set('OPTIND', { value: '1', exported: false, readonly: false });
  shell.variables.set('PPID', { value: String(shell.sys.ppid), exported: false, readonly: false });
  shell.variables.set('PS4', { value: '+ ', exported: false, readonly: false });
}

/** PWD is believed when it names the directory that the process is in. */
function startDirectory(shell: Shell): string {
  const said = shell.get('PWD');
  const here = attempt(() => shell.sys.cwd()) ?? '/';
  if (said === undefined || !said.startsWith('/') || said === here) return here;
  const same = attempt(() => shell.sys.stat(said))?.ino === attempt(() => shell.sys.stat('.'))?.ino;
  return same ? said : here;
}

function readArguments(shell: Shell, args: readonly string[]): Invocation {
  let at = 0;
  let isText = false;
  let fromInput = false;
  for (; at < args.length; at++) {
    const arg = args[at]!;
    if (!/^[-+]./.test(arg)) break;
    if (arg === '--') {
      at++;
      break;
    }
    isText ||= /^[-+].*c/.test(arg);
    fromInput ||= /^[-+].*s/.test(arg);
    shell.interactive ||= /^[-+].*i/.test(arg);
    for (const letter of arg.slice(1).replace(/[csil]/g, '')) {
      if (letter === 'o') setLong(shell, args[++at] ?? '', arg.startsWith('-'));
      else setOption(shell, arg[0]!, letter);
    }
  }
  const rest = args.slice(at);
  if (isText) {
    const [text, name, ...params] = rest;
    if (text === undefined) throw new ShellError('-c requires an argument');
    if (name !== undefined) Object.assign(shell, { arg0: name, command: name, scriptName: name });
    shell.options.add('c');
    shell.args = params;
    return { text };
  }
  const file = rest[0];
  if (file === undefined || fromInput) {
    shell.options.add('s');
    shell.args = rest;
    return {};
  }
  shell.args = rest.slice(1);
  return { file };
}

function* start(shell: Shell, call: Invocation): Call<number> {
  yield* refuseMonitor(shell);
  if (call.text !== undefined) {
    return yield* runText(shell, call.text, { exit: true, tested: false }, 0);
  }
  if (call.file !== undefined) {
    const text = yield* scriptFile(shell, call.file);
    shell.arg0 = call.file;
    shell.command = call.file;
    shell.scriptName = call.file;
    return yield* runText(shell, text, plain);
  }
  shell.interactive ||= shell.sys.isatty(0) && shell.sys.isatty(2);
  return yield* fromInput(shell);
}

function* scriptFile(shell: Shell, file: string): Call<string> {
  try {
    const fd = shell.sys.open(file, { read: true });
    const bytes = yield* readAll(shell.sys, fd);
    shell.sys.close(fd);
    return fromUtf8(bytes);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new ShellError(`can't open '${file}': ${reason(error)}`);
  }
}

/** Commands as they come in: each is run as soon as its last line is there. */
function* fromInput(shell: Shell): Call<number> {
  const input = new Input(shell.sys, shell.aliases);
  let line = 1;
  for (;;) {
    if (shell.interactive) {
      yield* collect(shell);
      yield* shell.sys.write(1, prompt(shell));
    }
    try {
      const part = yield* input.command(line);
      if (part === undefined) return shell.status;
      line = part.line;
      yield* later(runScript(shell, part.script, plain));
      yield* runTraps(shell);
    } catch (error) {
      if (!(yield* survived(shell, error))) throw error;
      if (error instanceof ScriptError) input.dropLine();
    }
  }
}

function prompt(shell: Shell): string {
  const ps1 = shell.get('PS1');
  const cwd = attempt(() => shell.sys.cwd()) ?? '/';
  const sign = shell.sys.uid === 0 ? '#' : '$';
  if (ps1 === undefined) return `${cwd} ${sign} `;
  return ps1.replaceAll('\\w', cwd).replaceAll('\\$', sign).replaceAll('\\h', shell.sys.uname().nodename);
}

/** An interactive shell says what is wrong and goes on. */
function* survived(shell: Shell, error: unknown): Call<boolean> {
  const syntax = error instanceof ScriptError;
  if (syntax && !shell.interactive) throw new ShellError(error.message);
  if (!shell.interactive || !(syntax || error instanceof ShellError || isStray(error))) return false;
  if (!isStray(error)) yield* shell.complain(`${shell.prefix()}${(error as Error).message}\n`);
  shell.status = 2;
  return true;
}

function isStray(error: unknown): boolean {
  return error instanceof Leave && error.kind !== 'exit' && error.kind !== 'return';
}

/** Text that was read and not yet run. */
class Input {
  private text = '';
  private ended = false;
  private failedAt = 0;

  constructor(
    private readonly sys: Sys,
    private readonly aliases: Aliases,
  ) {}

  /** After a syntax error: goes on with the next line. */
  dropLine(): void {
    const end = this.text.indexOf('\n', this.failedAt);
    this.text = end < 0 ? '' : this.text.slice(end + 1);
  }

  *command(line: number): Call<{ script: Script; line: number } | undefined> {
    for (;;) {
      const found = this.text.includes('\n') || this.ended ? this.tryParse(line) : undefined;
      if (found !== undefined) return found;
      if (this.ended) return undefined;
      const bytes = yield* readThrough(this.sys, 0, 1023);
      if (bytes.length === 0) this.ended = true;
      this.text += fromUtf8(bytes);
    }
  }

  /** Undefined: more text is needed, or none is left. */
  private tryParse(line: number): { script: Script; line: number } | undefined {
    const whole = this.ended ? this.text : this.text.slice(0, this.text.lastIndexOf('\n') + 1);
    const reader = new AliasReader(whole, 0, line, this.aliases);
    try {
      const script = reader.next();
      if (script === undefined || (reader.ended && !this.ended)) {
        if (script === undefined) this.text = this.text.slice(whole.length);
        return undefined;
      }
      // What an alias has put in and nobody has read yet stands before the rest of the text.
      this.text = reader.rest + this.text.slice(whole.length);
      return { script, line: reader.line };
    } catch (error) {
      if (!this.ended && error instanceof ScriptError && reader.offset >= whole.length) return undefined;
      this.failedAt = error instanceof ScriptError ? error.at.start : 0;
      throw error;
    }
  }
}
