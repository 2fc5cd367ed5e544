/**
 * Kills a program that works in a kept lab, at random steps of random flows and some way into them; the next one says whether
 * what it finds is whole. Control groups and mounts of the killed one must be gone when the next one has the lab.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { hierarchies } from '../../../backend/hierarchies.ts';
import { dice } from '../../support/dice.ts';
import { wreckFlows } from './flows.ts';
import { groupsLeft } from './whole.ts';

export interface Kills {
  readonly killed: number;
  /** Had ended before the signal came. */
  readonly late: number;
  readonly flows: number;
  readonly wrong: readonly string[];
}

interface Ended {
  readonly pid: number;
  readonly said: string;
  readonly signal: NodeJS.Signals | null;
}

export async function killAtRandom(
  kills: number,
  seed: number,
  progress: (n: number) => void = () => {},
): Promise<Kills> {
  // In memory where there is such a place: SIGKILL loses nothing that was written, and the disk would be waited for at every save.
  const place = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'kills-'));
  const roll = dice(seed);
  const wrong: string[] = [];
  const lengths = new Map<number, number>();
  const reached = new Set<number>();
  let killed = 0;
  let late = 0;
  let last: { readonly pid: number; readonly what: string } | undefined;
  const program = join(place, 'victim.mjs');
  await bundle(program);
  const lab = join(place, 'lab');
  try {
    for (let n = 0; n < kills; n++) {
      const flow = roll(wreckFlows.length);
      const step = roll(lengths.get(flow) ?? 60);
      const us = roll(20_000);
      const ended = await run(program, [lab, String(flow), String(step), String(us)]);
      judge(ended);
      const total = /^steps (\d+)$/m.exec(ended.said)?.[1];
      if (total !== undefined) lengths.set(flow, Number(total));
      if (ended.signal === 'SIGKILL') killed++;
      else late++;
      if (ended.signal === 'SIGKILL' && ended.said.includes('whole\n')) reached.add(flow);
      last = {
        pid: ended.pid,
        what: `kill ${n} (seed ${seed}): ${wreckFlows[flow]?.line}, ${us} us into step ${step}`,
      };
      progress(n + 1);
    }
    judge(await run(program, [lab, '0', 'never', '0']));
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  return { killed, late, flows: reached.size, wrong };

  /** The one that ended before is judged by what this one found. */
  function judge({ said }: Ended): void {
    const complaint = /^wrong (.*)$/m.exec(said)?.[1];
    const about = last?.what ?? 'a new lab';
    if (complaint !== undefined) wrong.push(`after ${about}: ${complaint}`);
    else if (!said.includes('whole\n'))
      wrong.push(`after ${about}: the next one did not come to its work: ${said.trim()}`);
    if (last === undefined) return;
    const left = [
      ...groupsLeft(
        hierarchies().map(({ dir }) => dir),
        last.pid,
      ),
      ...readFileSync('/proc/self/mounts', 'utf8')
        .split('\n')
        .filter((line) => line.includes(place)),
    ];
    if (left.length > 0) wrong.push(`after ${about}: left behind: ${left.join(' ')}`);
  }
}

async function bundle(outfile: string): Promise<void> {
  const entry = fileURLToPath(new URL('victim.ts', import.meta.url));
  const js =
    "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);";
  const common = { bundle: true, platform: 'node', format: 'esm', logLevel: 'error' } as const;
  await build({ ...common, entryPoints: [entry], outfile, banner: { js } });
}

function run(program: string, words: readonly string[]): Promise<Ended> {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      said += data.toString();
    });
  }
  return new Promise((resolve) => {
    child.once('close', (_, signal) => resolve({ pid: child.pid ?? 0, said, signal }));
  });
}
