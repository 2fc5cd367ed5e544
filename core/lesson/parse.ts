/**
 * Reads a lesson: Markdown in, plain data out. The work is in read.ts, which brings markdown-it with it and is loaded only
 * when a lesson is read.
 */
import type { Lesson } from './lesson.ts';

/** Reads the text of a lesson. Throws UsageError with file, line, column and what was expected. */
export async function parseLesson(text: string, file: string): Promise<Lesson> {
  const { readLesson } = await import('./read.ts');
  return readLesson(text, file);
}
