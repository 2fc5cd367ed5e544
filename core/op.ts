/**
 * The lingua franca: primitive operations as plain data. A command is a Flow that yields Steps (a title and an Op) and is
 * resumed with Outcomes; it does no I/O itself. Whoever performs Ops is a Driver: the simulated kernel, or a real Linux.
 *
 * Kept true here: an Op is JSON-serialisable; a path is absolute on the driver's host (the simulated host, or the lab of the
 * linux driver); a PID is the number that the host sees; a cgroup is named relative to the driver's cgroup root, e.g.
 * `docker/<id>`. A driver answers "no" with a failed Outcome; it throws only when it is itself broken.
 */
import type { Errno } from './errors.ts';
import type { NetSpaceFacts } from './observation.ts';

/** `sha256:` followed by 64 hex digits (OCI image spec, descriptor.md#digests). */
export type Digest = `sha256:${string}`;

/** Signal names without the SIG prefix, signal(7). */
export type Signal =
  | 'HUP'
  | 'INT'
  | 'QUIT'
  | 'ILL'
  | 'TRAP'
  | 'ABRT'
  | 'BUS'
  | 'FPE'
  | 'KILL'
  | 'USR1'
  | 'SEGV'
  | 'USR2'
  | 'PIPE'
  | 'ALRM'
  | 'TERM'
  | 'STKFLT'
  | 'CHLD'
  | 'CONT'
  | 'STOP'
  | 'TSTP'
  | 'TTIN'
  | 'TTOU'
  | 'URG'
  | 'XCPU'
  | 'XFSZ'
  | 'VTALRM'
  | 'PROF'
  | 'WINCH'
  | 'IO'
  | 'PWR'
  | 'SYS'
  | RealTimeSignal;

/** They have numbers and no names; 34 is SIGRTMIN, 64 SIGRTMAX. The C library keeps the first two for itself. */
// biome-ignore format: one line for one range
export type RealTimeSignal = `RT${32 | 33 | 34 | 35 | 36 | 37 | 38 | 39 | 40 | 41 | 42 | 43 | 44 | 45 | 46 | 47 | 48 | 49 | 50 | 51 | 52 | 53 | 54 | 55 | 56 | 57 | 58 | 59 | 60 | 61 | 62 | 63 | 64}`;

/** A table of them, each with what `of` gives for its number. */
export function realTimeSignals<T>(of: (number: number) => T): Record<RealTimeSignal, T> {
  const rows = Array.from({ length: 33 }, (_, i) => [`RT${32 + i}`, of(32 + i)] as const);
  return Object.fromEntries(rows) as Record<RealTimeSignal, T>;
}

/** Numbers on x86-64 and ARM, signal(7). */
// biome-ignore format: a table reads better in rows
export const signalNumbers: Readonly<Record<Signal, number>> = {
  HUP: 1, INT: 2, QUIT: 3, ILL: 4, TRAP: 5, ABRT: 6, BUS: 7, FPE: 8, KILL: 9, USR1: 10, SEGV: 11, USR2: 12, PIPE: 13, ALRM: 14,
  TERM: 15, STKFLT: 16, CHLD: 17, CONT: 18, STOP: 19, TSTP: 20, TTIN: 21, TTOU: 22, URG: 23, XCPU: 24, XFSZ: 25, VTALRM: 26,
  PROF: 27, WINCH: 28, IO: 29, PWR: 30, SYS: 31, ...realTimeSignals((number) => number),
};

/** The seven kinds of namespaces of namespaces(7) that containers use. */
export const nsKinds = ['mnt', 'uts', 'ipc', 'pid', 'net', 'user', 'cgroup'] as const;
export type NsKind = (typeof nsKinds)[number];

/** A file system to mount, mount(8): `mount -t type -o options source at`. */
export interface Mount {
  readonly type: 'overlay' | 'aufs' | 'bind' | 'tmpfs' | 'proc' | 'sysfs' | 'devpts' | 'mqueue' | 'cgroup';
  readonly source: string;
  readonly options: readonly string[];
  /** Host directory in which relative paths in the options begin. All options of one mount must fit into a page of 4096 bytes. */
  readonly from?: string;
}

