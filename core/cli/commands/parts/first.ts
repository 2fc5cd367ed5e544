/** The verbs that make containers and end them, which every session begins with. Loaded with the first line (core/parts.ts). */
import { type CommandSpec, ofContainers } from '../../spec.ts';
import { createCommand } from '../create.ts';
import { kill } from '../kill.ts';
import { pause } from '../pause.ts';
import { rm } from '../rm.ts';
import { run } from '../run.ts';
import { start } from '../start.ts';
import { stop } from '../stop.ts';
import { unpause } from '../unpause.ts';

export const firstCommands: readonly CommandSpec[] = ofContainers([
  createCommand,
  kill,
  pause,
  rm,
  run,
  start,
  stop,
  unpause,
]);
