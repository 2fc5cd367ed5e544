/**
 * Compound commands (POSIX.1-2017 XCU 2.9.4): groups, `if`, `case`, `for`, `while` and `until`, with `break` and `continue`.
 */
import type { Call } from '../../kernel/sys.ts';
import type { Command, Script } from './ast.ts';
import { expandText, expandWords, matches } from './expand.ts';
import { isQuick, quickText } from './quick.ts';
import { type Mode, modeOf, runScript, substitute } from './run.ts';
import { Leave, type Shell } from './shell.ts';
import { now, type Soon } from './soon.ts';

export type Compound = Exclude<Command, { kind: 'simple' | 'function' | 'subshell' }>;

export function compound(shell: Shell, command: Compound, mode: Mode): Soon {
  switch (command.kind) {
    case 'group':
      return runScript(shell, command.body, mode);
    case 'if': {
      const test = runScript(shell, command.test, modeOf(false, true));
      return typeof test === 'number' ? branch(shell, command, test, mode) : laterBranch(shell, command, test, mode);
    }
    case 'case':
      return caseCommand(shell, command, mode);
    case 'for':
      return forLoop(shell, command, mode);
    case 'loop':
      return new WhileLoop(shell, command, mode).run();
  }
}

type If = Extract<Command, { kind: 'if' }>;

function branch(shell: Shell, command: If, test: number, mode: Mode): Soon {
  const chosen = test === 0 ? command.then : command.else;
  return chosen === undefined ? 0 : runScript(shell, chosen, mode);
}

function* laterBranch(shell: Shell, command: If, test: Call<number>, mode: Mode): Call<number> {
  const soon = branch(shell, command, yield* test, mode);
  return typeof soon === 'number' ? soon : yield* soon;
}

type Case = Extract<Command, { kind: 'case' }>;

function caseCommand(shell: Shell, command: Case, mode: Mode): Soon {
  const { word, items } = command;
  if (!isQuick(word) || !items.every(({ patterns }) => patterns.every(isQuick))) return slowCase(shell, command, mode);
  const subject = quickText(shell, word);
  for (const { patterns, body } of items) {
    for (const pattern of patterns) {
      if (!now(matches(shell, subject, pattern, substitute))) continue;
      return body.items.length === 0 ? 0 : runScript(shell, body, mode);
    }
  }
  return 0;
}

function* slowCase(shell: Shell, command: Case, mode: Mode): Call<number> {
  const subject = yield* expandText(shell, command.word, substitute);
  for (const { patterns, body } of command.items) {
    for (const pattern of patterns) {
      if (!(yield* matches(shell, subject, pattern, substitute))) continue;
      const soon = body.items.length === 0 ? 0 : runScript(shell, body, mode);
      return typeof soon === 'number' ? soon : yield* soon;
    }
  }
  return 0;
}

/** One loop on its way. A round that has to wait makes the rest of it a Call. */
abstract class Loop {
  protected status = 0;

  constructor(
    protected readonly shell: Shell,
    protected readonly mode: Mode,
  ) {}

  /** One round: `false` ends the loop. */
  protected abstract round(): boolean | Call<boolean>;

  run(): Soon {
    const { shell } = this;
    shell.loops++;
    let waits: Call<boolean> | undefined;
    try {
      waits = this.untilWait();
    } catch (error) {
      shell.loops--;
      throw error;
    }
    if (waits !== undefined) return this.rest(waits);
    shell.loops--;
    return this.status;
  }

  /** Goes round until a round has to wait, or (undefined) the end. */
  private untilWait(): Call<boolean> | undefined {
    for (;;) {
      let more: boolean | Call<boolean>;
      try {
        more = this.round();
      } catch (error) {
        more = this.left(error);
      }
      if (more === false) return undefined;
      if (more !== true) return more;
    }
  }

  private *rest(first: Call<boolean>): Call<number> {
    try {
      for (let waits: Call<boolean> | undefined = first; waits !== undefined; waits = this.untilWait()) {
        let more: boolean;
        try {
          more = yield* waits;
        } catch (error) {
          more = this.left(error);
        }
        if (!more) break;
      }
    } finally {
      this.shell.loops--;
    }
    return this.status;
  }

  /** `break` and `continue`; those for a loop further out go on to it. */
  private left(error: unknown): boolean {
    const { shell } = this;
    if (!(error instanceof Leave) || (error.kind !== 'break' && error.kind !== 'continue')) throw error;
    if (error.value > 1 && shell.loops > 1) throw new Leave(error.kind, error.value - 1);
    shell.status = 0;
    this.status = 0;
    return error.kind === 'continue';
  }
}

class ForLoop extends Loop {
  private at = 0;
  private readonly inner: Mode;

  constructor(
    shell: Shell,
    private readonly command: Extract<Command, { kind: 'for' }>,
    private readonly words: readonly string[],
    mode: Mode,
  ) {
    super(shell, mode);
    this.inner = modeOf(false, mode.tested);
  }

  protected round(): boolean | Call<boolean> {
    const word = this.words[this.at++];
    if (word === undefined) return false;
    this.shell.set(this.command.name, word);
    const status = runScript(this.shell, this.command.body, this.inner);
    if (typeof status !== 'number') return this.later(status);
    this.status = status;
    return true;
  }

  private *later(status: Call<number>): Call<boolean> {
    this.status = yield* status;
    return true;
  }
}

function forLoop(shell: Shell, command: Extract<Command, { kind: 'for' }>, mode: Mode): Soon {
  const { words } = command;
  if (words !== undefined && !words.every(isQuick)) return slowFor(shell, command, mode);
  const list = words === undefined ? shell.args : now(expandWords(shell, words, substitute));
  return new ForLoop(shell, command, list, mode).run();
}

function* slowFor(shell: Shell, command: Extract<Command, { kind: 'for' }>, mode: Mode): Call<number> {
  const words = yield* expandWords(shell, command.words!, substitute);
  const soon = new ForLoop(shell, command, words, mode).run();
  return typeof soon === 'number' ? soon : yield* soon;
}

class WhileLoop extends Loop {
  private readonly inner: Mode;

  constructor(
    shell: Shell,
    private readonly command: Extract<Command, { kind: 'loop' }>,
    mode: Mode,
  ) {
    super(shell, mode);
    this.inner = modeOf(false, mode.tested);
  }

  protected round(): boolean | Call<boolean> {
    const test = runScript(this.shell, this.command.test, modeOf(false, true));
    if (typeof test !== 'number') return this.laterTest(test);
    if ((test === 0) === this.command.until) return false;
    return this.carryOut(this.command.body);
  }

  private carryOut(body: Script): boolean | Call<boolean> {
    const status = runScript(this.shell, body, this.inner);
    if (typeof status !== 'number') return this.laterBody(status);
    this.status = status;
    return true;
  }

  private *laterTest(test: Call<number>): Call<boolean> {
    if (((yield* test) === 0) === this.command.until) return false;
    const more = this.carryOut(this.command.body);
    return typeof more === 'boolean' ? more : yield* more;
  }

  private *laterBody(status: Call<number>): Call<boolean> {
    this.status = yield* status;
    return true;
  }
}
