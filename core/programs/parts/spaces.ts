/** Applets for namespaces and for the network. They are loaded when one of them is started (core/parts.ts). */
import { ip } from '../applets/ip.ts';
import { nsenter } from '../applets/nsenter.ts';
import { ping } from '../applets/ping.ts';
import { chroot, pivotRoot } from '../applets/roots.ts';
import { unshare } from '../applets/unshare.ts';
import { programsOf } from '../lib/applet.ts';

export const spacesPrograms = programsOf({ chroot, ip, nsenter, ping, pivot_root: pivotRoot, unshare });
