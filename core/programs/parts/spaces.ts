/** Applets for namespaces and for the network. They are loaded when one of them is started (core/parts.ts). */
import { httpd } from '../applets/httpd.ts';
import { ip } from '../applets/ip.ts';
import { nc } from '../applets/nc.ts';
import { nsenter } from '../applets/nsenter.ts';
import { ping } from '../applets/ping.ts';
import { chroot, pivotRoot } from '../applets/roots.ts';
import { unshare } from '../applets/unshare.ts';
import { wget } from '../applets/wget.ts';
import { type Lacking, programsOf } from '../lib/applet.ts';

/** Options that these read and do not carry out. */
export const spacesLacking: Lacking = { httpd: '-i -c -u -r -m', wget: '-t' };

export const spacesPrograms = programsOf(
  { chroot, httpd, ip, nc, nsenter, ping, pivot_root: pivotRoot, unshare, wget },
  spacesLacking,
);
