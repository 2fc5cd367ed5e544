/**
 * What a shell script is once it has been read: plain data, made by parser.ts and carried out by run.ts. Nothing in here
 * knows of processes or files, so a caller with its own idea of what a command is (core/cli) can use the same reader.
 *
 * The grammar is that of POSIX.1-2017 XCU 2.10 with what busybox ash adds (`function`, `&>`, `$'…'`, `${x/a/b}`, `${x:1:2}`).
 */

/** Where something stands in the text; `line` and `column` count from 1, `start` and `end` are offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

export type ParamOp =
  | '-'
  | '='
  | '+'
  | '?'
  | ':-'
  | ':='
  | ':+'
  | ':?'
  | '#'
  | '##'
  | '%'
  | '%%'
  | '/'
  | '//'
  | 'slice'
  /** None that there is: said when it is expanded. */
  | 'bad';

/** A piece of a word. `quoted`: it stood in quotes, so it is neither split into fields nor taken as a pattern. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'param';
      readonly name: string;
      readonly quoted: boolean;
      /** `${#x}` */
      readonly length?: boolean;
      readonly op?: ParamOp;
      readonly arg?: Word;
      /** Replacement of `${x/p/r}`, length of `${x:o:l}`. */
      readonly arg2?: Word;
    }
  | { readonly kind: 'command'; readonly script: Script; readonly quoted: boolean }
  | { readonly kind: 'arith'; readonly expr: Word; readonly quoted: boolean };

export interface Word extends Span {
  readonly parts: readonly Part[];
}

export interface Assign {
  readonly name: string;
  readonly value: Word;
}

export type RedirOp = '<' | '>' | '>>' | '>|' | '<>' | '<&' | '>&' | '<<' | '&>';

export interface Redir extends Span {
  readonly fd: number;
  readonly op: RedirOp;
  /** File, descriptor, or the body of a here-document. */
  readonly target: Word;
}

export interface Simple extends Span {
  readonly kind: 'simple';
  readonly assigns: readonly Assign[];
  readonly words: readonly Word[];
  readonly redirs: readonly Redir[];
}

interface Compound extends Span {
  readonly redirs: readonly Redir[];
}

export type Command =
  | Simple
  | (Compound & { readonly kind: 'subshell'; readonly body: Script })
  | (Compound & { readonly kind: 'group'; readonly body: Script })
  | (Compound & {
      readonly kind: 'if';
      readonly test: Script;
      readonly then: Script;
      readonly else?: Script | undefined;
    })
  | (Compound & { readonly kind: 'loop'; readonly until: boolean; readonly test: Script; readonly body: Script })
  | (Compound & {
      readonly kind: 'for';
      readonly name: string;
      readonly words?: readonly Word[] | undefined;
      readonly body: Script;
    })
  | (Compound & { readonly kind: 'case'; readonly word: Word; readonly items: readonly CaseItem[] })
  | (Compound & { readonly kind: 'function'; readonly name: string; readonly body: Command });

export interface CaseItem {
  readonly patterns: readonly Word[];
  readonly body: Script;
}

export interface Pipeline extends Span {
  readonly negated: boolean;
  readonly commands: readonly Command[];
}

/** Pipelines joined by `&&` and `||`; `ops[i]` stands before `pipelines[i + 1]`. */
export interface AndOr extends Span {
  readonly pipelines: readonly Pipeline[];
  readonly ops: readonly ('&&' | '||')[];
  /** Ended by `&`. */
  readonly background: boolean;
}

export interface Script {
  readonly items: readonly AndOr[];
}

/** The text is no script. `message` is what the shell says after its name: `syntax error: unexpected ";"`. */
export class ScriptError extends Error {
  constructor(
    message: string,
    readonly at: Span,
    /** The line that had been read up to. */
    readonly line: number = at.line,
  ) {
    super(message);
    this.name = 'ScriptError';
  }
}
