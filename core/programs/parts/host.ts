/** Applets that look at processes, users and time. They are loaded when one of them is started (core/parts.ts). */
import { date } from '../applets/date.ts';
import { groups, id } from '../applets/id.ts';
import { free, pidof, ps, top, uptime } from '../applets/proc.ts';
import { renice } from '../applets/renice.ts';
import { stty } from '../applets/stty.ts';
import { setsid, time, timeout } from '../applets/timeout.ts';
import { type Lacking, programsOf } from '../lib/applet.ts';

/** Options that these read and do not carry out. */
export const hostLacking: Lacking = {
  setsid: '-c',
  time: '-v %c %D %F %I %k %K %M %O %p %r %R %s %t %w %W %X',
  top: '-H',
};

export const hostPrograms = programsOf(
  { date, free, groups, id, pidof, ps, renice, setsid, stty, time, timeout, top, uptime },
  hostLacking,
);
