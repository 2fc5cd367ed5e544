/**
 * One box of a picture, with what the pointer and the keys do to it. Its shape comes from the core.
 *
 * Kept true: what can be pointed at is a button with a sentence as its description.
 */
import type { JSX, SVGAttributes } from 'preact';
import { boxClasses, boxShapes, type PlacedNode } from '../../core/index.ts';
import { shapeOf } from './element.tsx';

interface NodeShapeProps {
  readonly node: PlacedNode;
  readonly lit: boolean;
  readonly hidden: boolean;
  readonly bind: SVGAttributes<SVGGElement>;
}

export function NodeShape({ node, lit, hidden, bind }: NodeShapeProps): JSX.Element {
  const classes = boxClasses(node);
  if (lit) classes.push('lit');
  if (hidden) classes.push('under');
  const role = node.point !== undefined ? ('button' as const) : node.kind === 'process' ? ('img' as const) : undefined;
  // A button is named by what is written on it; the sentence is its description. A process is named by its sentence.
  const said = role === 'button' ? { 'aria-description': node.words } : { 'aria-label': node.words };
  return (
    <g
      data-key={node.key}
      class={classes.join(' ')}
      style={{ transform: `translate(${node.x}px, ${node.y}px)` }}
      {...(role === undefined ? {} : { role, ...said })}
      {...bind}
    >
      <g class="moves">{boxShapes(node).map(shapeOf)}</g>
    </g>
  );
}
