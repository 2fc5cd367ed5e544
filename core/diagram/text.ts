/**
 * Pictures for the terminal: one function for all kinds, at any width from 60 columns on.
 */
import type { PictureKind } from './kinds.ts';
import { type Block, fit, lineWidth, type PrintOptions, printBlock } from './layout.ts';
import { lifecycleBlock } from './lifecycle.ts';
import { footBlock } from './parts.ts';
import type { Scene } from './scene.ts';
import { hostBlock } from './text-host.ts';
import { imagesBlock } from './text-images.ts';
import { networkBlock } from './text-network.ts';
import { stackBlock } from './text-stack.ts';
import { unionBlock } from './text-union.ts';

export { type PictureKind, pictureKinds, pictureNames } from './kinds.ts';

export interface TextOptions extends PrintOptions {
  /** Columns; default 100, held between 60 and 200. */
  readonly width?: number;
  /** Whose union view: a name or an id; default: that of the container that the last command touched. */
  readonly container?: string;
}

const draw: Readonly<Record<PictureKind, (scene: Scene, width: number, container?: string) => Block>> = {
  stack: stackBlock,
  union: unionBlock,
  images: imagesBlock,
  lifecycle: lifecycleBlock,
  host: hostBlock,
  network: networkBlock,
};

/** The picture as text. The same scene always gives the same text. */
export function drawText(kind: PictureKind, scene: Scene, options: TextOptions = {}): string {
  const width = Math.max(60, Math.min(200, options.width ?? 100));
  // What the network's picture marks and misses is its own.
  const foot = kind === 'network' ? [] : footBlock(scene);
  const block = [...draw[kind](scene, width, options.container), ...foot];
  // Names can be of any length: what stands in no frame is cut here.
  const cut = block.map((row) => (lineWidth(row) > width ? fit(row, width) : row));
  return printBlock(cut, options);
}
