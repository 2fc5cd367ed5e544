/**
 * A data root that the linux driver wrote, taken over by a real engine: a lab is kept, its /var/lib/docker copied, and dockerd
 * started on the copy. It must find every image and container there, say of them what the lab said, start the containers and
 * go on from their files.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DockerEngine, startDockerEngine } from '../../backend/dockerd.ts';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import type { StorageDriver } from '../../core/index.ts';
import { gated, needs } from '../support/needs.ts';

const missing = await needs('docker', ...linuxNeeds);

/** What is done in the lab. */
const made = [
  "docker run --name c1 busybox sh -c 'echo hi > /happiness.txt; rm -r /home; mkdir /home; rm /etc/group; chmod 600 /etc/passwd; echo out; echo err >&2; exit 3'",
  'docker commit -a me -m joyful c1 joy',
  "docker run --name c2 --hostname two -e A=b -w /tmp joy sh -c 'echo again >> /happiness.txt; cat /happiness.txt; pwd; hostname; echo $A'",
  "docker commit -c 'CMD cat /happiness.txt' c2 joy:v2",
  'docker run --name c3 joy:v2',
  'docker commit c3',
  'docker tag joy:v2 example.org:5000/team/joy:x',
  'docker create --name idle --memory 64m --label k=v busybox cat /etc/hostname /proc/self/cgroup',
  "docker run -d --name killed busybox sh -c 'echo began; sleep 300'",
  'docker kill killed',
  'docker run -d --name cut busybox sleep 300',
];

/** Both must answer alike. The lab is opened again for it: to both, what ran at its end was cut off. */
const asked = [
  'docker images -a --no-trunc --digests --format "{{.Repository}}:{{.Tag}} {{.Digest}} {{.ID}} {{.Size}} {{.CreatedAt}}"',
  'docker history --no-trunc --format "{{.ID}} {{.CreatedBy}} {{.Size}} {{.Comment}}" joy:v2',
  'docker ps -a -s --no-trunc --format "{{.ID}} {{.Image}} {{.Command}} {{.Names}} {{.Labels}} {{.Ports}} {{.Size}}"',
  'docker ps -a --format "{{.Names}} {{.Status}}"',
  'docker diff c1',
  'docker diff c2',
  'docker diff idle',
  'docker logs c1',
  'docker logs c2',
  'docker logs killed',
  'docker inspect c1 c2 c3 idle killed',
  'docker inspect -f "{{.State.Status}} {{.State.Running}} {{.State.Pid}} {{.RestartCount}}" cut',
  'docker image inspect busybox joy joy:v2',
  // From here on files change.
  'docker start -a c1',
  'docker start -a c2',
  'docker start -a c3',
  'docker start -a idle',
  'docker diff c1',
  'docker logs c2',
  'docker run --rm joy:v2',
  'docker run --name new joy:v2 cat /etc/passwd /happiness.txt',
  // Its ID has the time in it.
  'docker commit -m more new newer > /dev/null',
  'docker history --format "{{.CreatedBy}} {{.Size}} {{.Comment}}" newer',
  'docker rm c1 c2 c3 idle killed cut new',
  'docker rmi newer > /dev/null',
  'docker rmi joy joy:v2 example.org:5000/team/joy:x',
  'docker images -aq --no-trunc',
  'docker ps -aq',
];

/** What is not the data root's, with the reason. An entry that nothing meets fails. */
const unlike: readonly { readonly text: RegExp; readonly instead: string; readonly why: string }[] = [
  { text: /\/tmp\/cutaway-docker-\w+\/data\//g, instead: '/var/lib/docker/', why: 'where the copy lies' },
  {
    text: /(Less than a|About a|\d+) (second|minute)s? ago/g,
    instead: 'a while ago',
    why: 'the answers come one after the other',
  },
  { text: /:\/cutaway-docker-\w+\/docker\//g, instead: ':/docker/', why: 'the engine’s --cgroup-parent' },
  {
    text: /^cut Exited \((0|255)\)/m,
    instead: 'cut Exited (255)',
    why: 'dockerd notes 255 where containerd’s own database (bolt), which a lab has none of, knows the container, else 0',
  },
];

interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const met = new Set<string>();

type Ask = (line: string) => Promise<Said>;

function clientOf({ programs, socket }: DockerEngine): Ask {
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}` };
  return async (line) => {
    const script = `docker() { ${programs.client} "$@"; }; ${line}`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
    return { exitCode: status ?? -1, stdout, stderr };
  };
}

/** Lines of `docker diff` and of ids have no order on the engine. */
function settled({ exitCode, stdout, stderr }: Said, line: string): Said {
  const plain = (text: string): string =>
    unlike.reduce((before, one) => {
      const after = before.replace(one.text, one.instead);
      if (after !== before) met.add(one.why);
      return after;
    }, text);
  const out = plain(stdout);
  const lines = /^docker (diff|images)/.test(line) ? out.split('\n').sort().join('\n') : out;
  return { exitCode, stdout: lines, stderr: plain(stderr) };
}

async function closing<T extends { close(): Promise<void> }>(
  target: T,
  use: (target: T) => Promise<void>,
): Promise<void> {
  try {
    await use(target);
  } finally {
    await target.close();
  }
}

async function makeLab(storageDriver: StorageDriver, directory: string): Promise<void> {
  await closing(await createLinuxTarget({ keep: { name: 'taken', directory }, storageDriver }), async (lab) => {
    for (const line of made) {
      const { exitCode, stderr } = await lab.run(line);
      assert.is(exitCode, line.includes('exit 3') ? 3 : 0, `${line}: ${stderr}`);
    }
  });
}

const taken = suite('a data root of the linux driver, taken over by a real engine');
const check = gated(taken, missing);
for (const storageDriver of ['overlay2', 'vfs'] as const) {
  check(`${storageDriver}: every image and container is there, is told of alike, and goes on alike`, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'data-root-test-'));
    const keep = { name: 'taken', directory };
    try {
      await makeLab(storageDriver, directory);
      const dataRoot = `${directory}/root/var/lib/docker`;
      const engine = await startDockerEngine({ archives: [], dataRoot, storageDriver });
      const real = clientOf(engine);
      await closing({ close: () => engine.stop() }, async () =>
        closing(await createLinuxTarget({ keep, storageDriver }), async (lab) => {
          for (const line of asked) {
            const [expected, found] = [await real(line), await lab.run(line)];
            const { exitCode, stdout, stderr } = found;
            assert.equal(settled({ exitCode, stdout, stderr }, line), settled(expected, line), line);
          }
        }),
      );
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
check('nothing is excused that is alike', () => {
  const stale = unlike.map(({ why }) => why).filter((why) => !met.has(why));
  assert.equal(stale, []);
});
taken.run();
