/**
 * Moving from box to box with the keys.
 *
 * Kept true: up, down, Home and End walk the reading order, so that everything can be reached; left and right go to the
 * nearest box on that side.
 */
import type { PlacedNode } from '../../core/index.ts';

/** What can be pointed at, as one reads: from above, and from the left within a line. */
export function readingOrder(nodes: readonly PlacedNode[]): readonly PlacedNode[] {
  return nodes.filter((node) => node.point !== undefined).sort((a, b) => a.y - b.y || a.x - b.x);
}

export function neighbour(order: readonly PlacedNode[], from: PlacedNode, key: string): PlacedNode | undefined {
  const i = order.findIndex((node) => node.key === from.key);
  if (key === 'ArrowDown') return order[i + 1];
  if (key === 'ArrowUp') return order[i - 1];
  if (key === 'Home') return order[0];
  if (key === 'End') return order.at(-1);
  if (key === 'ArrowRight')
    return nearest(
      order.filter((node) => node.x >= from.x + from.w),
      from,
    );
  if (key === 'ArrowLeft')
    return nearest(
      order.filter((node) => node.x + node.w <= from.x),
      from,
    );
  return undefined;
}

function nearest(nodes: readonly PlacedNode[], from: PlacedNode): PlacedNode | undefined {
  const distance = (node: PlacedNode): number =>
    Math.abs(node.x + node.w / 2 - from.x - from.w / 2) + 3 * Math.abs(node.y + node.h / 2 - from.y - from.h / 2);
  return [...nodes].sort((a, b) => distance(a) - distance(b))[0];
}
