/**
 * Pictures as SVG files: the kinds whose layout is ours. The site draws the same layouts and shapes, live.
 */
import type { Scene } from './scene.ts';
import type { Layout } from './svg/boxes.ts';
import { writePicture } from './svg/file.ts';
import { layoutHost } from './svg/host.ts';
import { layoutImages } from './svg/images.ts';
import { layoutNetwork } from './svg/network.ts';
import { layoutStack } from './svg/stack.ts';
import { type PictureKind, pictureNames } from './text.ts';

export interface SvgOptions {
  /** Pixels; default 900, held between 280 and 2000. */
  readonly width?: number;
}

const layouts = {
  stack: (scene: Scene, width: number): Layout => layoutStack(scene, { width }),
  images: layoutImages,
  host: layoutHost,
  network: layoutNetwork,
} as const satisfies Partial<Record<PictureKind, unknown>>;

export type SvgKind = keyof typeof layouts;

export const svgKinds = Object.keys(layouts) as readonly SvgKind[];

export const isSvgKind = (kind: PictureKind): kind is SvgKind => kind in layouts;

/** The picture as a file of its own. The same scene always gives the same text. */
export function drawSvg(kind: SvgKind, scene: Scene, options: SvgOptions = {}): string {
  const width = Math.max(280, Math.min(2000, options.width ?? 900));
  return writePicture(layouts[kind](scene, width), pictureNames[kind]);
}
