/**
 * An engine, a driver's facts and a command line put together: what every target that works by Flows (simulation, linux) is
 * made of. It only makes flows; who drives them decides about stepping, faults and suspension (drive.ts).
 */
import { type Attached, passOn, usualWindow, type View, type Window } from './cli/attached.ts';
import { runLine } from './cli/line.ts';
import type { Cli, CommandResult } from './cli/spec.ts';
import type { Driver } from './driver.ts';
import { createEngine, type Engine, loadBase, observe, settle, type World } from './engine/index.ts';
import { askedBy, explainLine } from './explain/line.ts';
import type { Host } from './host.ts';
import type { BaseImage } from './image/base.ts';
import type { Observation } from './observation.ts';
import { type Flow, perform } from './op.ts';
import './parts-all.ts';

export interface SessionOptions {
  readonly driver: Pick<Driver, 'facts'>;
  readonly host: Host;
  /** Images that are there from the start; their layers are known to the driver. */
  readonly base: readonly BaseImage[];
  /** A world kept from before, whose host was switched off meanwhile (the base images are in it already), and how it goes on. */
  readonly kept?: { readonly world: World; readonly boot: (engine: Engine) => Flow<void> };
  /** Somebody sits at a terminal. */
  readonly interactive?: boolean;
  /** The host's directory in which lines are typed. */
  readonly cwd?: string;
  /** Called after each docker command: the simulation lets a moment pass. True: it wants a step to rest at, and be asked nothing. */
  readonly between?: () => boolean;
  /** Variables of the client's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One line on its way. What it wrote so far can be read at any time. */
export interface Running {
  readonly flow: Flow<CommandResult>;
  readonly written: () => { readonly stdout: string; readonly stderr: string };
  /** The container whose foreground process the line waits for, and gets the client's signals; see `Cli`. */
  readonly foreground: () => string | number | undefined;
  /** What the line's keyboard goes to; what it shows while it waits. */
  readonly attached: () => Attached | undefined;
  readonly view: () => View | undefined;
  /** How often Ctrl-C was passed on to it. */
  interrupts: number;
}

export interface Session {
  readonly engine: Engine;
  /** Loads the base images, or starts again from the kept world; to be driven once, before the first line. */
  prepare(): Flow<void>;
  start(line: string, input?: LineInput): Running;
  /** As `start`, for who needs the flow alone. */
  run(line: string, input?: LineInput): Flow<CommandResult>;
  observe(): Flow<Observation>;
  /** Takes note of what has ended by itself. */
  settle(): Flow<void>;
  /** Ctrl-C for a line that waits. Answers what the client then leaves with, if it leaves; what it started goes on. */
  interrupt(running: Running): Flow<CommandResult | undefined>;
  /** Types text to a line that waits, `end`: and Ctrl-D. Answers what the client then leaves with, if those were the keys for that. */
  type(running: Running, text: string, end: boolean): Flow<CommandResult | undefined>;
  /** The window of the terminal that a line was typed at has another size. */
  resize(running: Running, window: Window): Flow<void>;
}

export interface LineInput {
  readonly stdin?: string;
  /** Of the terminal that it is typed at; default 24 rows of 80 columns. */
  readonly window?: Window;
}

export function createSession(options: SessionOptions): Session {
  const engine = createEngine(options.host, options.driver.facts, options.kept?.world);
  const start = (line: string, input: LineInput = {}) => begin(engine, options, line, input);
  return {
    engine,
    *prepare() {
      if (options.kept !== undefined) yield* options.kept.boot(engine);
      else for (const image of options.base) yield* loadBase(engine, image);
    },
    start,
    run: (line, input) => start(line, input).flow,
    *observe() {
      yield* settle(engine);
      return yield* observe(engine);
    },
    settle: () => settle(engine),
    interrupt: (running) => interrupt(engine, running),
    type,
    resize: (running, window) => resize(engine, running, window),
  };
}

/** Signals that the client passes on before it leaves by itself. */
const patience = 3;

/**
 * Ctrl-C. The client passes SIGINT on (`--sig-proxy`), which a PID 1 without a handler does not notice; without a container
 * that it passes signals on to, it is the client that SIGINT ends. Docker 20.10's client passes on for ever: it is killed
 * from another terminal. Later ones (28.2) leave at the third signal, and so do we, for there is no other terminal.
 * With a terminal (`-t`), Ctrl-C is a character like any other, and not counted.
 */
function* interrupt(engine: Engine, running: Running): Flow<CommandResult | undefined> {
  // A raw terminal makes no signal of it: it is a key like any other.
  if (running.attached()?.tty === true) return yield* type(running, '\x03', false);
  const written = running.written();
  const id = running.foreground();
  if (typeof id === 'number')
    yield { title: 'end the client', op: { op: 'signal', pid: id, signal: 'KILL' }, quiet: true };
  if (typeof id !== 'string') return { ...written, exitCode: 130 };
  const container = engine.world.containers[id];
  if (container?.config.Tty !== true) running.interrupts += 1;
  if (running.interrupts === patience) {
    const said = `\ngot ${patience} SIGTERM/SIGINTs, forcefully exiting\n`;
    return { ...written, stderr: written.stderr + said, exitCode: 1 };
  }
  // Not by way of killContainer: the line that waits is the one to notice the end.
  const pid = container?.pid ?? 0;
  if (pid > 0) yield* perform('send SIGINT to PID 1 of the container', { op: 'signal', pid, signal: 'INT' });
  return undefined;
}

function* type(running: Running, text: string, end: boolean): Flow<CommandResult | undefined> {
  const attached = running.attached();
  if (attached === undefined) return undefined;
  const { pid, tty, left } = attached;
  const passed = tty ? passOn(attached, text) : { text, detached: false };
  if (passed.text !== '' || (end && !passed.detached))
    yield { title: 'type', op: { op: 'input', pid, text: passed.text, end: end && !passed.detached }, quiet: true };
  if (!passed.detached) return undefined;
  const written = running.written();
  return { ...written, stderr: written.stderr + left.said, exitCode: left.code };
}

/** The program's terminal gets the size; and the client passes on the SIGWINCH that it was told by, as it does all signals. */
function* resize(engine: Engine, running: Running, { rows, columns }: Window): Flow<void> {
  const attached = running.attached();
  if (attached?.tty === true)
    yield { title: 'resize', op: { op: 'resize', pid: attached.pid, rows, columns }, quiet: true };
  const id = running.foreground();
  const pid = typeof id === 'string' ? (engine.world.containers[id]?.pid ?? 0) : 0;
  if (pid > 0) yield { title: 'pass on SIGWINCH', op: { op: 'signal', pid, signal: 'WINCH' }, quiet: true };
}

function begin(engine: Engine, options: SessionOptions, line: string, input: LineInput): Running {
  let stdout = '';
  let stderr = '';
  const cli: Cli = {
    engine,
    stdin: input.stdin,
    interactive: options.interactive ?? false,
    env: options.env ?? defaultEnvironment,
    cwd: options.cwd ?? '/',
    foreground: undefined,
    attached: undefined,
    view: undefined,
    window: input.window ?? usualWindow,
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
  };
  const flow = (function* (): Flow<CommandResult> {
    const asked = askedBy(line);
    const around = {
      before: () => settle(engine),
      after: () => afterwards(engine, options),
    };
    const exitCode = asked === undefined ? yield* runLine(cli, line, around) : yield* explainLine(cli, asked);
    return { exitCode, stdout, stderr };
  })();
  return {
    flow,
    written: () => ({ stdout, stderr }),
    foreground: () => cli.foreground,
    attached: () => cli.attached,
    view: () => cli.view,
    interrupts: 0,
  };
}

function* afterwards(engine: Engine, { between }: SessionOptions): Flow<void> {
  // A line of commands that only look has no step of its own.
  if (between?.() === true) yield { title: 'rest', op: { op: 'namespaces', pid: 1 }, quiet: true };
  yield* settle(engine);
}

const defaultEnvironment = {
  HOME: '/root',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  USER: 'root',
};
