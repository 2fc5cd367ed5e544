/**
 * `cutaway explain SUBJECT`, as it is typed at the prompt beside docker and host commands. The code that answers is a part of
 * its own, which a page loads when somebody asks (core/parts.ts).
 */
import type { Engine } from '../engine/index.ts';
import { PartNeeded } from '../errors.ts';
import type { Flow } from '../op.ts';

export interface Asking {
  readonly engine: Engine;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Answers `asked`, writes what there is to say, returns the exit code. */
export type Explainer = (asking: Asking, asked: string) => Flow<number>;

let explainer: Explainer | undefined;

export function registerExplainer(known: Explainer): void {
  explainer = known;
}

const typed = /^\s*cutaway\s+explain(?:\s+([\s\S]*))?$/;

/** What is asked for by this line; undefined when the line is something else. */
export function askedBy(line: string): string | undefined {
  const match = typed.exec(line);
  return match === null ? undefined : (match[1] ?? '').trim();
}

/** Throws PartNeeded. */
export function explainLine(asking: Asking, asked: string): Flow<number> {
  if (explainer === undefined) throw new PartNeeded('explain');
  return explainer(asking, asked);
}
