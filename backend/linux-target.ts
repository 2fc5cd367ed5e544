/**
 * The linux backend as a Target: the same engine and command line as the simulation's, on a real kernel. A line is carried
 * out to its end; while it waits for its foreground process, that one's output is handed on, and `input` and `interrupt`
 * reach it.
 *
 * Kept true: `observe` looks when things have settled (a container about to exit has exited); `close` leaves nothing behind
 * but a kept lab, whose world is written down after each line, and while a line waits for its foreground process.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as nextLook, setTimeout as sleep } from 'node:timers/promises';
import {
  type AsyncHooks,
  type Blocked,
  boot,
  type CommandOutcome,
  type CommandResult,
  createSession,
  type Digest,
  type DrivenAsync,
  type Driver,
  driveAsync,
  type Flow,
  type MadeImage,
  makeBusybox,
  type Observation,
  type Op,
  type OpResults,
  type Outcome,
  type OutputChunk,
  type Running,
  type RunOptions,
  type Session,
  type Step,
  type StepRecord,
  type StorageDriver,
  strerror,
  type Target,
  UsageError,
  usualWindow,
  type Window,
  type World,
} from '../core/index.ts';
import { machineBusybox } from './base.ts';
import { createLinuxDriver, type LinuxDriver } from './driver.ts';
import { refusal } from './errno.ts';
import { reach } from './files.ts';
import { KeptLab, type KeptPlace } from './kept-lab.ts';
import { notesOn } from './notes.ts';
import { demand, linuxNeeds, type RequirementName, userNeeds } from './probe.ts';
import { isRoot } from './trial.ts';
import { isRootless } from './userns.ts';

export interface LinuxTargetOptions {
  /** Images that are there from the start; default: busybox, made from this machine's. */
  readonly images?: readonly MadeImage[];
  readonly hostname?: string;
  /** Fails the n-th step of every line, counted from 0: fault injection. */
  readonly failAt?: number;
  /** Somebody types: input for a process may come later. */
  readonly interactive?: boolean;
  /** How layers are kept in the lab; default overlay2. aufs needs a kernel that has it. */
  readonly storageDriver?: StorageDriver;
  /** The engine has its bridge, docker0: containers get addresses, ports can be published, networks be made. */
  readonly bridge?: boolean;
  /** Go on from the lab that is kept there, and keep it. */
  readonly keep?: KeptPlace;
}

export interface LinuxTarget extends Target {
  readonly name: 'linux';
  readonly driver: LinuxDriver;
  readonly session: Session;
  /** What should be said to people before the first line, such as that this busybox is not the recorded one. */
  readonly notes: readonly string[];
  input(text: string, end?: boolean): Promise<CommandOutcome | undefined>;
  resume(): Promise<CommandOutcome | undefined>;
  interrupt(): Promise<CommandOutcome | undefined>;
  resize(rows: number, columns: number): Promise<CommandOutcome | undefined>;
  meanwhile(line: string): Promise<CommandOutcome | undefined>;
}

/** Throws a UsageError (exit code 3) that says what is missing where this machine cannot do it. */
export async function createLinuxTarget(options: LinuxTargetOptions = {}): Promise<LinuxTarget> {
  // In a process of an ordinary user there is no way into a namespace any more: the program starts itself anew for that.
  const needs: readonly RequirementName[] = isRootless ? userNeeds : isRoot() ? linuxNeeds : ['root', ...userNeeds];
  await demand(needs, 'the linux target');
  if (options.storageDriver === 'aufs') demandAufs();
  const images = options.images ?? [await busyboxHere()];
  const kept = options.keep === undefined ? undefined : await KeptLab.open(options.keep);
  try {
    // A lab that was kept has the bridge that it was made with.
    const bridge = options.bridge === true || kept?.world?.began !== undefined;
    if (bridge) await demand(['networks'], 'a bridge on the linux target');
    return await openTarget({ ...options, ...(bridge ? { bridge } : {}) }, images, kept);
  } catch (error) {
    kept?.close();
    throw error;
  }
}

/** aufs was never part of Linux; distributions that patched it in show it in /proc/filesystems. */
function demandAufs(): void {
  throw new UsageError(
    'the storage driver aufs needs a kernel with the file system aufs, and the linux target does not carry one',
    undefined,
    'use --on sim, whose kernel has it, or --storage-driver overlay2 or vfs',
    3,
  );
}

