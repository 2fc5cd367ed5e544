/**
 * `sh`: busybox ash as a program. `sh -c TEXT [NAME [ARG]...]`, `sh FILE [ARG]...`, or commands from standard input, with a
 * prompt when that is a terminal.
 */
import { SysError } from '../../errors.ts';
import type { Call, Program } from '../../kernel/sys.ts';
import { attempt, reason } from '../lib/applet.ts';
import { banner } from '../lib/binary.ts';
import { fromUtf8 } from '../lib/bytes.ts';
import { readAll } from '../lib/io.ts';
import { AliasReader } from './aliases.ts';
import { type Script, ScriptError } from './ast.ts';
import { warnOfStopped } from './builtins/control.ts';
import { builtins } from './builtins/index.ts';
import { setLong, setOption } from './builtins/variables.ts';
import { LineEditor } from './edit.ts';
import { reportChanges, stoppedJob } from './jobs.ts';
import { interactiveSignals, settleMonitor } from './monitor.ts';
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
  if (call.text === undefined && call.file === undefined)
    shell.interactive ||= shell.sys.isatty(0) && shell.sys.isatty(2);
  yield* atTerminal(shell);
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
  shell.options.add('s');
  return yield* fromInput(shell);
}

/** Somebody sits there: job control, and the keyboard ends commands, not the shell. */
function* atTerminal(shell: Shell): Call<void> {
  if (shell.interactive) {
    shell.options.add('i');
    shell.options.add('m');
    for (const [signal, disposition] of interactiveSignals) shell.sys.sigaction(signal, disposition);
  }
  yield* settleMonitor(shell);
}

/** What ash says first (ash.c, with FEATURE_ASH_EXPAND_PRMT and no QUIET). */
const greeting = `\n\n${banner.replace(' multi-call binary.', '')} built-in shell (ash)\nEnter 'help' for a list of built-in commands.\n\n`;

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
  const input = new Input(shell);
  let line = 1;
  if (shell.interactive) yield* shell.sys.write(1, greeting);
  for (;;) {
    try {
      const part = yield* input.command(line);
      if (part === undefined) {
        if (yield* mayLeave(shell)) return shell.status;
        continue;
      }
      line = part.line;
      shell.warned = Math.max(0, shell.warned - 1);
      if (shell.pendingTraps.length > 0) yield* runTraps(shell);
      yield* later(runScript(shell, part.script, plain));
      yield* runTraps(shell);
    } catch (error) {
      if (!(yield* survived(shell, error))) throw error;
      if (error instanceof ScriptError) input.dropLine();
      else if (error instanceof Leave) input.drop();
    }
  }
}

/** Ctrl-D at the prompt. */
function* mayLeave(shell: Shell): Call<boolean> {
  if (!shell.interactive) return true;
  if (shell.monitor !== undefined && stoppedJob(shell) && shell.warned === 0) {
    yield* warnOfStopped(shell);
    return false;
  }
  if (shell.options.has('I')) {
    yield* shell.sys.write(1, '\nUse "exit" to leave shell.\n');
    return false;
  }
  yield* shell.sys.write(2, '\n');
  return true;
}

function promptOf(shell: Shell): string {
  const here = attempt(() => shell.sys.cwd()) ?? '/';
  const home = shell.get('HOME') ?? '';
  const isHome = home.length > 1 && (here === home || here.startsWith(`${home}/`));
  const cwd = isHome ? `~${here.slice(home.length)}` : here;
  const sign = shell.sys.uid === 0 ? '#' : '$';
  return (shell.get('PS1') ?? '\\w \\$ ').replace(/\\([wWhHu$n])/g, (_, letter: string) => {
    if (letter === 'w') return cwd;
    if (letter === 'W') return cwd.slice(cwd.lastIndexOf('/') + 1) || '/';
    if (letter === 'u') return shell.get('USER') ?? (shell.sys.uid === 0 ? 'root' : String(shell.sys.uid));
    if (letter === 'n') return '\n';
    return letter === '$' ? sign : shell.sys.uname().nodename;
  });
}

/** An interactive shell says what is wrong and goes on. */
function* survived(shell: Shell, error: unknown): Call<boolean> {
  const syntax = error instanceof ScriptError;
  if (syntax && !shell.interactive) throw new ShellError(error.message);
  if (!shell.interactive || !(syntax || error instanceof ShellError || isStray(error))) return false;
  if (error instanceof Leave && error.kind === 'interrupt') {
    shell.status = error.value;
    yield* shell.sys.write(2, '\n');
    return true;
  }
  if (!isStray(error)) yield* shell.complain(`${shell.prefix()}${(error as Error).message}\n`);
  shell.status = 2;
  return true;
}

function isStray(error: unknown): boolean {
  return error instanceof Leave && error.kind !== 'exit' && error.kind !== 'return';
}

/** What Tab completes. */
const namesOf = (shell: Shell) => () => ({
  commands: [...builtins.keys(), ...shell.functions.keys()],
  path: shell.get('PATH') ?? '',
  home: shell.get('HOME') ?? '/',
});

/** Text that was read and not yet run. */
class Input {
  private text = '';
  private ended = false;
  private failedAt = 0;

  private readonly editor: LineEditor | undefined;

  constructor(private readonly shell: Shell) {
    if (!shell.interactive) return;
    this.editor = new LineEditor(
      shell.sys,
      (came) => {
        shell.pendingTraps.push(...came);
        return came.includes('INT') && !shell.traps.has('INT');
      },
      namesOf(shell),
    );
    shell.history = this.editor.history;
  }

  drop(): void {
    this.text = '';
  }

  /** After a syntax error: goes on with the next line. */
  dropLine(): void {
    const end = this.text.indexOf('\n', this.failedAt);
    this.text = end < 0 ? '' : this.text.slice(end + 1);
  }

  *command(line: number): Call<{ script: Script; line: number } | undefined> {
    for (;;) {
      const found = this.text.includes('\n') || this.ended ? this.tryParse(line) : undefined;
      if (found !== undefined) return found;
      if (this.ended) {
        // More can be typed after Ctrl-D.
        this.ended = this.editor === undefined;
        return undefined;
      }
      yield* this.more();
    }
  }

  private *more(): Call<void> {
    const { editor, shell } = this;
    if (editor === undefined) {
      const bytes = yield* readThrough(shell.sys, 0, 1023);
      if (bytes.length === 0) this.ended = true;
      this.text += fromUtf8(bytes);
      return;
    }
    if (this.text.trim() === '') yield* reportChanges(shell);
    const typed = yield* editor.read(this.text.trim() === '' ? promptOf(shell) : (shell.get('PS2') ?? '> '));
    if (typed === 'interrupt') yield* this.interrupted();
    else if (typed === 'end') this.ended = true;
    else this.text += typed.line;
  }

  /** Ctrl-C: with a trap it is as if an empty line had been typed, without one the line is given up. */
  private *interrupted(): Call<void> {
    const { shell } = this;
    if (!shell.traps.has('INT')) throw new Leave('interrupt', 130);
    this.text += '\n';
    if (shell.traps.get('INT') !== '') shell.pendingTraps.push('INT');
    yield* runTraps(shell);
  }

  /** Undefined: more text is needed, or none is left. */
  private tryParse(line: number): { script: Script; line: number } | undefined {
    const whole = this.ended ? this.text : this.text.slice(0, this.text.lastIndexOf('\n') + 1);
    const reader = new AliasReader(whole, 0, line, this.shell.aliases);
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
