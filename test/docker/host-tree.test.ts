/**
 * The same lines on a real engine, on the simulation and in the lab of the linux driver; then their three data roots are walked
 * and compared: every path, its type, mode, owner and content, JSON with the order of its keys. Ids and times are replaced by
 * what they belong to (test/support/host-tree.ts). What is left out on purpose stands in two tables, with the reason; an entry
 * that nothing meets any more fails.
 */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { baseArchives } from '../../backend/base.ts';
import { createDockerTarget } from '../../backend/docker.ts';
import { type DockerEngine, startDockerEngine } from '../../backend/dockerd.ts';
import { createLinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { resolvConfOf } from '../../core/engine/resolvconf.ts';
import { busyboxImage, createSimTarget, type StorageDriver, type Target } from '../../core/index.ts';
import { sequenceOf } from '../suites/sequences/lines.ts';
import { comeToRest, give } from '../suites/sequences/play.ts';
import { differences, diskRoot, type Portrait, portrait, simRoot, type Unlike } from '../support/host-tree.ts';
import { gated, needs } from '../support/needs.ts';

/** Paths that one side has and the other has not. */
const leftOut: readonly { readonly path: RegExp; readonly why: string }[] = [
  {
    path: /^\/buildkit\/\w+\.db$|^\/containerd\/.*\/meta\.db$|^\/network\/files\/local-kv\.db$|^\/volumes\/metadata\.db$/,
    why: 'databases of bolt (go.etcd.io/bbolt): pages in binary that no lesson reads, and the engine makes anew when they are missing',
  },
  {
    path: /^\/image\/\w+\/layerdb\/mounts$|^\/containerd\/.*\.v2\.task\/moby$/,
    why: 'empty directories that the engine makes for the first container; here they are there from the start',
  },
  {
    path: /\/backingFsBlockDev$/,
    why: 'a device node with which the engine tries whether the disk has project quotas; its number is the machine’s',
  },
  {
    path: /^\/overlay2\/<rw:[^>]+>\/work\/work\/#/,
    why: 'a whiteout that the kernel keeps to link others to; it stays until the next mount, and which mount was last is nobody’s promise',
  },
];

/** Texts that the reference has because it runs without a bridge network. */
const unlike: readonly Unlike[] = [
  { text: /"NetworkDisabled":true,/g, instead: '', why: 'the engine is started with --bridge none' },
  {
    text: /"SandboxID":"[^"]*"/g,
    instead: '"SandboxID":""',
    why: 'the network namespace that libnetwork makes; the other two have none of it yet',
  },
  { text: /"SandboxKey":"[^"]*"/g, instead: '"SandboxKey":""', why: 'where that one is' },
];

/** Lines by what they are about. */
const told: Readonly<Record<string, readonly string[]>> = {
  'nothing but the image that all begin with': [],
  'created, run, stopped, killed, paused': [
    'docker create --name idle busybox true',
    "docker run --name c1 busybox sh -c 'echo out; exit 3'",
    'docker run --name err busybox sh -c \'echo one >&2; sleep 0.1; echo "t<w>o"\'',
    "docker run -d --name web --init --memory 64m --restart on-failure:3 -e A=b -l k=v -w /work busybox sh -c 'trap exit TERM; while :; do sleep 1; done'",
    'docker run -d --name frozen busybox sleep 300',
    'docker pause frozen',
    'docker run -d --name stopped busybox sleep 300',
    'docker kill stopped',
    'docker run -d --name again busybox sleep 300',
    'docker stop -t 1 again',
    'docker start again',
    'docker exec again touch /here',
    'docker run --name bad busybox nosuch',
    'docker run --rm busybox true',
    'docker rename idle renamed',
    'docker logs c1',
  ],
  'on the network none': [
    'docker create --name idle --network none busybox true',
    'docker run --name ended --network none busybox true',
    'docker run -d --name runs --network none busybox sleep 300',
    'docker run -d --name stopped --network none busybox sleep 300',
    'docker kill stopped',
    'docker run -d --name again --network none busybox sleep 300',
    'docker restart -t 1 again',
    'docker run --name bad --network none busybox nosuch',
    'docker run --name worse --network none busybox nosuch',
    'docker rename worse worst',
  ],
  'with namespaces of others': [
    'docker run -d --name donor --ipc shareable busybox sleep 300',
    'docker run -d --name part --pid container:donor --ipc container:donor busybox sleep 300',
    'docker create --name idle --ipc shareable busybox true',
    'docker run -d --name hosts --pid host --ipc host --uts host --userns host busybox sleep 300',
    'docker run --name none --ipc none busybox true',
    'docker run -d --name ended --ipc shareable busybox sleep 300',
    'docker run --name failed --ipc container:idle busybox true',
    'docker kill ended part donor',
  ],
  'changed in every way and committed': [
    "docker run --name c1 busybox sh -c 'echo hi > /happiness.txt; rm -r /home; mkdir /home; rm /etc/group; mkdir -p /a/b; chmod 600 /etc/passwd; ln -s x /l; ln /a/../happiness.txt /a/h; mkfifo /p; rm /bin/cat; chown 1234:5678 /tmp'",
    'docker commit -a me -m joyful c1 joy',
    "docker run --name c2 joy sh -c 'rm /happiness.txt; echo more > /a/b/c; rm -r /var'",
    'docker commit c2 joy:v2',
    'docker run --name c3 joy:v2 true',
    'docker commit c3',
    'docker tag joy:v2 example.org:5000/team/joy:x',
    'docker tag joy joy2',
  ],
  'removed again': [
    "docker run --name c1 busybox sh -c 'echo hi > /happiness.txt'",
    'docker commit c1 joy',
    'docker run --name c2 joy touch /x',
    'docker commit c2 more',
    'docker tag more most',
    'docker rm c1',
    'docker rmi more',
    'docker rmi -f joy',
    'docker rm c2',
    'docker rmi most',
  ],
  'an image whose name is gone while a container stands on it': [
    "docker run --name c1 busybox sh -c 'echo 1 > /one'",
    'docker commit c1 one',
    'docker run --name c2 one true',
    'docker rmi -f one',
  ],
};

