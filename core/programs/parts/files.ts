/** Applets for files, directories, links and file systems. They are loaded when one of them is started (core/parts.ts). */
import { chgrp, chmod, chown } from '../applets/chmod.ts';
import { cp, mv } from '../applets/cp.ts';
import { dd } from '../applets/dd.ts';
import { du } from '../applets/du.ts';
import { cmp, mkfifo, mknod, mktemp, truncate, which } from '../applets/files.ts';
import { find } from '../applets/find.ts';
import { link, ln, readlink, realpath } from '../applets/ln.ts';
import { df, mount, umount } from '../applets/mount.ts';
import { rmdir, unlink } from '../applets/rm.ts';
import { stat } from '../applets/stat.ts';
import { xargs } from '../applets/xargs.ts';
import { type Lacking, programsOf } from '../lib/applet.ts';

/** Options that these read and do not carry out. */
export const filesLacking: Lacking = {
  find: '-amin -atime',
  stat: '-f %c %l %S %x %X',
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
