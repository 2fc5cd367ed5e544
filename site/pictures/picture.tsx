/**
 * A picture made of boxes, whatever it is of: pointing at a thing, or moving to it with the arrow keys, lights what belongs to
 * it and says so in a sentence below.
 *
 * Kept true: this file computes no positions and knows no state but where the keys are; nothing moves without `motion`.
 */
import type { ComponentChild, JSX, SVGAttributes } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import {
  definitions,
  type Layout,
  type LegendEntry,
  type Lit,
  legendOf,
  legendSample,
  linkShape,
  type PlacedNode,
  type Point,
} from '../../core/index.ts';
import { shapeOf } from './element.tsx';
import { Beam } from './links.tsx';
import { NodeShape } from './node.tsx';
import { neighbour, readingOrder } from './roving.ts';

export interface BoxPictureProps {
  readonly layout: Layout;
  readonly light: Lit;
  /** Names it. */
  readonly label: string;
  /** What stands below while nothing is pointed at. */
  readonly hint: string;
  /** May things move? False, or a reader who prefers reduced motion: they do not. */
  readonly motion: boolean;
  readonly onPoint: (point: Point | undefined) => void;
  /** A box that can be opened was pressed; answers with the key of the box that takes the focus then. */
  readonly onOpen?: (node: PlacedNode) => string | undefined;
}

export function BoxPicture({ layout, light, label, hint, motion, onPoint, onOpen }: BoxPictureProps): JSX.Element {
  const boxes = new Map(layout.nodes.map((node) => [node.key, node]));
  const legend = useMemo(() => legendOf(layout), [layout]);
  return (
    <>
      <figure class={`picture${motion ? '' : ' still'}`}>
        <Roving nodes={layout.nodes} onPoint={onPoint} onOpen={onOpen ?? nothing}>
          {(bind) => (
            // biome-ignore lint/a11y/noSvgWithoutTitle: a title would show as a tooltip everywhere; its label names it.
            <svg
              {...group(label)}
              aria-roledescription="picture"
              width={layout.width}
              height={layout.height}
              viewBox={`0 0 ${layout.width} ${layout.height}`}
              class={light.lit.size > 0 ? 'drawn lighting' : 'drawn'}
              {...bind.root}
            >
              {shapeOf(definitions())}
              <Nodes nodes={layout.nodes} light={light} bind={bind.node} />
              {layout.links.map((link) => linkOf(link, boxes, light))}
              <Beam light={light} boxes={boxes} />
            </svg>
          )}
        </Roving>
        <figcaption class="picture-words">{light.words || hint}</figcaption>
      </figure>
      <Legend entries={legend} />
    </>
  );
}

const nothing = (): undefined => undefined;

function linkOf(link: Layout['links'][number], boxes: ReadonlyMap<string, PlacedNode>, { lit }: Lit): ComponentChild {
  const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
  if (from === undefined || to === undefined) return null;
  return shapeOf(linkShape(link, from, to, lit.has(link.from) && lit.has(link.to)), link.key);
}

/** The signs that are in the picture. */
export function Legend({ entries }: { readonly entries: readonly LegendEntry[] }): JSX.Element | null {
  if (entries.length === 0) return null;
  const { w, h } = legendSample;
  return (
    <ul class="picture-legend" aria-label="Signs in this picture">
      {entries.map(({ words, sample }) => (
        <li key={words}>
          <svg class="drawn" width={w} height={h} viewBox={`0 0 ${w} ${h}`} aria-hidden="true">
            {shapeOf(sample)}
          </svg>
          {words}
        </li>
      ))}
    </ul>
  );
}

/** Things that belong together; SVG has no element of its own for that. */
const group = (words: string) => ({ role: 'group' as const, 'aria-label': words });

interface NodesProps {
  readonly nodes: readonly PlacedNode[];
  readonly light: Lit;
  readonly bind: (node: PlacedNode) => SVGAttributes<SVGGElement>;
}

/** Boxes within boxes as groups within groups, so that what belongs together is read together. */
function Nodes({ nodes, light, bind }: NodesProps): JSX.Element {
  const inside = new Map<string | undefined, PlacedNode[]>();
  for (const node of nodes) inside.set(node.parent, [...(inside.get(node.parent) ?? []), node]);
  const draw = (node: PlacedNode): JSX.Element => {
    const children = inside.get(node.key) ?? [];
    const shape = (
      <NodeShape
        key={`${node.key} box`}
        node={node}
        lit={light.lit.has(node.key)}
        hidden={light.hidden.has(node.key)}
        bind={bind(node)}
      />
    );
    if (children.length === 0) return shape;
    return (
      <g key={node.key} {...group(node.words)}>
        {shape}
        {children.map(draw)}
      </g>
    );
  };
  return <>{(inside.get(undefined) ?? []).map(draw)}</>;
}

interface Bound {
  readonly root: SVGAttributes<SVGSVGElement>;
  readonly node: (node: PlacedNode) => SVGAttributes<SVGGElement>;
}

interface RovingProps {
  readonly nodes: readonly PlacedNode[];
  readonly onPoint: (point: Point | undefined) => void;
  readonly onOpen: (node: PlacedNode) => string | undefined;
  readonly children: (bind: Bound) => JSX.Element;
}

/** One stop of the Tab key for the whole picture; arrow keys move inside (ARIA Authoring Practices, "roving tabindex"). */
function Roving({ nodes, onPoint, onOpen, children }: RovingProps): JSX.Element {
  const [active, setActive] = useState<string | undefined>(undefined);
  const order = useMemo(() => readingOrder(nodes), [nodes]);
  const current = order.some((node) => node.key === active) ? active : order[0]?.key;
  const root = useRef<SVGSVGElement | null>(null);
  // A card that was opened is gone: the focus goes on to the container that stands there now.
  const next = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (next.current !== undefined && focus(root.current, next.current)) next.current = undefined;
  });
  const open = (node: PlacedNode): void => {
    next.current = onOpen(node) ?? next.current;
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const from = order.find((node) => node.key === current);
    const to = from === undefined ? undefined : neighbour(order, from, event.key);
    const enter = event.key === 'Enter' || event.key === ' ';
    if (event.key === 'Escape') onPoint(undefined);
    if (from !== undefined && enter) open(from);
    if (enter || to !== undefined) event.preventDefault();
    if (to === undefined) return;
    setActive(to.key);
    focus(root.current, to.key);
  };
  const node = (item: PlacedNode): SVGAttributes<SVGGElement> => {
    if (item.point === undefined) return {};
    return {
      tabindex: item.key === current ? 0 : -1,
      onPointerEnter: () => onPoint(item.point),
      onPointerLeave: () => onPoint(undefined),
      onFocus: () => {
        setActive(item.key);
        onPoint(item.point);
      },
      onBlur: () => onPoint(undefined),
      onClick: () => open(item),
    };
  };
  return children({
    root: {
      ref: (element: SVGSVGElement | null) => {
        root.current = element;
      },
      onKeyDown: press,
    },
    node,
  });
}

/** Is it there to take the focus? */
function focus(root: SVGSVGElement | null, key: string): boolean {
  const box = root?.querySelector<SVGGElement>(`[data-key="${CSS.escape(key)}"]`);
  box?.focus();
  return box !== null && box !== undefined;
}
