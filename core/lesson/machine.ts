/**
 * The way through a lesson: read, answer, run, solve. The terminal program and the site show it differently and both follow
 * this machine; they tell it what was run and what the lesson's claims come to then (Findings, play.ts).
 *
 * Kept true: a question is answered (or passed over) before its commands run and judged when the last of them has; a challenge
 * is solved by the state alone, whoever reached it by which way; a command that is not the lesson's changes nothing but the
 * findings; an answer can be changed until the first of its commands has run; no `invoke` and no `after`, so that xstate/graph can walk it.
 */
import { assign, setup } from 'xstate';
import type { Block, Lesson } from './lesson.ts';
import { type Attempt, type Findings, freshAttempt } from './play.ts';

/** What became of a question: the learner's choice, and which one the state made true. Indexes of choices. */
export interface Answered {
  /** Absent: passed over. */
  readonly choice?: number;
  /** Absent: its commands have not all run yet. */
  readonly right?: number;
}

export interface LessonContext {
  readonly lesson: Lesson;
  /** Index of the block that it is the turn of. */
  readonly at: number;
  /** Index of the command within a console block. */
  readonly command: number;
  /** By index of the question's block. */
  readonly answers: Readonly<Record<number, Answered>>;
  readonly attempt: Attempt;
  /** What the lesson's claims come to now. */
  readonly found: Findings | undefined;
}

export type LessonEvent =
  /** On from prose or a picture; past a question without an answer; on after the challenge was solved. */
  | { readonly type: 'NEXT' }
  | { readonly type: 'ANSWER'; readonly choice: number }
  /** A command was carried out: the lesson's next one, or any other. */
  | { readonly type: 'RAN'; readonly command: string; readonly found: Findings }
  /** The state is another one now, and no command has ended. */
  | { readonly type: 'LOOKED'; readonly found: Findings }
  | { readonly type: 'HINT' }
  /** The solution is shown. */
  | { readonly type: 'SOLUTION' }
  /** Begin at a block: whoever sends it has brought the world there (commandsBefore in lesson.ts). */
  | { readonly type: 'GO'; readonly at: number; readonly found: Findings };

interface LessonInput {
  readonly lesson: Lesson;
  readonly found?: Findings;
}

export const blockAt = ({ lesson, at }: Pick<LessonContext, 'lesson' | 'at'>): Block | undefined => lesson.blocks[at];

/** The lesson's next command, while it is the turn of a console block. */
export function nextCommand(context: Pick<LessonContext, 'lesson' | 'at' | 'command'>): string | undefined {
  const block = blockAt(context);
  return block?.kind === 'console' ? block.commands[context.command]?.command : undefined;
}

/** Index of the question that the console block at this place answers. */
function questionBefore({ lesson, at }: Pick<LessonContext, 'lesson' | 'at'>): number | undefined {
  return lesson.blocks[at]?.kind === 'console' && lesson.blocks[at - 1]?.kind === 'question' ? at - 1 : undefined;
}

/** Index of the question that an answer would answer now: the one that is asked, or the one whose commands come next. */
export function openQuestion(context: Pick<LessonContext, 'lesson' | 'at' | 'command'>): number | undefined {
  if (blockAt(context)?.kind === 'question') return context.at;
  return context.command === 0 ? questionBefore(context) : undefined;
}

/** Does a line say what the lesson waits for? White space between words does not count. */
export const sameCommand = (a: string, b: string | undefined): boolean =>
  b !== undefined && a.trim().replace(/\s+/g, ' ') === b.trim().replace(/\s+/g, ' ');

/** The answers, with the verdict on the question of the block that has just been run. */
function judged(context: LessonContext, { right }: Findings): LessonContext['answers'] {
  const question = questionBefore(context);
  const truth = question === undefined ? undefined : right[question];
  if (question === undefined || truth === undefined) return context.answers;
  return { ...context.answers, [question]: { ...context.answers[question], right: truth } };
}

