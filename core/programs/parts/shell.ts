/** The shell, and the applets that it has as builtins too. They are loaded when one of them is started (core/parts.ts). */
import { kill } from '../applets/kill.ts';
import { printf } from '../applets/printf.ts';
import { test } from '../applets/test.ts';
import { programsOf } from '../lib/applet.ts';
import { sh } from '../sh/sh.ts';

export const shellPrograms = { ...programsOf({ '[': test, '[[': test, kill, printf, test }), sh, ash: sh };
