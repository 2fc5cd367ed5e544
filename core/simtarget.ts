/**
 * The simulation as a Target: a host just booted, the base images on it, and lines carried out at once. Everything of it is
 * synchronous; the methods of Target only wrap the `…Sync` ones.
 *
 * Kept true: the same options and the same lines always give the same output, steps and observations. A line that waits for
 * input or time is kept as `suspended`; it goes on by `resume`, `input` or `interrupt`, and the next line ends it.
 */

import { withHandMade } from './byhand/door.ts';
import { usualWindow } from './cli/attached.ts';
import type { CommandResult } from './cli/spec.ts';
import { type Driven, driveAsync, driveSync, type Hooks, recordOf, runSync } from './drive.ts';
import type { StorageDriver } from './driver.ts';
import { observe, type World } from './engine/index.ts';
import { SysError, UsageError } from './errors.ts';
import { seededRandom } from './host.ts';
import { type BaseImage, busyboxImage } from './image/base.ts';
import type { TarEntry } from './image/tar.ts';
import { createSimDriver, type SimDriver, type SimDriverOptions } from './kernel/driver.ts';
import { type Budget, defaultBudget, limitWords } from './kernel/scheduler.ts';
import { type Change, told } from './kernel/trace.ts';
import type { Observation } from './observation.ts';
import type { Digest, OutputChunk, Step } from './op.ts';
import { busybox, programs } from './programs/busybox.ts';
import { createSession, type Running, type Session } from './session.ts';
import { shellOf } from './shell-door.ts';
import type { CommandOutcome, RunOptions, StepRecord, Target, TimePassed } from './target.ts';
import { contentDigest, digestsAhead } from './vfs/content.ts';
import { TreeFs } from './vfs/tree.ts';

export interface SimTargetOptions {
  /** Ids and names come from it; default 1. */
  readonly seed?: number;
  /** What the host's clock shows when it boots, milliseconds since the epoch. */
  readonly startTime?: number;
  readonly base?: readonly BaseImage[];
  /** Which control groups the host has: v1 with a unified hierarchy beside it (default), or v2 alone. */
  readonly cgroup?: 'v1' | 'v2';
  /** Makes the model wrong on purpose, so that validators can prove that a comparison notices. */
  readonly fault?: NonNullable<SimDriverOptions['fault']>;
  /** Somebody sits at a terminal: `-it` is allowed and input may come later. */
  readonly interactive?: boolean;
  /**
   * Simulated milliseconds that a foreground process may take before the line waits for time; `resume` lets more pass.
   * Default: as long as it takes, a day at most.
   */
  readonly freeMs?: number;
  /** The engine has its bridge, docker0 (HostFacts.bridge); default: it has not. */
  readonly bridge?: boolean;
  /**
   * Turns of computing that a foreground process may take before the line is handed back as `busy`, so that whoever drives it can
   * look after something else; `goOn` continues. Default: it is not handed back.
   */
  readonly sliceTurns?: number;
  /** How layers are kept on the host; default overlay2. */
  readonly storageDriver?: StorageDriver;
}

export interface SyncRunOptions {
  readonly stdin?: string;
  /** Leave the records of steps out: faster. */
  readonly steps?: boolean;
  /** After each system call of a line on the host that is shown as a step of its own. */
  readonly onCall?: () => void;
  /** The n-th step of the line fails, counted from 0. */
  readonly failAt?: number;
  readonly onStep?: (title: string, shell: string) => void;
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
}

export interface SimTarget extends Target {
  readonly name: 'sim';
  readonly driver: SimDriver;
  readonly session: Session;
  /** The engine's state, one immutable value. */
  readonly world: World;
  runSync(line: string, options?: SyncRunOptions): CommandOutcome;
  observeSync(): Observation;
  /** As `observeSync`, but the engine takes note of nothing: in the midst of a command. Throws while that is between two states. */
  glance(): Observation;
  /** What makes the next `observeSync` quick where much was written, bit by bit, for who looks after something else in between. */
  readAhead(): Iterable<void>;
  /** Goes on with the suspended line, to its process' next moment at least. Without one, nothing happens. */
  resume(): CommandOutcome | undefined;
  /** Goes on with a line that was handed back as `busy`: nothing happens to it meanwhile, and no more time is granted. */
  goOn(): CommandOutcome | undefined;
  /** Types text to the process that the suspended line waits for, and goes on. */
  input(text: string, end?: boolean): CommandOutcome | undefined;
  /** Ctrl-C. */
  interrupt(): CommandOutcome | undefined;
  resize(rows: number, columns: number): CommandOutcome | undefined;
  meanwhile(line: string): CommandOutcome | undefined;
}

