/**
 * Is the store of a lab whole? What the engine knows, what lies on disk, what is mounted, which control groups and which
 * processes there are must say the same; then all of it can be used, and removed.
 */
import { readdirSync } from 'node:fs';
import type { LinuxTarget } from '../../../backend/linux-target.ts';
import { neededLayers } from '../../../core/engine/flows/layers.ts';
import type { ListEntry } from '../../../core/index.ts';

/** What does not agree; nothing when all does. */
export async function disagreements(target: LinuxTarget): Promise<readonly string[]> {
  // Any command: the engine takes note of what has ended.
  await target.run('docker ps');
  const { containers, layers } = target.session.engine.world;
  const all = Object.values(containers);
  const running = all.filter(({ pid }) => pid > 0);
  const docker = '/var/lib/docker';
  const ids = (list: typeof all): readonly string[] => list.map(({ id }) => id).sort();
  // Of one that could not be removed, docker ps says Dead or Removal In Progress, and some of it may be gone.
  const half = all.filter(({ state }) => ['dead', 'removing'].includes(String(state.value)));
  // So may a layer that nothing stands on any more: what is left of it goes with the next removal of an image.
  const needed = neededLayers(target.session.engine);
  const unused = Object.values(layers).filter(({ chainId }) => !needed.has(chainId));
  const parts = new Set([
    ...half.flatMap(({ id, layer }) => [id, layer.id, `${layer.id}-init`]),
    ...unused.map(({ cacheId }) => cacheId),
  ]);
  const dirs = [
    'l',
    ...Object.values(layers).map(({ cacheId }) => cacheId),
    ...all.flatMap(({ layer }) => [layer.id, `${layer.id}-init`]),
  ];
  const mounted = running.map(({ layer }) => `${docker}/overlay2/${layer.id}/merged`).sort();
  const mounts = await target.driver.perform({ op: 'mounts' });
  const tables = mounts.ok ? (mounts.value as readonly { readonly at: string }[]) : [];
  const groups = await target.driver.perform({ op: 'list', path: groupsOf(target), depth: 1, text: 0 });
  const found = groups.ok ? (groups.value as readonly { path: string; type: string }[]) : [];
  const pairs: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['layers', await ls(target, `${docker}/overlay2`), dirs.sort()],
    ['records', await ls(target, `${docker}/containers`), ids(all)],
    [
      'views',
      tables
        .map(({ at }) => at)
        .filter((at) => at.startsWith(docker))
        .sort(),
      mounted,
    ],
    [
      'control groups',
      found
        .filter(({ type }) => type === 'dir')
        .map(({ path }) => path.slice(1))
        .sort(),
      ids(running),
    ],
  ];
  return pairs
    .map(
      ([what, there, wanted]) =>
        [what, there, wanted].map((one) =>
          typeof one === 'string' ? one : one.filter((name) => !parts.has(name)),
        ) as unknown as (typeof pairs)[number],
    )
    .filter(([, there, wanted]) => JSON.stringify(there) !== JSON.stringify(wanted))
    .map(([what, there, wanted]) => `${what}: there ${there.join(' ')}; known ${wanted.join(' ')}`);
}

const groupsOf = ({ driver }: LinuxTarget): string =>
  driver.facts.cgroup === 'v1' ? '/sys/fs/cgroup/freezer/docker' : '/sys/fs/cgroup/docker';

/** Names in a directory of the lab. */
async function ls(target: LinuxTarget, path: string): Promise<readonly string[]> {
  const listed = await target.driver.perform({ op: 'list', path, depth: 1, text: 0 });
  if (!listed.ok) return [];
  return (listed.value as readonly ListEntry[]).map((entry) => entry.path.slice(1)).sort();
}

/** Uses all that is there, then removes it. What went wrong. */
export async function cleared(target: LinuxTarget): Promise<readonly string[]> {
  const wrong: string[] = [];
  const must = async (line: string): Promise<void> => {
    const { exitCode, stderr } = await target.run(line);
    if (exitCode !== 0) wrong.push(`${line}: ${stderr.trim()}`);
  };
  const { containers } = target.session.engine.world;
  for (const { name } of Object.values(containers)) await must(`docker rm -f ${name}`);
  const { images } = target.session.engine.world;
  for (const tag of Object.keys(images.tags).filter((one) => one !== 'busybox:latest')) {
    await must(`docker run --rm --entrypoint true ${tag}`);
    await must(`docker rmi ${tag}`);
  }
  await must('docker image prune -f');
  await must('docker run --rm busybox true');
  for (const path of ['/root/img.tar', '/root/aa.tar', '/root/one'])
    await target.driver.perform({ op: 'remove', path });
  wrong.push(...(await disagreements(target)));
  const { containers: left, layers } = target.session.engine.world;
  if (Object.keys(left).length > 0) wrong.push(`containers left: ${Object.keys(left).join(' ')}`);
  if (Object.keys(layers).length !== 1) wrong.push(`layers left: ${Object.keys(layers).length}`);
  return wrong;
}

/** Control groups of labs of a process that has ended: there must be none. */
export function groupsLeft(dirs: readonly string[], pid: number): readonly string[] {
  return dirs.flatMap((dir) =>
    readdirSync(dir)
      .filter((name) => name.startsWith('cutaway-') && name.split('-').includes(String(pid)))
      .map((name) => `${dir}/${name}`),
  );
}
