/** The lessons that the site was built with. */
import list from 'virtual:lessons';
import type { Lesson } from '../../core/index.ts';

export interface LessonAbout {
  readonly id: string;
  readonly title: string;
  readonly minutes: number;
  readonly needs: readonly string[];
  readonly load: () => Promise<Lesson>;
}

export const lessons: readonly LessonAbout[] = list;
