/**
 * The lifecycle matrix on the simulation, and the suite itself: a target that answers one cell wrongly is found out.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CommandOutcome, createSimTarget, type Target } from '../../core/index.ts';
import { type CellResult, matrixCells, playMatrix } from '../suites/matrix.ts';

async function play(target: Target, cells = matrixCells): Promise<CellResult[]> {
  const results: CellResult[] = [];
  for await (const result of playMatrix(target, cells)) results.push(result);
  return results;
}

const wrong = (results: readonly CellResult[]): unknown[] =>
  results
    .filter((result) => result.differences.length > 0)
    .map(({ cell, differences }) => [cell.state, cell.cmd, ...differences]);

test('all cells hold on the simulation', async () => {
  const results = await play(createSimTarget());
  assert.equal(wrong(results), []);
  assert.is(results.length, 275);
});

/** The simulation, with the answers to one command changed. */
function lying(command: RegExp, lie: (outcome: CommandOutcome) => Partial<CommandOutcome>): Target {
  const sim = createSimTarget();
  return {
    name: 'sim',
    observe: () => sim.observe(),
    close: () => sim.close(),
    run: async (line, options) => {
      const outcome = await sim.run(line, options);
      return command.test(line) ? { ...outcome, ...lie(outcome) } : outcome;
    },
  };
}

const cell = (state: string, cmd: string) => matrixCells.filter((one) => one.state === state && one.cmd === cmd);

test('a wrong exit code, message, or state is found', async () => {
  const code = lying(/^docker pause/, () => ({ exitCode: 2 }));
  assert.equal(wrong(await play(code, cell('created', 'pause'))), [
    ['created', 'pause', '`docker pause cx-subj`: exit code is 1 on the recording but 2 on sim'],
  ]);
  const message = lying(/^docker exec/, ({ stderr }) => ({ stderr: stderr.replace('is not running', 'sleeps') }));
  assert.match(JSON.stringify(wrong(await play(message, cell('exited', 'exec')))), /sleeps/);
  const state = lying(/^docker inspect -f '\{\{.State.Status\}\} /, ({ stdout }) => ({
    stdout: stdout.replace('137', '0'),
  }));
  assert.match(
    JSON.stringify(wrong(await play(state, cell('running', 'kill')))),
    /state after: .*ExitCode=137.*ExitCode=0/,
  );
});

test.run();