/**
 * `freeMs` where somebody looks on: long enough for what one would sit out (a `sleep 3`, a few pings), too short for what is
 * started to go on, so that it can be looked at and interrupted.
 */
export const FREE_MS = 5_000;

/** A Monday morning, some years after the base image was made. */
const BOOT_TIME = Date.UTC(2026, 0, 5, 9, 0, 0);

/** Milliseconds that pass after each docker command. */
const MOMENT = 50;

/** System calls of one line that are shown. */
const MOST_CALLS = 150;

/** Bytes that programs wrote, all files together, from which on reading them back is worth a slice of its own. */
const MUCH = 2 ** 22;

/** Docker commands of one line after which it is handed back as busy. */
const COMMANDS_PER_SLICE = 10;

export function createSimTarget(options: SimTargetOptions = {}): SimTarget {
  return new Sim(options);
}

/** A line that has not come to its end. */
interface Suspended {
  readonly running: Running;
  readonly steps: StepRecord[];
  readonly options: SyncRunOptions;
  resume: () => Driven<CommandResult>;
  /** The step that it waits in. */
  waiting: () => Step | undefined;
  blocked: 'input' | 'time';
  /** Output of the foreground process that was handed out already. */
  shown: number;
  /** When it began, milliseconds since the epoch. */
  readonly began: number;
}

class Sim implements SimTarget {
  readonly name = 'sim';
  readonly driver: SimDriver;
  readonly session: Session;
  #suspended: Suspended | undefined;
  readonly #watched: boolean;
  readonly #sliced: boolean;
  readonly #budget: Budget;
  /** What the line on the host that is under way changed by its calls. */
  #inside: StepRecord[] = [];
  /** Docker commands of the line since it was handed back last, and whether it is handed back because of them. */
  #commands = 0;
  #window = usualWindow;
  #rests = false;
  /** The moment after a docker command lasts until then. */
  #breathing = 0;

  constructor(options: SimTargetOptions) {
    this.#watched = options.freeMs !== undefined;
    this.#sliced = options.sliceTurns !== undefined;
    this.#budget = { ...defaultBudget, ...(this.#sliced ? { sliceTurns: options.sliceTurns! } : {}) };
    const base = options.base ?? [busyboxImage];
    this.driver = createSimDriver({
      programs,
      binaries: Object.fromEntries(base.flatMap(binariesOf).map((digest) => [digest, busybox])),
      layers: (blob) => base.flatMap(({ layers }) => layers).find(({ diffId }) => diffId === blob)?.entries,
      startTime: options.startTime ?? BOOT_TIME,
      ...(options.cgroup === undefined ? {} : { cgroup: options.cgroup }),
      ...(options.fault === undefined ? {} : { fault: options.fault }),
      ...(options.bridge === undefined ? {} : { bridge: options.bridge }),
      ...(options.storageDriver === undefined ? {} : { storageDriver: options.storageDriver }),
      ...(options.freeMs === undefined ? {} : { freeMs: options.freeMs }),
      ...(options.sliceTurns === undefined ? {} : { sliceTurns: options.sliceTurns }),
    });
    const host = { now: () => this.driver.now(), random: seededRandom(options.seed ?? 1) };
    this.session = createSession({
      driver: this.driver,
      host,
      base,
      cwd: '/root',
      interactive: options.interactive ?? false,
      between: () => {
        this.#commands += 1;
        this.#breathing = this.driver.now() + MOMENT;
        return !this.#breathe() || (this.#sliced && this.#commands >= COMMANDS_PER_SLICE);
      },
    });
    runSync(this.session.prepare(), this.driver);
  }

  get lacking(): ReadonlyMap<string, number> {
    return this.driver.kernel.lacking;
  }

  get world(): World {
    return this.session.engine.world;
  }

