/** Applets for namespaces and for the network. They are loaded when one of them is started (core/parts.ts). */
import { arp } from '../applets/arp.ts';
import { httpd } from '../applets/httpd.ts';
import { ifconfig } from '../applets/ifconfig.ts';
import { ip } from '../applets/ip.ts';
import { nc } from '../applets/nc.ts';
import { netstat } from '../applets/netstat.ts';
import { nsenter } from '../applets/nsenter.ts';
import { nslookup } from '../applets/nslookup.ts';
import { ping } from '../applets/ping.ts';
import { chroot, pivotRoot } from '../applets/roots.ts';
import { route } from '../applets/route.ts';
import { unshare } from '../applets/unshare.ts';
import { wget } from '../applets/wget.ts';
import { type Lacking, programsOf } from '../lib/applet.ts';

/** Options that these read and do not carry out. */
export const spacesLacking: Lacking = {
  arp: '-A -D -H -d -p -s',
  httpd: '-i -c -u -r -m',
  route: '-A',
  wget: '-t',
};

export const spacesPrograms = programsOf(
  {
    arp,
    chroot,
    httpd,
    ifconfig,
    ip,
    nc,
    netstat,
    nsenter,
    nslookup,
    ping,
    pivot_root: pivotRoot,
    route,
    unshare,
    wget,
  },
  spacesLacking,
);
