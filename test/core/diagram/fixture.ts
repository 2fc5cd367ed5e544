/**
 * Hand-made observations for tests of pictures and of the terminal program: the teaching image, and containers in all states
 * with files written, overwritten, deleted and replaced.
 */
import type { ContainerFacts, ImageFacts, LayerFacts, Observation } from '../../../core/observation.ts';
import type { Digest, TreeEntry } from '../../../core/op.ts';

export const digest = (n: number): Digest => `sha256:${n.toString(16).padStart(2, '0').repeat(32)}`;

export function dir(path: string, more: Partial<TreeEntry> = {}): TreeEntry {
  return { path, type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, ...more };
}
export function file(path: string, content: number, more: Partial<TreeEntry> = {}): TreeEntry {
  return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, size: content, digest: digest(content), ...more };
}
export function link(path: string, target: string): TreeEntry {
  return { path, type: 'symlink', mode: 0o777, uid: 0, gid: 0, size: 0, target };
}
export function whiteout(path: string): TreeEntry {
  return { path, type: 'whiteout', mode: 0, uid: 0, gid: 0, size: 0, rdev: [0, 0] };
}

export const baseTree: readonly TreeEntry[] = [
  dir('/'),
  dir('/bin'),
  ...['busybox', 'cat', 'echo', 'ls', 'sh', 'sleep', 'touch'].map((name) =>
    file(`/bin/${name}`, 7, { mode: 0o755, size: 1982256 }),
  ),
  dir('/etc'),
  file('/etc/group', 3),
  file('/etc/motd', 5),
  file('/etc/passwd', 4),
  dir('/root', { mode: 0o700 }),
  dir('/tmp', { mode: 0o1777 }),
];

export const initTree: readonly TreeEntry[] = [
  dir('/'),
  file('/.dockerenv', 0, { mode: 0o755 }),
  dir('/dev'),
  file('/dev/console', 0, { mode: 0o755 }),
  dir('/dev/pts'),
  dir('/dev/shm'),
  dir('/etc'),
  file('/etc/hostname', 0, { mode: 0o755 }),
  file('/etc/hosts', 0, { mode: 0o755 }),
  link('/etc/mtab', '/proc/mounts'),
  file('/etc/resolv.conf', 0, { mode: 0o755 }),
  dir('/proc'),
  dir('/sys'),
];

/** The dumbest correct union: apply layer after layer to one flat tree. */
export function flatten(layers: readonly (readonly TreeEntry[])[]): TreeEntry[] {
  const tree = new Map<string, TreeEntry>();
  const drop = (path: string, itself: boolean): void => {
    for (const key of [...tree.keys()]) if ((itself && key === path) || key.startsWith(`${path}/`)) tree.delete(key);
  };
  for (const layer of layers) {
    for (const entry of layer) {
      if (entry.type === 'whiteout' || entry.type !== 'dir') drop(entry.path, true);
      else if (entry.opaque === true) drop(entry.path, false);
      if (entry.type === 'whiteout') continue;
      const { opaque: _opaque, ...plain } = entry;
      tree.set(entry.path, plain);
    }
  }
  return [...tree.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

export const baseLayer: LayerFacts = {
  diffId: digest(0xd1),
  chainId: digest(0xc1),
  size: 1982256,
  createdBy: 'the busybox teaching image',
};

export function image(n: number, tags: readonly string[], layers: readonly LayerFacts[], parent?: Digest): ImageFacts {
  return { id: digest(n), tags, layers, cmd: ['sh'], ...(parent === undefined ? {} : { parent }) };
}

export function container(name: string, more: Partial<ContainerFacts> = {}): ContainerFacts {
  const upper = more.upper ?? [dir('/')];
  return {
    id: [...name]
      .map((c) => c.charCodeAt(0).toString(16))
      .join('')
      .padEnd(64, '0'),
    name,
    image: 'busybox',
    imageId: digest(0xa1),
    status: 'created',
    exitCode: 0,
    oomKilled: false,
    command: ['touch', '/happiness.txt'],
    processes: [],
    lower: [baseLayer.chainId],
    init: initTree,
    upper,
    union: flatten([baseTree, initTree, upper]),
    changes: upper
      .filter((entry) => entry.path !== '/')
      .map((entry) => ({ kind: entry.type === 'whiteout' ? 'D' : entry.type === 'dir' ? 'C' : 'A', path: entry.path })),
    ...more,
  };
}

export function running(name: string, more: Partial<ContainerFacts> = {}): ContainerFacts {
  return container(name, {
    status: 'running',
    command: ['sleep', '300'],
    processes: [
      { pid: 1, ppid: 0, args: ['sh', '-c', 'sleep 300; true'], hostPid: 4711 },
      { pid: 7, ppid: 1, args: ['sleep', '300'], hostPid: 4718 },
    ],
    namespaces: { mnt: 'own', uts: 'own', ipc: 'own', pid: 'own', net: 'own', user: 'host', cgroup: 'host' },
    cgroup: { frozen: false, pids: 2 },
    ...more,
  });
}

export function observation(
  containers: readonly ContainerFacts[],
  images?: readonly ImageFacts[],
  layers: Observation['layers'] = {},
): Observation {
  return {
    images: images ?? [image(0xa1, ['busybox:latest'], [baseLayer])],
    containers,
    layers: { [baseLayer.chainId]: baseTree, ...layers },
  };
}

export const happyUpper: readonly TreeEntry[] = [dir('/'), file('/happiness.txt', 0)];
export const busyUpper: readonly TreeEntry[] = [
  dir('/'),
  dir('/etc'),
  whiteout('/etc/motd'),
  file('/etc/passwd', 9),
  file('/happiness.txt', 0),
  dir('/root', { mode: 0o700, opaque: true }),
  whiteout('/tmp'),
];
const happyLayer: LayerFacts = {
  diffId: digest(0xd2),
  chainId: digest(0xc2),
  size: 0,
  createdBy: 'touch /happiness.txt',
};

/** A small story, moment by moment: create, start, a running one that writes much, pause, commit, a container of the new image. */
export function story(): Observation[] {
  const created = container('cradle');
  const done = container('cradle', { status: 'exited', upper: happyUpper });
  const web = running('web');
  const busy = running('web', { upper: busyUpper });
  const paused = running('web', { upper: busyUpper, status: 'paused', cgroup: { frozen: true, pids: 2 } });
  const images = [
    image(0xa1, ['busybox:latest'], [baseLayer]),
    image(0xa2, ['happy:latest'], [baseLayer, happyLayer], digest(0xa1)),
  ];
  const layers = { [happyLayer.chainId]: happyUpper };
  const second = running('second', {
    image: 'happy',
    imageId: digest(0xa2),
    lower: [baseLayer.chainId, happyLayer.chainId],
    union: flatten([baseTree, happyUpper, initTree]),
  });
  return [
    observation([]),
    observation([created]),
    observation([done]),
    observation([done, web]),
    observation([done, busy]),
    observation([done, paused]),
    observation([done, paused], images, layers),
    observation([done, second], images, layers),
  ];
}
