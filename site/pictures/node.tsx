/**
 * One box of a picture: its shape by kind, its labels, its mark.
 *
 * Kept true: what can be pointed at is a button with a sentence as its description; cut labels have their full text as title.
 */
import type { JSX, SVGAttributes } from 'preact';
import type { Label, PlacedNode } from './boxes.ts';
import { depth } from './container.ts';

interface NodeShapeProps {
  readonly node: PlacedNode;
  readonly lit: boolean;
  readonly hidden: boolean;
  readonly bind: SVGAttributes<SVGGElement>;
}

export function NodeShape({ node, lit, hidden, bind }: NodeShapeProps): JSX.Element {
  const classes = ['box', `box-${node.kind}`, `tone-${node.tone}`];
  if (node.mark !== undefined) classes.push(`mark-${node.mark}`);
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
      <g class="moves">
        <Shape node={node} />
        {lines(node.labels).map((items, i) => (
          <Text key={`${i} ${items[0]!.style}`} labels={items} />
        ))}
        {node.mark === undefined ? null : <MarkSign node={node} />}
      </g>
    </g>
  );
}

/** A label with those that go on behind it. */
function Text({ labels }: { labels: readonly Label[] }): JSX.Element {
  const first = labels[0]!;
  return (
    <text x={first.x} y={first.y} {...(first.end === true ? { 'text-anchor': 'end' } : {})}>
      {labels.map((item, i) => (
        <tspan key={item.style} class={classesOf(item)} {...(i === 0 ? {} : { dx: 8 })}>
          {item.text === item.full ? null : <title>{item.full}</title>}
          {item.text}
        </tspan>
      ))}
    </text>
  );
}

function classesOf(item: Label): string {
  const tone = item.tone === undefined ? '' : ` text-${item.tone}`;
  return `label label-${item.style}${tone}${item.struck === true ? ' struck' : ''}`;
}

function lines(labels: readonly Label[]): Label[][] {
  const out: Label[][] = [];
  for (const item of labels) {
    if (item.after === true && out.length > 0) out.at(-1)!.push(item);
    else out.push([item]);
  }
  return out;
}

function Shape({ node }: { node: PlacedNode }): JSX.Element {
  const { w, h, kind } = node;
  if (kind === 'layer' || kind === 'upper' || kind === 'init') return <Slab w={w} h={h} />;
  if (kind === 'container') return <Space node={node} />;
  if (kind === 'row')
    return (
      <>
        <rect class="face" width={w} height={h} rx="3" />
        <rect class="swatch" x="18" y="5" width="10" height="10" rx="2" />
      </>
    );
  if (kind === 'card')
    return (
      <>
        <rect class="face" width={w} height={h} rx="6" />
        <rect class="foot" x="1" y={h - 5} width={w - 2} height="4" rx="2" />
      </>
    );
  const round = { process: 13, union: 8, image: 4, file: 3, more: 3, gone: 3 }[kind];
  return <rect class="face" width={w} height={h} rx={round} />;
}

/** A slab seen a little from above and from the right. */
function Slab({ w, h }: { w: number; h: number }): JSX.Element {
  return (
    <>
      <path class="top" d={`M0 ${depth} L${depth} 0 H${w} L${w - depth} ${depth} Z`} />
      <path class="side" d={`M${w - depth} ${depth} L${w} 0 V${h - depth} L${w - depth} ${h} Z`} />
      <rect class="face" y={depth} width={w - depth} height={h - depth} />
    </>
  );
}

/** A process space, if there is one; a frozen one is hatched. */
function Space({ node }: { node: PlacedNode }): JSX.Element {
  const { w, h, tone } = node;
  return (
    <>
      <rect class="face" width={w} height={h} rx="16" />
      {tone === 'frozen' ? <rect width={w} height={h} rx="16" fill="url(#picture-frozen)" /> : null}
    </>
  );
}

/** `+` new, `✱` changed by the last command. */
function MarkSign({ node }: { node: PlacedNode }): JSX.Element {
  const sign = node.mark === 'new' ? '+' : '✱';
  const { x, y } = markPlace(node);
  return (
    <g class="mark" style={{ transform: `translate(${x}px, ${y}px)` }}>
      <title>{node.mark === 'new' ? 'new' : 'changed by the last command'}</title>
      <circle r="7" />
      <text y="4" text-anchor="middle">
        {sign}
      </text>
    </g>
  );
}

/** In front of a line, on the edge of a box, beside the name of a container that has none drawn around it. */
function markPlace({ kind, tone, w, h }: PlacedNode): { x: number; y: number } {
  if (kind === 'row' || kind === 'file') return { x: 9, y: h / 2 };
  if (kind === 'container' && tone === 'plain') return { x: 0, y: 15 };
  return { x: kind === 'layer' ? w - depth - 12 : w - 16, y: 1 };
}
