/** A mount table is asked for a path as one that was read in whole. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hasPoint, parseMountinfo } from '../../backend/mountinfo.ts';

const test = suite('mountinfo');

const name = fc.stringMatching(/^[a-c .#\\*$\n-]{1,3}$/).filter((text) => !/^\.+$/.test(text));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`);

/** As the kernel writes it (fs/proc_namespace.c show_mountinfo: seq_path_root escapes blanks and backslashes). */
const written = (text: string): string =>
  text.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
const line = (at: string, root: string): string =>
  `36 35 98:0 ${written(root)} ${written(at)} rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n`;

test('a path is a mount point, or has some below it, as the parsed table says', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(path, path), { maxLength: 6 }), path, (points, asked) => {
      const text = points.map(([at, root]) => line(at, root)).join('');
      const found = parseMountinfo(text).map(({ at }) => at);
      assert.equal(
        found,
        points.map(([at]) => at),
      );
      assert.is(hasPoint(text, asked, ' '), found.includes(asked));
      const holds = found.some((at) => at === asked || at.startsWith(`${asked}/`));
      assert.is(hasPoint(text, asked, '[ /]'), holds);
    }),
    { numRuns: 2000 },
  );
});

test.run();
