/** What is behind the door of limits.ts. */
import { checkBirth, fileOf, filesOf, readCgroupFile, writeCgroupFile } from './cgroupfiles.ts';
import { spend } from './cpu.ts';
import { demandDevice, restrictDevices } from './devicerules.ts';
import type { Limits } from './limits.ts';
import { chargeFile, hold, mayFork, memoryRoom } from './memory.ts';
import { JsonLog } from './ops/log.ts';
import { disk, transferred, uncached, usedPages } from './pagecache.ts';
import { descriptorText, processFiles } from './proc/process.ts';
import { systemFiles } from './proc/system.ts';
import { tini } from './tini.ts';

/** Terminals are needed by whoever needs these, and lean on the same files: one part for both. */
export { allTerminals } from './tty/index.ts';

export const allLimits: Limits = {
  checkBirth,
  fileOf,
  filesOf,
  readCgroupFile,
  writeCgroupFile,
  demandDevice,
  restrictDevices,
  spend,
  chargeFile,
  hold,
  memoryRoom,
  mayFork,
  init: tini,
  log: (kernel, daemon, path) => new JsonLog(kernel, daemon, path),
  usedPages,
  uncached,
  disk,
  transferred,
  processFiles,
  descriptorText,
  systemFiles,
};
