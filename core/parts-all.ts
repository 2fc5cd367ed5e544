/**
 * All parts at once. Who imports this has nothing to load later; the site's build leaves it out (vite.config.ts), and loads
 * parts by parts.ts.
 */
import { registerHandLooker } from './byhand/door.ts';
import { handMade } from './byhand/look.ts';
import './cli/commands/index.ts';
import { docker } from './cli/docker.ts';
import { registerLimitFlags } from './cli/limit-door.ts';
import { limitValues } from './cli/limit-values.ts';
import { runMixed } from './cli/line/mixed.ts';
import { registerClient, registerMixed } from './cli/line.ts';
import { registerMountFlags } from './cli/mount-door.ts';
import { mountValues } from './cli/mount-values.ts';
import { registerNetworkFlags } from './cli/network-door.ts';
import { networkAsked } from './cli/network-values.ts';
import { allMounts } from './engine/flows/mountpoints.ts';
import { allResources } from './engine/flows/resources.ts';
import { registerLiving } from './engine/living.ts';
import { allLiving } from './engine/living-all.ts';
import { registerNetworking } from './engine/networking.ts';
import * as networks from './engine/networks/index.ts';
import { registerResources } from './engine/resources.ts';
import { registerMounts } from './engine/volumes.ts';
import './explain/index.ts';
import { registerReading } from './image/reading.ts';
import { archiveReading } from './image/reading-all.ts';
import { registerLimits } from './kernel/limits.ts';
import { allLimits } from './kernel/limits-all.ts';
import { registerKernel } from './kernel/more.ts';
import { spaces } from './kernel/spaces/index.ts';
import { tell } from './kernel/telling.ts';
import { registerTelling } from './kernel/trace.ts';
import './programs/index.ts';
import { toShell } from './shell.ts';
import { registerShell } from './shell-door.ts';
import { registerSnapshotters } from './snapshot/index.ts';
import { otherSnapshotters } from './snapshot/others.ts';
import { registerTrees } from './vfs/others.ts';
import { allTrees } from './vfs/others-all.ts';

registerHandLooker(handMade);
registerClient(docker);
registerLimitFlags(limitValues);
registerResources(allResources);
registerMountFlags(mountValues);
registerMounts(allMounts);
registerLiving(allLiving);
registerNetworkFlags(networkAsked);
registerNetworking(networks);
registerMixed(runMixed);
registerLimits(allLimits);
registerReading(archiveReading);
registerKernel(spaces);
registerTelling(tell);
registerShell(toShell);
registerSnapshotters(otherSnapshotters);
registerTrees(allTrees);
