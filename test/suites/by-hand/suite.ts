/**
 * What was recorded of a topic (topics.ts) on a target whose host can be typed on: each case in the answers of a real kernel,
 * word for word.
 */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Target } from '../../../core/index.ts';
import { helpStripper } from '../../support/help-text.ts';
import { gated } from '../../support/needs.ts';
import { topics } from './topics.ts';

interface Answer {
  readonly line: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Recorded {
  readonly recordedOn: string;
  readonly cases: Readonly<Record<string, readonly Answer[]>>;
}

/** What kernels show of a mount beside what it was asked for differs from version to version and from machine to machine. */
const plain = (text: string): string =>
  text.replace(/,(uuid|redirect_dir|index|xino|nfs_export)=\w+(?=[, )])/g, '').replace(/,inode64(?=[, )])/g, '');

/** `open` gives a fresh host for each case; `close` is called with it. */
export function byHandSuite(name: string, missing: string | undefined, open: () => Promise<Target>): void {
  const withoutHelp = helpStripper();
  for (const { title, file, setup, cases } of topics) {
    const recorded = JSON.parse(readFileSync(new URL(`../../fixtures/${file}`, import.meta.url), 'utf8')) as Recorded;
    const test = suite(`${title} on ${name}`);
    const check = gated(test, missing);
    test('what is recorded are the cases', () => {
      const lines = Object.entries(recorded.cases).map(([case_, answers]) => [case_, answers.map(({ line }) => line)]);
      assert.equal(Object.fromEntries(lines), cases);
    });
    for (const [each, answers] of Object.entries(recorded.cases)) {
      check(each, async () => {
        const target = await open();
        try {
          assert.is((await target.run(setup)).exitCode, 0);
          for (const { line, ...expected } of answers) {
            const { exitCode, stdout, stderr } = await target.run(line);
            const found = { exitCode, stdout: plain(stdout), stderr: withoutHelp(stderr) };
            assert.equal(found, { ...expected, stdout: plain(expected.stdout) }, line);
          }
        } finally {
          await target.close();
        }
      });
    }
    test.run();
  }
}
