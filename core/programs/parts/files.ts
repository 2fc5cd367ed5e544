/** Applets for files, directories, links and file systems. They are loaded when one of them is started (core/parts.ts). */
import { chgrp, chmod, chown } from '../applets/chmod.ts';
import { cp, mv } from '../applets/cp.ts';
import { cmp, dd, mkfifo, mknod, mktemp, truncate, which } from '../applets/files.ts';
import { find, xargs } from '../applets/find.ts';
import { link, ln, readlink, realpath } from '../applets/ln.ts';
import { df, du, mount, umount } from '../applets/mount.ts';
import { rmdir, unlink } from '../applets/rm.ts';
import { stat } from '../applets/stat.ts';
import { type Lacking, programsOf } from '../lib/applet.ts';

/** Options that these read and do not carry out. */
export const filesLacking: Lacking = {
  chgrp: 'LHP',
  chown: 'LHP',
  df: 'i',
  du: 'HLbx',
  ln: 'bS',
  stat: 't',
  xargs: 'psLo',
};

export const filesPrograms = programsOf(
  {
    chgrp,
    chmod,
    chown,
    cmp,
    cp,
    dd,
    df,
    du,
    find,
    link,
    ln,
    mkfifo,
    mknod,
    mktemp,
    mount,
    mv,
    readlink,
    realpath,
    rmdir,
    stat,
    truncate,
    umount,
    unlink,
    which,
    xargs,
  },
  filesLacking,
);
