/**
 * What others write is read by Cutaway: archives of `docker save` and `docker export`, of `podman save`, of `skopeo copy` and of
 * umoci. In the simulation and in a lab the images have the IDs and diffIDs that their writers give them, and their trees.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import type { SimTarget } from '../../core/index.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { gated, needs } from '../support/needs.ts';
import { bringOut, contentOf, exactSim, openLab, podman, scratch, skopeo, tool, treeOf } from './support.ts';

const missing = await needs(...linuxNeeds, 'docker', 'podman', 'skopeo', 'umoci');
const folder = scratch();
const file = (path: string): string => join(folder.path, path);

/** An image as its writer says it is. */
interface Said {
  readonly id: string;
  readonly diffIds: readonly string[];
}

/** What an archive's images are, by the tool that reads it where it lies. `from`: as skopeo names it. */
function saidOf(from: string): Said {
  const config = skopeo('inspect', '--raw', '--config', from);
  const { rootfs } = JSON.parse(config) as { rootfs: { diff_ids: string[] } };
  return { id: `sha256:${createHash('sha256').update(config).digest('hex')}`, diffIds: rootfs.diff_ids };
}

/** Archives by name, with the images in them. Made once, for both targets. */
const archives = new Map<string, readonly Said[]>();

function write(engine: TestEngine): void {
  const docker = (...args: string[]): string => engine.docker(args).toString().trim();
  docker(
    ...['run', '--name', 'one', 'busybox', 'sh', '-c'],
    'mkdir -p /a/b; echo hi >/a/f; ln /a/f /a/g; ln -s f /a/s; rm /etc/group; rm -rf /home; mkdir /home; chmod 4755 /a/f; chown 5:6 /a/b; mkfifo /a/p',
  );
  docker('commit', '-m', 'first', '-c', 'ENV A=b', 'one', 'made:1');
  docker('run', '--name', 'two', 'made:1', 'sh', '-c', 'rm -r /a/b; mv /a/f /a/moved; echo more >>/etc/passwd');
  docker('commit', 'two', 'made:2');
  docker('save', '-o', file('docker.tar'), 'made', 'busybox');
  docker('export', '-o', file('tree.tar'), 'two');
  const known = ['made:1', 'made:2', 'busybox:latest'].map((name): Said => {
    const [id = '', diffIds = '[]'] = docker('image', 'inspect', '-f', '{{.Id}} {{json .RootFS.Layers}}', name).split(
      ' ',
    );
    return { id, diffIds: JSON.parse(diffIds) as string[] };
  });
  archives.set('docker.tar', known);
  const top = known[1]!;

  const packed = (name: string): void => void tool('tar', ['-C', file(name), '-cf', file(`${name}.tar`), '.']);
  const from = `docker-archive:${file('docker.tar')}:made:2`;
  for (const [name, magic, ...how] of [
    ['oci-gzip', '1f8b'],
    ['oci-zstd', '28b52ffd', '--dest-compress-format', 'zstd'],
  ] as const) {
    skopeo('copy', ...how, from, `oci:${file(name)}:made:2`);
    // Not with --dest-oci-accept-uncompressed-layers: skopeo 1.9.3 then fails now and then, with a mismatch of sizes.
    assert.is(magicOf(name), magic);
    packed(name);
    archives.set(`${name}.tar`, [saidOf(`oci:${file(name)}:made:2`)]);
  }
  skopeo('copy', from, `oci-archive:${file('oci-archive.tar')}:made:2`);
  archives.set('oci-archive.tar', [saidOf(`oci-archive:${file('oci-archive.tar')}:made:2`)]);

  const root = file('podman');
  mkdirSync(root);
  podman(root, 'load', '-i', file('docker.tar'));
  for (const format of ['docker-archive', 'oci-archive']) {
    podman(root, 'save', '--format', format, '-o', file(`podman-${format}.tar`), 'made:2');
  }
  podman(root, 'system', 'reset', '--force');
  archives.set('podman-docker-archive.tar', [top]);
  archives.set('podman-oci-archive.tar', [saidOf(`oci-archive:${file('podman-oci-archive.tar')}`)]);

  skopeo('copy', from, `oci:${file('umoci')}:made`);
  writeFileSync(file('added'), 'put in by umoci\n');
  tool('umoci', ['insert', '--image', `${file('umoci')}:made`, '--tag', 'more', file('added'), '/added']);
  tool('umoci', ['rm', '--image', `${file('umoci')}:made`]);
  packed('umoci');
  archives.set('umoci.tar', [saidOf(`oci:${file('umoci')}:more`)]);
}

