/** The lifecycle matrix was recorded on the real Docker; it holds on the linux backend as well. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { openTarget } from '../../backend/targets.ts';
import { matrixCells, playMatrixOn } from '../suites/matrix.ts';
import { gated, needs } from '../support/needs.ts';

gated(test, await needs(...linuxNeeds))('the matrix holds on the linux backend', async () => {
  const results = await playMatrixOn(() => openTarget('linux'), 1);
  const differing = results.filter((result) => result.differences.length > 0);
  assert.equal(
    differing.map(({ cell, differences }) => [cell.state, cell.cmd, ...differences]),
    [],
  );
  assert.is(results.length, matrixCells.length);
});

test.run();
