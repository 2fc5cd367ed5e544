/** Applets that read text and write text, and digests. They are loaded when one of them is started (core/parts.ts). */
import { cut, tr } from '../applets/cut.ts';
import { expr } from '../applets/expr.ts';
import { grep } from '../applets/grep.ts';
import { head, tail } from '../applets/head.ts';
import { sed } from '../applets/sed.ts';
import { sort } from '../applets/sort.ts';
import { md5sum, sha1sum, sha256sum, sha512sum } from '../applets/sums.ts';
import { nl, rev, seq, tac, tee } from '../applets/tee.ts';
import { uniq } from '../applets/uniq.ts';
import { wc } from '../applets/wc.ts';
import { programsOf } from '../lib/applet.ts';

export const textPrograms = programsOf({
  cut,
  egrep: grep,
  expr,
  fgrep: grep,
  grep,
  head,
  md5sum,
  nl,
  rev,
  sed,
  seq,
  sha1sum,
  sha256sum,
  sha512sum,
  sort,
  tac,
  tail,
  tee,
  tr,
  uniq,
  wc,
});