/** A mount made inside a new mount namespace before pivot_root; `at` is relative to the new root, `/proc` say. */
export interface ContainerMount extends Mount {
  readonly at: string;
}

/** Where a new process gets a namespace from: a new one, the host's, or that of the process `join`. */
export type NsSource = 'new' | 'host' | { readonly join: number };

/** Everything needed to start one process, as config.json of the OCI runtime spec has it. */
export interface Spawn {
  readonly argv: readonly string[];
  /** `NAME=value`; PATH in it is where argv[0] is looked for, inside the new root. */
  readonly env: readonly string[];
  readonly cwd: string;
  /** uid, gid and supplementary groups inside the container. */
  readonly user: { readonly uid: number; readonly gid: number; readonly groups?: readonly number[] };
  readonly namespaces: Readonly<Record<NsKind, NsSource>>;
  /** Host path that becomes `/` by pivot_root(2). Absent: keep the root of the mount namespace that is joined. */
  readonly root?: string;
  readonly hostname?: string;
  /** Pairs of devices that were made for it (`pairAdd`): it gets the other ends, as eth0 and so on. */
  readonly endpoints?: readonly Endpoint[];
  readonly mounts?: readonly ContainerMount[];
  /** Host program bound to /sbin/docker-init read-only and put in front as PID 1 (`--init`). The driver knows which. */
  readonly init?: boolean;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  /** What the program may have, as `CAP_CHOWN`. Absent: a process of the host, with all that the host's root has. */
  readonly capabilities?: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** No filter of system calls. Absent: Docker's default one, for a process with `capabilities`. */
  readonly seccomp?: 'unconfined' | { readonly profile: string };
  /** The root directory itself is mounted read-only; what is mounted below it is not. */
  readonly readonlyRoot?: boolean;
  /** Device nodes to make in the new root, beside those that every container has; what was there before gives way. */
  readonly devices?: readonly SpawnDevice[];
  /** Devices that the cgroup may use, `c 1:3 rwm`, and no others (config-linux.md#allowed-device-list). Absent: as it was. */
  readonly deviceRules?: readonly string[];
  /** Written to /proc/<pid>/oom_score_adj, proc(5). */
  readonly oomScoreAdj?: number;
  /** cgroup that the process is put into before it runs. */
  readonly cgroup?: string;
  readonly tty: boolean;
  /** `none`: /dev/null. `open`: a pipe held open, fed by the `input` Op. Otherwise the whole of standard input as text, then end of file. */
  readonly stdin: 'none' | 'open' | { readonly text: string };
  /** Host path of a json-file log that the driver appends the output to, one `{"log","stream","time"}` a line. */
  readonly log?: string;
}

/** A device node in a container. */
export interface SpawnDevice extends DeviceNode {
  readonly path: string;
  readonly type: 'char' | 'block';
}

/** A port of a container that the host passes on. Without an address: of all of the host. */
export interface PublishedPort {
  readonly port: number;
  readonly proto: 'tcp' | 'udp';
  readonly hostIp: string;
  readonly hostPort: number;
  /** Of version 6, where it is another one. */
  readonly hostPort6?: number;
}

/** A bridge of the host that containers hang on. Addresses are numbers of 32 bits. */
export interface Bridge {
  readonly name: string;
  /** Its own address, the gateway of who hangs on it. */
  readonly ip: number;
  readonly prefix: number;
  /** Nothing goes out of it and nothing comes in. */
  readonly internal?: boolean;
  /** Who hangs on it may not reach each other. */
  readonly apart?: boolean;
  /** Who hangs on it keeps his own address when he speaks to others. */
  readonly unmasked?: boolean;
}

/** A pair of devices: one end in a container, the other on the host, where it is a port of a bridge. */
export interface Endpoint {
  /** Names of the host's end, and of the other before it is moved into the container. */
  readonly host: string;
  readonly peer: string;
  readonly bridge: string;
  /** Number of 32 bits; the hardware address follows from it. */
  readonly ip: number;
  readonly prefix: number;
  /** The way out of the container; absent: another of its networks has it. */
  readonly gateway?: number;
  readonly ports: readonly PublishedPort[];
  /** The network, and what its members may call this container; absent: nobody is asked for names there. */
  readonly known?: KnownNames;
}

