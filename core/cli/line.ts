/**
 * One typed line as a Flow. One docker command and nothing else is carried out on the engine at once. The client (docker.ts) and
 * what reads lines that need a shell (line/mixed.ts) are parts, which a page loads when somebody types (core/parts.ts).
 */
import { PartNeeded } from '../errors.ts';
import type { Flow } from '../op.ts';
import type { docker } from './docker.ts';
import type { Cli } from './spec.ts';

/** What the caller gives: everything of a Cli; `out` and `err` are the terminal. */
export type LineContext = Cli;

/** Run before and after every docker command: look what happened on the host meanwhile. */
export interface Around {
  readonly before: () => Flow<void>;
  readonly after: () => Flow<void>;
}

type LineRunner = (cli: LineContext, line: string, around: Around) => Flow<number>;

let mixed: LineRunner | undefined;
let client: typeof docker | undefined;

export function registerClient(run: typeof docker): void {
  client = run;
}

export function registerMixed(run: LineRunner): void {
  mixed = run;
}

/** Carries out `line`; returns its exit code. Throws PartNeeded. */
export function runLine(cli: LineContext, line: string, around: Around): Flow<number> {
  const argv = plainDocker(line);
  if (argv !== undefined) return callDocker(cli, around, argv);
  if (mixed === undefined) throw new PartNeeded('shell');
  return mixed(cli, line, around);
}

/** The arguments, when a line is one docker command of words in which nothing means anything to a shell. */
export function plainDocker(line: string): readonly string[] | undefined {
  if (!/^[ \t]*docker(?:[ \t]+[\w@%+=:,./-]+)*[ \t]*$/.test(line)) return undefined;
  return line
    .trim()
    .split(/[ \t]+/)
    .slice(1);
}

/** Carries out `docker <argv>`, with `changes` to what it works with. Throws PartNeeded. */
export function* callDocker(
  outer: LineContext,
  around: Around,
  argv: readonly string[],
  changes: Partial<Cli> = {},
): Flow<number> {
  if (client === undefined) throw new PartNeeded('first');
  const cli: Cli = {
    ...outer,
    ...changes,
    get foreground() {
      return outer.foreground;
    },
    set foreground(container) {
      outer.foreground = container;
    },
    get attached() {
      return outer.attached;
    },
    set attached(attached) {
      outer.attached = attached;
    },
    get view() {
      return outer.view;
    },
    set view(view) {
      outer.view = view;
    },
  };
  yield* around.before();
  const code = yield* client(cli, argv);
  outer.foreground = undefined;
  outer.attached = undefined;
  outer.view = undefined;
  yield* around.after();
  return code;
}