async function openTarget(
  options: LinuxTargetOptions,
  images: readonly MadeImage[],
  kept: KeptLab | undefined,
): Promise<LinuxTarget> {
  const { hostname, interactive = false } = options;
  const driver = await createLinuxDriver({
    blobs: new Map(images.flatMap(layersOf)),
    ...(hostname === undefined ? {} : { hostname }),
    ...(options.storageDriver === undefined ? {} : { storageDriver: options.storageDriver }),
    ...(options.bridge === undefined ? {} : { bridge: options.bridge }),
    ...(kept === undefined ? {} : { directory: kept.root, lock: kept.lock }),
  });
  const host = { now: () => driver.now(), random: (n: number) => new Uint8Array(randomBytes(n)) };
  const session = createSession({
    driver,
    host,
    base: images.map((image) => image.description),
    cwd: '/root',
    interactive,
    ...(kept?.world === undefined ? {} : { kept: { world: kept.world, boot } }),
  });
  const target = new RealTarget(driver, session, notesOn(images), options.failAt, kept);
  try {
    await target.prepare();
  } catch (error) {
    await driver.close();
    throw error;
  }
  return target;
}

/** The teaching image, out of the static busybox of this machine. */
export async function busyboxHere(): Promise<MadeImage> {
  const { bytes, applets } = await machineBusybox();
  return makeBusybox(bytes, applets);
}

function layersOf({ description, layerTar }: MadeImage): readonly (readonly [Digest, Uint8Array])[] {
  return description.layers.map(({ diffId }) => [diffId, layerTar] as const);
}

/** How far apart two looks are that must agree, and for how long it is tried. */
const look = { apartMs: 25, atMostMs: 1000, atLeast: 10 };

/**
 * A process that takes input, sleeps and writes nothing for this long is taken to wait for some. One that has been at work all
 * the time is waited for longer: on a machine with much to do it may not have come to its first word.
 */
const quietMs = 60;
const busyLooks = 100;

/** One line on its way. */
interface Line {
  readonly running: Running;
  readonly options: RunOptions;
  readonly steps: StepRecord[];
  /** Its foreground process. */
  pid?: number;
  /** The step under way. */
  step?: Step;
  /** While the client only waits: makes it go away, with this answer. */
  leave?: (answer: CommandResult) => void;
  left?: CommandResult;
  /** Interrupts that came before the client waited; it gets them when it does. */
  early: number;
  /** Shows no more output. */
  unwatch?: () => void;
  /** Of a line that shows a part of what its process writes: how many pieces it has shown, and the showing under way. */
  shown: number;
  showing: Promise<void>;
  resume?: () => Promise<DrivenAsync<CommandResult>>;
}

class RealTarget implements LinuxTarget {
  readonly name = 'linux';
  /** The line under way or suspended. */
  #line: Line | undefined;
  /** The world that was written down last. */
  #saved: World | undefined;
  #window: Window = usualWindow;

  constructor(
    readonly driver: LinuxDriver,
    readonly session: Session,
    readonly notes: readonly string[],
    private readonly failAt: number | undefined,
    private readonly kept: KeptLab | undefined,
  ) {}

  async prepare(): Promise<void> {
    await this.#drive(this.session.prepare());
    this.#save();
  }

