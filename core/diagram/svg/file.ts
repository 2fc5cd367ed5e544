/**
 * A picture as an SVG file of its own: the boxes of a layout, its legend, its colours, and what it
 * shows in words as its description.
 *
 * Kept true: the same scene always gives the same bytes; nothing in it is fetched from elsewhere or runs.
 */
import { type Layout, label, type PlacedNode, widthOf } from './boxes.ts';
import { type Element, element, moveTo, writeElement } from './element.ts';
import { type LegendEntry, legendOf, sample } from './legend.ts';
import { boxClasses, boxShapes, definitions, linkShape } from './shapes.ts';
import { fileStyle } from './style.ts';

const margin = 8;
const line = 22;

export function writePicture(layout: Layout, title: string): string {
  const legend = legendLines(legendOf(layout), layout.width);
  const width = layout.width + 2 * margin;
  const height = layout.height + 2 * margin + legend.length * line + (legend.length > 0 ? 6 : 0);
  const boxes = new Map(layout.nodes.map((node) => [node.key, node]));
  const lines = layout.links.map((link) => {
    const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
    return from === undefined || to === undefined ? undefined : linkShape(link, from, to);
  });
  const root = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'drawn',
      role: 'img',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
    },
    element('title', {}, title),
    element('desc', {}, layout.nodes.map((node) => node.words).join('\n')),
    element('style', {}, fileStyle(layout.own?.style)),
    definitions(),
    element('rect', { class: 'paper', width, height }),
    moveTo(margin, margin, element('g', {}, ...layout.nodes.map(box), ...lines)),
    ...legend.map((row, i) => moveTo(margin, layout.height + margin + 12 + i * line, row)),
  );
  return writeElement(root);
}

const box = (node: PlacedNode): Element =>
  moveTo(node.x, node.y, element('g', { class: boxClasses(node).join(' ') }, ...boxShapes(node)));

/** The legend in as many lines as its words need. */
function legendLines(entries: readonly LegendEntry[], width: number): Element[] {
  const rows: Element[][] = [];
  let x = width;
  for (const { words, sample: shape } of entries) {
    const need = sample.w + 6 + widthOf(words, 'dim') + 16;
    if (x + need > width) {
      rows.push([]);
      x = 0;
    }
    const [text] = label(words, { x: 0, y: 0, room: width - x - sample.w - 6 }, 'dim');
    const shown = element(
      'text',
      { x: x + sample.w + 6, y: 12 },
      element('tspan', { class: 'label label-dim' }, text?.text ?? ''),
    );
    rows.at(-1)!.push(moveTo(x + (shape.at?.[0] ?? 0), shape.at?.[1] ?? 0, shape), shown);
    x += need;
  }
  return rows.map((row) => element('g', { class: 'legend' }, ...row));
}
