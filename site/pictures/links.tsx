/** Lines that are there only while something is pointed at. */
import type { JSX } from 'preact';
import { slabDepth as depth, type Lit, type PlacedNode } from '../../core/index.ts';

interface BeamProps {
  readonly light: Lit;
  readonly boxes: ReadonlyMap<string, PlacedNode>;
}

/** From the path that is pointed at to the layers that it comes from, and to those where it hides. */
export function Beam({ light, boxes }: BeamProps): JSX.Element | null {
  const row = light.row === undefined ? undefined : boxes.get(light.row);
  if (row === undefined) return <DirectoryBeams light={light} boxes={boxes} />;
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

/** From directories to what they belong to: a pointer at either lights both. */
function DirectoryBeams({ light, boxes }: BeamProps): JSX.Element | null {
  const lit = [...light.lit].flatMap((key) => boxes.get(key) ?? []);
  const directories = lit.filter(({ kind }) => kind === 'path');
  const owners = lit.filter(({ kind }) => kind === 'layer');
  if (directories.length === 0 || owners.length !== 1) return null;
  return (
    <g class="beams">
      {directories.map((row) => (
        <path key={row.key} class="beam" d={beamPath(row, owners[0]!)} />
      ))}
    </g>
  );
}

const isSlab = ({ kind }: PlacedNode): boolean =>
  kind === 'layer' || kind === 'upper' || kind === 'init' || kind === 'container';

/** Out of the row to the left, down beside the union view, and to the nearest edge of the slab. */
export function beamPath(row: PlacedNode, slab: PlacedNode): string {
  const x = row.x - 10;
  const middle = slab.y + depth + Math.min(14, (slab.h - depth) / 2);
  const start = `M${row.x} ${row.y + row.h / 2} H${x}`;
  if (slab.x + slab.w <= x) return `${start} V${middle} H${slab.x + slab.w - depth / 2}`;
  if (slab.x >= x) return `${start} V${middle} H${slab.x}`;
  return `${start} V${slab.y + depth / 2}`;
}
