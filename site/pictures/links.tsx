/** Lines between boxes: pointers to parents, rails, what the union view is seen through, and commits. */
import type { JSX } from 'preact';
import type { Link, PlacedNode } from './boxes.ts';
import { depth } from './container.ts';
import type { Lit } from './point.ts';

interface LinkPathProps {
  readonly link: Link;
  readonly boxes: ReadonlyMap<string, PlacedNode>;
  readonly lit: ReadonlySet<string>;
}

export function LinkPath({ link, boxes, lit }: LinkPathProps): JSX.Element | null {
  const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
  if (from === undefined || to === undefined) return null;
  const classes = ['link', `link-${link.kind}`];
  if (lit.has(link.from) && lit.has(link.to)) classes.push('lit');
  return (
    <g class={classes.join(' ')}>
      <title>{titles[link.kind]}</title>
      <path d={paths[link.kind](from, to)} marker-end="url(#picture-arrow)" />
    </g>
  );
}

const titles: Readonly<Record<Link['kind'], string>> = {
  parent: 'points to its parent layer',
  stands: 'stands on this layer',
  seen: 'seen through the layers, from above',
  same: 'committed: the same content',
};

const paths: Readonly<Record<Link['kind'], (from: PlacedNode, to: PlacedNode) => string>> = {
  parent: (from, to) => {
    const x = from.x + from.w - depth - 14;
    return `M${x} ${from.y + from.h - 16} V${Math.max(from.y + from.h + 3, to.y) + depth + 3}`;
  },
  stands: (from, to) => `M${from.x + 12} ${from.y + from.h} v7 H${to.x + 9} V${to.y + depth + 2}`,
  seen: (from, to) => {
    if (to.y + to.h <= from.y) {
      const x = from.x + from.w / 2;
      return `M${x} ${from.y + 3} V${to.y + to.h + 2}`;
    }
    const y = from.y + depth + (from.h - depth) / 2;
    return `M${from.x + from.w} ${y} H${to.x - 2}`;
  },
  same: (from, to) => {
    const [y, z] = [from.y + depth + 14, to.y + depth + 14];
    if (to.x + to.w <= from.x) {
      const [a, b] = [from.x, to.x + to.w];
      return `M${a} ${y} C${a - 24} ${y} ${b + 24} ${z} ${b} ${z}`;
    }
    const [x, bend] = [Math.min(from.x, to.x), 18];
    return `M${from.x} ${from.y + from.h - 12} C${x - bend} ${from.y + from.h} ${x - bend} ${z} ${to.x} ${z}`;
  },
};

interface BeamProps {
  readonly light: Lit;
  readonly boxes: ReadonlyMap<string, PlacedNode>;
}

/** From the path that is pointed at to the layers that it comes from, and to those where it hides. */
export function Beam({ light, boxes }: BeamProps): JSX.Element | null {
  const row = light.row === undefined ? undefined : boxes.get(light.row);
  if (row === undefined) return null;
  const slabs = (keys: ReadonlySet<string>): PlacedNode[] =>
    [...keys].map((key) => boxes.get(key)).filter((box) => box !== undefined && isSlab(box)) as PlacedNode[];
  return (
    <g class="beams">
      {slabs(light.hidden).map((slab) => (
        <path key={slab.key} class="beam beam-hidden" d={beamPath(row, slab)} />
      ))}
      {slabs(light.lit).map((slab) => (
        <path key={slab.key} class="beam" d={beamPath(row, slab)} />
      ))}
    </g>
  );
}

const isSlab = ({ kind }: PlacedNode): boolean => kind === 'layer' || kind === 'upper' || kind === 'init';

/** Out of the row to the left, down beside the union view, and to the nearest edge of the slab. */
export function beamPath(row: PlacedNode, slab: PlacedNode): string {
  const x = row.x - 10;
  const middle = slab.y + depth + Math.min(14, (slab.h - depth) / 2);
  const start = `M${row.x} ${row.y + row.h / 2} H${x}`;
  if (slab.x + slab.w <= x) return `${start} V${middle} H${slab.x + slab.w - depth / 2}`;
  if (slab.x >= x) return `${start} V${middle} H${slab.x}`;
  return `${start} V${slab.y + depth / 2}`;
}
