/**
 * What Cutaway writes is read by others: `docker load`, `podman load`, `skopeo inspect` and `copy`, `umoci unpack`. The same
 * image, made by the same lines in the simulation and in a lab; image IDs, diffIDs and the root file system must be what we say.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LinuxTarget } from '../../backend/linux-target.ts';
import { linuxNeeds } from '../../backend/probe.ts';
import { run } from '../../backend/program/archive.ts';
import { archiveEntries, readArchive } from '../../core/image/archive.ts';
import { imageId } from '../../core/image/config.ts';
import { ociImage } from '../../core/image/oci.ts';
import { goHeader } from '../../core/image/tar-go.ts';
import { tarBytes } from '../../core/image/tar-write.ts';
import type { SimTarget } from '../../core/index.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { gated, needs } from '../support/needs.ts';
import { bringOut, contentOf, exactSim, openLab, podman, scratch, skopeo, tool, treeOf } from './support.ts';

/** Two layers with everything in them that an archive treats specially. */
const lines = [
  `docker run --name one busybox sh -c 'mkdir -p /a/b; echo hi >/a/f; ln /a/f /a/g; ln -s f /a/s; rm /etc/group; rm -rf /home; mkdir /home; echo x >/home/y; chmod 4755 /a/f; chown 5:6 /a/b; mkfifo /a/p'`,
  'docker commit -a "Me <me@x>" -m "first & <second>" -c "CMD [\\"sh\\"]" -c "ENV A=b" one made:1',
  `docker run --name two made:1 sh -c 'rm -r /a/b; mv /a/f /a/moved; echo more >>/etc/passwd; touch /a/ü'`,
  'docker commit two made:2',
  'docker tag made:2 other/name:tag',
  'docker save -o /root/both.tar made busybox',
  'docker save -o /root/top.tar made:2 other/name:tag',
  'docker save -o /root/one.tar made:2',
  'docker export -o /root/tree.tar two',
];

const missing = await needs(...linuxNeeds, 'docker', 'podman', 'skopeo', 'umoci');

