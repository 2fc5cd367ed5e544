/**
 * An awk program once it has been read (POSIX.1-2017 XCU awk): plain data, made by parser.ts and carried out by run.ts.
 *
 * Why our own: of the JavaScript libraries one is unmaintained since 2013 and the other GNU awk compiled to WebAssembly, which
 * starts asynchronously, takes its input whole and speaks another dialect; none can run over simulated system calls.
 */

export type Expr =
  | { readonly k: 'num'; readonly value: number }
  | { readonly k: 'str'; readonly value: string }
  | { readonly k: 'regex'; readonly source: string }
  | { readonly k: 'var'; readonly name: string }
  | { readonly k: 'index'; readonly name: string; readonly keys: readonly Expr[] }
  | { readonly k: 'field'; readonly of: Expr }
  | { readonly k: 'group'; readonly list: readonly Expr[] }
  | { readonly k: 'unary'; readonly op: '+' | '-' | '!'; readonly of: Expr }
  | { readonly k: 'binary'; readonly op: string; readonly left: Expr; readonly right: Expr }
  | { readonly k: 'concat'; readonly left: Expr; readonly right: Expr }
  | { readonly k: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
  | { readonly k: 'match'; readonly negated: boolean; readonly left: Expr; readonly right: Expr }
  | { readonly k: 'in'; readonly keys: readonly Expr[]; readonly name: string }
  | { readonly k: 'cond'; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
  | { readonly k: 'assign'; readonly op: string; readonly to: Expr; readonly value: Expr }
  | { readonly k: 'step'; readonly by: 1 | -1; readonly before: boolean; readonly of: Expr }
  | { readonly k: 'call'; readonly name: string; readonly args: readonly Expr[] }
  | { readonly k: 'builtin'; readonly name: string; readonly args: readonly Expr[] }
  | { readonly k: 'getline'; readonly to?: Expr; readonly file?: Expr; readonly command?: Expr };

export type Redirection = { readonly op: '>' | '>>' | '|'; readonly to: Expr };

export type Stmt =
  | { readonly k: 'expr'; readonly value: Expr }
  | { readonly k: 'print' | 'printf'; readonly args: readonly Expr[]; readonly to?: Redirection }
  | { readonly k: 'block'; readonly body: readonly Stmt[] }
  | { readonly k: 'if'; readonly test: Expr; readonly then: Stmt; readonly else?: Stmt }
  | {
      readonly k: 'loop';
      readonly init?: Stmt;
      readonly test?: Expr;
      readonly step?: Stmt;
      readonly body: Stmt;
      readonly first: boolean;
    }
  | { readonly k: 'forin'; readonly name: string; readonly array: string; readonly body: Stmt }
  | { readonly k: 'next' | 'nextfile' | 'break' | 'continue' }
  | { readonly k: 'exit' | 'return'; readonly value?: Expr }
  | { readonly k: 'delete'; readonly name: string; readonly keys?: readonly Expr[] };

export interface Rule {
  readonly pattern?: Expr;
  /** `from, to` */
  readonly until?: Expr;
  readonly action: Stmt;
}

export interface Func {
  readonly params: readonly string[];
  readonly body: Stmt;
}

export interface AwkProgram {
  readonly begin: readonly Stmt[];
  readonly end: readonly Stmt[];
  readonly rules: readonly Rule[];
  readonly functions: ReadonlyMap<string, Func>;
}

/** The text is no awk program, or it does what cannot be done: printed as `awk: cmd. line:N: message`. */
export class AwkError extends Error {
  constructor(
    message: string,
    readonly line?: number,
  ) {
    super(message);
  }
}

/** Debian's busybox is built without libm. */
export const noMath = 'Math support is not compiled in';
