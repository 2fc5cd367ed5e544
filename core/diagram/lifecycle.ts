/**
 * The lifecycles (P4): the state machines of containers and of images as Mermaid state chart and as text, with every
 * container and every image of the scene standing in its state.
 *
 * Kept true: states and transitions are read from the machines themselves, who is in which state from the scene; nothing is
 * listed by hand.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { chartLines, descendants, type Edge, edgesOf } from '../machines/chart.ts';
import { containerMachine } from '../machines/container.ts';
import { imageMachine } from '../machines/image.ts';
import { type Block, cut, cutMiddle, type Line, line, lineWidth, type Span, span } from './layout.ts';
import { imageName, imageState, type Mark, type Scene } from './scene.ts';

/** One machine with those who live by it. */
interface Life {
  readonly of: 'container' | 'image';
  readonly machine: AnyStateMachine;
  readonly those: readonly Being[];
}

interface Being {
  readonly name: string;
  readonly state: string;
  readonly mark: Mark | undefined;
}

function lives(scene: Scene): readonly Life[] {
  const containers = scene.containers.map(({ name, status, statusMark, mark }) => {
    return { name, state: status, mark: mark === 'new' ? mark : (statusMark ?? mark) };
  });
  const images = scene.images.map((image) => {
    return { name: imageName(image), state: imageState(scene, image), mark: image.mark };
  });
  return [
    { of: 'container', machine: containerMachine, those: containers },
    { of: 'image', machine: imageMachine, those: images },
  ];
}

/** Longer lists of names end in a count. */
const maxNames = 8;

/** Mermaid state chart; the states in which somebody is now are coloured, and say who. */
export function lifecycleChart(scene: Scene): string {
  const all = lives(scene);
  const occupied = all.flatMap(({ of, those }) => [...new Set(those.map(({ state }) => idOf(of, state)))]);
  const colours =
    occupied.length === 0 ? [] : ['    classDef current fill:#ffd54f,stroke:#b26a00,stroke-width:3px,color:#000'];
  const rows = [
    'stateDiagram-v2',
    ...all.flatMap(lifeChart),
    ...colours,
    ...occupied.map((state) => `    class ${state} current`),
  ];
  return rows.map((row) => `${row}\n`).join('');
}

function lifeChart({ of, machine, those }: Life): string[] {
  const lines = chartLines(machine).map((row) => (of === 'image' ? row.replace(/\bremoved\b/g, 'image_removed') : row));
  const states = [...new Set(those.map(({ state }) => state))];
  const notes = states.flatMap((state) => {
    const here = those.filter((being) => being.state === state);
    const names = here
      .slice(0, maxNames)
      .map(({ name, mark }) => `    ${plain(name)}${mark === undefined ? '' : ` (${mark})`}`);
    const more = here.length > maxNames ? [`    … ${here.length - maxNames} more`] : [];
    return [`note right of ${idOf(of, state)}`, ...names, ...more, 'end note'];
  });
  return [`    state ${of} {`, ...[...lines, ...notes].map((row) => `        ${row}`), '    }'];
}

/** States of both machines stand in one chart: what both have needs two names. */
const idOf = (of: Life['of'], state: string): string =>
  of === 'image' && state === 'removed' ? 'image_removed' : state;

/** What Mermaid would read as markup or as the end of a line. */
const plain = (text: string): string => text.replace(/[;{}<>#]/g, ' ').trim();

/** Machine by machine and state by state: who is in it, what leads out of it, what leaves it as it is. */
export function lifecycleBlock(scene: Scene, width: number): Block {
  return lives(scene).flatMap((life, i) => [
    ...(i === 0 ? [] : [line()]),
    line(span(life.of === 'container' ? 'The life of a container' : 'The life of an image', 'bold')),
    ...states(life.machine).flatMap((state) => stateBlock(life, state, width)),
  ]);
}

/** The states that something can be in; those that only hold others are left out. */
function states(machine: AnyStateMachine): readonly AnyStateNode[] {
  return descendants(machine.root).filter((node) => Object.keys(node.states).length === 0);
}

function stateBlock(life: Life, state: AnyStateNode, width: number): Block {
  const { description } = state;
  const edges = edgesOf(life.machine.root).filter((edge) => edge.from === state.key);
  return [
    line(),
    headLine(life, state.key, width),
    ...(description === undefined ? [] : [line(span(`    ${cut(description, width - 4)}`, 'dim'))]),
    ...edges.map((edge) => edgeLine(edge, width)),
  ];
}

function headLine({ those }: Life, state: string, width: number): Line {
  const here = those.filter((being) => being.state === state);
  const mark = here.some((being) => being.mark === 'new') ? '+ ' : here.some((being) => being.mark) ? '* ' : '  ';
  if (here.length === 0) return line('  ', span(state));
  const head: Span[] = [span(mark, 'mark'), span(state, 'mark'), span('  ◀ ', 'mark')];
  return line(...head, span(namesIn(here, width - lineWidth(head)), 'bold'));
}

/** As many names as fit, what the last command touched first; the rest as a count. */
function namesIn(those: readonly Being[], width: number): string {
  const names = [...those]
    .sort((a, b) => Number(b.mark !== undefined) - Number(a.mark !== undefined))
    .map(({ name }) => cutMiddle(name, 40));
  for (let shown = names.length; shown > 1; shown--) {
    const text = listed(names, shown);
    if (text.length <= width) return text;
  }
  return cut(listed(names, 1), width);
}

function listed(names: readonly string[], shown: number): string {
  const rest = names.length - shown;
  return names.slice(0, shown).join(', ') + (rest === 0 ? '' : ` and ${rest} more`);
}

function edgeLine(edge: Edge, width: number): Line {
  const label = edge.label.toLowerCase().replaceAll('_', ' ');
  if (edge.from === edge.to) return line(span(`    ${cut(`stays: ${label}`, width - 4)}`, 'dim'));
  return line(`    ──▶ ${edge.to.padEnd(13)}`, span(cut(label, width - 22), 'read-only'));
}
