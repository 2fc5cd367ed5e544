/** Ten thousand processes at once: made, listed, killed and reaped; and the queues that each turn comes from. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import '../../../core/parts-all.ts';
import { bootHost } from '../../../core/kernel/host.ts';
import { runProgram } from '../../../core/kernel/launch.ts';
import { Heap } from '../../../core/kernel/queue.ts';
import { programs } from '../../../core/programs/index.ts';

const many = suite('many processes');
const COUNT = 10_000;

many('10,000 sleep, are listed, killed and reaped', () => {
  const kernel = bootHost({ programs });
  const before = kernel.processes.size;
  const { stdout, code, unfinished } = runProgram(kernel, [
    'sh',
    '-c',
    `for i in $(seq ${COUNT}); do sleep 1000 & done
     ps | grep -c " sleep 1000$"; cat /proc/[0-9]*/stat | grep -c "(sleep) S"
     killall sleep; wait; ps | grep -c " sleep 1000$"; echo end`,
  ]);
  assert.is(unfinished, undefined);
  assert.is(code, 0);
  assert.equal(stdout.split('\n'), [String(COUNT), String(COUNT), '0', 'end', '']);
  assert.is(kernel.processes.size, before);
});

many('those that nobody waits for are zombies until their parent asks', () => {
  const kernel = bootHost({ programs });
  const { stdout } = runProgram(kernel, [
    'sh',
    '-c',
    'for i in $(seq 300); do (exit 3) & done; sleep 1; cat /proc/[0-9]*/stat | grep -c " Z "; wait $!; echo $?; wait; cat /proc/[0-9]*/stat | grep -c " Z "',
  ]);
  // The shell reaped what had ended while it waited for its sleep.
  assert.is(stdout, '0\n3\n0\n');
});

many('a heap gives what comes first, first', () => {
  const heap = new Heap<number>((a, b) => a < b);
  const numbers = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1009);
  for (const each of numbers) heap.add(each);
  const taken = numbers.map(() => heap.take());
  assert.equal(
    taken,
    [...numbers].sort((a, b) => a - b),
  );
  assert.is(heap.take(), undefined);
  assert.is(heap.size, 0);
});

many.run();