export interface KnownNames {
  readonly network: string;
  readonly names: readonly string[];
}

/** What became of a process. `code` is what a shell's `$?` shows: exit status, or 128 + signal number. */
export interface ExitStatus {
  readonly code: number;
  readonly signal?: Signal;
  readonly oomKilled?: boolean;
}

/** One piece of output; `time` is milliseconds since the epoch. */
export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly time: number;
}

/** One path of a directory tree, as `tree` answers it. `path` is relative to what was asked for and starts with `/`. */
export interface TreeEntry {
  readonly path: string;
  /** `whiteout`: a 0:0 character device, overlayfs's mark for "deleted here". */
  readonly type: 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket' | 'whiteout';
  /** Permission bits, 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; files only, 0 otherwise. */
  readonly size: number;
  /** sha256 of the content; files only. */
  readonly digest?: Digest;
  /** Symlinks only. */
  readonly target?: string;
  readonly rdev?: readonly [major: number, minor: number];
  /** Directory with trusted.overlay.opaque=y: hides all that lies below it in lower layers. */
  readonly opaque?: boolean;
  /** When it was modified, milliseconds since the epoch; only when asked for. */
  readonly mtime?: number;
}

/** One name in a directory of the host; `path` is relative to what was asked for and starts with `/`. */
export interface ListEntry {
  readonly path: string;
  readonly type: TreeEntry['type'];
  /** Bytes; files only, 0 otherwise. */
  readonly size: number;
  /** Symlinks only. */
  readonly target?: string;
  /** What is in a small file. */
  readonly text?: string;
  /** Device nodes only. */
  readonly node?: DeviceNode;
}

/** Owner, permission bits and numbers of a device node, mknod(2). */
export interface DeviceNode {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: readonly [major: number, minor: number];
}

/** One process as the host sees it; `inner` is its PID in its own (innermost) PID namespace. */
export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  readonly inner: number;
  /** Parent's PID in that same namespace; 0 when the parent is outside. */
  readonly innerParent: number;
  readonly uid: number;
  readonly comm: string;
  readonly args: readonly string[];
  /** R running, S sleeping, D uninterruptible, T stopped, Z zombie. */
  readonly state: 'R' | 'S' | 'D' | 'T' | 'Z';
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly cpuMs: number;
  readonly tty?: string;
}

