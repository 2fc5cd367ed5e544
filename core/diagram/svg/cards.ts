/** What gets little room: containers that are not drawn in full, and what the last command took away. */
import { type Gone, type SceneContainer, statusText } from '../scene.ts';
import { type Block, block, column, label, type PlacedNode } from './boxes.ts';
import { statusSign, toneOf } from './container.ts';
import { keys } from './keys.ts';

export const card = { w: 150, h: 46, gap: 8 };
const mostGone = 4;

export function cardsBlock(shown: readonly SceneContainer[], folded: number, on: string, width: number): Block {
  const across = Math.max(1, Math.floor((width + card.gap) / (card.w + card.gap)));
  const w = Math.floor((width - (across - 1) * card.gap) / across);
  const boxes = [...shown.map((container) => cardBox(container, w)), ...(folded > 0 ? [moreCard(folded, on, w)] : [])];
  const rows = Math.ceil(boxes.length / across);
  const placed = boxes.map((node, i) => ({
    ...node,
    x: (i % across) * (w + card.gap),
    y: Math.floor(i / across) * (card.h + card.gap),
  }));
  return block(width, rows * (card.h + card.gap) - card.gap, placed);
}

function cardBox(container: SceneContainer, w: number): PlacedNode {
  const { upper } = container;
  const files = upper.length === 0 ? 'empty' : `${upper.length} ${upper.length === 1 ? 'path' : 'paths'}`;
  const mark = container.statusMark ?? container.mark;
  return {
    key: keys.card(container.id),
    kind: 'card',
    tone: toneOf(container),
    x: 0,
    y: 0,
    w,
    h: card.h,
    labels: [
      ...label(container.name, { x: 9, y: 18, room: w - 18 }, 'strong'),
      ...label(`${statusSign(container)} ${statusText(container)} · ${files}`, { x: 9, y: 36, room: w - 16 }, 'dim', {
        list: true,
      }),
    ],
    words: `Container ${container.name}, ${statusText(container)}, read-write layer: ${files}. Press to draw it in full`,
    point: { kind: 'container', container: container.id },
    ...(mark === undefined ? {} : { mark }),
  };
}

function moreCard(count: number, on: string, w: number): PlacedNode {
  const text = `… ${count} more`;
  return {
    key: keys.more(`containers on ${on}`),
    kind: 'more',
    tone: 'plain',
    x: 0,
    y: 0,
    w,
    h: card.h,
    labels: label(text, { x: 9, y: 28, room: w - 18 }, 'dim'),
    words: `${count} more containers`,
    folded: count,
  };
}

/** What the last command took away. */
export function goneBlock(gone: readonly Gone[], w: number): Block {
  const shown = gone.length <= mostGone ? gone : gone.slice(0, mostGone - 1);
  const boxes = shown.map((item, i): Block => {
    const what = item.kind === 'network' ? item.name : `${item.kind} ${item.name}`;
    const labels = label(`− ${what}`, { x: 8, y: 15, room: w - 16 }, 'plain', { tone: 'gone' });
    const words = `gone: ${what}`;
    return block(w, 22, [{ key: `gone ${i}`, kind: 'gone', tone: 'gone', x: 0, y: 0, w, h: 22, labels, words }]);
  });
  const rest = gone.length - shown.length;
  const more = (): Block => {
    const text = `− ${rest} more`;
    const labels = label(text, { x: 8, y: 15, room: w - 16 }, 'plain', { tone: 'gone' });
    const key = keys.more('gone');
    return block(w, 22, [{ key, kind: 'more', tone: 'gone', x: 0, y: 0, w, h: 22, labels, words: text, folded: rest }]);
  };
  return column(w, 3, [...boxes, ...(rest > 0 ? [more()] : [])]);
}
