/** Words for the mounts of a container, as all pictures say them: what lies over which path, and what that hides. */
import type { ContainerFacts, MountFacts } from '../observation.ts';
import type { Mark } from './scene.ts';

export interface SceneMount extends MountFacts {
  /** So many paths of the layers lie below its mount point. */
  readonly hides: number;
  readonly mark?: Mark;
}

type Mounted = { readonly mounts?: readonly SceneMount[] };

export function sceneMounts(container: ContainerFacts, old: ContainerFacts | undefined): readonly SceneMount[] {
  return (container.mounts ?? []).map((mount) => {
    const was = old?.mounts?.find(({ at }) => at === mount.at);
    const mark = was === undefined ? 'new' : was.mounted === mount.mounted ? undefined : 'changed';
    const hides = container.union.filter(({ path }) => path.startsWith(`${mount.at}/`)).length;
    return { ...mount, hides, ...(old === undefined || mark === undefined ? {} : { mark }) };
  });
}

/** `volume data` */
export function mountSource({ type, source }: MountFacts): string {
  if (type === 'tmpfs') return 'a tmpfs';
  return type === 'volume' ? `volume ${source.replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1')}` : `${source} of the host`;
}

const mountWords = (mount: SceneMount): string =>
  [
    mountSource(mount),
    ...(mount.readonly ? ['read-only'] : []),
    ...(mount.mounted ? [] : ['while it runs']),
    ...(mount.mounted && mount.hides > 0 ? [`hides ${mount.hides} ${mount.hides === 1 ? 'path' : 'paths'}`] : []),
  ].join(', ');

/** One line for each. */
export const mountLines = ({ mounts = [] }: Mounted): string[] =>
  mounts.map((mount) => `${mount.at} ◀ ${mountWords(mount)}`);

/** What is mounted over a path now, and in which words; the path may be the mount point itself. */
export function coverWords({ mounts = [] }: Mounted, path: string): string | undefined {
  const over = mounts.filter(({ at, mounted }) => mounted && (path === at || path.startsWith(`${at}/`)));
  const cover = over.reduce<SceneMount | undefined>(
    (a, b) => (a === undefined || b.at.length > a.at.length ? b : a),
    undefined,
  );
  if (cover === undefined) return undefined;
  return path === cover.at ? `${mountWords(cover)}: mounted here` : `hidden: ${mountSource(cover)} on ${cover.at}`;
}
