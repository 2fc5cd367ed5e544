/** Applets that few sessions use: awk, archives, encodings. They are loaded when one of them is started (core/parts.ts). */
import { awk } from '../applets/awk.ts';
import { base64, hexdump, od, xxd } from '../applets/encode.ts';
import { gunzip, gzip, zcat } from '../applets/gzip.ts';
import { killall } from '../applets/killall.ts';
import { fold, paste } from '../applets/paste.ts';
import { tar } from '../applets/tar.ts';
import { programsOf } from '../lib/applet.ts';

export const morePrograms = programsOf({
  awk,
  base64,
  fold,
  gunzip,
  gzip,
  hexdump,
  killall,
  od,
  paste,
  tar,
  xxd,
  zcat,
});