  runSync(line: string, options: SyncRunOptions = {}): CommandOutcome {
    this.#abandon();
    const began = this.driver.now();
    const stdin = options.stdin === undefined ? {} : { stdin: options.stdin };
    const running = this.session.start(line, { ...stdin, window: this.#window });
    const steps: StepRecord[] = [];
    let step: Step | undefined;
    this.#commands = 0;
    this.#breathing = 0;
    const hooks: Hooks = {
      ...(this.#sliced ? { rest: () => this.#tired() } : {}),
      ...(options.steps === false ? {} : { steps }),
      ...(options.failAt === undefined ? {} : { failAt: options.failAt }),
      inside: (done) => (done.op.op === 'host' ? this.#inside.splice(0) : []),
      before: (next) => {
        if (next !== step && next.quiet !== true) options.onStep?.(next.title, shellOf(next.op, this.driver.facts));
        step = next;
        return undefined;
      },
    };
    this.#watch(options);
    const driven = driveSync(running.flow, this.driver, hooks);
    return this.#outcome({ running, steps, options, waiting: () => step, shown: 0, began }, driven);
  }

  observeSync(): Observation {
    runSync(this.session.settle(), this.driver);
    return this.glance();
  }

  glance(): Observation {
    const pids = Object.values(this.world.containers).flatMap(({ pid }) => (pid > 0 ? [pid] : []));
    return withHandMade(this.driver, pids, runSync(observe(this.session.engine), this.driver));
  }

  *readAhead(): Generator<void, void> {
    const { fs } = this.driver.kernel.init.root.mount;
    if (fs instanceof TreeFs) yield* digestsAhead(fs.contents(MUCH));
  }

  /** Collects what lines on the host change, for those who show steps: the first of it, and how much more there is. */
  #watch({ steps, onCall }: SyncRunOptions): void {
    this.#inside = [];
    let calls = 0;
    const heard = (change: Change): void => {
      calls += 1;
      if (calls > MOST_CALLS) {
        this.#inside.splice(MOST_CALLS, 1, {
          title: `… and ${calls - MOST_CALLS} more`,
          shell: '',
          ok: true,
          inside: true,
        });
        return;
      }
      this.#inside.push({ ...told(change), ok: true, inside: true });
      onCall?.();
    };
    this.driver.watchHost(steps === false ? undefined : heard);
  }

  /** After some docker commands of one line, or in a moment in which much happens, it is time to look after something else. */
  #tired(): boolean {
    const breathed = this.driver.now() >= this.#breathing || this.#breathe();
    this.#rests = !breathed || this.#commands >= COMMANDS_PER_SLICE;
    if (breathed && this.#rests) this.#commands = 0;
    return this.#rests;
  }

  resume(): CommandOutcome | undefined {
    if (this.#suspended !== undefined) this.driver.letPass();
    return this.goOn();
  }

  goOn(): CommandOutcome | undefined {
    const suspended = this.#suspended;
    return suspended === undefined ? undefined : this.#outcome(suspended, suspended.resume());
  }

  input(text: string, end = false): CommandOutcome | undefined {
    const suspended = this.#suspended;
    if (suspended === undefined) return undefined;
    const op = suspended.waiting()?.op;
    if (suspended.running.attached() !== undefined)
      return this.#afterwards(suspended, runSync(this.session.type(suspended.running, text, end), this.driver));
    // The client's own question; nobody else has the keyboard.
    const asks = typeof suspended.running.foreground() === 'number';
    if (asks && op?.op === 'wait') this.driver.perform({ op: 'input', pid: op.pid, text, end });
    return this.goOn();
  }

  resize(rows: number, columns: number): CommandOutcome | undefined {
    this.#window = { rows, columns };
    if (this.#suspended !== undefined) runSync(this.session.resize(this.#suspended.running, this.#window), this.driver);
    return this.goOn();
  }

  meanwhile(line: string): CommandOutcome | undefined {
    const suspended = this.#suspended;
    if (suspended === undefined) return undefined;
    this.#suspended = undefined;
    const meanwhile = this.runSync(line);
    this.#suspended = suspended;
    const outcome = this.goOn();
    return outcome === undefined ? undefined : { ...outcome, meanwhile };
  }

  interrupt(): CommandOutcome | undefined {
    const suspended = this.#suspended;
    if (suspended === undefined) return undefined;
    return this.#afterwards(suspended, runSync(this.session.interrupt(suspended.running), this.driver));
  }

  /** The client goes on, or leaves with what it has shown so far. */
  #afterwards(suspended: Suspended, left: CommandResult | undefined): CommandOutcome | undefined {
    if (left === undefined) return this.goOn();
    const rest = this.#output(suspended).slice(suspended.shown);
    for (const { stream, text } of rest) suspended.options.onOutput?.(stream, text);
    const all = this.#output(suspended);
    const text = (wanted: OutputChunk['stream']): string =>
      all.map((chunk) => (chunk.stream === wanted ? chunk.text : '')).join('');
    this.#abandon();
    return {
      ...left,
      stdout: left.stdout + text('stdout'),
      stderr: text('stderr') + left.stderr,
      steps: suspended.steps,
    };
  }

  async run(line: string, options: RunOptions = {}): Promise<CommandOutcome> {
    const { onStep, ...rest } = options;
    return onStep === undefined ? this.runSync(line, rest) : this.#runStepped(line, rest, onStep);
  }

  /** Asks before each shown step. A line that then waits for input or time is given up: nobody goes on with it. */
  async #runStepped(
    line: string,
    options: SyncRunOptions,
    onStep: NonNullable<RunOptions['onStep']>,
  ): Promise<CommandOutcome> {
    this.#abandon();
    const running = this.session.start(line, options.stdin === undefined ? {} : { stdin: options.stdin });
    const steps: StepRecord[] = [];
    const driven = await driveAsync(running.flow, this.driver, {
      steps,
      pause: (step, shell) => onStep(step.title, shell, step.why),
    });
    if (driven.done) return { ...driven.value, steps };
    return { exitCode: 0, ...running.written(), steps, suspended: driven.blocked };
  }

  async observe(): Promise<Observation> {
    return this.observeSync();
  }

  async putFile(path: string, bytes: Uint8Array): Promise<void> {
    onHost(path, () => this.driver.putFile(fromHome(path), bytes));
  }

  async getFile(path: string): Promise<Uint8Array> {
    return onHost(path, () => this.driver.getFile(fromHome(path)));
  }

  async close(): Promise<void> {
    this.#abandon();
    this.driver.close();
  }

  /** What a command takes at least, in which containers go on. False: the slice is over before the moment is. */
  #breathe(): boolean {
    const { scheduler } = this.driver.kernel;
    const nobody = { all: () => [], has: () => false };
    return scheduler.runUntil(() => false, this.#breathing, nobody, this.#budget) !== 'budget';
  }

  /** The client goes away; what it started stays. */
  #abandon(): void {
    this.#suspended = undefined;
  }