for (const name of ['sim', 'linux'] as const) {
  const test = suite(`archives written by ${name}`);
  const folder = scratch();
  let target: SimTarget | LinuxTarget;
  let engine: TestEngine;
  const file = (path: string): string => join(folder.path, path);
  const ask = async (line: string): Promise<string> => (await target.run(line)).stdout.trim();

  if (missing === undefined) {
    test.before(async () => {
      target = name === 'sim' ? await exactSim() : await openLab();
      for (const line of lines) {
        const { exitCode, stderr } = await target.run(line);
        assert.is(exitCode, 0, `${line}: ${stderr}`);
      }
      for (const archive of ['both.tar', 'top.tar', 'one.tar', 'tree.tar'])
        bringOut(target, `/root/${archive}`, file(archive));
      engine = await startTestEngine();
      for (const line of [
        ['load', '-i', file('both.tar')],
        ['load', '-i', file('top.tar')],
      ])
        engine.docker(line);
    });
    test.after(async () => {
      await engine.stop();
      await target.close();
      folder.remove();
    });
  }
  const check = gated(test, missing);

  check('docker load has the images under the same IDs, with the same layers', async () => {
    for (const image of ['made:1', 'made:2', 'other/name:tag', 'busybox']) {
      const format = '{{.Id}} {{.RootFS.Layers}} {{.Size}} {{json .Config}}';
      const got = engine.docker(['image', 'inspect', '-f', format, image]).toString().trim();
      assert.is(got, await ask(`docker image inspect -f '${format}' ${image}`));
    }
    const format = '{{.ID}} {{.CreatedBy}} {{.Size}} {{.Comment}}';
    const got = engine.docker(['history', '--no-trunc', '--format', format, 'made:2']).toString();
    // Which images it was made on is not in an archive.
    const ours = (await target.run(`docker history --no-trunc --format '${format}' made:2`)).stdout;
    const bare = (text: string): string => text.replace(/^(sha256:\w+|<missing>) /gm, '');
    assert.is(bare(got), bare(ours));
  });

  check('what docker then saves is the archive that we wrote, byte for byte', () => {
    const ours = readFileSync(file('top.tar'));
    const theirs = engine.docker(['save', 'made:2', 'other/name:tag']);
    assert.is(theirs.length, ours.length);
    assert.is(Buffer.compare(theirs, ours), 0);
  });

  check('the tree that docker unpacks is the tree of the container', async () => {
    engine.docker(['create', '--name', 'again', 'made:2']);
    writeFileSync(file('docker-tree.tar'), engine.docker(['export', 'again']));
    for (const archive of ['docker-tree', 'tree']) {
      mkdirSync(file(archive));
      tool('tar', ['-xpf', file(`${archive}.tar`), '--same-owner', '--numeric-owner', '-C', file(archive)]);
    }
    assert.equal(treeOf(file('tree')), treeOf(file('docker-tree')));
    const order = (archive: string): string => tool('tar', ['-tf', file(archive)]);
    assert.is(order('tree.tar'), order('docker-tree.tar'));
  });

  check('podman load has them under the same IDs', async () => {
    const root = file('podman');
    mkdirSync(root);
    podman(root, 'load', '-i', file('both.tar'));
    for (const image of ['made:1', 'made:2', 'busybox']) {
      const got = podman(root, 'image', 'inspect', '--format', 'sha256:{{.Id}} {{.RootFS.Layers}}', image).trim();
      assert.is(got, await ask(`docker image inspect -f '{{.Id}} {{.RootFS.Layers}}' ${image}`));
    }
    podman(root, 'system', 'reset', '--force');
  });

  check('skopeo inspects the archive and copies it to an OCI layout', async () => {
    const from = `docker-archive:${file('both.tar')}:made:2`;
    const config = skopeo('inspect', '--raw', '--config', from);
    assert.is(config, readArchive(readFileSync(file('top.tar')))[0]!.json);
    skopeo('copy', from, `oci:${file('copied')}:made`);
    const { Layers } = JSON.parse(skopeo('inspect', `oci:${file('copied')}:made`)) as { Layers: string[] };
    assert.is(Layers.length, 3);
    tool('umoci', ['unpack', '--image', `${file('copied')}:made`, file('unpacked-copy')]);
    assert.equal(contentOf(treeOf(file('unpacked-copy/rootfs'))), contentOf(treeOf(file('docker-tree'))));
  });

  check('skopeo and umoci read the OCI layout of `cutaway archive`, and compute the digests that it says', async () => {
    const layout = file('layout');
    const said = await archive(file('both.tar'), 'oci-dir', layout);
    for (const image of readArchive(readFileSync(file('both.tar')))) {
      const [repository, tag] = image.tags[0]!.split(':') as [string, string];
      const { digest, manifest } = ociImage(image);
      assert.match(said, new RegExp(`: ${repository}:${tag}, ${imageId(image.json)}, manifest ${digest}\n`));
      assert.is(skopeo('inspect', '--format', '{{.Digest}}', `oci:${layout}:${tag}`).trim(), digest);
      assert.is(skopeo('inspect', '--raw', `oci:${layout}:${tag}`), manifest);
      assert.is(skopeo('inspect', '--raw', '--config', `oci:${layout}:${tag}`), image.json);
    }
    // Nothing in the layout is named wrongly, and nothing is changed on the way.
    skopeo('copy', '--preserve-digests', `oci:${layout}:2`, `oci:${file('again')}:2`);
    tool('umoci', ['unpack', '--image', `${layout}:2`, file('unpacked')]);
    assert.equal(contentOf(treeOf(file('unpacked/rootfs'))), contentOf(treeOf(file('docker-tree'))));
  });

  check('podman loads the OCI layout as one archive, under the same ID', async () => {
    // podman takes such an archive only when there is one name in it.
    await archive(file('one.tar'), 'oci', file('oci.tar'));
    const root = file('podman-oci');
    mkdirSync(root);
    podman(root, 'load', '-i', file('oci.tar'));
    const ids = podman(root, 'images', '--no-trunc', '--format', '{{.ID}}').trim().split('\n');
    assert.equal([...new Set(ids)], [await ask(`docker image inspect -f '{{.Id}}' made:2`)]);
    podman(root, 'system', 'reset', '--force');
  });

  check('an archive that docker saved is written again by us as it was', () => {
    for (const args of [['made:1'], ['busybox'], ['made:2', 'other/name:tag']]) {
      const theirs = engine.docker(['save', ...args]);
      assert.is(Buffer.compare(tarBytes(archiveEntries(readArchive(theirs)), goHeader), theirs), 0);
    }
  });

  test.run();
}

/** `cutaway archive FILE --format FORMAT -o TO`; what it said. */
async function archive(from: string, format: string, to: string): Promise<string> {
  const said: string[] = [];
  const call = { args: [from], values: { output: to, format } };
  const env = { err: (text: string) => void said.push(text) };
  assert.is(await run(call as unknown as Parameters<typeof run>[0], env as unknown as Parameters<typeof run>[1]), 0);
  return said.join('');
}
