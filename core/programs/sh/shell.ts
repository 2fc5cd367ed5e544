/**
 * The state of one shell: variables, functions, options, traps, jobs. A subshell is a copy of it (`fork`) around another
 * process' system calls; nothing is shared, as between processes.
 */

import { SysError } from '../../errors.ts';
import type { Call, Sys } from '../../kernel/sys.ts';
import type { Signal } from '../../op.ts';
import type { Command } from './ast.ts';
import type { Monitor } from './monitor.ts';

/** An error that ends a shell that is not interactive (POSIX.1-2017 XCU 2.8.1). */
export class ShellError extends Error {
  constructor(
    message: string,
    readonly code = 2,
    /** It has been written already. */
    readonly said = false,
  ) {
    super(message);
  }
}

/** `exit`, `return`, `break`, `continue`, and Ctrl-C at a terminal: control that leaves the evaluator by exception. */
export class Leave extends Error {
  constructor(
    readonly kind: 'exit' | 'return' | 'break' | 'continue' | 'interrupt',
    /** Status, or for loops how many of them. */
    public value: number,
  ) {
    super(kind);
  }
}

export interface Variable {
  value: string | undefined;
  exported: boolean;
  readonly: boolean;
}

export interface Job {
  readonly id: number;
  /** Processes of the pipeline; the last one's status is the job's. */
  readonly pids: readonly number[];
  readonly text: string;
  /** It is a process group of its own. */
  readonly controlled: boolean;
  /** Statuses of those that ended. */
  readonly ended: Map<number, number>;
  /** Those that are stopped, and what stopped them. */
  readonly stopped: Map<number, Signal>;
  signal?: Signal | undefined;
  /** Its status was asked for: its number may be used again. */
  waited: boolean;
  /** Nobody has been told of its new state yet. */
  changed: boolean;
}

export const shellOptions: Readonly<Record<string, string>> = {
  errexit: 'e',
  noglob: 'f',
  ignoreeof: 'I',
  monitor: 'm',
  noexec: 'n',
  xtrace: 'x',
  verbose: 'v',
  noclobber: 'C',
  allexport: 'a',
  notify: 'b',
  nounset: 'u',
  errtrace: 'E',
  vi: 'V',
  pipefail: 'P',
};

/** The options that are on, by letter. Those that every command asks for stand beside the set as well. */
class Options extends Set<string> {
  noexec = false;
  xtrace = false;
  allexport = false;

  override add(letter: string): this {
    super.add(letter);
    return this.marked();
  }

  override delete(letter: string): boolean {
    const was = super.delete(letter);
    this.marked();
    return was;
  }

  private marked(): this {
    this.noexec = this.has('n');
    this.xtrace = this.has('x');
    this.allexport = this.has('a');
    return this;
  }
}

/** What a shell at a terminal does not end by, and its children do. */
const keyboard: readonly Signal[] = ['INT', 'QUIT', 'TERM'];

/** From the last to the first as `$-` has them. */
const letters = [...'efIimnscxvCabuE'];

/** Variables below this size are not worth telling the kernel about. */
const LARGE = 65536;

export class Shell {
  readonly variables = new Map<string, Variable>();
  readonly functions = new Map<string, Command>();
  /** By letter. */
  readonly options = new Options();
  readonly traps = new Map<Signal | 'EXIT', string>();
  jobs: Job[] = [];
  /** The current job first (ash's curjob and those behind it). */
  current: Job[] = [];
  monitor: Monitor | undefined;
  /** Prompts since it was said that jobs are stopped: at the first the shell may be left all the same. */
  warned = 0;
  readonly jobOf = new Map<number, Job>();
  /** Some of them may be forgotten. */
  jobsWaited = false;
  /** Bytes that large variables have grown by since the kernel was last told. */
  grown = 0;
  args: readonly string[] = [];
  arg0 = 'sh';
  status = 0;
  lastBackground: number | undefined;
  /** Status of the last command substitution; undefined: there was none in this command. */
  substituted: number | undefined;
  /** The process that `$$` names: the first shell's, also in subshells. */
  rootPid: number;
  loops = 0;
  functionDepth = 0;
  sourceDepth = 0;
  /** Variables that `local` of the functions under way has put aside. */
  readonly locals: Map<string, Variable | undefined>[] = [];
  /** LINENO; the first line of `-c` is 0, that of `eval` the line that it stands in. */
  line = 0;
  /** As `line`, but a function that has returned leaves it as it was. */
  errorLine = 0;
  /** `command` as it was outside of the builtin that runs. */
  caller: string | undefined;
  /** Name of the script file or builtin that messages name beside the shell. */
  command: string | undefined;
  /** The script file, when there is one. */
  scriptName: string | undefined;
  interactive = false;
  subshell = false;
  /** Where `getopts` is: the next word, the place in the word before it (-1: none), OPTIND as it was left. */
  getopts = { index: 1, at: -1, told: '1' };
  /** Traps that `trap` shows in the place of its own. */
  shownTraps: ReadonlyMap<Signal | 'EXIT', string> | undefined;
  /** Signals that came, whose traps are still to run. */
  pendingTraps: Signal[] = [];
  aliases = new Map<string, string>();
  /** Lines typed at its prompt, oldest first. */
  history: readonly string[] = [];