  async run(line: string, options: RunOptions = {}): Promise<CommandOutcome> {
    const stdin = options.stdin === undefined ? {} : { stdin: options.stdin };
    const running = this.session.start(line, { ...stdin, window: this.#window });
    const steps: StepRecord[] = [];
    const { onStep } = options;
    const here: Line = { running, options, steps, early: 0, shown: 0, showing: Promise.resolve() };
    const hooks: AsyncHooks = {
      steps,
      before: (step) => {
        here.step = step;
        return undefined;
      },
      ...(this.failAt === undefined ? {} : { failAt: this.failAt }),
      ...(onStep === undefined ? {} : { pause: (step, shell) => onStep(step.title, shell, step.why) }),
    };
    // A line that was suspended until now is left alone: what it started goes on.
    this.#line = here;
    return this.#outcome(here, driveAsync(running.flow, this.#watched(), hooks));
  }

  /** Keys for a program's terminal go by the client, which may leave at some; else they are what standard input gets. */
  async input(text: string, end = false): Promise<CommandOutcome | undefined> {
    const line = this.#line;
    if (line === undefined) return undefined;
    if (line.running.attached() === undefined) {
      if (line.pid !== undefined) await this.driver.perform({ op: 'input', pid: line.pid, text, end });
      return this.resume();
    }
    const left = await this.#drive(this.session.type(line.running, text, end));
    return left === undefined ? this.resume() : this.#leaves(line, left);
  }

  async resize(rows: number, columns: number): Promise<CommandOutcome | undefined> {
    this.#window = { rows, columns };
    if (this.#line !== undefined) await this.#drive(this.session.resize(this.#line.running, this.#window));
    return this.resume();
  }

  /** A line in another terminal, while the one under way waits. */
  async meanwhile(line: string): Promise<CommandOutcome | undefined> {
    const waits = this.#line;
    if (waits?.resume === undefined) return undefined;
    const meanwhile = await this.run(line);
    this.#line = waits;
    const outcome = await this.resume();
    return outcome === undefined ? undefined : { ...outcome, meanwhile };
  }

  async resume(): Promise<CommandOutcome | undefined> {
    const line = this.#line;
    const resume = line?.resume;
    if (line === undefined || resume === undefined) return undefined;
    delete line.resume;
    return this.#outcome(line, resume());
  }

  /** One that comes before the line waits is kept for then. With a line that is not suspended it is `run` that answers: when the process has ended, or that the client has left. */
  async interrupt(): Promise<CommandOutcome | undefined> {
    const line = this.#line;
    if (line === undefined) return undefined;
    if (line.leave === undefined) {
      line.early++;
      return undefined;
    }
    const left = await this.#drive(this.session.interrupt(line.running));
    return left === undefined ? this.resume() : this.#leaves(line, left);
  }

  /** The client goes away, what it waited for goes on. A line that was not suspended is answered by its `run`. */
  #leaves(line: Line, left: CommandResult): CommandOutcome | undefined {
    line.leave?.(left);
    return line.resume === undefined ? undefined : this.#ended(line, left);
  }

  /** What became of a line: its end, or that it waits for input. */
  async #outcome(line: Line, driving: Promise<DrivenAsync<CommandResult>>): Promise<CommandOutcome> {
    const driven = await driving;
    if (driven.done) return this.#ended(line, driven.value);
    if (line.left !== undefined) return this.#ended(line, line.left);
    line.resume = driven.resume;
    const attached = line.running.attached();
    const tty = attached?.tty === true ? { tty: { silent: await this.driver.isSilent(attached.pid) } } : {};
    return { exitCode: 0, ...line.running.written(), steps: line.steps, suspended: driven.blocked, ...tty };
  }

  #ended(line: Line, result: CommandResult): CommandOutcome {
    line.unwatch?.();
    if (this.#line === line) this.#line = undefined;
    this.#save();
    return { ...result, steps: line.steps };
  }

  async observe(): Promise<Observation> {
    const end = Date.now() + look.atMostMs;
    let last = await this.#observeNow();
    for (let looks = 1; looks < look.atLeast || Date.now() < end; looks++) {
      await sleep(look.apartMs);
      const next = await this.#observeNow();
      if (JSON.stringify(next) === JSON.stringify(last)) return next;
      last = next;
    }
    return last;
  }

  async putFile(path: string, bytes: Uint8Array): Promise<void> {
    onHost(path, () => writeFileSync(reach(this.driver.lab, fromHome(path)), bytes));
  }

  async getFile(path: string): Promise<Uint8Array> {
    return onHost(path, () => readFileSync(reach(this.driver.lab, fromHome(path))));
  }

  async close(): Promise<void> {
    try {
      // In the middle of a line, what was written down last is what counts.
      if (this.kept !== undefined && this.#line === undefined) {
        await this.#drive(this.session.settle());
        this.#save();
      }
    } finally {
      await this.driver.close();
      this.kept?.close();
    }
  }

  /** To be called when no transaction is under way. */
  #save(): void {
    const { world } = this.session.engine;
    if (this.kept === undefined || world === this.#saved) return;
    this.kept.save(world);
    this.#saved = world;
  }

  #observeNow(): Promise<Observation> {
    return this.#drive(this.session.observe());
  }

