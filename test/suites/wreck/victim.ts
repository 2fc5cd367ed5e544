/**
 * A program to kill: opens a kept lab, looks whether what it finds there is whole and can be used and removed, then carries out
 * one flow and, at the given step, kills itself some time later. Arguments: directory; number of the flow; number of the step;
 * microseconds. It prints `open`, `whole` or what is wrong, `steps <n>`.
 */
import { createLinuxTarget } from '../../../backend/linux-target.ts';
import { wreckFlows } from './flows.ts';
import { cleared, disagreements } from './whole.ts';

const [directory = '', flow = '', when = '', after = ''] = process.argv.slice(2);
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const target = await createLinuxTarget({ keep: { name: 'victim', directory } });
say('open');
const wrong = [...(await disagreements(target)), ...(await cleared(target))];
say(wrong.length === 0 ? 'whole' : `wrong ${wrong.join('; ')}`);
const { before, line } = wreckFlows[Number(flow)]!;
let steps = 0;
const perform = target.driver.perform.bind(target.driver);
target.driver.perform = (op) => {
  if (steps === Number(when)) killAfter(Number(after));
  steps++;
  return perform(op);
};
for (const each of [...before, line]) await target.run(each);
say(`steps ${steps}`);
await target.close();

/** Not with a timer, which the event loop would hold back: a thread sends the signal, in the middle of whatever goes on. */
function killAfter(us: number): void {
  const source = `const { workerData: us } = require('node:worker_threads');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, us / 1000);
    process.kill(process.pid, 'SIGKILL');`;
  void import('node:worker_threads').then(({ Worker }) => new Worker(source, { eval: true, workerData: us }));
}
