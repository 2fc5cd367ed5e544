/**
 * The stack as a picture (P1), drawn from `layoutStack`: pointing at a thing, or moving to it with the arrow keys, lights
 * what belongs to it and says so in a sentence below.
 *
 * Kept true: this file computes no positions and knows no state but where the pointer is; nothing moves without `motion`.
 */

import type { JSX, SVGAttributes } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Scene } from '../../core/index.ts';
import type { PlacedNode } from './boxes.ts';
import { keys } from './keys.ts';
import { chooseFull, layoutStack } from './layout.ts';
import { Beam, LinkPath } from './links.tsx';
import { NodeShape } from './node.tsx';
import { type Lit, lightOf, type Point } from './point.ts';
import { neighbour, readingOrder } from './roving.ts';

export interface StackPictureProps {
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

export function StackPicture({ scene, width, motion, lit, onPoint }: StackPictureProps): JSX.Element {
  const [own, setOwn] = useState<Point | undefined>(undefined);
  const [open, setOpen] = useState<string | undefined>(undefined);
  const drawn = useRef<readonly string[]>([]);
  const full = useMemo(() => chooseFull(scene, drawn.current, { width, open }), [scene, open, width]);
  drawn.current = full;
  const layout = useMemo(() => layoutStack(scene, { width, full }), [scene, width, full]);
  const light = lightOf(scene, lit ?? own);
  const point = (next: Point | undefined): void => {
    setOwn(next);
    onPoint?.(next);
  };
  const boxes = new Map(layout.nodes.map((node) => [node.key, node]));
  return (
    <figure class={`picture${motion ? '' : ' still'}`}>
      <Roving nodes={layout.nodes} onPoint={point} onOpen={setOpen}>
        {(bind) => (
          // biome-ignore lint/a11y/noSvgWithoutTitle: a title would show as a tooltip everywhere; its label names it.
          <svg
            {...group(summary(scene))}
            aria-roledescription="picture"
            width={layout.width}
            height={layout.height}
            viewBox={`0 0 ${layout.width} ${layout.height}`}
            class={light.lit.size > 0 ? 'lighting' : ''}
            {...bind.root}
          >
            <Patterns />
            <Nodes nodes={layout.nodes} light={light} bind={bind.node} />
            {layout.links.map((link) => (
              <LinkPath key={link.key} link={link} boxes={boxes} lit={light.lit} />
            ))}
            <Beam light={light} boxes={boxes} />
          </svg>
        )}
      </Roving>
      <figcaption class="picture-words">
        {light.words || 'Point at a file or a layer, or use the arrow keys, to see what comes from where.'}
        {light.words === '' ? <Legend nodes={layout.nodes} /> : null}
      </figcaption>
    </figure>
  );
}

/** The signs that are in the picture. */
function Legend({ nodes }: { readonly nodes: readonly PlacedNode[] }): JSX.Element | null {
  const signs = [
    { sign: '+', word: 'new', there: nodes.some((node) => node.mark === 'new') },
    { sign: '✱', word: 'changed', there: nodes.some((node) => node.mark === 'changed') },
    { sign: '−', word: 'gone', there: nodes.some((node) => node.kind === 'gone') },
  ].filter(({ there }) => there);
  if (signs.length === 0) return null;
  return (
    <span class="picture-legend">
      {' By the last command: '}
      {signs.map(({ sign, word }) => (
        <span key={word}>
          <b aria-hidden="true">{sign}</b> {word}{' '}
        </span>
      ))}
    </span>
  );
}

/** What the picture shows, in a line. */
export function summary(scene: Scene): string {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  const alive = scene.containers.filter((container) => container.alive).length;
  return `Stack of layers: ${count(scene.images.length, 'image')}, ${count(scene.layers.length, 'layer')}, ${count(scene.containers.length, 'container')}, ${alive} with a process space`;
}

/** Things that belong together; SVG has no element of its own for that. */
const group = (words: string) => ({ role: 'group' as const, 'aria-label': words });

/** Patterns that tell tones apart without colour. */
function Patterns(): JSX.Element {
  return (
    <defs>
      <pattern id="picture-frozen" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="2" height="8" class="hatch" />
      </pattern>
      <marker
        id="picture-arrow"
        viewBox="0 0 8 8"
        refX="6"
        refY="4"
        markerWidth="7"
        markerHeight="7"
        orient="auto-start-reverse"
      >
        <path d="M0 0.5 L7 4 L0 7.5 Z" class="arrow" />
      </marker>
    </defs>
  );
}

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
  readonly onOpen: (container: string) => void;
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
    if (node.kind !== 'card' || node.point?.kind !== 'container') return;
    next.current = keys.upper(node.point.container);
    onOpen(node.point.container);
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
