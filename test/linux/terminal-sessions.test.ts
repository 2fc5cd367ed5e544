/** The recorded sessions of a real client, typed on the linux target: those with a terminal of the program's own. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import { createShapes, played, readSessions } from '../suites/terminal/played.ts';
import { onLinux } from '../suites/terminal/scripts.ts';
import { gated, needs } from '../support/needs.ts';

const sessions = suite('linux: recorded sessions at a terminal');
const check = gated(sessions, await needs(...linuxNeeds));

/** Each process that `docker exec` starts has a parent of its own here, where Docker's containerd has one for all of a container. */
const otherParents = (what: string): boolean => what.startsWith('docker top ');

/** setsid forks, and whether its first process has ended when ps looks is chance; the simulation is held to what was recorded. */
const racing = (what: string): boolean => what.includes('setsid ps ');

for (const [n, group] of readSessions().groups.entries())
  check(`group ${n + 1}`, async () => {
    const target = await openTarget('linux', { interactive: true });
    const shapes = createShapes();
    try {
      for (const real of group.sessions.filter(onLinux))
        for (const answer of await played(target, real, shapes, true))
          if (answer.apart === undefined && !otherParents(answer.what) && !racing(answer.what))
            assert.is(answer.ours, answer.real, `${real.name}: ${answer.what}`);
    } finally {
      await target.close();
    }
  });

sessions.run();
