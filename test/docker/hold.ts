/**
 * A program that opens the docker target, leaves a running and a paused container in it, says so, and waits to be ended by
 * whoever started it (test/docker/engine.test.ts).
 */
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';

const target = await createDockerTarget({ archives: await baseArchives() });
await target.run('docker run -d busybox sleep 300');
await target.run('docker run -d --name held busybox sleep 300');
await target.run('docker pause held');
process.stdout.write('ready\n');
setInterval(() => undefined, 1000);
