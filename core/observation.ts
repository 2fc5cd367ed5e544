/**
 * Facts read back from a target, in one shape whichever target they come from (simulation, linux, docker). Pictures,
 * comparison and lesson goals are made from this and from nothing else.
 *
 * Kept true: everything here was read, not assumed; ids and PIDs are the target's own (core/transcript/normalise.ts replaces
 * them by order of appearance before two targets are compared); no times.
 */
import type { Digest, ListEntry, NsKind, TreeEntry } from './op.ts';

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** One read-only layer of an image, bottom first in `ImageFacts.layers`. */
export interface LayerFacts {
  readonly diffId: Digest;
  readonly chainId: Digest;
  /** Bytes of regular files in it and lengths of symbolic links, as `docker history` counts. */
  readonly size: number;
  readonly createdBy: string;
}

export interface ImageFacts {
  readonly id: Digest;
  /** `repository:tag`, sorted; empty for a dangling image. */
  readonly tags: readonly string[];
  /** Image this one was committed from, where the engine knows it. */
  readonly parent?: Digest;
  readonly layers: readonly LayerFacts[];
  readonly cmd: readonly string[];
}

/** One line of `docker diff`. */
export interface Change {
  readonly kind: 'A' | 'C' | 'D';
  readonly path: string;
}

/** A process as its own PID namespace shows it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly ppid: number;
  readonly args: readonly string[];
  /** PID on the host. */
  readonly hostPid: number;
}

export interface CgroupFacts {
  readonly frozen: boolean;
  /** Processes in it. */
  readonly pids: number;
  /** Bytes; absent: no limit, or no such controller here. */
  readonly memoryLimit?: number;
}

export interface ContainerFacts {
  readonly id: string;
  readonly name: string;
  /** As it was named on the command line. */
  readonly image: string;
  readonly imageId: Digest;
  readonly status: ContainerStatus;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly command: readonly string[];
  /** Sorted by PID; empty unless running or paused. */
  readonly processes: readonly ProcessFacts[];
  /** Of PID 1; absent unless running or paused. */
  readonly namespaces?: Readonly<Record<NsKind, 'own' | 'host' | `container:${string}`>>;
  readonly cgroup?: CgroupFacts;
  /** chainIDs of the image's layers, bottom first; keys of `Observation.layers`. */
  readonly lower: readonly Digest[];
  /** The init layer between image and read-write layer. */
  readonly init: readonly TreeEntry[];
  /** The read-write layer itself: what lies in upperdir, whiteouts and opaque marks included. */
  readonly upper: readonly TreeEntry[];
  /** The union view: what a process inside sees (mounts made inside the container left out). */
  readonly union: readonly TreeEntry[];
  /** `docker diff`. */
  readonly changes: readonly Change[];
  /** Sorted by path; absent: none beside those that every container has. */
  readonly mounts?: readonly MountFacts[];
}

/** A volume, a directory of the host or a tmpfs in a container. */
export interface MountFacts {
  readonly type: 'volume' | 'bind' | 'tmpfs';
  /** In the container: what the layers have there is hidden. */
  readonly at: string;
  /** Name of the volume, path on the host, or empty. */
  readonly source: string;
  readonly readonly: boolean;
  /** The kernel shows it in the container's mount namespace now. */
  readonly mounted: boolean;
}

export interface VolumeFacts {
  readonly name: string;
  readonly content: readonly TreeEntry[];
}

/** How something that was made by hand was made. Paths are as the host calls them, or else as its own processes do. */
export interface Hand {
  /** Where its union is mounted; absent: it has none, its processes see another root. */
  readonly where?: string;
  /** Lower directories that are no layers of images, topmost first; their union is `init`. */
  readonly lower: readonly string[];
  readonly upper?: string;
  /** Control groups that its first process is in, beside the roots. */
  readonly groups: readonly string[];
}

/** A container that no engine made: an overlay mount of somebody's own, processes in namespaces of their own, or both. */
export interface HandFacts extends ContainerFacts {
  readonly hand: Hand;
}

/**
 * What lies below the engine's data root: names, links and short contents, as deep as the engine itself makes them; what is in
 * layers is not in here. `path` of an entry counts from `root`.
 */
export interface StoreFacts {
  /** As the engine's own host calls it. */
  readonly root: string;
  readonly entries: readonly ListEntry[];
}

/** A network device as its namespace shows it, ip-link(8). */
export interface DeviceFacts {
  readonly name: string;
  readonly type: 'loopback' | 'bridge' | 'veth' | 'other';
  /** Hardware address; empty for loopbacks. */
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  /** Of IPv4, with their prefix lengths: `172.17.0.2/16`. */
  readonly addresses: readonly string[];
  /** The bridge that it is a port of. */
  readonly master?: string;
  /** The other end of a pair, where that was found. */
  readonly peer?: { readonly space: number; readonly name: string };
}

/** `to` is `default` or a subnet. */
export interface RouteFacts {
  readonly to: string;
  readonly via?: string;
  readonly dev: string;
}

/** What comes for a port of a namespace goes on to somebody else: a rule with the target DNAT. */
export interface ForwardFacts {
  readonly proto: string;
  /** Empty: any address of the host. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly ip: string;
  readonly port: number;
}

/** A network namespace, network_namespaces(7). */
export interface NetSpaceFacts {
  /** Inode number, as links in /proc/<pid>/ns show it. */
  readonly ino: number;
  /** It is the host's. */
  readonly host: boolean;
  /** Those in it whose parents are not, or are in another PID namespace; empty for the host's. */
  readonly processes: readonly Pick<ProcessFacts, 'hostPid' | 'args'>[];
  /** By index. */
  readonly devices: readonly DeviceFacts[];
  readonly routes: readonly RouteFacts[];
  readonly forwards: readonly ForwardFacts[];
  /** Subnets whose packets leave under an address of this namespace: rules with the target MASQUERADE. */
  readonly masked: readonly string[];
  /** Bridges that nothing of another bridge is passed on to: rules of DOCKER-ISOLATION-STAGE-2. */
  readonly apart: readonly string[];
}

/** A network of the engine's. */
export interface NetworkFacts {
  readonly name: string;
  /** The device that is its bridge. */
  readonly bridge: string;
  readonly subnet: string;
  readonly internal: boolean;
  /** Running containers that have a place on it, and what they are called there. */
  readonly members: readonly { readonly container: string; readonly ip: string; readonly names: readonly string[] }[];
}

export interface Observation {
  readonly images: readonly ImageFacts[];
  readonly containers: readonly ContainerFacts[];
  /** Content of each read-only layer that an image here uses, by chainID. */
  readonly layers: Readonly<Record<Digest, readonly TreeEntry[]>>;
  /** There is one user alone, so all files are root's: owners say nothing. Absent: owners are as they were given. */
  readonly owners?: 'one';
  /** By name; absent: none. */
  readonly volumes?: readonly VolumeFacts[];
  /** What was made without the engine; absent: nothing, or the target does not look. Targets are not compared by it. */
  readonly byHand?: readonly HandFacts[];
  /** Absent where nobody may look. Its names are random: targets are not compared by it. */
  readonly store?: StoreFacts;
  /**
   * By inode number, the host's first; absent: there is no device but loopbacks that are up, or the target does not look. Names
   * and numbers in it are random: targets are not compared by it.
   */
  readonly netSpaces?: readonly NetSpaceFacts[];
  /** Those with a bridge, by name; absent: none. */
  readonly networks?: readonly NetworkFacts[];
}
