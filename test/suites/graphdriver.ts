/**
 * What `docker inspect` and `docker image inspect` say of the storage driver, against what lies in the data root: the paths
 * exist, LowerDir names directories in the order of the file `lower`, and each is the one that the books on layers
 * (layerdb/sha256/<chainID>/{diff,cache-id}) give for a diffID of RootFS.Layers.
 *
 * Kept true: the answers come from the command line alone, the tree is read as files; neither is derived from the other.
 */
import * as assert from 'uvu/assert';
import { chainIds, type Digest, type Target } from '../../core/index.ts';

/** The files of a data root; paths are relative to it. */
export interface Files {
  /** How the engine calls the data root. */
  readonly name: string;
  exists(path: string): boolean;
  text(path: string): string;
  /** What a symbolic link says. */
  link(path: string): string;
}

export const graphLines: readonly string[] = [
  "docker run --name c1 busybox sh -c 'echo hi > /happiness.txt; rm -r /home'",
  'docker commit c1 joy',
  "docker run --name c2 joy sh -c 'echo more >> /happiness.txt'",
  'docker commit c2 joy:v2',
  'docker run --name c3 joy:v2 true',
  // c3 changed nothing: its commit adds no layer.
  'docker commit c3 same',
  'docker create --name idle same',
  'docker run -d --name web joy:v2 sleep 300',
  'docker tag joy:v2 example.org:5000/team/joy:x',
];
const images = ['busybox', 'joy', 'joy:v2', 'same', 'example.org:5000/team/joy:x'];
const containers = ['c1', 'c2', 'c3', 'idle', 'web'];

interface GraphDriver {
  readonly Name: string;
  readonly Data: Readonly<Record<string, string>> | null;
}
interface ImageJson {
  readonly Id: Digest;
  readonly GraphDriver: GraphDriver;
  readonly RootFS: { readonly Layers: readonly Digest[] };
}
interface ContainerJson {
  readonly Id: string;
  readonly Image: Digest;
  readonly State: { readonly Running: boolean };
  readonly GraphDriver: GraphDriver;
}

async function answer<T>(target: Target, line: string): Promise<T[]> {
  const { exitCode, stdout, stderr } = await target.run(line);
  assert.is(exitCode, 0, `${line}: ${stderr}`);
  return JSON.parse(stdout) as T[];
}

/** The layers' directories, topmost first, found by the books on layers. */
function cacheIds({ RootFS }: ImageJson, files: Files): string[] {
  const chain = chainIds([...RootFS.Layers]);
  const ids = chain.map((chainId, index) => {
    const at = `image/overlay2/layerdb/sha256/${chainId.slice('sha256:'.length)}`;
    assert.is(files.text(`${at}/diff`), RootFS.Layers[index], `${at}/diff`);
    assert.is(files.exists(`${at}/parent`) ? files.text(`${at}/parent`) : undefined, chain[index - 1], `${at}/parent`);
    return files.text(`${at}/cache-id`);
  });
  return ids.reverse();
}

/** The file `lower` names links in overlay2/l; each leads to the directory of a layer. */
function lowerOf(id: string, files: Files): string[] {
  const at = `overlay2/${id}/lower`;
  if (!files.exists(at)) return [];
  return files
    .text(at)
    .split(':')
    .map((short) => {
      const [, found = ''] = /^\.\.\/([^/]+)\/diff$/.exec(files.link(`overlay2/${short}`)) ?? [];
      assert.is(`l/${files.text(`overlay2/${found}/link`)}`, short, `overlay2/${found}/link`);
      return found;
    });
}

/** Data of a directory of overlay2 over others; `merged` is there while somebody looks through it. */
function checkData(driver: GraphDriver, id: string, lower: readonly string[], files: Files, mounted: boolean): void {
  const at = `${files.name}/overlay2`;
  const dirs = lower.map((one) => `${at}/${one}/diff`);
  assert.is(driver.Name, 'overlay2');
  assert.equal(driver.Data, {
    ...(dirs.length === 0 ? {} : { LowerDir: dirs.join(':') }),
    MergedDir: `${at}/${id}/merged`,
    UpperDir: `${at}/${id}/diff`,
    WorkDir: `${at}/${id}/work`,
  });
  assert.equal(lowerOf(id, files), lower, `overlay2/${id}/lower`);
  for (const one of [id, ...lower]) assert.ok(files.exists(`overlay2/${one}/diff`), `overlay2/${one}/diff`);
  // A layer that has none below it is never a mount's upper directory, so it has no work directory.
  assert.is(files.exists(`overlay2/${id}/work`), lower.length > 0, `overlay2/${id}/work`);
  if (mounted) assert.ok(files.exists(`overlay2/${id}/merged`), `overlay2/${id}/merged`);
}

/** Plays the lines and checks every image and container. */
export async function checkGraphDrivers(target: Target, files: Files): Promise<void> {
  for (const line of graphLines) assert.is((await target.run(line)).exitCode, 0, line);
  const found = await answer<ImageJson>(target, `docker image inspect ${images.join(' ')}`);
  assert.equal(
    found.map(({ RootFS }) => RootFS.Layers.length),
    [1, 2, 3, 3, 3],
  );
  for (const image of found) {
    const config = JSON.parse(files.text(`image/overlay2/imagedb/content/sha256/${image.Id.slice(7)}`));
    assert.equal(image.RootFS.Layers, config.rootfs.diff_ids);
    const [top = '', ...lower] = cacheIds(image, files);
    checkData(image.GraphDriver, top, lower, files, false);
  }
  for (const container of await answer<ContainerJson>(target, `docker inspect ${containers.join(' ')}`)) {
    const [image] = await answer<ImageJson>(target, `docker image inspect ${container.Image}`);
    const at = `image/overlay2/layerdb/mounts/${container.Id}`;
    const lower = cacheIds(image!, files);
    const id = files.text(`${at}/mount-id`);
    assert.is(files.text(`${at}/init-id`), `${id}-init`);
    assert.is(files.text(`${at}/parent`), chainIds([...image!.RootFS.Layers]).at(-1));
    checkData(container.GraphDriver, id, [`${id}-init`, ...lower], files, container.State.Running);
    assert.equal(lowerOf(`${id}-init`, files), lower);
  }
}
