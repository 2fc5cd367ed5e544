/** Mounts of a container's own, as the engine names them and as the kernel shows them, and what is in each volume. */
import { readFileSync } from 'node:fs';
import type { MountFacts, VolumeFacts } from '../../core/index.ts';
import type { DockerEngine } from '../dockerd.ts';
import type { Trees } from '../tree.ts';
import type { InspectedContainer, ListedVolumes } from './inspect.ts';

/** `init`: PID 1 of a container that runs. */
export function mountsOf(
  { Mounts, HostConfig }: InspectedContainer,
  init: number | undefined,
): { readonly mounts?: readonly MountFacts[] } {
  const shown = init === undefined ? new Set<string>() : mountPoints(init);
  const tmpfs = Object.entries(HostConfig.Tmpfs ?? {});
  if (Mounts.length + tmpfs.length === 0) return {};
  const mounts = [
    ...Mounts.map(({ Type, Name, Source, Destination: at, RW }): MountFacts => {
      return { type: Type, at, source: Name ?? Source, readonly: !RW, mounted: shown.has(at) };
    }),
    ...tmpfs.map(([at, data]): MountFacts => {
      return { type: 'tmpfs', at, source: '', readonly: data.split(',').includes('ro'), mounted: shown.has(at) };
    }),
  ];
  return { mounts: mounts.sort((a, b) => (a.at < b.at ? -1 : 1)) };
}

/** None when the process has ended just now. */
function mountPoints(pid: number): ReadonlySet<string> {
  try {
    const lines = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
    return new Set(lines.map((line) => line.split(' ')[4] ?? ''));
  } catch {
    return new Set();
  }
}

export async function volumesOf(
  engine: DockerEngine,
  trees: Trees,
): Promise<{ readonly volumes?: readonly VolumeFacts[] }> {
  const { Volumes } = (await engine.api.get<ListedVolumes>('/volumes')) ?? { Volumes: null };
  const names = (Volumes ?? []).map(({ Name }) => Name).sort();
  const volumes: VolumeFacts[] = [];
  for (const name of names) {
    const path = engine.inside(`${engine.directory}/data/volumes/${name}/_data`);
    volumes.push({ name, content: await trees.read(path) });
  }
  return volumes.length === 0 ? {} : { volumes };
}
