/**
 * How many layers an image may have: 125 (moby/layer, maxLayerDepth), which with a container's own two stays below the 128 of
 * overlay2. What the real Docker 20.10.24 says past that: `max depth exceeded`, to load without a prefix, to commit also when
 * there is nothing to commit; the container runs on. The same on every target.
 */
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Digest, digestOf, readTar, type TarEntry, type Target, tarBytes } from '../../core/index.ts';

const owner = { uid: 0, gid: 0, mtime: 0 };
const decoder = new TextDecoder();

const member = (path: string, bytes: Uint8Array): TarEntry => ({
  ...{ path, type: 'file', mode: 0o644, ...owner },
  content: { bytes },
});

interface Config {
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] };
}

/** The base image's archive with layers on top, one file each, until there are `count`. */
export function deepArchive(base: Uint8Array, count: number): Uint8Array {
  const members = new Map([...readTar(base)].map((entry) => [entry.path, bytesOf(entry)]));
  const [manifest] = JSON.parse(decoder.decode(members.get('manifest.json'))) as [{ Config: string; Layers: string[] }];
  const config = JSON.parse(decoder.decode(members.get(manifest.Config))) as Config;
  const layers = manifest.Layers.map((path) => members.get(path)!);
  for (let n = layers.length; n < count; n++) layers.push(tarBytes([member(`l${n}`, new Uint8Array(0))]));
  const diff_ids = layers.map((bytes) => digestOf(bytes));
  const history = layers.map(() => ({ created: '2020-01-01T00:00:00Z' }));
  const json = JSON.stringify({ ...config, rootfs: { type: 'layers', diff_ids }, history });
  const paths = layers.map((_, n) => `${n}/layer.tar`);
  const said = JSON.stringify([{ Config: 'config.json', RepoTags: [`deep:${count}`], Layers: paths }]);
  return tarBytes([
    member('config.json', new TextEncoder().encode(json)),
    ...layers.map((bytes, n) => member(paths[n]!, bytes)),
    member('manifest.json', new TextEncoder().encode(said)),
  ]);
}

function bytesOf({ content }: TarEntry): Uint8Array {
  return content !== undefined && 'bytes' in content ? content.bytes : new Uint8Array(0);
}

export function depthSuite(
  test: Test | ((name: string, body: () => Promise<void>) => void),
  open: () => Promise<{ target: Target; base: Uint8Array }>,
): void {
  test('an image has 125 layers at most', async () => {
    const { target, base } = await open();
    const run = (line: string) => target.run(line);
    const refused = { exitCode: 1, stderr: 'Error response from daemon: max depth exceeded\n' };
    try {
      await target.putFile!('deep.tar', deepArchive(base, 125));
      assert.is((await run('docker load -q -i deep.tar')).stdout, 'Loaded image: deep:125\n');
      await target.putFile!('deep.tar', deepArchive(base, 126));
      const load = await run('docker load -q -i deep.tar');
      assert.is(load.stderr.trim(), 'max depth exceeded');
      assert.is(load.exitCode, 1);
      const ran = await run('docker run --name aa --network none deep:125 ls /l1 /l124');
      assert.equal([ran.stdout, ran.stderr], ['/l1\n/l124\n', '']);
      await run('docker run -d --name bb --network none deep:125 sleep 1000');
      for (const name of ['aa', 'bb']) {
        const { exitCode, stderr } = await run(`docker commit ${name} deeper`);
        assert.equal({ exitCode, stderr }, refused, name);
      }
      assert.is((await run("docker ps --format '{{.Names}} {{.State}}'")).stdout, 'bb running\n');
      assert.is((await run('docker images -q deeper')).stdout, '');
    } finally {
      await target.close();
    }
  });
}