export const lessonMachine = setup({
  types: { context: {} as LessonContext, events: {} as LessonEvent, input: {} as LessonInput },
  guards: {
    atEnd: ({ context }) => blockAt(context) === undefined,
    atQuestion: ({ context }) => blockAt(context)?.kind === 'question',
    atConsole: ({ context }) => blockAt(context)?.kind === 'console',
    atChallenge: ({ context }) => blockAt(context)?.kind === 'challenge',
    goalReached: ({ context: { found } }) => found?.goals.every(({ met }) => met) === true,
    isNext: ({ context, event }) => event.type === 'RAN' && sameCommand(event.command, nextCommand(context)),
    isLast: ({ context, event }) => {
      const block = blockAt(context);
      const last = block?.kind === 'console' && context.command === block.commands.length - 1;
      return last && event.type === 'RAN' && sameCommand(event.command, nextCommand(context));
    },
    isChoice: ({ context, event }) => {
      const question = context.lesson.blocks[openQuestion(context) ?? -1];
      return event.type === 'ANSWER' && question?.kind === 'question' && question.choices[event.choice] !== undefined;
    },
    isBlock: ({ context, event }) => event.type === 'GO' && context.lesson.blocks[event.at] !== undefined,
  },
  actions: {
    goOn: assign(({ context }) => ({ at: context.at + 1, command: 0 })),
    nextCommand: assign(({ context }) => ({ command: context.command + 1 })),
    judgeQuestion: assign(({ context, event }) =>
      event.type === 'RAN' ? { answers: judged(context, event.found) } : {},
    ),
    observe: assign(({ event }) => ('found' in event ? { found: event.found } : {})),
    answer: assign(({ context, event }) =>
      event.type === 'ANSWER'
        ? { answers: { ...context.answers, [openQuestion(context)!]: { choice: event.choice } } }
        : {},
    ),
    passOver: assign(({ context }) => ({ answers: { ...context.answers, [context.at]: {} } })),
    count: assign(({ context: { attempt }, event }) =>
      event.type === 'RAN' && event.found.changed
        ? { attempt: { ...attempt, commands: attempt.commands + 1, hinted: 0 } }
        : {},
    ),
    hint: assign(({ context: { attempt } }) => ({
      attempt: { ...attempt, hints: attempt.hints + 1, hinted: attempt.hinted + 1 },
    })),
    show: assign(({ context }) => ({ attempt: { ...context.attempt, shown: true } })),
    begin: assign({ attempt: freshAttempt }),
    go: assign(({ context, event }) => {
      if (event.type !== 'GO') return {};
      const earlier = Object.entries(context.answers).filter(([at]) => Number(at) < event.at);
      const answers: LessonContext['answers'] = Object.fromEntries(earlier);
      return { at: event.at, command: 0, attempt: freshAttempt, answers, found: event.found };
    }),
  },
}).createMachine({
  id: 'lesson',
  description: 'The way of one learner through one lesson',
  context: ({ input }) => ({
    lesson: input.lesson,
    at: 0,
    command: 0,
    answers: {},
    attempt: freshAttempt,
    found: input.found,
  }),
  initial: 'turning',
  on: {
    GO: { guard: 'isBlock', target: '.turning', actions: 'go', description: 'begin again, or anywhere' },
    RAN: { actions: 'observe', description: 'a command of the learner’s own' },
    LOOKED: { actions: 'observe', description: 'the state is another one now' },
  },
  states: {
    turning: {
      description: 'Whose turn is it? The kind of the block says so',
      always: [
        { guard: 'atEnd', target: 'finished' },
        { guard: 'atQuestion', target: 'asking' },
        { guard: 'atConsole', target: 'running' },
        { guard: 'atChallenge', target: 'solving', actions: 'begin' },
        { target: 'reading' },
      ],
    },
    reading: {
      description: 'Prose or a picture',
      on: { NEXT: { target: 'turning', actions: 'goOn', description: 'read' } },
    },
    asking: {
      description: 'A question waits for an answer; the commands that judge it come next',
      on: {
        ANSWER: {
          guard: 'isChoice',
          target: 'turning',
          actions: ['answer', 'goOn'],
          description: 'an answer is chosen',
        },
        NEXT: { target: 'turning', actions: ['passOver', 'goOn'], description: 'no answer' },
      },
    },
    running: {
      description: 'A command of the lesson waits to be run',
      on: {
        ANSWER: { guard: 'isChoice', actions: 'answer', description: 'another answer, before its commands run' },
        RAN: [
          {
            guard: 'isLast',
            target: 'turning',
            actions: ['observe', 'judgeQuestion', 'goOn'],
            description: 'the last command of the block',
          },
          { guard: 'isNext', actions: ['observe', 'nextCommand'], description: 'the command that was waited for' },
          { actions: 'observe', description: 'a command of the learner’s own' },
        ],
      },
    },
    solving: {
      description: 'The learner works on the challenge',
      always: { guard: 'goalReached', target: 'solved' },
      on: {
        RAN: { actions: ['count', 'observe'], description: 'a command of the learner’s own' },
        HINT: { actions: 'hint', description: 'a hint is given' },
        SOLUTION: { actions: 'show', description: 'the solution is shown' },
      },
    },
    solved: {
      description: 'All goals are met',
      on: { NEXT: { target: 'turning', actions: 'goOn', description: 'on to what is left' } },
    },
    finished: { description: 'Every block has had its turn' },
  },
});
