/**
 * The programs with all of their parts, for who has them at hand: Node, tests, the page that is opened from a file.
 * A page that loads them one by one enters by busybox.ts and core/parts.ts.
 */
import { register } from './lib/registry.ts';
import { filesPrograms } from './parts/files.ts';
import { firstPrograms } from './parts/first.ts';
import { hostPrograms } from './parts/host.ts';
import { morePrograms } from './parts/more.ts';
import { shellPrograms } from './parts/shell.ts';
import { spacesPrograms } from './parts/spaces.ts';
import { textPrograms } from './parts/text.ts';

register({
  ...firstPrograms,
  ...filesPrograms,
  ...hostPrograms,
  ...morePrograms,
  ...shellPrograms,
  ...spacesPrograms,
  ...textPrograms,
});

export { applets, busybox, programs } from './busybox.ts';
export type * from './sh/ast.ts';
export { ScriptError } from './sh/ast.ts';
export { parseScript } from './sh/parser.ts';
