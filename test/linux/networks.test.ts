/** Networks on a real kernel: what a real engine with its bridge answered to 500 lines (test/suites/network), a lab answers as well. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { type Answer, fixture, plain } from '../suites/network/lines.ts';
import { networksFixture, plainer } from '../suites/network/networks.ts';
import { gated, needs } from '../support/needs.ts';

const check = gated(test, await needs(...linuxNeeds, 'networks'));

const read = <T>(file: URL): T => JSON.parse(readFileSync(file, 'utf8')) as T;
const { answers } = read<{ readonly answers: readonly Answer[] }>(fixture);
const { topics } = read<{ readonly topics: Readonly<Record<string, readonly Answer[]>> }>(networksFixture);

async function play(recorded: readonly Answer[], tidy: (text: string) => string): Promise<void> {
  const target = await createLinuxTarget({ bridge: true });
  try {
    for (const { line, ...expected } of recorded) {
      const { exitCode, stdout, stderr } = await target.run(line);
      assert.equal({ exitCode, stdout: tidy(stdout), stderr: tidy(stderr) }, expected, line);
    }
  } finally {
    await target.close();
  }
}

const sets: readonly (readonly [string, readonly Answer[], (text: string) => string])[] = [
  ['the network that is there from the start', answers, plain],
  ...Object.entries(topics).map(([topic, recorded]) => [topic, recorded, plainer] as const),
];

/** Most of the time is spent waiting for answers that do not come: the labs, which know nothing of each other, wait at once. */
let played: ReadonlyMap<string, Promise<unknown>> | undefined;
const playAll = (): ReadonlyMap<string, Promise<unknown>> =>
  new Map(sets.map(([name, recorded, tidy]) => [name, play(recorded, tidy).catch((error: unknown) => error)]));

for (const [name] of sets) {
  check(name, async () => {
    played ??= playAll();
    const problem = await played.get(name);
    if (problem !== undefined) throw problem;
  });
}

test.run();
