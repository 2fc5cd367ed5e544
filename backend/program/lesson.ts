/**
 * `cutaway lesson`: lists the lessons, or takes a learner through one of them.
 */
import type { Target, TargetName } from '../../core/index.ts';
import type { Env, Run } from './env.ts';
import { LessonPlayer } from './lesson-player.ts';
import { findLesson, type LessonFile, readLessons } from './lessons.ts';
import { Progress } from './progress.ts';
import { dim } from './show.ts';
import { closing, madeAs, sayNotes } from './targets.ts';

export const run: Run = async (call, env) => {
  const lessons = await readLessons();
  const [id] = call.args;
  const progress = await Progress.open(env);
  if (id === undefined) return list(lessons, progress, env);
  const lesson = findLesson(lessons, id);
  const name = (call.values.on ?? 'sim') as TargetName;
  const open: Target[] = [];
  return closing(open, env, async () => {
    const newWorld = async (): Promise<Target> => {
      for (const old of open.splice(0)) await old.close();
      const target = await env.openTarget(name, {
        ...madeAs(call),
        ...(env.interactive ? { interactive: true } : {}),
      });
      open.push(target);
      return target;
    };
    const target = await newWorld();
    sayNotes(target, env);
    const player = new LessonPlayer(lesson, target, newWorld, env, {
      notes: call.flags.has('notes'),
      ...(env.interactive ? { from: progress.of(lesson.id) } : {}),
      keep: (now) => progress.keep(lesson.id, now),
    });
    return player.play();
  });
};

function list(lessons: readonly LessonFile[], progress: Progress, env: Env): number {
  for (const { slug, lesson } of lessons) {
    const { id, title, minutes } = lesson;
    const { deeds, solved } = progress.of(id);
    const state = solved ? ', solved' : deeds.length > 0 ? ', begun' : '';
    env.out(`${slug.padEnd(28)}${title}  (${minutes} min${state})\n`);
  }
  env.out(`\n${dim(env, 'cutaway lesson ID takes one; a part of its name is enough')}\n`);
  return 0;
}
