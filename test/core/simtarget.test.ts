/** The simulation as a Target: stepping through a line, and the directory that lines are typed in. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimTarget } from '../../core/simtarget.ts';

test('a caller that steps through a line is asked before each step, and nothing is done until it answers', async () => {
  const target = createSimTarget();
  const seen: string[] = [];
  const layers: number[] = [];
  const outcome = await target.run('docker create --name web busybox true', {
    onStep: async (title, shell, why) => {
      await Promise.resolve();
      const made = target.runSync('ls /var/lib/docker/overlay2').stdout.split('\n').length;
      layers.push(made);
      seen.push(`${title}|${shell.split(' ')[0]}|${why === undefined ? '' : 'why'}`);
    },
  });
  assert.is(outcome.exitCode, 0);
  assert.is(seen.length, outcome.steps.length);
  assert.match(seen[1]!, /read-write layer\|[^|]+\|why$/);
  assert.ok(layers[0]! < layers[1]!, 'the first step was done between the first two questions');
});

test('a line that waits for input while it is stepped through says so and is given up', async () => {
  const target = createSimTarget({ interactive: true });
  const outcome = await target.run('docker run -i busybox cat', { onStep: () => undefined });
  assert.is(outcome.suspended, 'input');
  assert.is(target.resume(), undefined);
});

test('docker and host commands mean the same directory by a relative path', () => {
  const target = createSimTarget();
  for (const line of [
    'docker create --name web busybox true',
    'docker export -o x.tar web',
    'docker cp web:/etc/group g',
  ])
    assert.is(target.runSync(line).exitCode, 0, line);
  assert.is(target.runSync('ls g x.tar').stdout, 'g\nx.tar\n');
});

test('a shell in a container whose PID 1 sleeps waits for what is typed, and no time passes for it', () => {
  const target = createSimTarget({ interactive: true });
  assert.is(target.runSync('docker run -d --name web busybox sleep 1000').exitCode, 0);
  assert.is(target.runSync('docker exec -it web sh').suspended, 'input');
  assert.is(target.input('touch /f\n')?.suspended, 'input');
  assert.is(target.input('', true)?.suspended, undefined);
  assert.is(target.runSync('docker diff web').stdout, 'A /f\n');
  assert.is(target.runSync("docker inspect -f '{{.State.Status}}' web").stdout, 'running\n');
});

test.run();