/** One line of /proc/self/mountinfo that matters here. */
export interface MountInfo {
  readonly at: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/**
 * Where a layer's tar comes from: one the driver already holds (base images), or a file on the host, compressed or not.
 * `root`: the file is looked for below that directory, which links and `..` do not leave.
 */
export type LayerSource = { readonly blob: Digest } | { readonly file: string; readonly root?: string };

/** What is kept of a layer's tar beside its files, and the tar's digest. */
export interface SplitSource {
  readonly file: string;
  readonly diffId: Digest;
}

/** One path of a directory tree to be made. `path` begins with `/`; the directory that it lies in comes before it. */
export type NewEntry =
  | { readonly path: string; readonly type: 'dir'; readonly mode: number; readonly uid?: number; readonly gid?: number }
  | { readonly path: string; readonly type: 'file'; readonly mode: number; readonly data: string }
  | { readonly path: string; readonly type: 'symlink'; readonly target: string };

/** A directory as a root that links and `..` do not leave. */
interface Inside {
  readonly root: string;
  /** Seen over what lies in `root`, as a process there would; bind mounts only. */
  readonly mounts?: readonly ContainerMount[];
}

/** `path`: without links, whatever of it is there; of a link, where that leads to. */
export interface Looked {
  readonly type: TreeEntry['type'];
  readonly path: string;
}

export type Op =
  // Files of the host.
  | { readonly op: 'mkdir'; readonly path: string; readonly mode: number; readonly parents?: boolean }
  | { readonly op: 'writeFile'; readonly path: string; readonly data: string; readonly mode?: number }
  /** Make a directory with all that is to lie in it, or nothing at all. EEXIST when the name is taken. */
  | {
      readonly op: 'writeTree';
      readonly path: string;
      readonly mode: number;
      readonly entries: readonly NewEntry[];
    }
  /** `root`: as in LayerSource. `max`: EFBIG for a file of more bytes. EISDIR, ENOENT. */
  | { readonly op: 'readFile'; readonly path: string; readonly root?: string; readonly max?: number }
  | { readonly op: 'symlink'; readonly target: string; readonly path: string }
  /** Says of files and directories when they were modified. `mtime`: milliseconds since the epoch. */
  | { readonly op: 'touch'; readonly paths: readonly string[]; readonly mtime: number }
  | { readonly op: 'rename'; readonly from: string; readonly to: string }
  /** cp -a: a whole directory under a new name, with owners, modes, times, xattrs and hard links. EEXIST when the name is taken. */
  /**
   * With `root`: what lies at `from` below that directory, which links and `..` do not leave, is copied into the directory `to`,
   * which is empty and gets owner, mode and xattrs of what is copied.
   */
  | { readonly op: 'copyTree'; readonly from: string; readonly to: string; readonly root?: string }
  /** rm -rf: a missing path is no error. */
  | { readonly op: 'remove'; readonly path: string }
  // Layers.
  /**
   * Unpack an archive, compressed or not, into an empty directory, `.wh.` names being names like others. Nothing gets outside
   * of it, and nothing at all comes of an archive that is refused: EINVAL with what is wrong with it, EFBIG beyond the limits
   * (core/image/limits.ts).
   */
  | { readonly op: 'extract'; readonly archive: string; readonly into: string }
  /** What a file's bytes are called: its digest, and the digest of what is compressed in it. Refused as by `extract`. */
  | { readonly op: 'digest'; readonly file: string; readonly root?: string }
  /**
   * Unpack a layer tar into an empty directory, `.wh.` entries becoming overlay whiteouts and opaque marks. `split`: a file
   * that gets all of the tar that is not content (tar-split, gzipped), so that the same tar can be made again. Refused as by
   * `extract`.
   * `form`: how deletions are written instead; `aufs`: `.wh.` files as they are in the tar; `plain`: not at all, what lies in
   * `into` (which need not be empty) is deleted.
   */
  | {
      readonly op: 'unpack';
      readonly layer: LayerSource;
      readonly into: string;
      readonly split?: string;
      readonly form?: 'aufs' | 'plain';
    }
  /**
   * Pack an overlay upper directory as an OCI layer tar (whiteouts become `.wh.` entries). `split`: do not pack anew, but put
   * the tar together again from what `unpack` left there and the files; EIO when a file is not what it was.
   * `form`: it is the directory of an aufs branch. `below`: it is a whole tree, of which only that is packed which differs
   * from the tree there.
   */
  | {
      readonly op: 'archive';
      readonly from: string;
      readonly to: string;
      readonly split?: SplitSource;
      readonly form?: 'aufs';
      readonly below?: string;
    }
  /** Pack a whole root, flattened, as `docker export` does. */
  | { readonly op: 'exportTree'; readonly root: string; readonly to: string }
  /**
   * Copy `path`, resolved inside `root` without leaving it, to the host path `to` (file or directory), as `docker cp`
   * does. ENOENT and ENOTDIR are about the source; EISDIR: a directory onto a file; EINVAL: a file to a new name that ends in
   * `/`; EEXIST: the destination leads through a file. With `archive` what there is becomes a tar in the file `to`.
   */
  | (Inside & {
      readonly op: 'copyOut';
      readonly path: string;
      readonly to: string;
      readonly followLink?: boolean;
      readonly archive?: boolean;
    })
  /**
   * Copy what lies at a path of the host, or is in an archive there, into the directory `into` of a root, as dockerd unpacks it:
   * a directory is laid over a directory, all else is taken away first. `name`: what the copy is called; absent: the contents of
   * a directory go straight into it. `owner`: who all of it belongs to; absent: as it was. EISDIR, ENOTDIR, EBUSY, EXDEV, with
   * the message of moby pkg/archive; what came before stays. EINVAL: it is no archive.
   */
  | (Inside & {
      readonly op: 'copyIn';
      readonly into: string;
      readonly from: string;
      readonly archive?: boolean;
      readonly name?: string;
      readonly owner?: { readonly uid: number; readonly gid: number };
    })
  /** What lies at a path of a root, the last name not followed. */
  | (Inside & { readonly op: 'lookIn'; readonly path: string })
  // Mounts of the host's mount namespace.
  | { readonly op: 'mount'; readonly mount: Mount; readonly at: string }
  | { readonly op: 'umount'; readonly at: string }
  // cgroups. `controller` is '' for the unified hierarchy.
  | { readonly op: 'cgroupCreate'; readonly group: string }
  | {
      readonly op: 'cgroupWrite';
      readonly group: string;
      readonly controller: string;
      readonly file: string;
      readonly value: string;
    }
  | { readonly op: 'cgroupRead'; readonly group: string; readonly controller: string; readonly file: string }
  | { readonly op: 'cgroupRemove'; readonly group: string }
  // Networks. Only a host that has the engine's bridge knows them. ENODEV: there is no such device; EEXIST: the name is taken.
  | { readonly op: 'bridgeAdd'; readonly bridge: string }
  | { readonly op: 'addressAdd'; readonly device: string; readonly ip: number; readonly prefix: number }
  | { readonly op: 'linkUp'; readonly device: string }
  /** With a pair its other end goes, with a bridge nothing but itself. */
  | { readonly op: 'linkRemove'; readonly device: string }
  /** The rules for packets that come from a bridge or go to it. */
  | { readonly op: 'rulesAdd'; readonly bridge: Bridge }
  | { readonly op: 'rulesRemove'; readonly bridge: Bridge }
  /** Makes the two ends on the host, one of them a port of the bridge. */
  | { readonly op: 'pairAdd'; readonly endpoint: Endpoint }
  /** Moves the other end into the namespace of a process, under the next free name `eth<n>`, and gives it its address. ESRCH. */
  | { readonly op: 'join'; readonly pid: number; readonly endpoint: Endpoint }
  /** Another way out, other ports or other names of what has joined. EADDRINUSE. */
  | { readonly op: 'rejoin'; readonly pid: number; readonly endpoint: Endpoint }
  // Processes.
  | { readonly op: 'spawn'; readonly spawn: Spawn }
  | { readonly op: 'signal'; readonly pid: number; readonly signal: Signal }
  /** Wait for a process that this driver spawned, at most `timeoutMs` (absent: for ever; 0: just look). */
  | { readonly op: 'wait'; readonly pid: number; readonly timeoutMs?: number }
  /** All output of a spawned process since it began, in order. Still answered after it ended, until `forget`. */
  | { readonly op: 'output'; readonly pid: number }
  | { readonly op: 'input'; readonly pid: number; readonly text: string; readonly end?: boolean }
  /** The size of a process' terminal, in characters. ENOTTY when it has none. */
  | { readonly op: 'resize'; readonly pid: number; readonly rows: number; readonly columns: number }
  /** The exit status and output of an ended process are no longer needed. */
  | { readonly op: 'forget'; readonly pid: number }
  // Queries.
  /**
   * `form`: an aufs branch, shown as an overlay layer: `.wh.` files as whiteouts and opaque marks. `below`: a whole tree; only
   * that which differs from the tree there, as an overlay layer on top of it would hold it.
   */
  | {
      readonly op: 'tree';
      readonly path: string;
      readonly immutable?: boolean;
      readonly times?: boolean;
      readonly form?: 'aufs';
      readonly below?: string;
    }
  /** What lies in a directory, so many levels deep, mounts not entered; files of at most `text` bytes come with what is in them. */
  | { readonly op: 'list'; readonly path: string; readonly depth: number; readonly text: number }
  | { readonly op: 'processes'; readonly group: string }
  /** `mnt` → `mnt:[4026532177]` for each kind, readlink /proc/<pid>/ns/*. pid 1 is the host's. */
  | { readonly op: 'namespaces'; readonly pid: number }
  | { readonly op: 'mounts' }
  /** All network namespaces of the host and what is in them, when there is more than loopbacks. EOPNOTSUPP: nobody looks. */
  | { readonly op: 'netSpaces' }
  /** A command line of the host's shell (lessons: `find / -name happiness.txt`), run to its end. */
  | { readonly op: 'host'; readonly line: string; readonly stdin?: string };

/** What each Op is answered with when it succeeds. */
export interface OpResults {
  mkdir: undefined;
  writeFile: undefined;
  writeTree: undefined;
  readFile: string;
  symlink: undefined;
  touch: undefined;
  rename: undefined;
  copyTree: undefined;
  remove: undefined;
  extract: undefined;
  digest: { digest: Digest; size: number; diffId: Digest };
  /** `size`: bytes of the files in it. `diffId`: sha256 of the tar as it was, decompressed. */
  unpack: { size: number; diffId: Digest };
  archive: { diffId: Digest; size: number };
  exportTree: { size: number };
  copyOut: undefined;
  copyIn: undefined;
  lookIn: Looked;
  mount: undefined;
  umount: undefined;
  cgroupCreate: undefined;
  cgroupWrite: undefined;
  cgroupRead: string;
  cgroupRemove: undefined;
  bridgeAdd: undefined;
  addressAdd: undefined;
  linkUp: undefined;
  linkRemove: undefined;
  rulesAdd: undefined;
  rulesRemove: undefined;
  pairAdd: undefined;
  join: undefined;
  rejoin: undefined;
  /** PID of the new process on the host; with a new PID namespace it is PID 1 inside. */
  spawn: { pid: number };
  signal: undefined;
  wait: { exited: false } | { exited: true; status: ExitStatus; at: number };
  output: readonly OutputChunk[];
  input: undefined;
  resize: undefined;
  forget: undefined;
  tree: readonly TreeEntry[];
  list: readonly ListEntry[];
  processes: readonly ProcessInfo[];
  namespaces: Readonly<Record<NsKind, string>>;
  mounts: readonly MountInfo[];
  netSpaces: readonly NetSpaceFacts[];
  host: { code: number; stdout: string; stderr: string };
}

export type OpName = Op['op'];
export type OpOf<N extends OpName> = Extract<Op, { op: N }>;

/** The answer to an Op. `message` of a refusal is what the utility or the kernel said, for people. */
export type Outcome<V = unknown> =
  | { readonly ok: true; readonly value: V }
  | { readonly ok: false; readonly errno: Errno; readonly message: string };

/**
 * One primitive step of a command. `why` explains it to a learner in a sentence. `undo` takes it back when a later step of
 * the same transaction fails. `quiet` steps (queries, book-keeping) are not shown unless asked for.
 */
export interface Step {
  readonly title: string;
  readonly op: Op;
  readonly why?: string;
  readonly undo?: Op;
  readonly quiet?: boolean;
  /** It is the client that waits here: it may go away (Ctrl-C), and the flow be given up, without harm to the engine. */
  readonly leavable?: boolean;
}

/** A command under way: yields Steps, is resumed with their Outcomes, returns its result. */
export type Flow<R> = Generator<Step, R, Outcome>;

/** A step said no. Flows may catch it; uncaught it ends the command. */
export class StepError extends Error {
  constructor(
    readonly step: Step,
    readonly errno: Errno,
    message: string,
  ) {
    super(message);
    this.name = 'StepError';
  }
}

/** Yields one step and returns its value, typed by the Op. Throws StepError when the driver refuses. */
export function* perform<N extends OpName>(
  title: string,
  op: OpOf<N>,
  more: Omit<Step, 'title' | 'op'> = {},
): Generator<Step, OpResults[N], Outcome> {
  const step: Step = { title, op, ...more };
  const outcome = yield step;
  if (outcome.ok) return outcome.value as OpResults[N];
  throw new StepError(step, outcome.errno, outcome.message);
}
