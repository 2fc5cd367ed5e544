/**
 * The commands with all of their parts, for who has them at hand: Node, tests, the page that is opened from a file.
 * A page that loads them one by one enters by catalogue.ts and core/parts.ts.
 */
import { registerCommands } from './catalogue.ts';
import { firstCommands } from './parts/first.ts';
import { networksCommands } from './parts/networks.ts';
import { tablesCommands } from './parts/tables.ts';
import { verbsCommands } from './parts/verbs.ts';
import { volumesCommands } from './parts/volumes.ts';

registerCommands([...firstCommands, ...networksCommands, ...tablesCommands, ...verbsCommands, ...volumesCommands]);
