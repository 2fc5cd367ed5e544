/** Shapes of the core as elements of the view library. */
import { type ComponentChild, h } from 'preact';
import type { SvgElement } from '../../core/index.ts';

/** Moved by a style, so that style sheets can animate it. */
export function shapeOf(item: SvgElement | string, key?: string | number): ComponentChild {
  if (typeof item === 'string') return item;
  const moved = item.at === undefined ? {} : { style: { transform: `translate(${item.at[0]}px, ${item.at[1]}px)` } };
  return h(item.tag, { ...item.attributes, ...moved, key }, item.children.map(shapeOf));
}
