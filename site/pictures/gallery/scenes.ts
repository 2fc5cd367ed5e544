/** Scenes for looking at: what the simulation is like after typical lines, the last of which is the one that is marked. */
import { createSimTarget, type Scene, toScene } from '../../../core/index.ts';

const run = 'docker run -d --name web busybox';

export const stories: Readonly<Record<string, readonly string[]>> = {
  nothing: [],
  created: ['docker create --name cradle busybox touch /happiness.txt'],
  running: [`${run} sleep 1000`],
  written: [
    `${run} sh -c "sleep 1000; true"`,
    'docker exec web touch /happiness.txt /tmp/a-file-with-a-long-name-that-does-not-fit-anywhere.text',
    'docker exec web rm /etc/passwd',
    'docker exec web sh -c "echo hello > /etc/group"',
  ],
  paused: [`${run} sh -c "sleep 1000; true"`, 'docker exec web touch /happiness.txt', 'docker pause web'],
  killed: [`${run} sh -c "sleep 1000; true"`, 'docker exec web touch /happiness.txt', 'docker kill web'],
  committed: ['docker run --name cradle busybox touch /happiness.txt', 'docker commit cradle happy'],
  twice: [
    'docker run --name cradle busybox touch /happiness.txt',
    'docker commit cradle happy',
    'docker run -d --name joy happy sh -c "rm /happiness.txt; sleep 1000"',
  ],
  two: [`${run} sleep 1000`, 'docker run -d --name db busybox sleep 2000', 'docker exec db touch /data'],
  twenty: [
    ...Array.from({ length: 20 }, (_, i) => `docker run -d --name c${i + 1} busybox sleep ${1000 + i}`),
    'docker pause c7',
  ],
  many: [
    `${run} sleep 1000`,
    `docker exec web touch ${Array.from({ length: 200 }, (_, i) => `/tmp/file-${i + 1}`).join(' ')}`,
  ],
  removed: [`${run} sleep 1000`, 'docker rm -f web'],
  tagless: [
    'docker run --name first busybox touch /a',
    'docker commit first one',
    'docker run --name second one touch /b',
    'docker commit second two',
    'docker run --name third busybox touch /c',
    'docker commit third three',
    'docker run -d --name web two sleep 1000',
    'docker rmi -f one',
    'docker commit third three',
  ],
  shelves: [
    'docker run --name first busybox touch /a',
    'docker commit first one',
    'docker run --name second one touch /b',
    'docker commit second two',
    'docker run --name third busybox touch /c',
    'docker commit third three',
  ],
};

/** Networks: on an engine with docker0. */
const on = (name: string, flags = ''): string => `docker run -d --name ${name} ${flags} busybox sleep 1000`;

export const bridged: Readonly<Record<string, readonly string[]>> = {
  'one-on-bridge': [on('web')],
  'own-network': ['docker network create front', on('web', '--network front'), on('db', '--network front')],
  'by-hand': [
    on('web'),
    'unshare -n sleep 1000 & echo $! >/tmp/pid; while [ $(readlink /proc/$!/ns/net) = $(readlink /proc/$$/ns/net) ]; do sleep 0.1; done',
    'ip link add v0 type veth',
    'ip link set veth0 netns $(cat /tmp/pid); ip addr add 10.0.0.1/24 dev v0; ip link set v0 up',
  ],
  published: [on('web', '-p 8080:80 -p 127.0.0.1:5353:53/udp')],
  shared: [
    on('web', '-p 80:80'),
    on('side', '--network container:web'),
    on('bare', '--network none'),
    on('wide', '--network host'),
    'docker network create --internal back',
    'docker network connect back web',
  ],
  crowd: Array.from({ length: 20 }, (_, i) => on(`c${i + 1}`, i % 5 === 0 ? `-p ${8000 + i}:80` : '')),
};

export function sceneOf(lines: readonly string[], bridge = false): Scene {
  const target = createSimTarget({ bridge });
  for (const line of lines.slice(0, -1)) target.runSync(line, { steps: false });
  if (lines.length === 0) return toScene(target.observeSync());
  const before = target.observeSync();
  target.runSync(lines.at(-1)!, { steps: false });
  return toScene(target.observeSync(), before);
}

/** All moments of a story, for stepping through it. */
export function momentsOf(lines: readonly string[], bridge = false): readonly Scene[] {
  return [[], ...lines.map((_, i) => lines.slice(0, i + 1))].map((some) => sceneOf(some, bridge));
}
