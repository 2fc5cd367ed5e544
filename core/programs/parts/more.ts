/** Applets that few sessions use: awk, archives, encodings, comparing. They are loaded when one of them is started (core/parts.ts). */
import { awk } from '../applets/awk.ts';
import { base64 } from '../applets/base64.ts';
import { diff } from '../applets/diff.ts';
import { hexdump, xxd } from '../applets/encode.ts';
import { gunzip, gzip, zcat } from '../applets/gzip.ts';
import { killall } from '../applets/killall.ts';
import { od } from '../applets/od.ts';
import { fold, paste } from '../applets/paste.ts';
import { shuf } from '../applets/shuf.ts';
import { sysctl } from '../applets/sysctl.ts';
import { tar } from '../applets/tar.ts';
import { type Lacking, programsOf } from '../lib/applet.ts';

/** Options that these read and do not carry out. */
export const moreLacking: Lacking = {
  hexdump: '-e -f',
  tar: '-Z -J -j -a --lzma --to-command',
};

export const morePrograms = programsOf(
  {
    awk,
    base64,
    diff,
    fold,
    gunzip,
    gzip,
    hexdump,
    killall,
    od,
    paste,
    shuf,
    sysctl,
    tar,
    xxd,
    zcat,
  },
  moreLacking,
);
