/** Plays the attempts on a target: one container for all that have the same flags, each attempt in a subshell of its own. */
import type { Target } from '../../../core/index.ts';
import { type Attempt, attempts, type Story, stories } from './attempts.ts';

export interface Played {
  readonly name: string;
  /** What it printed, and `= <exit code>`. */
  readonly said: string;
  readonly holds: boolean;
}

export async function playAttempts(target: Target): Promise<readonly Played[]> {
  const said = new Map<Attempt, string>();
  for (const flags of new Set(attempts.map((attempt) => attempt.flags))) {
    const together = attempts.filter((attempt) => attempt.flags === flags);
    const script = together
      .map(({ script }, n) => `echo "@ ${n}"\n(${script}) </dev/null 2>&1\necho "= $?"\n`)
      .join('');
    const outcome = await target.run(`docker run --rm -i ${flags ?? ''} busybox sh`, { stdin: script });
    if (outcome.exitCode !== 0) throw new Error(`the container ended with ${outcome.exitCode}: ${outcome.stderr}`);
    const parts = new Map(
      outcome.stdout
        .split(/^@ (?=\d+$)/m)
        .slice(1)
        .map((part): [number, string] => [Number.parseInt(part, 10), part.slice(part.indexOf('\n') + 1).trimEnd()]),
    );
    together.forEach((attempt, n) => {
      said.set(attempt, parts.get(n) ?? '(nothing)');
    });
  }
  const played = attempts.map((attempt) => ({
    name: [attempt.flags, attempt.name].filter(Boolean).join(': '),
    said: said.get(attempt)!,
    holds: attempt.must.test(said.get(attempt)!),
  }));
  for (const story of stories) played.push(await playStory(target, story));
  await target.run('docker rm -f loads climbs');
  return played;
}

async function playStory(target: Target, { name, lines, exitCode, must }: Story): Promise<Played> {
  for (const line of lines.slice(0, -1)) await target.run(line);
  const outcome = await target.run(lines.at(-1) ?? '');
  const text = outcome.stdout + outcome.stderr;
  const said = `${text}= ${outcome.exitCode}`.replace(/^WARNING: [^\n]*\n/gm, '');
  return {
    name,
    said,
    holds:
      (exitCode === undefined ? outcome.exitCode !== 0 : outcome.exitCode === exitCode) &&
      must.test(said.replace(/= \d+$/, '')),
  };
}
