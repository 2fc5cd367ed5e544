/** The lifecycle matrix was recorded on this engine, and still holds there: the suite itself is right. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTarget } from '../../backend/targets.ts';
import { matrixCells, playMatrixOn } from '../suites/matrix.ts';
import { gated, needs } from '../support/needs.ts';

gated(test, await needs('docker'))('the matrix holds on the real Docker', async () => {
  const results = await playMatrixOn(() => openTarget('docker'), 2);
  const differing = results.filter((result) => result.differences.length > 0);
  assert.equal(
    differing.map(({ cell, differences }) => [cell.state, cell.cmd, ...differences]),
    [],
  );
  assert.is(results.length, matrixCells.length);
});

test.run();