  constructor(public sys: Sys) {
    this.rootPid = sys.pid;
  }

  /** A copy for a forked process. Traps with an action are reset, ignored signals stay so. */
  fork(sys: Sys): Shell {
    const copy = new Shell(sys);
    for (const [name, variable] of this.variables) copy.variables.set(name, { ...variable });
    for (const [name, body] of this.functions) copy.functions.set(name, body);
    for (const option of this.options) copy.options.add(option);
    for (const [signal, action] of this.traps) {
      if (action === '') copy.traps.set(signal, '');
      else if (signal !== 'EXIT') sys.sigaction(signal, 'default');
    }
    if (this.interactive) for (const signal of keyboard) if (!this.traps.has(signal)) sys.sigaction(signal, 'default');
    copy.args = this.args;
    copy.arg0 = this.arg0;
    copy.status = this.status;
    copy.lastBackground = this.lastBackground;
    copy.rootPid = this.rootPid;
    copy.loops = this.loops;
    copy.functionDepth = this.functionDepth;
    copy.sourceDepth = this.sourceDepth;
    copy.line = this.line;
    copy.errorLine = this.errorLine;
    copy.command = this.command;
    copy.aliases = new Map(this.aliases);
    copy.history = this.history;
    copy.getopts = { ...this.getopts };
    copy.scriptName = this.scriptName;
    if (this.locals.length > 0) copy.locals.push(new Map());
    copy.subshell = true;
    return copy;
  }

  /** Some trap has an action: then no command takes the shell's place. */
  get hasTraps(): boolean {
    return [...this.traps.values()].some((action) => action !== '');
  }

  get ifs(): string {
    return this.get('IFS') ?? ' \t\n';
  }

  get path(): string {
    return this.get('PATH') ?? '';
  }

  get(name: string): string | undefined {
    const first = name.charCodeAt(0);
    // Letters and the underscore; all others are special or digits.
    if (first > 64) return name === 'LINENO' ? String(this.line) : this.variables.get(name)?.value;
    switch (name) {
      case '?':
        return String(this.status);
      case '$':
        return String(this.rootPid);
      case '#':
        return String(this.args.length);
      case '!':
        return this.lastBackground === undefined ? '' : String(this.lastBackground);
      case '-':
        return letters
          .filter((letter) => this.options.has(letter))
          .reverse()
          .join('');
      case '@':
      case '*':
        return this.args.join(' ');
      case '0':
        return this.arg0;
      default:
        return this.args[Number(name) - 1];
    }
  }

  set(name: string, value: string): void {
    const found = this.variables.get(name);
    if (value.length >= LARGE || (found?.value?.length ?? 0) >= LARGE) {
      this.grown += value.length - (found?.value?.length ?? 0);
    }
    if (found === undefined) {
      this.variables.set(name, { value, exported: this.options.allexport, readonly: false });
      return;
    }
    if (found.readonly) throw new ShellError(`${name}: is read only`);
    found.value = value;
    if (this.options.allexport) found.exported = true;
  }

  /** Writes to standard error; where that is closed or full, nobody hears of it. */
  *complain(text: string, fd = 2): Call<void> {
    try {
      yield* this.sys.write(fd, text);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
  }

  /** The environment of a command. */
  environ(): string[] {
    const list: string[] = [];
    for (const [name, variable] of this.variables) {
      if (variable.exported && variable.value !== undefined) list.push(`${name}=${variable.value}`);
    }
    return list;
  }

  /** `sh: `, with script and line where the real one gives them. */
  prefix(): string {
    if (this.command === undefined) return `${this.arg0}: `;
    const named = this.command === this.arg0 ? '' : `${this.command}: `;
    return `${this.arg0}: ${named}${this.interactive ? '' : `line ${this.errorLine}: `}`;
  }
}
