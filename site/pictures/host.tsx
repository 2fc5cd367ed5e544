/** The host as a picture (P5, D2): what runs on its kernel, and what lies below the engine's data root. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { layoutHost, lightOf, type Point, type Scene } from '../../core/index.ts';
import { BoxPicture } from './picture.tsx';
import type { PictureProps } from './stack.tsx';

export function HostPicture({ scene, width, motion, lit, onPoint }: PictureProps): JSX.Element {
  const [own, setOwn] = useState<Point | undefined>(undefined);
  const layout = useMemo(() => layoutHost(scene, width), [scene, width]);
  const point = (next: Point | undefined): void => {
    setOwn(next);
    onPoint?.(next);
  };
  return (
    <BoxPicture
      layout={layout}
      light={lightOf(scene, lit ?? own)}
      label={summary(scene)}
      hint="Point at a directory to see whose it is, at a layer or a container to see its directories."
      motion={motion}
      onPoint={point}
    />
  );
}

function summary({ containers, store }: Scene): string {
  const alive = containers.filter((container) => container.alive).length;
  const names = store?.rows.filter((row) => row.owner !== undefined).length ?? 0;
  return `The host: ${alive} of ${containers.length} containers with processes, ${names} directories and files of theirs and of images below ${store?.root ?? 'the data root'}`;
}
