/**
 * The builtins of busybox ash, by name. `special` are those of POSIX.1-2017 XCU 2.14: an error in one ends the shell, and
 * assignments before one stay.
 */

import { special } from '../names.ts';
import type { Mode } from '../run.ts';
import type { Shell } from '../shell.ts';
import type { Soon } from '../soon.ts';
import * as control from './control.ts';
import * as inform from './inform.ts';
import * as processes from './processes.ts';
import { read } from './read.ts';
import * as shared from './shared.ts';
import { ulimit } from './ulimit.ts';
import * as variables from './variables.ts';

/** `args` without the name. */
export type Builtin = (shell: Shell, args: readonly string[], mode: Mode) => Soon;

export { special };

export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['.', control.dot],
  ['source', control.dot],
  [':', control.succeed],
  ['true', control.succeed],
  ['false', control.fail],
  ['break', (shell, args) => control.leaveLoop(shell, 'break', args)],
  ['continue', (shell, args) => control.leaveLoop(shell, 'continue', args)],
  ['return', control.returnFrom],
  ['exit', control.exit],
  ['eval', control.evaluate],
  ['exec', control.exec],
  ['command', control.command],
  ['[', (shell, args) => shared.test(shell, '[', args)],
  ['[[', (shell, args) => shared.test(shell, '[[', args)],
  ['test', (shell, args) => shared.test(shell, 'test', args)],
  ['echo', shared.echo],
  ['printf', shared.printf],
  ['kill', processes.kill],
  ['wait', processes.wait],
  ['jobs', processes.jobs],
  ['fg', (shell, args) => processes.restart(shell, 'fg', args)],
  ['bg', (shell, args) => processes.restart(shell, 'bg', args)],
  ['trap', processes.trap],
  ['times', processes.times],
  ['umask', processes.umask],
  ['ulimit', ulimit],
  ['cd', inform.cd],
  ['chdir', inform.cd],
  ['pwd', inform.pwd],
  ['type', inform.type],
  ['alias', inform.alias],
  ['unalias', inform.unalias],
  ['hash', control.succeed],
  ['help', inform.help],
  ['history', inform.history],
  ['export', (shell, args) => variables.mark(shell, 'export', args)],
  ['readonly', (shell, args) => variables.mark(shell, 'readonly', args)],
  ['unset', variables.unset],
  ['local', variables.local],
  ['set', variables.set],
  ['shift', variables.shift],
  ['getopts', variables.getopts],
  ['let', variables.arithmetic],
  ['read', read],
]);
