/**
 * A lesson as plain data: what parseLesson (parse.ts) makes of a Markdown file, what both faces show and what the checks
 * (check.ts) play. The schema stands beside the types, for lessons that come from elsewhere as JSON.
 *
 * Kept true: all of it can be written as JSON and read back; lines are those of the file; at most one challenge, and no
 * console block after it; a question is followed by the console block whose outcome judges it.
 */
import * as v from 'valibot';
import { type PictureKind, pictureKinds } from '../diagram/text.ts';
import type { TranscriptCommand } from '../transcript/parse.ts';
import { type Goal, goalSchema } from './goal.ts';

/** Text within a line. */
export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'em' | 'strong'; readonly content: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly content: readonly Inline[] };

/** A block of text. */
export type ProseNode =
  | { readonly kind: 'heading'; readonly level: number; readonly content: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly ProseNode[])[] }
  | { readonly kind: 'quote'; readonly content: readonly ProseNode[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | {
      readonly kind: 'table';
      readonly head: readonly (readonly Inline[])[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    }
  | { readonly kind: 'rule' };

/** Markdown, as it was written and as nodes. */
export interface Prose {
  readonly markdown: string;
  readonly nodes: readonly ProseNode[];
}

/** One answer that the learner can choose. */
export interface Choice {
  readonly text: Prose;
  /** True when all of these are; empty: true when no other choice is. */
  readonly when: readonly Goal[];
}

export interface Hint {
  /** Fits when all of these are met; empty: always. */
  readonly when: readonly Goal[];
  readonly text: Prose;
}

export interface ProseBlock extends Prose {
  readonly kind: 'prose';
  readonly line: number;
}

export interface ConsoleBlock {
  readonly kind: 'console';
  readonly commands: readonly TranscriptCommand[];
  readonly line: number;
}

export interface PictureBlock {
  readonly kind: 'picture';
  readonly picture: PictureKind;
  readonly line: number;
}

/** Asked before the console block that follows it, judged by the state after it. */
export interface QuestionBlock {
  readonly kind: 'question';
  readonly prompt: Prose;
  readonly choices: readonly Choice[];
  /** Shown with the verdict. */
  readonly because?: Prose;
  readonly line: number;
}

export interface ChallengeBlock {
  readonly kind: 'challenge';
  readonly prompt: Prose;
  readonly goals: readonly Goal[];
  /** How many commands that change something a good solution takes. */
  readonly par: number;
  readonly hints: readonly Hint[];
  readonly solution: readonly TranscriptCommand[];
  readonly line: number;
}

export type Block = ProseBlock | ConsoleBlock | PictureBlock | QuestionBlock | ChallengeBlock;

export interface Lesson {
  readonly id: string;
  readonly title: string;
  readonly minutes: number;
  /** ids of lessons whose content this one builds on. */
  readonly needs: readonly string[];
  /** Of the challenge, where there is one. */
  readonly par?: number;
  /** Commands carried out before the lesson begins, unseen. */
  readonly setup: readonly TranscriptCommand[];
  /** For whoever teaches it; a learner does not see them. `before`: index of the block that they stand in front of. */
  readonly notes: readonly { readonly before: number; readonly text: Prose }[];
  readonly blocks: readonly Block[];
  /** As it was named, for messages. */
  readonly file: string;
}

const text = v.pipe(v.string(), v.minLength(1));
const line = v.pipe(v.number(), v.integer(), v.minValue(1));

const inline: v.GenericSchema<unknown, Inline> = v.lazy(() =>
  v.variant('kind', [
    v.object({ kind: v.picklist(['text', 'code']), text: v.string() }),
    v.object({ kind: v.picklist(['em', 'strong']), content: inlines }),
    v.object({ kind: v.literal('link'), href: v.pipe(v.string(), v.regex(/^(https?:\/\/|#)/i)), content: inlines }),
  ]),
);
const inlines = v.array(inline);

const proseNode: v.GenericSchema<unknown, ProseNode> = v.lazy(() =>
  v.variant('kind', [
    v.object({ kind: v.literal('heading'), level: line, content: inlines }),
    v.object({ kind: v.literal('paragraph'), content: inlines }),
    v.object({ kind: v.literal('list'), ordered: v.boolean(), items: v.array(v.array(proseNode)) }),
    v.object({ kind: v.literal('quote'), content: v.array(proseNode) }),
    v.object({ kind: v.literal('code'), language: v.string(), text: v.string() }),
    v.object({ kind: v.literal('table'), head: v.array(inlines), rows: v.array(v.array(inlines)) }),
    v.object({ kind: v.literal('rule') }),
  ]),
);

const prose = v.object({ markdown: v.string(), nodes: v.array(proseNode) });
const expectedLine = v.object({ text: v.string(), line, column: line });
const command = v.object({
  command: text,
  line,
  column: line,
  expected: v.exactOptional(
    v.object({
      exitCode: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
      lines: v.array(expectedLine),
    }),
  ),
});
const goals = v.array(goalSchema);

const block = v.variant('kind', [
  v.object({ kind: v.literal('prose'), ...prose.entries, line }),
  v.object({ kind: v.literal('console'), commands: v.pipe(v.array(command), v.minLength(1)), line }),
  v.object({ kind: v.literal('picture'), picture: v.picklist(pictureKinds), line }),
  v.object({
    kind: v.literal('question'),
    prompt: prose,
    choices: v.pipe(v.array(v.object({ text: prose, when: goals })), v.minLength(2)),
    because: v.exactOptional(prose),
    line,
  }),
  v.object({
    kind: v.literal('challenge'),
    prompt: prose,
    goals: v.pipe(goals, v.minLength(1)),
    par: v.pipe(v.number(), v.integer(), v.minValue(1)),
    hints: v.array(v.object({ when: goals, text: prose })),
    solution: v.pipe(v.array(command), v.minLength(1)),
    line,
  }),
]);

const shortText = v.pipe(text, v.maxLength(200, '200 characters at most'));

export const lessonSchema: v.GenericSchema<unknown, Lesson> = v.object({
  id: v.pipe(
    v.string(),
    v.maxLength(60, '60 characters at most'),
    v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'small letters, digits and single "-" between them'),
  ),
  title: shortText,
  minutes: v.pipe(
    v.number('a number'),
    v.integer('a whole number'),
    v.minValue(1, '1 or more'),
    v.maxValue(999, '999 at most'),
  ),
  needs: v.pipe(v.array(shortText), v.maxLength(50, '50 lessons at most')),
  par: v.exactOptional(v.number()),
  setup: v.array(command),
  notes: v.array(v.object({ before: v.pipe(v.number(), v.integer()), text: prose })),
  blocks: v.array(block),
  file: v.string(),
});

/** All commands that are played before a block: what one repeats to come back to it. */
export function commandsBefore(lesson: Lesson, at: number): readonly TranscriptCommand[] {
  const blocks = lesson.blocks.slice(0, at);
  return [...lesson.setup, ...blocks.flatMap((block) => (block.kind === 'console' ? block.commands : []))];
}

/** The challenge, with its place. */
export function challengeOf(lesson: Lesson): { readonly at: number; readonly challenge: ChallengeBlock } | undefined {
  const at = lesson.blocks.findIndex(({ kind }) => kind === 'challenge');
  const challenge = lesson.blocks[at];
  return challenge?.kind === 'challenge' ? { at, challenge } : undefined;
}
