/**
 * The door to what control groups do to their processes: their files, and the sharing out of CPU time and memory. The code
 * behind it is a part that a page loads with the first line (core/parts.ts), since a host that nobody has typed on needs none
 * of it.
 */
import { PartNeeded } from '../errors.ts';
import type * as files from './cgroupfiles.ts';
import type * as cpu from './cpu.ts';
import type * as devices from './devicerules.ts';
import type { Kernel } from './kernel.ts';
import type * as memory from './memory.ts';
import type { JsonLog } from './ops/log.ts';
import type * as pagecache from './pagecache.ts';
import type * as processes from './proc/process.ts';
import type { systemFiles } from './proc/system.ts';
import type { Process } from './process.ts';
import type { Program } from './sys.ts';

export interface Limits {
  readonly checkBirth: typeof files.checkBirth;
  readonly fileOf: typeof files.fileOf;
  readonly filesOf: typeof files.filesOf;
  readonly readCgroupFile: typeof files.readCgroupFile;
  readonly writeCgroupFile: typeof files.writeCgroupFile;
  readonly demandDevice: typeof devices.demandDevice;
  readonly restrictDevices: typeof devices.restrictDevices;
  readonly spend: typeof cpu.spend;
  readonly chargeFile: typeof memory.chargeFile;
  readonly hold: typeof memory.hold;
  readonly memoryRoom: typeof memory.memoryRoom;
  readonly mayFork: typeof memory.mayFork;
  /** The program that `--init` puts in front. */
  readonly init: Program;
  /** A json-file log, to be appended to. */
  readonly log: (kernel: Kernel, daemon: Process, path: string) => JsonLog;
  readonly usedPages: typeof pagecache.usedPages;
  readonly uncached: typeof pagecache.uncached;
  readonly disk: typeof pagecache.disk;
  readonly transferred: typeof pagecache.transferred;
  /** What stands in the files of /proc. */
  readonly processFiles: typeof processes.processFiles;
  readonly descriptorText: typeof processes.descriptorText;
  readonly systemFiles: typeof systemFiles;
}

/** Of the simulated machine, as /proc/cpuinfo and /proc/meminfo show them. */
export const CPUS = 2;
export const MEMORY = 8 * 2 ** 30;

let known: Limits | undefined;

export function registerLimits(limits: Limits): void {
  known = limits;
}

/** Throws PartNeeded. */
export function limits(): Limits {
  if (known === undefined) throw new PartNeeded('first');
  return known;
}