/** How the layers of a layout are compressed, by the first bytes of the last one. */
function magicOf(layout: string): string {
  const { layers } = JSON.parse(skopeo('inspect', '--raw', `oci:${file(layout)}:made:2`)) as {
    layers: readonly { digest: string }[];
  };
  const bytes = readFileSync(file(`${layout}/blobs/sha256/${layers.at(-1)!.digest.slice('sha256:'.length)}`));
  const found = ['1f8b', '28b52ffd'].find((magic) => bytes.subarray(0, 4).toString('hex').startsWith(magic));
  return found ?? '';
}

function treeOfTar(name: string): readonly string[] {
  mkdirSync(file(`${name}.d`));
  tool('tar', ['-xpf', file(name), '--same-owner', '--numeric-owner', '-C', file(`${name}.d`)]);
  return treeOf(file(`${name}.d`));
}

let tree: readonly string[] = [];
let written = false;

for (const name of ['sim', 'linux'] as const) {
  const test = suite(`archives read by ${name}`);
  let target: SimTarget | LinuxTarget;
  if (missing === undefined) {
    test.before(async () => {
      target = name === 'sim' ? await exactSim() : await openLab();
      if (!written) {
        const engine = await startTestEngine();
        try {
          write(engine);
        } finally {
          await engine.stop();
        }
        tree = treeOfTar('tree.tar');
        written = true;
      }
    });
    test.after(async () => {
      await target.close();
      if (name === 'linux') folder.remove();
    });
  }
  const check = gated(test, missing);
  const ask = async (line: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await target.run(line);
    assert.is(exitCode, 0, `${line}: ${stderr}`);
    return stdout.trim();
  };
  const load = async (archive: string): Promise<string> => {
    await target.putFile!('in.tar', readFileSync(file(archive)));
    return ask('docker load -i in.tar');
  };
  /** The tree of an image, as an export of a container of it shows it. */
  const treeIn = async (image: string, to: string): Promise<readonly string[]> => {
    await ask(`docker create --name shown ${image} sh`);
    await ask('docker export -o out.tar shown');
    await ask('docker rm shown');
    bringOut(target, '/root/out.tar', file(to));
    return treeOfTar(to);
  };

  for (const archive of [
    'docker.tar',
    ...['oci-gzip.tar', 'oci-zstd.tar', 'oci-archive.tar'],
    ...['podman-docker-archive.tar', 'podman-oci-archive.tar', 'umoci.tar'],
  ]) {
    check(archive, async () => {
      // Layers that are there already would not be read.
      for (const id of (await ask('docker images -aq')).split('\n').filter((one) => one !== '')) {
        await target.run(`docker rmi -f ${id}`);
      }
      assert.is(await ask('docker images -aq'), '');
      await load(archive);
      const images = archives.get(archive)!;
      const got = [...new Set((await ask('docker images -q --no-trunc')).split('\n'))];
      assert.equal(got.sort(), images.map(({ id }) => id).sort());
      for (const { id, diffIds } of images) {
        const layers = await ask(`docker image inspect -f '{{json .RootFS.Layers}}' ${id}`);
        assert.equal(JSON.parse(layers), diffIds);
      }
      const top = images.find(({ diffIds }) => diffIds.length >= 3)!;
      const now = contentOf(await treeIn(top.id, `${name}-${archive}`)).filter((line) => !line.startsWith('/added '));
      assert.equal(now, contentOf(tree));
    });
  }

  check('what umoci put in is there, and names that archives tell', async () => {
    assert.match(await load('umoci.tar'), /^Loaded image ID: sha256:/);
    const [{ id } = { id: '' }] = archives.get('umoci.tar')!;
    assert.is(await ask(`docker run --rm ${id} cat /added`), 'put in by umoci');
    assert.match(await load('oci-zstd.tar'), /^Loaded image: made:2$/m);
    assert.is(await ask("docker run --rm made:2 sh -c 'echo $A; cat /a/moved'"), 'b\nhi');
    assert.match(await load('podman-docker-archive.tar'), /^Loaded image: (localhost|docker\.io\/library)?\/?made:2$/m);
  });

  check('docker import of an export has its diffID and its tree', async () => {
    await target.putFile!('tree.tar', readFileSync(file('tree.tar')));
    await ask('docker import tree.tar flat');
    const diffId = createHash('sha256')
      .update(readFileSync(file('tree.tar')))
      .digest('hex');
    assert.is(await ask('docker image inspect -f "{{.RootFS.Layers}}" flat'), `[sha256:${diffId}]`);
    // Of what the engine had put into the container, all is in the image as well.
    const again = (lines: readonly string[]) =>
      lines.filter((line) => !/^\/(\.dockerenv|dev|etc|proc|sys)[ /]/.test(line));
    assert.equal(again(await treeIn('flat', `${name}-flat.tar`)), again(tree));
  });

  test.run();
}
