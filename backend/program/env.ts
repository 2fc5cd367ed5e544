/**
 * What a subcommand may touch of the outside: where it prints, what it reads, and how it gets a target. The terminal program
 * gives the real thing, tests give their own; so every subcommand can be run without a process.
 */
import type { Interface } from 'node:readline/promises';
import type { StorageDriver, Target, TargetName, Window } from '../../core/index.ts';

export type CgroupVersion = 'v1' | 'v2';

export interface OpenOptions {
  /** The simulated engine has docker0. */
  readonly bridge?: boolean;
  /** Keep the world between calls under this name. A target that keeps it on disk does so in this directory. */
  readonly lab?: { readonly name: string; readonly directory: string };
  /** A fault to put into the simulation, for trying out `verify`. */
  readonly fault?: string;
  /** Somebody types: input for a process may come later. */
  readonly interactive?: boolean;
  /** Simulated milliseconds that a foreground process may take unasked; default: as long as it takes. */
  readonly freeMs?: number;
  /** How the engine keeps layers; default overlay2. */
  readonly storageDriver?: StorageDriver;
  /** Which control groups the host is to have; absent: as the target likes. */
  readonly cgroup?: CgroupVersion;
}

/** Keys that are none of the line's that is typed, while a program has the terminal. */
export interface Keys {
  /** Is there a program that gets them? */
  wanted(): boolean;
  /** What is typed is not to be seen. */
  hidden(): boolean;
  press(key: string): void;
  /** Nothing is typed on the line yet, so that keys which take something away are for what the program has. */
  isEmpty(): boolean;
  /** Tab: what is typed so far goes to the program, which completes it. */
  tab(): void;
  /** The window has another size. */
  resized(rows: number, columns: number): void;
}

export interface Env {
  out(text: string): void;
  err(text: string): void;
  /** The text of a file; `-` is standard input. Throws UsageError. */
  readText(file: string): Promise<string>;
  openTarget(name: TargetName, options: OpenOptions): Promise<Target>;
  /** For an ordinary user, where a namespace can be had: runs the whole call in it; the exit status. undefined: go on here. */
  withNamespace?(argv: readonly string[]): Promise<number | undefined>;
  /** Lines from a person or a pipe; with `keys`, some of what a person presses goes there. */
  lines(keys?: Keys): Interface;
  /** A person sits at both ends. */
  readonly interactive: boolean;
  readonly columns: number;
  /** The window of the terminal that a person sits at, as it is now; absent: nobody does. */
  window?(): Window;
  readonly colour: boolean;
  /** The terminal shows only ASCII. */
  readonly ascii: boolean;
  readonly vars: Readonly<Record<string, string | undefined>>;
}

/** What the command line gave to a subcommand, checked against its table. */
export interface Call {
  readonly args: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly values: Readonly<Record<string, string>>;
  /** Options that may be given several times. */
  readonly lists?: Readonly<Record<string, readonly string[]>>;
}

/** A subcommand's file exports this as `run`; it returns the exit status. */
export type Run = (call: Call, env: Env) => Promise<number>;
