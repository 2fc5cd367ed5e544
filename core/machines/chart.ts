/**
 * A machine as a Mermaid state chart, made from its definition alone, so that the picture can never say anything else than
 * the law (P4). Syntax: mermaid.js.org/syntax/stateDiagram.html.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { stateName } from './advance.ts';

/** All events that lead from one state to another. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** `current`: a state's value, marked in the chart. `notes`: with each state's description beside it. */
export function chart(machine: AnyStateMachine, current?: unknown, options: { notes?: boolean } = {}): string {
  const lines = ['stateDiagram-v2', ...chartLines(machine, options.notes === true).map((line) => `    ${line}`)];
  if (current !== undefined) {
    lines.push('    classDef current fill:#ffd54f,stroke:#b26a00,stroke-width:3px,color:#000');
    lines.push(`    class ${leaf(stateName(current))} current`);
  }
  return `${lines.join('\n')}\n`;
}

/** States and arrows of a chart, without its head. */
export function chartLines(machine: AnyStateMachine, notes = false): readonly string[] {
  return [
    ...body(machine.root, '', notes),
    ...edgesOf(machine.root).map((edge) => `${edge.from} --> ${edge.to}: ${edge.label}`),
    ...finalStates(machine.root).map((name) => `${name} --> [*]`),
  ];
}

/** States, with their descriptions when asked for; a state with states inside is a box. */
function body(node: AnyStateNode, indent: string, notes: boolean): string[] {
  const lines: string[] = [];
  const initial = node.initial?.target[0];
  if (initial !== undefined) lines.push(`${indent}[*] --> ${initial.key}`);
  for (const child of Object.values(node.states)) {
    if (Object.keys(child.states).length > 0) {
      lines.push(`${indent}state ${child.key} {`, ...body(child, `${indent}    `, notes), `${indent}}`);
    }
    if (notes && child.description !== undefined)
      lines.push(`${indent}note right of ${child.key}: ${plain(child.description)}`);
  }
  return lines;
}

/** Edges between the same two states share one arrow. */
export function edgesOf(root: AnyStateNode): readonly Edge[] {
  const labels = new Map<string, Set<string>>();
  for (const node of descendants(root)) {
    for (const { target, eventType } of [...node.transitions.values()].flat()) {
      for (const to of target ?? [node]) {
        const key = `${node.key} ${to.key}`;
        labels.set(key, (labels.get(key) ?? new Set()).add(eventType));
      }
    }
  }
  return [...labels].map(([key, events]) => {
    const [from = '', to = ''] = key.split(' ');
    return { from, to, label: [...events].join(', ') };
  });
}

/** All states below one, each before those inside it. */
export function descendants(node: AnyStateNode): readonly AnyStateNode[] {
  return Object.values(node.states).flatMap((child) => [child, ...descendants(child)]);
}

const finalStates = (root: AnyStateNode): readonly string[] =>
  descendants(root)
    .filter(({ type }) => type === 'final')
    .map(({ key }) => key);

/** A colon or a semicolon would end the text of a note. */
const plain = (text: string): string => text.replace(/[:;]/g, ',');

const leaf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