  #outcome(line: Omit<Suspended, 'resume' | 'blocked'>, driven: Driven<CommandResult>): CommandOutcome {
    if (driven.done) {
      this.#suspended = undefined;
      return { ...driven.value, steps: line.steps };
    }
    const { resume } = driven;
    const blocked = driven.blocked === 'input' && !this.#hasKeyboard(line.running) ? 'time' : driven.blocked;
    const output = this.#output(line);
    for (const { stream, text } of output.slice(line.shown)) line.options.onOutput?.(stream, text);
    this.#suspended = { ...line, blocked, resume, shown: output.length };
    const { stdout, stderr } = line.running.written();
    const step = line.waiting();
    const begun =
      this.#inside.length > 0 && step?.op.op === 'host'
        ? [recordOf(step, { ok: true, value: undefined }, this.driver.facts), ...this.#inside]
        : [];
    const steps = [...line.steps, ...begun];
    const waits = { exitCode: 0, stdout, stderr, steps, suspended: blocked, ...this.#tty(line.running) };
    return blocked === 'time' ? { ...waits, time: this.#time(line) } : waits;
  }

  /** What is typed goes somewhere: to a program, or to a question of the client's own. */
  #hasKeyboard(running: Running): boolean {
    return running.attached() !== undefined || typeof running.foreground() === 'number';
  }

  #tty(running: Running): Pick<CommandOutcome, 'tty'> {
    const attached = running.attached();
    return attached?.tty === true ? { tty: { silent: this.driver.isSilent(attached.pid) } } : {};
  }

  #time({ began, running }: Pick<Suspended, 'began' | 'running'>): TimePassed {
    const now = this.driver.now();
    const { nextMoment, kernel } = this.driver;
    const { exhausted } = kernel.scheduler;
    const limit = this.#watched || exhausted === undefined ? undefined : limitWords[exhausted];
    const computing = this.#sliced && exhausted === 'cpu' ? { busy: 'computing' as const } : {};
    const busy = this.#rests ? { busy: 'commands' as const } : computing;
    const next = nextMoment === undefined ? {} : { next: nextMoment - now };
    return {
      passed: now - began,
      ...next,
      interrupts: running.interrupts,
      ...(limit === undefined ? {} : { limit }),
      ...busy,
    };
  }

  /** What the process that the line waits for has written so far. */
  #output({ running, waiting }: Pick<Suspended, 'running' | 'waiting'>): readonly OutputChunk[] {
    const view = running.view();
    if (view !== undefined) return runSync(view(), this.driver);
    const step = waiting();
    if (step?.op.op !== 'wait') return [];
    const outcome = this.driver.perform({ op: 'output', pid: step.op.pid });
    return 'ok' in outcome && outcome.ok ? (outcome.value as readonly OutputChunk[]) : [];
  }
}

/** Big programs in an image, which are known by their digests: each of them is busybox. */
function binariesOf(image: BaseImage): Digest[] {
  return image.layers.flatMap(({ entries }) => entries.flatMap(programIn));
}

function programIn({ path, content }: TarEntry): Digest[] {
  return path.endsWith('/busybox') && content !== undefined ? [contentDigest(content)] : [];
}

/** Lines are typed in root's home. */
const fromHome = (path: string): string => (path.startsWith('/') ? path : `/root/${path}`);

function onHost<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SysError) throw new UsageError(`"${path}" on the simulated host: ${error.message}`);
    throw error;
  }
}
