/**
 * What follows the usage line in busybox's help is busybox's own text, and the simulation does not have it: where answers of the
 * real one are kept or compared, it is taken out.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian's busybox (package busybox-static). */
export const busyboxPath = '/usr/bin/busybox';

const usageLines = /^Usage: .*\n(?:\s*or: .*\n)*/m;

/** Takes the help text of each applet of this machine's busybox out of a text; without a busybox there is none to take out. */
export function helpStripper(): (text: string) => string {
  if (!existsSync(busyboxPath)) return (text) => text;
  const helps: { readonly whole: string; readonly usage: string }[] = [];
  for (const name of execFileSync(busyboxPath, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    const { stdout, stderr } = spawnSync(busyboxPath, [name, '--help'], { encoding: 'utf8', timeout: 2000, input: '' });
    const match = usageLines.exec(stderr + stdout);
    const usage = match?.[0] ?? '';
    const whole = match === null ? '' : (stderr + stdout).slice(match.index);
    if (whole !== usage) helps.push({ whole, usage });
  }
  return (text) => helps.reduce((done, { whole, usage }) => done.replaceAll(whole, usage), text);
}
