/** The applets that nearly every session begins with. They are loaded with the first line (core/parts.ts). */
import { cat } from '../applets/cat.ts';
import { echo } from '../applets/echo.ts';
import { ls } from '../applets/ls.ts';
import { mkdir } from '../applets/mkdir.ts';
import { rm } from '../applets/rm.ts';
import { touch } from '../applets/touch.ts';
import * as trivial from '../applets/trivial.ts';
import { type Lacking, programsOf } from '../lib/applet.ts';

/** Options that these read and do not carry out. */
export const firstLacking: Lacking = {
  ls: '-u',
  touch: '-a',
};

export const firstPrograms = programsOf(
  {
    basename: trivial.basename,
    cat,
    clear: trivial.clear,
    dirname: trivial.dirname,
    echo,
    env: trivial.env,
    false: trivial.fail,
    hostname: trivial.hostname,
    ls,
    mkdir,
    nproc: trivial.nproc,
    pwd: trivial.pwd,
    rm,
    sleep: trivial.sleep,
    sync: trivial.sync,
    touch,
    true: trivial.succeed,
    tty: trivial.tty,
    uname: trivial.uname,
    usleep: trivial.usleep,
    whoami: trivial.whoami,
    yes: trivial.yes,
  },
  firstLacking,
);
