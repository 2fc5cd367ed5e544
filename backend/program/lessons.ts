/**
 * Finds the lessons and reads them. They lie beside the program: next to dist/ when it is built, above backend/ in the sources.
 */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Lesson, parseLesson, UsageError } from '../../core/index.ts';

export interface LessonFile {
  /** `02-layers`. */
  readonly slug: string;
  readonly lesson: Lesson;
}

export async function readLessons(): Promise<LessonFile[]> {
  const folder = await lessonFolder();
  const names = (await readdir(folder)).filter((name) => /^\d\d-.*\.md$/.test(name)).sort();
  return Promise.all(names.map((name) => readLesson(join(folder, name), name)));
}

async function lessonFolder(): Promise<string> {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const found = join(folder, 'lessons');
    if (await readdir(found).catch(() => undefined)) return found;
    if (folder !== dirname(folder)) continue;
    throw new UsageError(
      'the lessons are not there',
      undefined,
      'they belong into a folder lessons/ beside the program',
    );
  }
}

async function readLesson(path: string, name: string): Promise<LessonFile> {
  return { slug: name.replace(/\.md$/, ''), lesson: await parseLesson(await readFile(path, 'utf8'), path) };
}

/** The lesson of that id or slug; a part of the slug is enough where it names one lesson only. */
export function findLesson(lessons: readonly LessonFile[], id: string): Lesson {
  const exact = lessons.filter(({ slug, lesson }) => slug === id || lesson.id === id);
  const found = exact.length > 0 ? exact : lessons.filter(({ slug }) => slug.includes(id));
  if (found.length === 1) return found[0]!.lesson;
  const names = (found.length > 0 ? found : lessons).map(({ slug }) => slug).join(', ');
  const message = found.length > 1 ? `"${id}" names several lessons` : `no lesson "${id}"`;
  throw new UsageError(message, undefined, `there are: ${names}`);
}
