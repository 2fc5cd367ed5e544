/** What must hold for the boxes of every layout, whatever it is of. */
import * as assert from 'uvu/assert';
import { widthOf } from '../../../core/diagram/svg/boxes.ts';
import type { Layout, PlacedNode } from '../../../core/index.ts';

const contains = (outer: { x: number; y: number; w: number; h: number }, node: PlacedNode): boolean =>
  node.x >= outer.x &&
  node.y >= outer.y &&
  node.x + node.w <= outer.x + outer.w &&
  node.y + node.h <= outer.y + outer.h;
const overlap = (a: PlacedNode, b: PlacedNode): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** Inside the picture and inside the box that it belongs to; none over another of the same parent; labels inside; keys unique. */
export function checkBoxes({ nodes, links, width, height }: Layout): void {
  const boxes = new Map(nodes.map((node) => [node.key, node]));
  assert.is(boxes.size, nodes.length, 'keys are unique');
  const families = new Map<string | undefined, PlacedNode[]>();
  for (const node of nodes) {
    assert.ok(contains({ x: 0, y: 0, w: width, h: height }, node), `${node.key} sticks out of the picture`);
    if (node.parent !== undefined)
      assert.ok(contains(boxes.get(node.parent)!, node), `${node.key} sticks out of ${node.parent}`);
    checkLabels(node);
    families.set(node.parent, [...(families.get(node.parent) ?? []), node]);
  }
  for (const family of families.values()) {
    for (const [i, a] of family.entries())
      for (const b of family.slice(i + 1)) assert.not.ok(overlap(a, b), `${a.key} overlaps ${b.key}`);
  }
  assert.is(new Set(links.map((link) => link.key)).size, links.length, 'keys of lines are unique');
}

/** What is cut keeps its full text. */
function checkLabels({ labels, w, h, key }: PlacedNode): void {
  for (const item of labels) {
    const wide = widthOf(item.text, item.style);
    const [left, right] = item.end === true ? [item.x - wide, item.x] : [item.x, item.x + wide];
    assert.ok(left >= -1 && right <= w + 1 && item.y <= h, `"${item.text}" sticks out of ${key}`);
    if (item.text !== item.full) assert.ok(item.text.includes('…'), `"${item.text}" does not show that it is cut`);
  }
}
