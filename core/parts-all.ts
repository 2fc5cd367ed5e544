/**
 * All parts at once. Who imports this has nothing to load later; the site's build leaves it out (vite.config.ts), and loads
 * parts by parts.ts.
 */
import './cli/commands/index.ts';
import { runMixed } from './cli/line/mixed.ts';
import { registerMixed } from './cli/line.ts';
import './explain/index.ts';
import { registerReading } from './image/reading.ts';
import { archiveReading } from './image/reading-all.ts';
import './programs/index.ts';

registerMixed(runMixed);
registerReading(archiveReading);
