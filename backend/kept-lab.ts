/**
 * The place of a kept lab on this machine's disk, and what is written there about it:
 *
 *     <directory>/root/        the lab's root file system, layers and records of containers included
 *     <directory>/state.json   the engine's world, and what it was made with
 *     <directory>/lock         who works in it
 *
 * Kept true: state.json is always whole (written beside, synchronised, renamed); the lock is flock(2)'s, so it goes with the
 * last process that has it open: ours and the lab's keeper, however they end. What lies in `root` may be ahead of the world
 * or behind it when we were killed; core/engine/flows/recover.ts brings them together.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { type Digest, UsageError, type World } from '../core/index.ts';
import { machineBusybox } from './base.ts';
import { run, start } from './exec.ts';
import { startTime } from './lab.ts';
import { isRootless } from './userns.ts';

export interface KeptPlace {
  readonly name: string;
  readonly directory: string;
}

/** Raised when what is written here can no longer be read by an older program, or means something else. */
const format = 1;

const record = v.record(v.string(), v.looseObject({}));
const stateSchema = v.object({
  format: v.literal(format),
  busybox: v.string(),
  world: v.looseObject({
    images: v.looseObject({ images: record, tags: v.record(v.string(), v.string()) }),
    containers: record,
    names: v.record(v.string(), v.string()),
    layers: record,
  }),
});

/** Our own keeper may still be clearing up after a program that was killed. */
const patienceMs = 60_000;

export class KeptLab {
  private constructor(
    private readonly place: KeptPlace,
    private readonly busybox: Digest,
    /** An open descriptor of the lock. */
    readonly lock: number,
    /** What was kept; undefined: this lab is new. */
    readonly world: World | undefined,
  ) {}

  /** Takes the lab for us alone. Throws a UsageError when somebody else has it, or when it is not one that we can use. */
  static async open(place: KeptPlace): Promise<KeptLab> {
    const directory = makeDirectory(place);
    const lock = await takeLock({ ...place, directory });
    try {
      const busybox = digestOfBusybox((await machineBusybox()).bytes);
      const world = readWorld({ ...place, directory }, busybox);
      const kept = new KeptLab({ ...place, directory }, busybox, lock, world);
      if (world === undefined) await kept.begin();
      return kept;
    } catch (error) {
      closeSync(lock);
      throw error;
    }
  }

  /** The lab's root. */
  get root(): string {
    return `${this.place.directory}/root`;
  }

  save(world: World): void {
    const file = stateFile(this.place);
    const fresh = `${file}.new`;
    const fd = openSync(fresh, 'w', 0o600);
    try {
      writeFileSync(fd, JSON.stringify({ format, busybox: this.busybox, world }));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, file);
    synchronise(this.place.directory);
  }

  /** Lets others have the lab. Our keeper lets go of it when nothing of the lab is left. */
  close(): void {
    closeSync(this.lock);
  }

  /** An empty root; what is there was left by a program that was killed before it had written down anything. */
  private async begin(): Promise<void> {
    rmSync(this.root, { recursive: true, force: true });
    await holdsUpper(this.place);
    mkdirSync(this.root, { mode: 0o755 });
  }
}

const stateFile = ({ directory }: KeptPlace): string => `${directory}/state.json`;

const digestOfBusybox = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

function makeDirectory({ name, directory }: KeptPlace): string {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return realpathSync(directory);
  } catch (error) {
    throw new UsageError(`lab "${name}" cannot be kept: ${(error as Error).message}`);
  }
}

/** The lock file says who has it: PID and the moment when that process began. */
async function takeLock({ name, directory }: KeptPlace): Promise<number> {
  const file = `${directory}/lock`;
  const fd = openSync(file, 'a+', 0o600);
  const until = Date.now() + patienceMs;
  while (!(await locked(fd))) {
    const [pid = '', began = ''] = readFileSync(file, 'utf8').trim().split(' ');
    const alive = pid !== '' && startTime(pid) === began;
    if (alive || Date.now() > until) {
      closeSync(fd);
      const hint = 'end that one first, or use another name';
      throw new UsageError(`lab "${name}" is in use by process ${pid || 'unknown'}`, undefined, hint, 3);
    }
    await sleep(50);
  }
  writeFileSync(file, `${process.pid} ${startTime('self')}\n`);
  return fd;
}

/** flock(1) locks our open file, which stays locked when it has ended. */
async function locked(fd: number): Promise<boolean> {
  const { exited } = start('flock', ['--exclusive', '--nonblock', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
  const { code } = await exited;
  if (code === 127) throw new UsageError('no flock', undefined, 'apt-get install util-linux', 3);
  return code === 0;
}

function readWorld(place: KeptPlace, busybox: Digest): World | undefined {
  const file = stateFile(place);
  if (!existsSync(file)) return undefined;
  const remedy = `use another name, or remove ${place.directory}`;
  const state = parsed(readFileSync(file, 'utf8'));
  if (state === undefined || !v.is(v.looseObject({ format: v.number() }), state)) {
    throw new UsageError(`lab "${place.name}" cannot be read`, { file }, remedy);
  }
  if (state.format !== format) {
    const message = `lab "${place.name}" has format ${state.format}, this program reads format ${format}`;
    throw new UsageError(message, { file }, remedy);
  }
  const checked = v.safeParse(stateSchema, state);
  if (!checked.success) {
    const at = v.getDotPath(checked.issues[0]);
    throw new UsageError(`lab "${place.name}" cannot be read: ${at ?? 'it'} is not as expected`, { file }, remedy);
  }
  if (checked.output.busybox !== busybox) {
    const short = (digest: string): string => digest.slice(0, 19);
    const message = `lab "${place.name}" was made with another busybox (${short(checked.output.busybox)}, here it is ${short(busybox)})`;
    throw new UsageError(message, { file }, remedy);
  }
  // Its outline is checked; the rest is what we wrote ourselves.
  return checked.output.world as unknown as World;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Can overlayfs write here? It needs whiteouts (mknod, rename with RENAME_WHITEOUT) and trusted.* attributes. */
async function holdsUpper({ name, directory }: KeptPlace): Promise<void> {
  const probe = `${directory}/probe`;
  const script = `
    cd "$1" && mkdir l l/d u w m && touch l/f && mount -t overlay -o lowerdir=l,upperdir=u,workdir=w$2 none m &&
    rm m/f && rm -r m/d && mkdir m/d && test -c u/f && test ! -L u/d`;
  rmSync(probe, { recursive: true, force: true });
  mkdirSync(probe);
  const words = ['-m', '--propagation', 'private', 'sh', '-c', script, 'try', probe, isRootless ? ',userxattr' : ''];
  const ran = await run('unshare', words, { timeoutMs: 60_000 });
  rmSync(probe, { recursive: true, force: true });
  if (ran.code === 0) return;
  const said = ran.stderr.trim().split('\n')[0] ?? '';
  throw new UsageError(
    `lab "${name}" cannot be kept: the file system of ${directory} cannot hold layers${said === '' ? '' : ` (${said})`}`,
    undefined,
    'let XDG_STATE_HOME name a directory on a local file system, such as ext4, xfs, btrfs or tmpfs',
    3,
  );
}

function synchronise(directory: string): void {
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
