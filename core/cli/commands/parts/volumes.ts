/** The verbs of volumes. Loaded when one is typed (core/parts.ts). */
import type { CommandSpec } from '../../spec.ts';
import { volumeCreate } from '../volume-create.ts';
import { volumeInspect } from '../volume-inspect.ts';
import { volumeLs } from '../volume-ls.ts';
import { volumePrune } from '../volume-prune.ts';
import { volumeRm } from '../volume-rm.ts';

export const volumesCommands: readonly CommandSpec[] = [volumeCreate, volumeInspect, volumeLs, volumePrune, volumeRm];
