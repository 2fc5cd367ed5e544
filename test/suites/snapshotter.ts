/**
 * Storage drivers side by side: the same lines with each of them give different trees on the host and one and the same view in
 * the containers. Run on every target that has more than one.
 *
 * Kept true: overlay2 is the measure, since it is the one that is compared with a real engine after every line elsewhere.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StorageDriver, Target } from '../../core/index.ts';
import { gated } from '../support/needs.ts';
import { scriptOf } from './sequences/lines.ts';
import { comeToRest } from './sequences/play.ts';

export interface SnapshotterSuite {
  readonly name: string;
  readonly missing: string | undefined;
  /** Beside overlay2. */
  readonly others: readonly StorageDriver[];
  readonly open: (driver: StorageDriver) => Promise<Target>;
  /** So many scripts that nobody wrote, each in a container of its own. */
  readonly scripts: number;
}

const life = [
  "docker run --name c1 busybox sh -c 'echo hi > /happiness.txt; mkdir -p /a/b; echo x > /a/b/c; chmod 600 /etc/passwd'",
  'docker commit c1 joy',
  "docker run --name c2 joy sh -c 'rm /happiness.txt; rm -r /home; mkdir /home; touch /home/new; rm -r /var; echo more >> /etc/group'",
  'docker diff c2',
  'docker commit c2 sad',
  "docker run --name c3 sad sh -c 'mkdir /var; mv /a /z; ln -s z /a; mkfifo /p'",
  'docker diff c3',
  'docker commit c3',
  'docker run -d --name web sad sleep 300',
  'docker exec web touch /while-it-runs',
  'docker exec web rm /etc/group',
  'docker diff web',
  'docker run --rm sad ls -R /etc /home',
  'docker export -o c3.tar c3',
  'docker rm c1',
];

/** Shared by their names in the image: where nothing is copied up, a change to one is a change to all. */
const touchesLinks = (script: string): boolean => script.includes('/bin');

const changesOnly = [
  "docker run --name c1 busybox sh -c 'echo hi > /happiness.txt; mkdir -p /a/b; echo x > /a/b/c; chmod 600 /etc/passwd; ln -s a /l'",
  'docker commit -m same c1 joy',
];

async function views(target: Target): Promise<object[]> {
  const { containers } = await target.observe();
  return containers.map(({ name, status, union, changes }) => ({ name, status, union, changes }));
}

const own = { overlay2: ['overlay2'], vfs: ['vfs'], aufs: ['aufs'] } as const;

/** The names in the data root, as far down as layers have directories of their own; `committed` is a mark that stays. */
async function namesOnHost(target: Target): Promise<string[]> {
  const { stdout } = await target.run('cd /var/lib/docker; find . -maxdepth 3; find image -maxdepth 5');
  const names = stdout.split('\n').filter((path) => path !== '' && !path.endsWith('/committed'));
  return [...new Set(names)].sort();
}

export function snapshotterSuite({ name, missing, others, open, scripts }: SnapshotterSuite): void {
  const test = suite(`storage drivers on ${name}`);
  const check = gated(test, missing);
  const drivers: readonly StorageDriver[] = ['overlay2', ...others];

  const together = async (use: (targets: readonly Target[]) => Promise<void>): Promise<void> => {
    const targets: Target[] = [];
    try {
      for (const driver of drivers) targets.push(await open(driver));
      await use(targets);
    } finally {
      for (const target of targets) await target.close();
    }
  };

  /** Each says the same and shows the same; only ids differ, where the target has real ones. */
  const sameAfter = async (line: string, targets: readonly Target[]): Promise<void> => {
    const answers = [];
    for (const target of targets) answers.push(await target.run(line));
    await comeToRest(line, targets);
    const [first, ...rest] = answers.map(({ exitCode, stdout, stderr }) => ({
      exitCode,
      stdout: stdout.replace(/\b[0-9a-f]{64}\b/g, '<id>'),
      stderr,
    }));
    for (const [n, answer] of rest.entries()) assert.equal(answer, first, `${line}: ${drivers[n + 1]}`);
    const [seen, ...more] = await Promise.all(targets.map(views));
    for (const [n, view] of more.entries()) assert.equal(view, seen, `${line}: ${drivers[n + 1]}`);
  };

  check('one life, one view: unions, changes and answers are the same', () =>
    together(async (targets) => {
      for (const line of life) await sameAfter(line, targets);
    }),
  );

  check(`${scripts} scripts that change files: unions and changes are the same`, () =>
    together(async (targets) => {
      for (let seed = 1, played = 0; played < scripts; seed++) {
        const line = scriptOf(seed, 6);
        if (touchesLinks(line)) continue;
        played++;
        await sameAfter(line, targets);
        for (const target of targets) await target.run('docker rm -f end1');
      }
    }),
  );

  for (const driver of drivers) {
    check(`${driver}: what was made goes again, and no other driver’s directory is there`, async () => {
      const target = await open(driver);
      try {
        const before = await namesOnHost(target);
        for (const line of life) await target.run(line);
        const between = await namesOnHost(target);
        assert.ok(between.length > before.length + 20);
        for (const line of [
          'docker rm -f c2 c3 web',
          'docker rmi joy sad',
          'docker rmi $(docker images -q -f dangling=true)',
        ]) {
          await target.run(line);
        }
        assert.equal(await namesOnHost(target), before);
        const homes = (await target.run('ls /var/lib/docker')).stdout.split('\n').filter((each) => each in own);
        assert.equal(homes, [...own[driver]]);
      } finally {
        await target.close();
      }
    });

    check(`${driver}: inspect names it, and its directories are there`, async () => {
      const target = await open(driver);
      try {
        await target.run('docker run -d --name web busybox sleep 300');
        for (const line of ['docker inspect', 'docker image inspect']) {
          const what = line.includes('image') ? 'busybox' : 'web';
          const { stdout } = await target.run(`${line} -f '{{json .GraphDriver}}' ${what}`);
          const { Name, Data } = JSON.parse(stdout) as { Name: string; Data: Record<string, string> | null };
          assert.is(Name, driver);
          if (driver !== 'overlay2') assert.is(Data, null);
          for (const [key, value] of Object.entries(Data ?? {})) {
            // The merged view of an image is only there while somebody needs it, and so is the bottom layer's workdir.
            if (what === 'busybox' && key !== 'UpperDir') continue;
            for (const dir of value.split(':')) assert.is((await target.run(`ls -d ${dir}`)).exitCode, 0, dir);
          }
        }
        assert.is((await target.run("docker inspect -f '{{.Driver}}' web")).stdout, `${driver}\n`);
      } finally {
        await target.close();
      }
    });
  }

  if (name === 'sim') {
    check('what nothing was deleted from becomes the same image, to the byte', () =>
      together(async (targets) => {
        const ids: string[] = [];
        for (const target of targets) {
          for (const line of changesOnly) await target.run(line);
          ids.push((await target.run("docker image inspect -f '{{.Id}} {{json .RootFS.Layers}}' joy")).stdout);
        }
        assert.match(ids[0]!, /^sha256:/);
        assert.equal(
          ids,
          ids.map(() => ids[0]),
        );
      }),
    );
  }
  test.run();
}
