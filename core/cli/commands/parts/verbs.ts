/** The verbs that sessions need less often. Loaded when one is typed (core/parts.ts). */
import { type CommandSpec, ofContainers, under } from '../../spec.ts';
import { attach } from '../attach.ts';
import { commit } from '../commit.ts';
import { containerPrune } from '../container-prune.ts';
import { cp } from '../cp.ts';
import { diff } from '../diff.ts';
import { exec } from '../exec.ts';
import { exportCommand } from '../export.ts';
import { imagePrune } from '../image-prune.ts';
import { importCommand } from '../import.ts';
import { load } from '../load.ts';
import { logs } from '../logs.ts';
import { port } from '../port.ts';
import { rename } from '../rename.ts';
import { restart } from '../restart.ts';
import { rmi } from '../rmi.ts';
import { save } from '../save.ts';
import { tag } from '../tag.ts';
import { update } from '../update.ts';
import { wait } from '../wait.ts';

export const verbsCommands: readonly CommandSpec[] = [
  ...ofContainers([attach, commit, cp, diff, exec, exportCommand, logs, port, rename, restart, update, wait]),
  ...[importCommand, load, rmi, save, tag],
  ...[importCommand, load, save, tag].map((spec) => under('image', spec)),
  ...[containerPrune, imagePrune],
  under('image', rmi, 'rm', ['rm', 'rmi', 'remove']),
];
