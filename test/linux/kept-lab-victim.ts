/**
 * A program for kept-lab.test.ts to run: works in a kept lab and kills itself, by SIGKILL, before the given step, or waits
 * with a container in the foreground. Arguments: directory; number of the step, or `wait`.
 */
import { createLinuxTarget } from '../../backend/linux-target.ts';

const [directory = '', when = ''] = process.argv.slice(2);
const lines = [
  'docker run --name aa busybox touch /made',
  'docker run -d --name bb busybox sleep 1000',
  'docker commit aa img:one',
  'docker run --name cc img:one sh -c "rm /made; mkdir -p /d/e; echo hello >/d/e/f"',
  'docker commit cc img:two',
  'docker rm aa',
  'docker rm -f bb',
  'docker rm cc',
  'docker rmi img:two',
  'docker rmi img:one',
];
const foreground = 'docker run --name waits busybox sh -c "echo x >/x; echo ready; sleep 1000"';

const target = await createLinuxTarget({ keep: { name: 'victim', directory } });
process.stdout.write('open\n');
if (when === 'wait') await target.run(foreground, { onOutput: (_, text) => process.stdout.write(text) });
let steps = 0;
const onStep = (): void => {
  if (steps === Number(when)) process.kill(process.pid, 'SIGKILL');
  steps++;
};
for (const line of lines) await target.run(line, { onStep });
process.stdout.write(`done ${steps}\n`);
await target.close();
