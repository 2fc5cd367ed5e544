/**
 * Volumes and mount points as the engine knows them, and the door to the code that makes, mounts and removes them. That code
 * (flows/volumes.ts, flows/mountpoints.ts) is a part that a page loads with the first line that asks for it (core/parts.ts), since most
 * containers have no mounts of their own.
 *
 * Kept true: which containers use a volume follows from their mount points and is written nowhere else.
 */
import { PartNeeded } from '../errors.ts';
import type { CreateSpec } from './config.ts';
import type * as points from './flows/mountpoints.ts';
import type { Json } from './json.ts';
import type { Container, Engine } from './world.ts';

export interface Volume {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** `null`: made along with a container, which says nothing of labels. */
  readonly labels: Readonly<Record<string, string>> | null;
  /** `type`, `device` and `o` of mount(8); `null` as above. */
  readonly options: Readonly<Record<string, string>> | null;
}

/** One of HostConfig.Mounts, as `--mount` gives it; field order as `docker inspect` prints it (moby api/types/mount). */
export interface MountSpec {
  readonly Type?: string;
  readonly Source?: string;
  readonly Target?: string;
  readonly ReadOnly?: boolean;
  readonly Consistency?: string;
  readonly BindOptions?: { readonly Propagation?: string; readonly NonRecursive?: boolean };
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> };
  };
  readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number };
}

/** What is mounted in a container, and where (moby volume/mounts MountPoint). */
export interface MountPoint {
  readonly type: 'volume' | 'bind' | 'tmpfs';
  /** In the container. */
  readonly at: string;
  /** Of the volume. */
  readonly name?: string;
  /** Of the host, for a bind mount. */
  readonly source?: string;
  readonly writable: boolean;
  /** As it was typed behind the second colon of `-v`. */
  readonly mode: string;
  readonly propagation: string;
  /** The first use of an empty volume copies to it what the image has there. */
  readonly copies?: boolean;
  /** The directory of the host is there, or it is an error; else it is made. */
  readonly mustExist?: boolean;
  readonly spec: MountSpec;
}

/** What a HostConfig says of mounts; absent: nothing. */
export interface Mounting {
  readonly Binds?: readonly string[];
  readonly VolumeDriver?: string;
  readonly VolumesFrom?: readonly string[];
  readonly Tmpfs?: Readonly<Record<string, string>>;
  readonly Mounts?: readonly MountSpec[];
}

export interface MountWork {
  readonly checkMounting: typeof points.checkMounting;
  readonly registerPoints: typeof points.registerPoints;
  readonly populate: typeof points.populate;
  readonly mountsFor: typeof points.mountsFor;
  readonly viewMounts: typeof points.viewMounts;
  readonly unmountVolumes: typeof points.unmountVolumes;
  readonly removeAnonymous: typeof points.removeAnonymous;
  readonly pointsJson: typeof points.pointsJson;
  readonly recordJson: typeof points.recordJson;
  readonly mountFacts: typeof points.mountFacts;
  readonly volumeFacts: typeof points.volumeFacts;
  readonly refusedMount: typeof points.refusedMount;
  readonly refusedView: typeof points.refusedView;
}

let known: MountWork | undefined;

export function registerMounts(work: MountWork): void {
  known = work;
}

/** Throws PartNeeded. */
export function mountWork(): MountWork {
  if (known === undefined) throw new PartNeeded('volumes');
  return known;
}

/** Does a container to be made have mounts, of its own or because its image says so? */
export const asksMounts = (
  { mounting, volumes }: CreateSpec,
  image: Readonly<Record<string, object>> | null | undefined,
): boolean => mounting !== undefined || volumes !== undefined || Object.keys(image ?? {}).length > 0;

/** Has it mounts beside those that every container has? */
export const hasMounts = ({ mounts, hostConfig }: Container): boolean =>
  (mounts !== undefined && mounts.length > 0) || hostConfig.Tmpfs !== undefined;

/** `Mounts` of inspect. */
export const mountsJson = (engine: Engine, container: Container): Json =>
  container.mounts === undefined ? [] : mountWork().pointsJson(engine, container);

export const volumesDir = (engine: Engine): string => `${engine.facts.dataRoot}/volumes`;
/** Where the content of a volume lies. */
export const volumeData = (engine: Engine, name: string): string => `${volumesDir(engine)}/${name}/_data`;
