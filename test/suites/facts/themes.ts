/** The themes of the kernel facts; one file each. */
import type { Themes } from './fact.ts';
import { processFacts } from './processes.ts';

export const themes: Themes = { processes: processFacts };