const missing = await needs('docker', ...linuxNeeds);
const generated = { seeds: [3, 17, 29], length: 25 };
const literal = [busyboxImage.id, ...busyboxImage.layers.map(({ diffId }) => diffId)].map((digest) => digest.slice(7));

interface Trio {
  readonly docker: Target;
  readonly sim: Target;
  readonly linux: Target;
  portraits(): Promise<{ docker: Portrait; sim: Portrait; linux: Portrait }>;
  close(): Promise<void>;
}

const met = new Set<Unlike>();

async function trio(engine: DockerEngine, storageDriver: StorageDriver): Promise<Trio> {
  await engine.reset();
  const archives = await baseArchives();
  const docker = await createDockerTarget({ archives, engine });
  const sim = createSimTarget({ storageDriver });
  const linux = await createLinuxTarget({ storageDriver });
  const name = `${engine.directory}/data`;
  const common = { literal, unlike, met: (one: Unlike) => void met.add(one) };
  return {
    docker,
    sim,
    linux,
    portraits: async () => ({
      docker: portrait(await diskRoot(engine.inside(name), name), {
        ...common,
        resolvConf: resolvConfOf(readFileSync('/etc/resolv.conf', 'utf8')),
      }),
      sim: portrait(simRoot(sim), { ...common, resolvConf: resolvConfOf('nameserver 127.0.0.1\n') }),
      linux: portrait(await diskRoot(`${linux.driver.lab.root}/var/lib/docker`, '/var/lib/docker'), {
        ...common,
        resolvConf: resolvConfOf(''),
      }),
    }),
    close: async () => {
      await Promise.all([docker.close(), linux.close(), sim.close()]);
    },
  };
}

/** Differences that no entry of the table explains; entries that explain one are noted. */
function unexplained(found: readonly string[], used: Set<RegExp>): string[] {
  return found.filter((text) => {
    const path = text.replace(/^(too much|missing): /, '').split(': ')[0]!;
    const entry = leftOut.find((one) => one.path.test(path));
    if (entry === undefined || !/^(too much|missing): /.test(text)) return true;
    used.add(entry.path);
    return false;
  });
}

function hostTrees(storageDriver: 'overlay2' | 'vfs', lines: Readonly<Record<string, readonly string[]>>): void {
  const test = suite(`data root with ${storageDriver}`);
  const used = new Set<RegExp>();
  let engine: DockerEngine;
  if (missing === undefined) {
    test.before(async () => {
      engine = await startDockerEngine({ archives: await baseArchives(), storageDriver });
    });
    test.after(() => engine.stop());
  }
  const check = gated(test, missing);
  for (const [title, each] of Object.entries(lines)) {
    check(`${title}: the same on docker, sim and linux`, async () => {
      const three = await trio(engine, storageDriver);
      try {
        const all = [three.docker, three.sim, three.linux];
        for (const line of each) {
          for (const target of all) await give(target, line);
          await comeToRest(line, all);
        }
        const found = await three.portraits();
        assert.equal(unexplained(differences(found.docker, found.sim), used), [], 'sim');
        assert.equal(unexplained(differences(found.docker, found.linux), used), [], 'linux');
      } finally {
        await three.close();
      }
    });
  }
  check('the tables of what is left out hold nothing that is not met', () => {
    if (storageDriver !== 'overlay2') return;
    assert.equal(
      leftOut.filter(({ path }) => !used.has(path)),
      [],
    );
    assert.equal(
      unlike.filter((one) => !met.has(one)),
      [],
    );
  });
  test.run();
}

const sequences = Object.fromEntries(
  generated.seeds.map((seed) => [`seed ${seed}`, sequenceOf(seed, generated.length)] as const),
);
hostTrees('overlay2', { ...told, ...sequences });
hostTrees('vfs', told);
