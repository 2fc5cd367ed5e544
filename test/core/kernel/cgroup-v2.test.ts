/** The simulated host with cgroup v2 alone answers as a real kernel did (test/suites/cgroup-v2). */
import { isDeepStrictEqual } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../../core/index.ts';
import { topics } from '../../suites/cgroup-v2/cases.ts';
import { readRecorded } from '../../suites/cgroup-v2/play.ts';

const recorded = readRecorded();
const test = suite(`cgroup v2 as on ${recorded.recordedOn}`);

for (const [topic, said] of Object.entries(recorded.topics)) {
  test(topic, () => {
    assert.equal(
      said.map(({ line }) => line),
      topics[topic],
      'the recording is of other lines: record again',
    );
    const target = createSimTarget({ cgroup: 'v2' });
    const others = said.flatMap((real) => {
      const { exitCode, stdout, stderr } = target.runSync(real.line);
      const sim = { line: real.line, exitCode, stdout, stderr };
      return isDeepStrictEqual(sim, real) ? [] : [{ real, sim }];
    });
    assert.equal(others, []);
  });
}

test('every topic is recorded', () => assert.equal(Object.keys(recorded.topics), Object.keys(topics)));

test.run();
