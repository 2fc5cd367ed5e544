/**
 * What a docker command is to the command line: its place in the help, its flags, its arguments, and the flow that carries
 * it out. One such value per verb, in commands/.
 */
import type { Engine } from '../engine/index.ts';
import type { Flow } from '../op.ts';
import type { Attached, View, Window } from './attached.ts';
import type { FlagDef, FlagValues } from './flags.ts';

/** What one command works with. It writes with `out` and `err`, so that a suspended command has shown what it printed. */
export interface Cli {
  readonly engine: Engine;
  /** Standard input as text; undefined: nobody gave any. */
  readonly stdin: string | undefined;
  /** Host file that standard input was redirected from, for commands that read archives. */
  readonly stdinFile?: string;
  /** Somebody sits at a terminal: `-it` is allowed, and standard input without text stays open. */
  readonly interactive: boolean;
  /** Variables of the client's environment, for `-e NAME`. */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory on the host, for relative paths. */
  readonly cwd: string;
  /** Host file that standard output was redirected to, for commands that write archives. */
  readonly stdoutFile?: string;
  /**
   * The container whose foreground process gets the signals that the client gets (`--sig-proxy`); a number: the PID, on the
   * host, of the client's own process that reads an answer.
   */
  foreground: string | number | undefined;
  /** What its keyboard goes to. */
  attached: Attached | undefined;
  /** What of the output of the process that it waits for is shown while it waits. */
  view: View | undefined;
  /** Size of its terminal. */
  readonly window: Window;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How many arguments a command takes; the words of its error are the docker client's. */
export type ArgRule =
  | { readonly rule: 'none' }
  | { readonly rule: 'any' }
  | { readonly rule: 'exactly'; readonly count: number }
  | { readonly rule: 'atLeast'; readonly count: number }
  | { readonly rule: 'atMost'; readonly count: number }
  | { readonly rule: 'range'; readonly from: number; readonly to: number };

export interface CommandSpec {
  /** As it is typed after `docker`: `stop`, or `container ls`. */
  readonly name: string;
  /** What follows the name in the usage line: `[OPTIONS] CONTAINER [CONTAINER...]`. */
  readonly usage: string;
  readonly summary: string;
  /** What the help says instead of the summary. */
  readonly description?: string;
  readonly aliases?: readonly string[];
  /** What the help shows below `Examples`. */
  readonly examples?: string;
  readonly flags: readonly FlagDef[];
  /** Flags that this command acts on. All others are refused when they are used, never silently ignored. */
  readonly acts: readonly string[];
  readonly args: ArgRule;
  /** Flags end at the first argument (pflag's SetInterspersed(false)). */
  readonly flagsFirst?: boolean;
  /** Yields steps, returns the exit code. */
  readonly run: (cli: Cli, flags: FlagValues, args: readonly string[]) => Flow<number>;
}

/** Ends a command with a message of the client's own. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
    this.name = 'CliError';
  }
}

/** The same command by another name: `docker container stop`. */
export const under = (group: string, spec: CommandSpec, as = spec.name, aliases?: readonly string[]): CommandSpec => ({
  ...spec,
  name: `${group} ${as}`,
  ...(aliases === undefined ? {} : { aliases }),
});

/** Verbs of containers, under their own names and under `docker container`. */
export const ofContainers = (specs: readonly CommandSpec[]): readonly CommandSpec[] => [
  ...specs,
  ...specs.map((spec) => under('container', spec)),
];
