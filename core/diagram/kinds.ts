/** The kinds of pictures that there are of a scene, and what they are called. */
export type PictureKind = 'stack' | 'union' | 'images' | 'lifecycle' | 'host' | 'network';
export const pictureKinds: readonly PictureKind[] = ['stack', 'union', 'images', 'lifecycle', 'host', 'network'];

export const pictureNames: Readonly<Record<PictureKind, string>> = {
  stack: 'Stack of layers',
  union: 'Union view',
  images: 'Images and their layers',
  lifecycle: 'Lifecycles',
  host: 'The host',
  network: 'The network',
};
