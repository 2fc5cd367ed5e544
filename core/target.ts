/**
 * A whole place where command lines can be run and looked at: the simulation, our linux backend, or a real Docker Engine.
 * `run`, `verify`, lessons, the interactive program and the site know targets only by this interface.
 */
import type { Observation } from './observation.ts';

export type TargetName = 'sim' | 'linux' | 'docker';

/** A step as it was carried out, for people and for --json. */
export interface StepRecord {
  readonly title: string;
  /** The utility call that does it, as one would type it. */
  readonly shell: string;
  readonly ok: boolean;
  readonly why?: string;
  /** A system call by which the host command of a step before it changed something; `shell` is as strace(1) shows it. */
  readonly inside?: true;
  /** What the kernel or utility said when it refused. */
  readonly message?: string;
}

export interface CommandOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly steps: readonly StepRecord[];
  /** The command is not finished: it waits for input or time (foreground process). */
  readonly suspended?: 'input' | 'time';
  /**
   * What is typed goes key by key to a program's terminal, also while it does not read: Ctrl-C and the like are keys then, and what
   * is typed comes back in the output. `silent`: but for that (`read -s`), so that it is to be hidden where it is typed too.
   */
  readonly tty?: { readonly silent: boolean };
  /** What the line carried out in another terminal meanwhile (`Target.meanwhile`) led to. */
  readonly meanwhile?: CommandOutcome;
  /** Of a line that waits for time, on a target whose clock stands still then. */
  readonly time?: TimePassed;
  /** The target cannot run this line at all (a host command on the docker target); nothing happened. */
  readonly skipped?: string;
}

/** How far the clock is in a line that waits for time; milliseconds. */
export interface TimePassed {
  /** Since the line began. */
  readonly passed: number;
  /** Until something in it happens by itself; absent: nothing does. */
  readonly next?: number;
  /** How often Ctrl-C was passed on to its process, which goes on all the same. */
  readonly interrupts: number;
  /** Which limit of a line that nobody watches stopped it: `a simulated day`, `10 seconds of CPU time`. */
  readonly limit?: string;
  /**
   * It stopped only so that whoever drives it can look after something else, and can go on at once (`goOn` of the simulation):
   * it computes long, or is between two of very many docker commands.
   */
  readonly busy?: 'computing' | 'commands';
}

/** A stretch of time in milliseconds, in words. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120 || (seconds <= 600 && seconds % 60 !== 0)) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

export interface RunOptions {
  readonly stdin?: string;
  /** Awaited before each shown step is carried out; lets a caller step through a command. */
  readonly onStep?: (title: string, shell: string, why?: string) => void | Promise<void>;
  /** Output of a foreground process as it appears. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
}

/**
 * How a suspended line went on: the output that came since, all its steps, and whether it is still suspended. Nothing when no
 * line is suspended, or when the target answers by the pending `run` itself.
 */
export type Continued = CommandOutcome | undefined | Promise<CommandOutcome | undefined> | Promise<void>;

export interface Target {
  readonly name: TargetName;
  /** What people should know before the first line. */
  readonly notes?: readonly string[];
  /** Options and applets of busybox that were asked for (`sort -M`) and that the simulation has not: how often each. */
  readonly lacking?: ReadonlyMap<string, number>;
  /** Carries out one command line (`docker …`, or a host command). Never throws for what the learner typed. */
  run(line: string, options?: RunOptions): Promise<CommandOutcome>;
  observe(): Promise<Observation>;
  /**
   * Puts a file onto the target's host, over one that is there; the directory must exist. A relative path begins where lines
   * are typed. Throws UsageError when it cannot be. The bytes must not be changed afterwards: they may be kept as they are.
   */
  putFile?(path: string, bytes: Uint8Array): Promise<void>;
  /** The bytes of a file of the target's host. Throws UsageError when there is none. */
  getFile?(path: string): Promise<Uint8Array>;
  /** Types text to the foreground process, and goes on. */
  input?(text: string, end?: boolean): Continued;
  /** Goes on with the suspended line, granting it more time. */
  resume?(): Continued;
  /** Ctrl-C to the foreground process. */
  interrupt?(): Continued;
  /** The window of the terminal that lines are typed at has another size now, in characters. */
  resize?(rows: number, columns: number): Continued;
  /** Carries out a line as if in another terminal, and goes on with the suspended one. One that waits itself is left to itself. */
  meanwhile?(line: string): Continued;
  close(): Promise<void>;
}

/** One command of a replay: what --json prints a line of. */
export interface CommandRecord {
  readonly n: number;
  readonly command: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly steps: readonly StepRecord[];
  readonly observation: Observation;
}
