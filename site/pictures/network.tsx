/** The network as a picture: namespaces, the devices in them, and what joins them. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { layoutNetwork, lightNetwork, networkOf, networkStyle, type Point, type Scene } from '../../core/index.ts';
import { BoxPicture } from './picture.tsx';
import type { PictureProps } from './stack.tsx';

const sheet = new CSSStyleSheet();
sheet.replaceSync(networkStyle);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

export function NetworkPicture({ scene, width, motion, lit, onPoint }: PictureProps): JSX.Element {
  const [own, setOwn] = useState<Point | undefined>(undefined);
  const layout = useMemo(() => layoutNetwork(scene, width), [scene, width]);
  const point = (next: Point | undefined): void => {
    setOwn(next);
    onPoint?.(next);
  };
  return (
    <BoxPicture
      layout={layout}
      light={lightNetwork(scene, lit ?? own)}
      label={summary(scene)}
      hint="Point at a device to see what it is joined to, at a published port to see where it leads."
      motion={motion}
      onPoint={point}
    />
  );
}

function summary(scene: Scene): string {
  const { boxes } = networkOf(scene);
  const devices = boxes.reduce((sum, box) => sum + box.devices.length, 0);
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  return `The network: ${count(boxes.length, 'network namespace')}, ${count(devices, 'device')}`;
}
