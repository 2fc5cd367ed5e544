/**
 * One sequence of lines on simulation, linux backend and real Docker: after each line all three have answered the same and
 * show the same facts. And a simulation that was made wrong on purpose is found out.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linuxNeeds } from '../../backend/probe.ts';
import { type OpenOptions, openTarget } from '../../backend/targets.ts';
import { compareObservations, compareOutcomes, type Target } from '../../core/index.ts';
import { gated, needs } from '../support/needs.ts';

const check = gated(test, await needs('docker', ...linuxNeeds));

const lifecycle = [
  'docker run -d --init --name web busybox sleep 300',
  'docker exec -d web sleep 77',
  'docker exec web touch /t',
  'docker pause web',
  'docker unpause web',
  'docker commit web w',
  'docker stop -t 1 web',
  'docker start web',
  'docker restart -t 1 web',
  'docker kill web',
  'docker update --memory 64m --memory-swap 64m web',
  'docker start web',
  'docker run --name f busybox nosuch',
  'docker run -d --name tt busybox sh -c \'trap "echo bye; exit 3" TERM; while :; do sleep 1; done\'',
  'docker stop tt',
  'docker logs tt',
  'docker run -d --name nn --memory 32m --network none busybox sh -c "sleep 300 & sleep 300"',
  'docker run -d busybox sleep 300',
  'docker run --rm busybox true',
  'docker ps -a',
  'docker rm -f web nn',
];

const files = [
  "docker create --name c1 busybox sh -c 'echo hi > /happiness.txt'",
  'docker start -a c1',
  'docker diff c1',
  'docker commit -m joyful c1 joy',
  'docker run --name c2 joy cat /happiness.txt',
  "docker run --name c3 busybox sh -c 'rm /bin/cat; mkdir -p /a/b; touch /a/b/c; chmod 700 /tmp; rm -r /home; mkdir /home'",
  "docker run --name c4 joy sh -c 'ln -s x /l; mkfifo /p; echo y >>/etc/passwd; mv /etc/group /etc/g2; rm /happiness.txt'",
  'docker commit c4 sad',
  'docker run --rm sad ls /',
  'docker history sad',
  'docker images -a',
  'docker rmi -f joy',
  'docker tag busybox bb',
  'docker rmi busybox',
  'docker rm c1 c2 c3 c4',
];

const sharing = [
  'docker run -d --init --name web busybox sleep 300',
  'docker run -d --init --name donor --ipc shareable busybox sleep 300',
  'docker run -d --name part --pid container:web --ipc container:donor busybox sleep 200',
  'docker exec -d part sleep 100',
  'docker run -d --name hosted --pid host --uts host --ipc host busybox sleep 200',
  'docker pause part',
  'docker unpause part',
  'docker restart -t 1 part',
  'docker stop -t 1 web',
  'docker start part',
  'docker start web',
  'docker start part',
  'docker rm -f donor',
  'docker rm -f part',
  'docker rm -f hosted web',
];

/** What the others say differently from Docker, over the whole sequence. */
async function disagreements(lines: readonly string[], options: OpenOptions = {}): Promise<string[]> {
  const docker = await openTarget('docker');
  const others = await Promise.all([openTarget('sim', options), openTarget('linux')]);
  const all: readonly Target[] = [...others, docker];
  const found: string[] = [];
  try {
    for (const line of lines) {
      const outcomes = await Promise.all(all.map((target) => target.run(line)));
      const observations = await Promise.all(all.map((target) => target.observe()));
      for (const [i, { name }] of others.entries()) {
        const names = { names: [name, 'docker'] as const };
        const differences = [
          ...compareOutcomes(outcomes[i]!, outcomes[2]!, line, names),
          ...compareObservations(observations[i]!, observations[2]!, names),
        ];
        found.push(...differences.map(({ text }) => `after \`${line}\`: ${text}`));
      }
    }
  } finally {
    await Promise.all(all.map((target) => target.close()));
  }
  return found;
}

check('a life of containers is the same on all three', async () => {
  assert.equal(await disagreements(lifecycle), []);
});

check('namespaces of others, and who has them, are the same on all three', async () => {
  assert.equal(await disagreements(sharing), []);
});

check('files, layers and images are the same on all three', async () => {
  assert.equal(await disagreements(files), []);
});

check('a simulation that ignores whiteouts is found out, the linux backend is not accused', async () => {
  const found = await disagreements(files.slice(5, 6), { fault: 'whiteouts' });
  assert.ok(
    found.some((text) => text.endsWith('container c3: /bin/cat is visible on sim but deleted on docker')),
    found.join('\n'),
  );
  assert.not.ok(found.some((text) => text.includes('linux')));
});

test.run();
