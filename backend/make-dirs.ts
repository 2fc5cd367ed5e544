/**
 * `mkdir -p`. Node's own (mkdirSync with `recursive`) goes round for ever where mkdir(2) says ENOENT though the directory above
 * is there: in /proc, for a lab that has just ended. Here that is the error.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

/** Whether the directory was made; those above it are made with the same mode. Throws what mkdir(2) says: ENOENT, ENOTDIR, EEXIST … */
export function makeDirs(path: string, mode = 0o777): boolean {
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return false;
    const above = dirname(path);
    if (codeOf(error) !== 'ENOENT' || above === path || existsSync(above)) throw error;
    makeDirs(above, mode);
    return makeDirs(path, mode);
  }
}