  async #drive<R>(flow: Flow<R>): Promise<R> {
    const driven = await driveAsync(flow, this.driver);
    if (!driven.done) throw new Error(`this flow cannot wait, but waits for ${driven.blocked}`);
    return driven.value;
  }

  /** The driver; while a line waits for a process without a limit, Ctrl-C and input go there. */
  #watched(): Driver {
    const { driver } = this;
    const perform = (op: Op): Promise<Outcome> =>
      op.op === 'wait' && op.timeoutMs === undefined
        ? (this.#waitAsClient(op) as Promise<Outcome>)
        : driver.perform(op);
    return { name: 'linux', facts: driver.facts, perform, now: () => driver.now(), close: () => driver.close() };
  }

  /** A wait in the middle of a transaction is the engine's own, for the end of a killed process. */
  async #waitAsClient(op: Extract<Op, { op: 'wait' }>): Promise<Outcome | Blocked> {
    const line = this.#line;
    if (line?.step?.op !== op || line.step.leavable !== true) return this.driver.perform(op);
    const leaving = new Promise<Blocked>((resolve) => {
      line.leave = (answer) => {
        line.left = answer;
        resolve({ blocked: 'time' });
      };
    });
    this.#save();
    const { running } = line;
    const foreground = [running.foreground(), running.view(), running.attached()].some((each) => each !== undefined);
    const waiting = Promise.race([foreground ? this.#foreground(line, op) : this.driver.perform(op), leaving]);
    for (; line.early > 0; line.early--) await this.interrupt();
    const outcome = await waiting;
    if ('ok' in outcome) delete line.leave;
    return outcome;
  }

  async #foreground(line: Line, op: Extract<Op, { op: 'wait' }>): Promise<Outcome | Blocked> {
    const { onOutput } = line.options;
    if (line.pid !== op.pid && onOutput !== undefined) {
      const part = line.running.view() !== undefined;
      const show = ({ stream, text }: OutputChunk): void =>
        part ? this.#showPart(line, onOutput) : onOutput(stream, text);
      line.unwatch = this.driver.watch(op.pid, show);
    }
    line.pid = op.pid;
    const outcome = await this.#endOrQuiet(line, op);
    await line.showing;
    if ('ok' in outcome) delete line.pid;
    return outcome;
  }

  /** What a client shows that joined later, or follows a log: as much of it as it has not shown yet. */
  #showPart(line: Line, onOutput: NonNullable<RunOptions['onOutput']>): void {
    line.showing = line.showing.then(async () => {
      const view = line.running.view();
      if (view === undefined) return;
      const all = await this.#drive(view());
      for (const { stream, text } of all.slice(line.shown)) onOutput(stream, text);
      line.shown = Math.max(line.shown, all.length);
    });
  }

  /** Waits for the end; a process that could be given input, sleeps and has been quiet is taken to wait for it. */
  async #endOrQuiet(line: Line, op: Extract<Op, { op: 'wait' }>): Promise<Outcome | Blocked> {
    if (!this.driver.takesInput(op.pid)) return this.driver.perform(op);
    let written = -1;
    for (let looks = 0; ; looks++) {
      const outcome = await this.driver.perform({ ...op, timeoutMs: quietMs });
      if (line.left !== undefined || !outcome.ok || (outcome.value as OpResults['wait']).exited) return outcome;
      if (!this.driver.takesInput(op.pid)) return this.driver.perform(op);
      const busy = looks < busyLooks && this.driver.isBusy(op.pid);
      // What was written until now is read before it is counted.
      await nextLook();
      const output = await this.driver.perform({ op: 'output', pid: op.pid });
      const now = output.ok ? (output.value as readonly OutputChunk[]).length : 0;
      if (now === written && !busy) return { blocked: 'input' };
      written = now;
    }
  }
}

/** Lines are typed in root's home. */
const fromHome = (path: string): string => (path.startsWith('/') ? path : `/root/${path}`);

function onHost<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const answer = refusal(error);
    throw new UsageError(`"${path}" in the lab: ${answer.ok ? strerror.EIO : answer.message}`);
  }
}
