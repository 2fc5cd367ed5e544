/** The image tree as a picture (P3): layers that images share, their names, and the containers that stand on them. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { imageState, layoutImages, lightOf, type Point, type Scene } from '../../core/index.ts';
import { BoxPicture } from './picture.tsx';
import type { PictureProps } from './stack.tsx';

export function ImagesPicture({ scene, width, motion, lit, onPoint }: PictureProps): JSX.Element {
  const [own, setOwn] = useState<Point | undefined>(undefined);
  const layout = useMemo(() => layoutImages(scene, width), [scene, width]);
  const point = (next: Point | undefined): void => {
    setOwn(next);
    onPoint?.(next);
  };
  return (
    <BoxPicture
      layout={layout}
      light={lightOf(scene, lit ?? own)}
      label={summary(scene)}
      hint="Point at a layer, an image or a container, or use the arrow keys, to see whose is what."
      motion={motion}
      onPoint={point}
    />
  );
}

function summary(scene: Scene): string {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  const unnamed = scene.images.filter((image) => imageState(scene, image) !== 'tagged').length;
  const without = unnamed === 0 ? '' : `, ${unnamed} without a name`;
  return `Images and their layers: ${count(scene.images.length, 'image')}${without}, ${count(scene.layers.length, 'layer')}, ${count(scene.containers.length, 'container')}`;
}
