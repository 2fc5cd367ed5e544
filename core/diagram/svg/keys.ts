/** Keys of the boxes of a picture: the same thing has the same key in every scene. */
export const keys = {
  layer: (chainId: string): string => `layer ${chainId}`,
  image: (id: string): string => `image ${id}`,
  container: (id: string): string => `container ${id}`,
  card: (id: string): string => `card ${id}`,
  upper: (id: string): string => `upper ${id}`,
  init: (id: string): string => `init ${id}`,
  union: (id: string): string => `union ${id}`,
  process: (id: string, hostPid: number): string => `process ${id} ${hostPid}`,
  file: (id: string, path: string): string => `file ${id} ${path}`,
  mount: (id: string, at: string): string => `mount ${id} ${at}`,
  row: (id: string, path: string): string => `row ${id} ${path}`,
  store: 'store',
  path: (path: string): string => `path ${path}`,
  space: (key: string): string => `space ${key}`,
  device: (key: string): string => `device ${key}`,
  more: (of: string): string => `more ${of}`,
} as const;
