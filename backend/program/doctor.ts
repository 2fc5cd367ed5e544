/**
 * `cutaway doctor`: what this machine can do for real, and what to install for the rest.
 */
import { describeLacking, recordedBusybox } from '../../core/index.ts';
import { type Finding, linuxNeedsHere, probe, type RequirementName } from '../probe.ts';
import { type Right, rights } from '../rights.ts';
import type { Env, Run } from './env.ts';
import { bold, dim } from './show.ts';

/** What each target needs of the machine. */
const needs: readonly (readonly [target: string, what: string, needs: readonly RequirementName[]])[] = [
  ['sim', 'the simulation', []],
  ['linux', 'the same steps for real', linuxNeedsHere()],
  ['docker', 'the reference: a private Docker Engine', ['linux', 'root', 'busybox', 'docker']],
];

export const run: Run = async (_call, env) => {
  const findings = await probe(undefined, { busybox: recordedBusybox.digest });
  for (const [target, what, names] of needs)
    showTarget(
      env,
      target,
      what,
      findings.filter((one) => names.includes(one.name)),
    );
  env.out(`\n${bold(env, `  met requirement   for           found, or what is missing and what to do`)}\n`);
  for (const finding of findings) showFinding(env, finding);
  env.out(
    `\n${bold(env, `Without root                  as root  ${process.getuid?.() === 0 ? 'as a user' : 'as this user'}`)}\n`,
  );
  for (const right of await rights()) showRight(env, right);
  showLacking(env);
  return 0;
};

/** What the simulated programs do not have: nothing of it is left undone in silence. */
function showLacking(env: Env): void {
  const { summary, applets, options } = describeLacking();
  env.out(`\n${bold(env, 'Programs of the simulation')}\n  ${summary}\n`);
  env.out(`${wrapped(`no applet: ${applets}`)}${wrapped(`no option: ${options}`)}`);
}

function wrapped(text: string): string {
  const lines = text.match(/\S.{0,115}(?=\s|$)/g) ?? [];
  return lines.map((line, i) => `${i === 0 ? '  ' : '    '}${line}\n`).join('');
}

function showTarget(env: Env, target: string, what: string, findings: readonly Finding[]): void {
  const missing = findings.filter(({ met, untried }) => !met && untried !== true).map((finding) => finding.name);
  const verdict = missing.length === 0 ? 'ready' : `not available: ${missing.join(', ')} missing`;
  env.out(`${bold(env, target.padEnd(8))}${verdict.padEnd(10)} ${dim(env, what)}\n`);
}

/** What a part of the linux target needs. */
const used: readonly RequirementName[] = ['userns', 'cgroup', 'openat2', 'mount_setattr', 'seccomp', 'networks'];

/** The targets that do not work without it. */
function usersOf(name: RequirementName): string {
  const targets = needs.filter(([, , names]) => names.includes(name)).map(([target]) => target);
  if (targets.length > 0) return targets.join(' ');
  return used.includes(name) ? '(linux)' : 'tests';
}

function showFinding(env: Env, finding: Finding): void {
  const remedy = finding.met || finding.remedy === undefined ? '' : `\n${' '.repeat(34)}${finding.remedy}`;
  const answer = finding.met ? 'yes' : finding.untried === true ? '?  ' : 'no ';
  env.out(`  ${answer} ${finding.name.padEnd(14)}${usersOf(finding.name).padEnd(14)}${finding.detail}${remedy}\n`);
}

function showRight(env: Env, { what, root, user, remark }: Right): void {
  const word = (met: boolean | undefined): string => (met === undefined ? '?' : met ? 'yes' : 'no');
  env.out(`${`  ${what.padEnd(28)}${word(root).padEnd(9)}${word(user).padEnd(13)}${remark}`.trimEnd()}\n`);
}
