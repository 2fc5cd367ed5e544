/**
 * Every lesson, proven on any target: played from its start to the end of its solution, and after each command compared with
 * the simulation, fact by fact.
 *
 * Kept true: each lesson begins in a world of its own; a lesson without a challenge, or with fewer prefixes than it has
 * commands, does not hold.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openTarget } from '../../backend/targets.ts';
import {
  challengeOf,
  compareObservations,
  createNormaliser,
  type Lesson,
  type Observation,
  parseLesson,
  playLesson,
  type Target,
  type TargetName,
} from '../../core/index.ts';

const folder = fileURLToPath(new URL('../../lessons/', import.meta.url));

export const lessonFiles: readonly string[] = readdirSync(folder)
  .filter((name) => /^\d\d-.*\.md$/.test(name))
  .sort();

export const readLessonFile = (name: string): Promise<Lesson> =>
  parseLesson(readFileSync(`${folder}${name}`, 'utf8'), `lessons/${name}`);

export const readLessons = (): Promise<Lesson[]> => Promise.all(lessonFiles.map(readLessonFile));

/** How many prefixes a lesson has: its start, and one for each command of it and of its solution. */
export function prefixesOf(lesson: Lesson): number {
  const shown = lesson.blocks.flatMap((block) => (block.kind === 'console' ? block.commands : []));
  return 1 + shown.length + (challengeOf(lesson)?.challenge.solution.length ?? 0);
}

export interface LessonResult {
  readonly lesson: Lesson;
  /** Prefixes that are as the lesson says and as on the simulation. */
  readonly good: number;
  readonly of: number;
  /** `lessons/02-layers.md:17: what is wrong`. */
  readonly faults: readonly string[];
}

/** Plays a lesson on one target, and beside it on the simulation. */
export async function proveLesson(lesson: Lesson, on: TargetName): Promise<LessonResult> {
  const model = on === 'sim' ? undefined : await observationsOnSim(lesson);
  return inTarget(on, async (target) => {
    const sides = [createNormaliser(), createNormaliser()] as const;
    const faults: string[] = challengeOf(lesson) === undefined ? [`${lesson.file}: it has no challenge`] : [];
    let good = 0;
    let at = 0;
    for await (const prefix of playLesson(lesson, target)) {
      const reality = model?.[at++];
      const names = ['sim', on] as const;
      const differing =
        reality === undefined
          ? []
          : compareObservations(reality, prefix.observation, { names, normalisers: sides }).map(({ text }) => text);
      const wrong = [...prefix.faults, ...differing];
      if (wrong.length === 0) good += 1;
      const where = `${lesson.file}:${prefix.line}: ${prefix.command ?? 'at the start'}`;
      faults.push(...wrong.map((text) => `${where}: ${text}`));
    }
    return { lesson, good, of: prefixesOf(lesson), faults };
  });
}

async function observationsOnSim(lesson: Lesson): Promise<Observation[]> {
  return inTarget('sim', async (target) => {
    const seen: Observation[] = [];
    for await (const { observation } of playLesson(lesson, target)) seen.push(observation);
    return seen;
  });
}

async function inTarget<T>(name: TargetName, use: (target: Target) => Promise<T>): Promise<T> {
  const target = await openTarget(name);
  try {
    return await use(target);
  } finally {
    await target.close();
  }
}
