/** The stack as a picture (P1): layers, the containers that stand on them, and what they see. */
import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import {
  chooseFull,
  layoutStack,
  lightOf,
  type PlacedNode,
  type Point,
  pictureKeys,
  type Scene,
} from '../../core/index.ts';
import { BoxPicture } from './picture.tsx';

export interface PictureProps {
  readonly scene: Scene;
  /** Pixels that the picture may take; from 280 on. */
  readonly width: number;
  /** May things move? False, or a reader who prefers reduced motion: they do not. */
  readonly motion: boolean;
  /** What is pointed at, when the one who draws the picture keeps it (to light the same thing in another picture). */
  readonly lit?: Point | undefined;
  /** Called with what is pointed at, and with nothing when the pointer leaves. */
  readonly onPoint?: (point: Point | undefined) => void;
}

export function StackPicture({ scene, width, motion, lit, onPoint }: PictureProps): JSX.Element {
  const [own, setOwn] = useState<Point | undefined>(undefined);
  const [open, setOpen] = useState<string | undefined>(undefined);
  const drawn = useRef<readonly string[]>([]);
  const full = useMemo(() => chooseFull(scene, drawn.current, { width, open }), [scene, open, width]);
  drawn.current = full;
  const layout = useMemo(() => layoutStack(scene, { width, full }), [scene, width, full]);
  const point = (next: Point | undefined): void => {
    setOwn(next);
    onPoint?.(next);
  };
  // A card that was opened is gone: the focus goes on to the container that stands there now.
  const openCard = ({ kind, point: at }: PlacedNode): string | undefined => {
    if (kind !== 'card' || at?.kind !== 'container') return undefined;
    setOpen(at.container);
    return pictureKeys.upper(at.container);
  };
  return (
    <BoxPicture
      layout={layout}
      light={lightOf(scene, lit ?? own)}
      label={summary(scene)}
      hint="Point at a file or a layer, or use the arrow keys, to see what comes from where."
      motion={motion}
      onPoint={point}
      onOpen={openCard}
    />
  );
}

/** What the picture shows, in a line. */
function summary(scene: Scene): string {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  const alive = scene.containers.filter((container) => container.alive).length;
  return `Stack of layers: ${count(scene.images.length, 'image')}, ${count(scene.layers.length, 'layer')}, ${count(scene.containers.length, 'container')}, ${alive} with a process space`;
}
